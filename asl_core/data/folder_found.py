"""What a path names: a folder of images or a table, and what tells whether it has changed."""

import hashlib
import os
from pathlib import Path

from asl_core.data.folder_cache import CACHE_SCHEMA
from asl_core.data.folder_layout import find_images, innermost, nothing_found
from asl_core.data.folder_listing import Listing
from asl_core.data.folder_table import LABELS_FILE, Table, listing_of, open_table, tables_of
from asl_core.data.folder_tree import TABLE, Tree
from asl_core.errors import DatasetError
from asl_core.settings import IMAGE_SIZE
from asl_core.synthetic.folder import MARKER


def find_at(folder: Path) -> Listing | tuple[Table, ...]:
    """What a path names: the files of images in a folder or in a table, or tables of pixels.

    Raises:
        DatasetError: it is not there, or holds no images of two classes. Says what is there.
        OSError: it can't be read.
    """
    if folder.is_file() and folder.suffix.lower() == TABLE:
        tables: tuple[Table, ...] = (open_table(folder),)
        if not tables[0].kind:
            raise DatasetError(
                f"{folder.name} is no table of images: it needs a column `label` and either a "
                "column `file`, or the pixels of a square image.",
                folder,
            )
    elif not folder.is_dir():
        raise DatasetError(f"There is no folder {folder.name}.", folder)
    else:
        tree = Tree(folder, folder.name)
        if listing := find_images(tree):
            return listing
        tables = tables_of(innermost(tree).tables)
        if not tables:
            raise nothing_found(tree)
    return listing_of(tables) if tables[0].kind == "files" else tables


def key_of(found: Listing | tuple[Table, ...]) -> str:
    """Changes whenever an image, or a table, is added, removed, renamed or written."""
    return _listing_key(found) if isinstance(found, Listing) else _tables_key(found)


def _tables_key(tables: tuple[Table, ...]) -> str:
    names = tables[0].path.with_name(LABELS_FILE)
    stamps = [f"{path} {_stamp(path)}" for path in (*(table.path for table in tables), names)]
    told = "\n".join((f"{CACHE_SCHEMA} {IMAGE_SIZE}", *stamps))
    return hashlib.sha256(os.fsencode(told)).hexdigest()[:32]


def _listing_key(listing: Listing) -> str:
    """Changes whenever a file is added, removed, renamed or written."""
    folder, place = listing.folder, str(listing.folder)  # a `Path` for each file takes longer
    key = hashlib.sha256(os.fsencode(f"{CACHE_SCHEMA} {IMAGE_SIZE} {folder} {is_rendered(folder)}"))
    for name, file in zip(
        listing.identities(range(len(listing.files))), listing.files, strict=True
    ):
        key.update(os.fsencode(f"\n{name} {_stamp(f'{place}/{file}')}"))
    return key.hexdigest()[:32]


def is_rendered(folder: Path) -> bool:
    """Whether a folder is marked as one of rendered images."""
    return (folder / MARKER).is_file()


def _stamp(path: Path | str) -> str:
    try:
        stat = os.stat(path)
    except OSError as error:  # a link to nowhere, or gone meanwhile: reading will tell
        return f"{error.strerror}"
    return f"{stat.st_size} {stat.st_mtime_ns}"
