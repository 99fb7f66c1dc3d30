"""Words that follow the data: of letters and hands only where the classes are letters."""

from asl_core.data import SyntheticSpec
from asl_core.data.manual_alphabet import are_letters
from asl_core.errors import DatasetError
from asl_core.ui.shared.resources import current_set

OF_LETTERS = (
    "Teach a small neural network to read letters of the **ASL manual alphabet** "
    "(fingerspelling) from images, and find out where and why it is wrong."
)
OF_ANY = (
    "Teach a small neural network to tell the classes of images apart, and find out where and why "
    "it is wrong."
)


def shows_letters() -> bool:
    """Whether the classes that the pages show are letters of the manual alphabet; not where there
    are none to be shown, which is told elsewhere."""
    try:
        shown = current_set()
    except DatasetError:
        return False
    return are_letters(shown.letters if isinstance(shown, SyntheticSpec) else shown.classes)


def lead_of_home() -> str:
    """What this program is for."""
    return OF_LETTERS if shows_letters() else OF_ANY
