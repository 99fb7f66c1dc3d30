"""A dataset that somebody brought, as it lies on the disk: its card, its place, and its text.

`<runs>/.sets/<id>/` holds `images/`, with a folder for each class, and `dataset.json`, written
last: without it there is no such dataset. The folder is moved to its place as a whole, and removed
as a whole. `set:<id>` opens it (see
`asl_core.data.open_dataset`), as in links and in the settings of runs.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from asl_core.errors import FileError, StoreError
from asl_core.files import read_json
from asl_core.settings import settings

PREFIX = "set:"
SETS = ".sets"
"""Folder of all such datasets, below that of the runs."""

CARD, IMAGES = "dataset.json", "images"
REMOVED = ".removed"
"""Beside the images: those that were taken out last, to be put back."""

SCHEMA = 1

FEWEST_CLASSES = 2

_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class OwnDataset:
    """What is known about a dataset that somebody brought (`dataset.json`).

    Attributes:
        id: of ours, never a user's text; nobody guesses it.
        name: as whoever brought it calls it: any text.
        owner: who brought it, as in `TaskRequest`; empty: the command line.
        created: when (seconds since 1970).
        counts: images of each class.
        n_bytes: of its images.
        account: what was left out and why, a sentence each.
        by_hand: whether it is made class by class and image by image, and can grow (see
            `asl_core.data.grow_dataset`); else it was brought as a whole.
        last_group: highest number of a group from which images were taken out, by hand: no other
            group ever gets it.
        schema: of this document.
    """

    id: str
    name: str
    owner: str
    created: float
    counts: Mapping[str, int]
    n_bytes: int
    account: tuple[str, ...] = ()
    by_hand: bool = False
    last_group: int = 0
    schema: int = field(default=SCHEMA)

    @property
    def text(self) -> str:
        """What opens it."""
        return f"{PREFIX}{self.id}"

    @property
    def filled(self) -> tuple[str, ...]:
        """Classes that have images."""
        return tuple(name for name, count in self.counts.items() if count)

    @property
    def n_images(self) -> int:
        """Images in all."""
        return sum(self.counts.values())


def new_set_id() -> str:
    """An id that nobody has, and nobody guesses."""
    return secrets.token_hex(8)


def set_id(text: str) -> str | None:
    """The id in the text of a dataset that somebody brought; None if it is no such text.

    Raises:
        StoreError: it begins as one, and is none.
    """
    if not text.startswith(PREFIX):
        return None
    found = text.removeprefix(PREFIX)
    if not _ID.fullmatch(found):
        raise StoreError("This is no dataset that was brought here: its id is 16 digits, 0 to f.")
    return found


def set_folder(set_id: str, root: Path | None = None) -> Path:
    """The folder of a dataset, be it there or not.

    Args:
        set_id: of ours.
        root: folder of the runs; None: `ASL_RUNS_DIR`.
    """
    return (root or settings().runs_dir).resolve() / SETS / set_id


def last_change(set_id: str) -> int:
    """When a dataset was changed last, in nanoseconds since 1970; 0: it is not there (any more)."""
    try:
        return (set_folder(set_id) / CARD).stat().st_mtime_ns
    except OSError:
        return 0


def check_filled(card: OwnDataset) -> None:
    """Refuse a dataset that can't be opened yet.

    Raises:
        StoreError: it has no two classes with images. Says what to do.
    """
    if len(card.filled) < FEWEST_CLASSES:
        raise StoreError(
            f"{card.name} has images of {len(card.filled) or 'no'} class so far: it can be used "
            f"with {FEWEST_CLASSES}."
        )


def read_card(folder: Path) -> OwnDataset:
    """What is known about a dataset.

    Raises:
        StoreError: it is not there (any more), or can't be read.
    """
    try:
        card = read_json(folder / CARD, OwnDataset)
    except FileError as error:
        if not folder.exists():
            raise StoreError("This dataset has been deleted.") from error
        raise StoreError(f"This dataset is damaged: {error}", folder) from error
    if card.schema != SCHEMA or card.id != folder.name:
        raise StoreError("This dataset is of another version of the program.", folder)
    return card
