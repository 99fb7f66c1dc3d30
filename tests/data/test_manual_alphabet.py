"""Which classes are letters of the manual alphabet, and which of them move."""

import pytest

from asl_core.data.manual_alphabet import are_letters, moving_letters

ALPHABET = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@pytest.mark.parametrize(
    ("classes", "letters", "moving"),
    [
        (ALPHABET, True, ("J", "Z")),
        (tuple("ABC"), True, ()),
        (("a", "z"), True, ("Z",)),
        ((*ALPHABET, "del", "nothing", "space"), True, ("J", "Z")),  # Kaggle's 'ASL Alphabet'
        ((*"0123456789", *"abcdefghij"), True, ("J",)),
        (tuple("0123456789"), False, ()),  # signed or written: nobody knows
        (("J", "cat"), False, ()),
        (("J", "nothing"), False, ()),  # one letter is no alphabet
        (("Ä", "B", "C"), False, ()),
        (("AB", "C", "D"), False, ()),
        (("cat", "dog"), False, ()),
        ((), False, ()),
    ],
)
def test_letters_are_told_from_other_classes(
    classes: tuple[str, ...], letters: bool, moving: tuple[str, ...]
) -> None:
    assert are_letters(classes) == letters
    assert moving_letters(classes) == moving
