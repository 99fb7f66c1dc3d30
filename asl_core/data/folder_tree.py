"""What lies in a folder and below it, looked at once, and only as deep as somebody asks."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from asl_core.images import SUFFIXES
from asl_core.synthetic.folder import MARKER

JUNK = ("thumbs.db", ".ds_store", "__macosx", ".ipynb_checkpoints", "$recycle.bin")
"""What systems and programs leave beside images, in lower case: nobody wants to be told of it."""

JUNK_PREFIX = "._"
TABLE = ".csv"

MAX_COUNTED = 10_000
"""Entries that are looked at to count the images of a folder that is not read."""


@dataclass(frozen=True)
class _Listed:
    """Names in a folder, sorted as text; names that begin with a dot or `_` are hidden folders."""

    images: list[str]
    tables: list[str]
    ignored: Counter[str]
    folders: list[str]
    hidden: list[str]


class Tree:
    """A folder; junk is passed over.

    Args:
        path: of the folder.
        name: what it is called: its path below the root that a user named, or the root's name.
        root: whether it is that root, which stays out of the names of what is below.
    """

    def __init__(self, path: Path, name: str, root: bool = True) -> None:
        self.path, self.name, self._root = path, name, root

    @property
    def images(self) -> list[str]:
        """Names of the files that may be images, by their suffix."""
        return self._listed.images

    @property
    def tables(self) -> list[Path]:
        """CSV files."""
        return [self.path / name for name in self._listed.tables]

    @property
    def ignored(self) -> Counter[str]:
        """Other files, by suffix."""
        return self._listed.ignored

    @cached_property
    def folders(self) -> list["Tree"]:
        """Folders that may be classes, or lead to them."""
        return [self._below(name) for name in self._listed.folders]

    @cached_property
    def hidden(self) -> list["Tree"]:
        """Folders whose name begins with `_` or a dot."""
        return [self._below(name) for name in self._listed.hidden]

    @cached_property
    def with_images(self) -> list["Tree"]:
        """Those of `folders` in which images lie."""
        return [folder for folder in self.folders if folder.images]

    @property
    def last_name(self) -> str:
        """Name of the folder alone."""
        return self.path.name

    def n_images(self) -> int:
        """Images in it and below; not of more than `MAX_COUNTED` entries."""
        left, found = MAX_COUNTED, 0
        for _, _, files in os.walk(self.path):
            found += sum(map(is_image, files[:left]))
            left -= len(files) + 1
            if left <= 0:
                break
        return found

    def _below(self, name: str) -> "Tree":
        return Tree(self.path / name, name if self._root else f"{self.name}/{name}", False)

    @cached_property
    def _listed(self) -> _Listed:
        listed = _Listed([], [], Counter(), [], [])
        for name, is_folder in sorted(_entries(self.path)):
            if is_image(name):  # also a folder of that name: reading it will tell
                listed.images.append(name)
            elif is_folder:
                (listed.hidden if name[0] in "._" else listed.folders).append(name)
            else:
                if name.lower().endswith(TABLE):
                    listed.tables.append(name)
                listed.ignored[suffix_of(name)] += 1
        return listed


def _entries(folder: Path) -> Iterator[tuple[str, bool]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.lower() not in (*JUNK, MARKER) and not entry.name.startswith(JUNK_PREFIX):
                yield entry.name, entry.is_dir()


def is_image(name: str) -> bool:
    """Whether a file is read as an image: what it holds decides later."""
    return name.lower().endswith(SUFFIXES) and not name.startswith(".")


def suffix_of(name: str) -> str:
    """Suffix in lower case with its dot; of a file whose name begins with a dot, that name."""
    return (name if name.startswith(".") else Path(name).suffix).lower()
