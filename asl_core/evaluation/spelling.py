"""Letters that are held before a camera become words: one frame after the other, as values.

A letter counts once it is held for `HELD_SECONDS`, and once more only after the hand was lowered,
moved away, or showed something else. No frame is kept, only what was said of the last few.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from asl_core.evaluation.movement import BEGINS_AS, Tip, drawn

SPACE = " "

HELD_SECONDS = 0.5
"""How long a letter is held until it counts, each frame lasting at least `FRAME_SECONDS`..."""

FRAME_SECONDS = 0.2

FEWEST_FRAMES = 3
"""...and in how many frames at least."""

FLOOR = 0.25
"""Probability that a letter has in each of these frames, however unsure one of them is."""

MOST_FRAMES = 16
"""Of which is remembered what was said."""

AWAY_FRAMES = 2
"""Frames without a letter after which it may come again: one may be an error."""

MOVED_PALMS = 0.8
"""How far a hand goes, in lengths of its palm, before its letter counts again: as far as signers
move it for the second of a double letter."""

SPACE_SECONDS = 1.5
"""Without a hand, after which a word is at its end."""

LONGEST_GAP = 1.0
"""Seconds between two frames beyond which they don't belong together: the camera was off."""

MAX_LETTERS = 100
"""Of all words together; the first ones are dropped."""


@dataclass(frozen=True)
class Letter:
    """A letter of a word, or a space.

    Attributes:
        name: the class.
        confidence: mean of its probability in the frames that it was held in, 0 to 1; of a J or Z
            that was drawn, how alike its way is.
        at: when it counted, seconds; -inf: before the camera was off.
    """

    name: str
    confidence: float = 1.0
    at: float = -math.inf


@dataclass(frozen=True)
class Place:
    """Where a hand is.

    Attributes:
        x: of its middle, pixels from the left.
        y: of its middle, pixels from the top.
        palm: length of its palm, pixels, more than 0.
    """

    x: float
    y: float
    palm: float

    def has_left(self, other: "Place") -> bool:
        """Whether a hand that was at the other place went away from it."""
        return math.hypot(self.x - other.x, self.y - other.y) > MOVED_PALMS * other.palm


@dataclass(frozen=True)
class Glimpse:
    """What was said of one frame.

    Attributes:
        at: when it was taken, seconds from any moment.
        probabilities: of each class; none: there is no hand.
        place: of the hand, if it is known.
        tip: of the finger that may draw a J or Z, if any.
    """

    at: float
    probabilities: Mapping[str, float] = field(default_factory=dict)
    place: Place | None = None
    tip: Tip | None = None

    @property
    def letter(self) -> str:
        """The likeliest class; empty if that is no letter, or if there is no hand."""
        best = max(self.probabilities, key=lambda name: self.probabilities[name], default="")
        return best if len(best) == 1 else ""

    def shows(self, letter: str) -> bool:
        """Whether a letter may be what the frame shows."""
        return self.probabilities.get(letter, 0.0) >= FLOOR


@dataclass(frozen=True)
class Spelling:
    """What was spelled, and what is being held.

    Attributes:
        letters: with spaces.
        recent: the last frames, since the last letter that may come again.
        film: the last frames, for what is drawn.
        drawing_since: when the finger that may draw was raised, in the last of them.
        held: the letter that counted last, as long as it does not count again; else empty.
        held_at: where the hand was then.
        away: frames in a row without that letter.
        gone_since: when the first of the last frames without a hand was taken.
        spaced: whether this pause has had its space.
    """

    letters: tuple[Letter, ...] = ()
    recent: tuple[Glimpse, ...] = ()
    film: tuple[Glimpse, ...] = ()
    drawing_since: float = math.inf
    held: str = ""
    held_at: Place | None = None
    away: int = 0
    gone_since: float | None = None
    spaced: bool = False

    @property
    def text(self) -> str:
        """The words."""
        return "".join(letter.name for letter in self.letters)

    def after(self, glimpse: Glimpse, min_confidence: float) -> "Spelling":
        """The spelling after the next frame.

        Args:
            glimpse: of it.
            min_confidence: of a letter that counts, 0 to 1.
        """
        now = self
        if self.film and not 0 < glimpse.at - self.film[-1].at <= LONGEST_GAP:
            letters = tuple(replace(letter, at=-math.inf) for letter in self.letters)
            now = replace(now, letters=letters, recent=(), film=(), gone_since=None)
        now = now._released(glimpse)
        now = replace(now, recent=(*now.recent, glimpse)[-MOST_FRAMES:])
        now = now._filmed(glimpse)._with_letter(min_confidence)
        return now._with_drawn()._with_pause(glimpse)

    def with_space(self) -> "Spelling":
        """The word is at its end, unless it has not begun."""
        if not self.letters or self.letters[-1].name == SPACE:
            return self
        return self._with(Letter(SPACE))

    def without_last(self) -> "Spelling":
        """Without the last letter, or the last space."""
        return replace(self, letters=self.letters[:-1])

    def cleared(self) -> "Spelling":
        """Without any letter. One that is still held does not count again."""
        return replace(self, letters=())

    def _with(self, letter: Letter) -> "Spelling":
        return replace(self, letters=(*self.letters, letter)[-MAX_LETTERS:])

    def _released(self, glimpse: Glimpse) -> "Spelling":
        """The last letter may come again if the frame shows that it was left."""
        if not self.held:
            return self
        if glimpse.place and self.held_at and glimpse.place.has_left(self.held_at):
            return replace(self, held="", recent=())
        away = 0 if glimpse.shows(self.held) else self.away + 1
        if away >= AWAY_FRAMES:
            return replace(self, held="", away=0)
        return replace(self, away=away)

    def _with_letter(self, min_confidence: float) -> "Spelling":
        last = self.recent[-1]
        letter = last.letter
        if not letter or letter == self.held:
            return self
        shares: list[float] = []
        for glimpse in reversed(self.recent):
            if not glimpse.shows(letter):
                break
            shares.append(glimpse.probabilities[letter])
            seconds = last.at - glimpse.at + FRAME_SECONDS
            if len(shares) >= FEWEST_FRAMES and seconds >= HELD_SECONDS:
                confidence = sum(shares) / len(shares)
                if confidence >= min_confidence:
                    taken = self._with(Letter(letter, confidence, last.at))
                    return replace(taken, held=letter, held_at=last.place, away=0)
                break
        return self

    def _filmed(self, glimpse: Glimpse) -> "Spelling":
        film = (*self.film, glimpse)[-MOST_FRAMES:]
        before = self.film[-1].tip if self.film else None
        tip = glimpse.tip
        if tip and before and tip.letter == before.letter:
            return replace(self, film=film)
        return replace(self, film=film, drawing_since=glimpse.at if tip else math.inf)

    def _with_drawn(self) -> "Spelling":
        """A J or Z that was drawn takes the place of what its hand was read as."""
        found = drawn([one.at for one in self.film], [one.tip for one in self.film])
        if not found:
            return self
        first = BEGINS_AS[found.letter]
        kept = self.letters
        while kept and (
            kept[-1].at >= found.since
            or (kept[-1].name == first and kept[-1].at >= self.drawing_since)
        ):
            kept = kept[:-1]
        taken = replace(self, letters=kept, recent=(), film=self.film[-1:], held=first, away=0)
        letter = Letter(found.letter, found.likeness, self.film[-1].at)
        return replace(taken._with(letter), held_at=None)

    def _with_pause(self, glimpse: Glimpse) -> "Spelling":
        if glimpse.probabilities:
            return replace(self, gone_since=None, spaced=False)
        since = glimpse.at if self.gone_since is None else self.gone_since
        if self.spaced or glimpse.at - since < SPACE_SECONDS:
            return replace(self, gone_since=since)
        return replace(self.with_space(), gone_since=since, spaced=True)
