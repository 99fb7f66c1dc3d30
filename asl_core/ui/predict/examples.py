"""Three rendered hands to try a run with: they come with the program."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from asl_core.data.manual_alphabet import are_letters
from asl_core.settings import NO_LETTER
from asl_core.ui.predict.photos import Photo

EXAMPLES = Path(__file__).with_name("examples")
"""320 x 320 pixels each: letters as `asl_core.synthetic.render` draws them at 215 to 255 mm, with
some turn and roll, and the hand `out IMRL` of `asl_core.landmarks.no_letter`."""

OPEN_HAND = "open"
"""A hand that signs nothing."""

_LETTERS = ("A", "B", "C", "L")


@dataclass(frozen=True)
class Example:
    """A hand to try.

    Attributes:
        name: of its file.
        words: what it signs.
    """

    name: str
    words: str

    @property
    def photo(self) -> Photo:
        """The picture, as if it had been brought."""
        return Photo(f"Rendered, {self.words}.jpg", (EXAMPLES / f"{self.name}.jpg").read_bytes())


def examples_for(classes: Sequence[str]) -> tuple[Example, ...]:
    """Hands that a run with these classes can be tried with: three, fewer where it knows few of
    these letters, none where its classes are no letters.

    Args:
        classes: their names.
    """
    if not are_letters(classes):
        return ()
    known = [letter for letter in _LETTERS if {letter, letter.lower()} & {*classes}]
    letters = [Example(letter, letter) for letter in known]
    if NO_LETTER not in classes:
        return tuple(letters[:3])
    return (*letters[:1], *letters[1:][-1:], Example(OPEN_HAND, "no letter"))
