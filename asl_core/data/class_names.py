"""What a class may be called by a visitor: its folder is then read as a class, on any system."""

from collections.abc import Iterable

from asl_core.data.archive_entry import shown
from asl_core.data.folder_layout import CONTAINERS, part_of
from asl_core.data.folder_tree import JUNK, is_image
from asl_core.data.safe_names import INSTEAD, safe_parts
from asl_core.errors import ArchiveError, ImageError, StoreError
from asl_core.settings import MAX_CLASS_NAME

_SEPARATORS = str.maketrans("/\\:", INSTEAD * 3)


def checked_class_name(text: str, others: Iterable[str] = ()) -> str:
    """The name of a new class, as its folder is called.

    Args:
        text: as a visitor writes it.
        others: classes that are there.

    Raises:
        StoreError: it is empty, too long, means something else as the name of a folder, or is that
            of another class, be it in other case.
    """
    text = " ".join(text.split())
    if not 0 < len(text) <= MAX_CLASS_NAME or not text.isprintable():
        raise StoreError(f"A class needs a name of 1 to {MAX_CLASS_NAME} letters.")
    try:
        (name,) = safe_parts(text.translate(_SEPARATORS))
    except (ArchiveError, ImageError) as error:
        raise StoreError(f"A class can't be called {shown(text)}. Choose another name.") from error
    if name[0] in "._~" or name.casefold() in JUNK or is_image(name):
        raise StoreError(
            f"A class can't be called {shown(text)}: a folder of that name is passed over. Begin "
            "with a letter or a number, and leave out what the names of images end with."
        )
    if part_of(name) or name.casefold() in CONTAINERS:
        raise StoreError(
            f"A class can't be called {shown(text)}: a folder of that name is taken for a part of "
            "a dataset, as 'train' beside 'test'. Choose another name."
        )
    if same := [other for other in others if other.casefold() == name.casefold()]:
        raise StoreError(f"There is a class {shown(same[0])} already.")
    return name
