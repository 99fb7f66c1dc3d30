"""Held letters become words: each once, double ones if the hand was away, spaces for pauses."""

from collections.abc import Iterable, Iterator

import pytest

from asl_core.evaluation.movement import Tip
from asl_core.evaluation.spelling import MAX_LETTERS, MOST_FRAMES, Glimpse, Letter, Place, Spelling

SURE = 0.6
STEP = 0.2
"""Seconds between two frames."""

NOTHING = "-"
"""A frame without a hand."""

HERE = Place(100, 100, 40)


def frames(
    shown: Iterable[str], step: float = STEP, start: float = 0.0, share: float = 0.9
) -> Iterator[Glimpse]:
    """A frame for each character: a letter, or no hand."""
    for number, letter in enumerate(shown):
        at = start + number * step
        others = {name: (1 - share) / 3 for name in "ABLS" if name != letter}
        hand = Glimpse(at, {letter: share, **others}, HERE)
        yield Glimpse(at) if letter == NOTHING else hand


def after(glimpses: Iterable[Glimpse], before: Spelling | None = None) -> Spelling:
    spelling = before or Spelling()
    for glimpse in glimpses:
        spelling = spelling.after(glimpse, SURE)
    return spelling


@pytest.mark.parametrize(
    ("shown", "spelled"),
    [
        ("AA", ""),
        ("AAA", "A"),
        ("AAAAAAAAAAAA", "A"),
        ("AABAAB", ""),
        ("LLLAAABBB", "LAB"),
        ("AAALALLL", "AL"),  # what is passed on the way is no letter
        ("LLL-LLL", "L"),  # one frame without the hand is an error
        ("LLL--LLL", "LL"),
        ("LLLAALLL", "LL"),  # changed, and back
        ("LLL-----LLL", "LL"),
        ("LLL--------", "L"),
        ("LLL---------", "L "),
        ("LLL----------------------", "L "),  # one space for a pause
        ("LLL---------AAA----------AAA", "L A A"),
        ("----------AAA", "A"),
    ],
)
def test_what_is_held_is_spelled(shown: str, spelled: str) -> None:
    assert after(frames(shown)).text == spelled


def test_half_a_second_is_measured_by_the_frames_time() -> None:
    assert after(frames("AAAAA", step=0.05)).text == ""
    assert after(frames("AAAAAAAA", step=0.05)).text == "A"
    assert after(frames("AA", step=0.9)).text == ""
    assert after(frames("AAA", step=0.9)).text == "A"


def test_frames_far_apart_do_not_belong_together() -> None:
    assert after(frames("AAAAAA", step=1.1)).text == ""
    started = after(frames("AA"))
    assert after(frames("A", start=100), started).text == ""
    assert after(frames("A", start=-100), started).text == "", "the browser's clock began anew"
    assert after(frames("AA", start=-99.8), after(frames("A", start=-100), started)).text == "A"
    paused = after(frames("LLL---"))
    assert after(frames("---", start=60), paused).text == "L", "nobody was seen to be away"


def test_a_letter_has_the_mean_of_its_frames_and_needs_enough() -> None:
    (letter,) = after(unsteady(0.9, 0.5, 0.7)).letters
    assert letter.name == "A"
    assert letter.confidence == pytest.approx(0.7)
    assert after(frames("AAAAAA", share=0.55)).text == ""
    assert after(unsteady(1, 0.2, 1)).text == "", "one frame shows another letter"
    assert after(unsteady(1, 0.4, 1)).text == "A", "a frame's error is outvoted"


def unsteady(*shares: float) -> list[Glimpse]:
    """Frames of an A that is taken for an S."""
    return [Glimpse(STEP * i, {"A": share, "S": 1 - share}) for i, share in enumerate(shares)]


def test_only_letters_are_spelled() -> None:
    held = [Glimpse(STEP * i, {"no letter": 0.9, "A": 0.1}) for i in range(9)]
    assert after(held).text == ""
    assert after([*frames("LLL"), *(Glimpse(2 + g.at, g.probabilities) for g in held)]).text == "L"


def test_a_hand_that_moves_aside_spells_its_letter_again() -> None:
    once = after(frames("LLLLL"))
    aside, near = Place(140, 100, 40), Place(120, 110, 40)
    for place, spelled in ((near, "L"), (aside, "LL")):
        later = [Glimpse(1 + STEP * i, {"L": 0.9}, place) for i in range(6)]
        assert after(later, once).text == spelled


def test_what_the_buttons_do() -> None:
    spelling = after(frames("LLLAAA"))
    assert spelling.with_space().text == "LA "
    assert spelling.with_space().with_space().text == "LA "
    assert Spelling().with_space().text == ""
    assert spelling.without_last().text == "L"
    assert Spelling().without_last().text == ""
    assert spelling.cleared().text == ""
    held = frames("AAAAAA", start=1.2)
    assert after(held, spelling.without_last()).text == "L", "it is still held: it stays deleted"
    assert after(frames("-" * 20, start=1.2), spelling.with_space()).text == "LA "


def test_a_deleted_space_does_not_come_again_in_the_same_pause() -> None:
    paused = after(frames("LLL---------"))
    assert after(frames("-" * 9, start=2.4), paused.without_last()).text == "L"


def test_it_does_not_grow_without_end() -> None:
    full = Spelling(tuple(Letter("A") for _ in range(MAX_LETTERS)))
    grown = after(frames("BBB"), full)
    assert len(grown.letters) == MAX_LETTERS
    assert grown.text.endswith("AB")
    assert len(after(frames("AB" * 100)).recent) == MOST_FRAMES


Z_WAY = [(0, 0)] * 5 + [(36, 0), (30, 12), (6, 33), (18, 40), (52, 40)]
"""Of a fingertip, pixels, a frame each."""


def drawing(read_as: str, start: float = 0.0) -> list[Glimpse]:
    """An index finger that rests and draws a Z, the hand being taken for some letters."""
    return [
        Glimpse(
            start + STEP * i, {letter: 0.9, "D": 0.1}, HERE, Tip("Z", x, y, 40, (1.0, 0.0, 0.0))
        )
        for i, (letter, (x, y)) in enumerate(zip(read_as, Z_WAY, strict=True))
    ]


@pytest.mark.parametrize(
    ("read_as", "spelled"),
    [
        ("DDDDDDDDDD", "AZ"),  # in the place of the D that it began with
        ("DDDDDDGGGG", "AZ"),  # and of what the hand was read as on its way
        ("AAAAAXGXGX", "AZ"),
        ("LLLLLXGXGX", "ALZ"),  # L was signed before
    ],
)
def test_a_drawn_letter_takes_the_place_of_the_hand_that_draws_it(
    read_as: str, spelled: str
) -> None:
    spelling = after([*frames("AAA"), *drawing(read_as, start=0.6)])
    assert spelling.text == spelled
    assert spelling.letters[-1].confidence > 0.94
    still = [Glimpse(2.6 + STEP * i, {"D": 0.9}, HERE) for i in range(6)]
    assert after(still, spelling).text == spelled, "the hand is held on as it drew"


def test_a_d_of_an_earlier_hand_stays() -> None:
    spelling = after([*frames("DDD--"), *drawing("DDDDDDDDDD", start=1.0)])
    assert spelling.text == "DZ"


def test_letters_of_another_clock_stay() -> None:
    before = after(frames("LLLAAA", start=500))
    assert after(drawing("DDDDDDDDDD"), before).text == "LAZ", "the browser's clock began anew"
