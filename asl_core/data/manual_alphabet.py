"""Whether classes are letters of the manual alphabet: what pages call them follows from that."""

from collections.abc import Sequence

from asl_core.settings import NO_LETTER
from asl_core.synthetic.letters import LETTERS, MOVING_LETTERS

BESIDE_LETTERS = ("del", "delete", "space", "nothing", "blank", NO_LETTER)
"""Classes beside the letters of public datasets, such as Kaggle's 'ASL Alphabet', in lower case."""

FEWEST_LETTERS = 2


def are_letters(classes: Sequence[str]) -> bool:
    """Whether classes are letters of the manual alphabet: single letters in any case, maybe beside
    digits and what public datasets have beside letters. Digits alone may be anything.

    Args:
        classes: their names.
    """
    letters = [name for name in classes if _is_letter(name)]
    others = [name for name in classes if not _is_letter(name)]
    return len(letters) >= FEWEST_LETTERS and all(
        name.lower() in BESIDE_LETTERS or (len(name) == 1 and name in "0123456789")
        for name in others
    )


def moving_letters(classes: Sequence[str]) -> tuple[str, ...]:
    """The letters among some classes that are made with a movement; none if the classes are no
    letters of the manual alphabet.

    Args:
        classes: their names.
    """
    if not are_letters(classes):
        return ()
    return tuple(letter for letter in MOVING_LETTERS if {letter, letter.lower()} & {*classes})


def _is_letter(name: str) -> bool:
    return len(name) == 1 and name.upper() in LETTERS
