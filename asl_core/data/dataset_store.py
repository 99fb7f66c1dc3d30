"""The datasets that people have brought: listed, kept within limits, renamed, exported, deleted."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from asl_core.background_task import STAGING
from asl_core.data.own_dataset import (
    CARD,
    IMAGES,
    SETS,
    OwnDataset,
    read_card,
    set_folder,
    set_id,
)
from asl_core.data.zip_stream import zip_stream
from asl_core.errors import FullStoreError, StoreError
from asl_core.files import disk_errors_as, flush_folder, held, remove_at_once, write_json
from asl_core.permissions import check_owner
from asl_core.settings import (
    MAX_BYTES_PER_OWNER,
    MAX_SET_BYTES,
    MAX_SETS,
    MAX_SETS_PER_OWNER,
    MAX_TITLE,
    settings,
)

EMPTY_SECONDS = 86_400.0
"""Time for which a dataset without an image is kept."""

NEW_SECONDS = 60.0
"""Time in which it is kept in any case, since its maker is about to take the first one."""


class DatasetStore:
    """The datasets in a folder of runs.

    Args:
        root: folder of the runs; None: `ASL_RUNS_DIR`.
    """

    def __init__(self, root: Path | None = None) -> None:
        self.root = (root or settings().runs_dir).resolve()
        self.staging = self.root / STAGING

    def list(self, owner: str | None = None) -> tuple[OwnDataset, ...]:
        """Datasets, newest first; those that can't be read are left out.

        Args:
            owner: who brought them; None: anybody.

        Raises:
            StoreError: the folder can't be read.
        """
        folder, found = self.root / SETS, list[OwnDataset]()
        with disk_errors_as(StoreError, "The datasets can't be listed", folder):
            paths = list(folder.iterdir()) if folder.is_dir() else []
        for path in paths:
            with suppress(StoreError):
                found.append(read_card(path))
        mine = [card for card in found if owner is None or card.owner == owner]
        return tuple(sorted(mine, key=lambda card: -card.created))

    def load(self, name: str) -> OwnDataset:
        """A dataset by its id, or by its text.

        Raises:
            StoreError: there is none, or it can't be read.
        """
        text = name if set_id(name) else f"set:{name}"
        return read_card(set_folder(set_id(text) or "", self.root))

    def rename(self, name: str, title: str, asker: str = "") -> OwnDataset:
        """Call a dataset otherwise.

        Args:
            name: its id.
            title: any text (see `checked_title`).
            asker: who asks; empty: the command line, which may do all.

        Raises:
            StoreError: there is none, it is another's, or the title is none.
        """
        checked, folder = checked_title(title), set_folder(self.owned(name, asker).id, self.root)
        with disk_errors_as(StoreError, "The dataset can't be renamed", folder), self.lock():
            card = replace(self.owned(name, asker), name=checked)  # it may have grown meanwhile
            write_json(folder / CARD, asdict(card))
        return card

    def delete(self, name: str, asker: str = "") -> OwnDataset:
        """Remove a dataset. Runs that were trained on it stay, without their images.

        Args:
            name: its id.
            asker: who asks; empty: the command line, which may do all.

        Raises:
            StoreError: there is none, it is another's, or the disk does not let it.
        """
        card = self.owned(name, asker)
        folder = set_folder(card.id, self.root)
        with disk_errors_as(StoreError, "The dataset can't be deleted", folder):
            remove_at_once(folder, self.staging)
        return card

    def export(self, name: str) -> Iterator[bytes]:
        """A dataset as a zip archive of its class folders, piece by piece.

        Raises:
            StoreError: there is none, or it can't be read.
        """
        card = self.load(name)
        images = set_folder(card.id, self.root) / IMAGES
        with disk_errors_as(StoreError, "The dataset can't be read", images):
            files = sorted(path for path in images.rglob("*") if path.is_file())
            names = (path.relative_to(images).as_posix() for path in files)
            yield from zip_stream(zip(names, files, strict=True))

    def room(self, owner: str) -> int:
        """Bytes that one more dataset may take.

        Args:
            owner: who brings it; empty: the command line, of which only all are counted.

        Raises:
            StoreError: no more are kept; says which was not used for longest.
        """
        cards = self.list()
        mine = [card for card in cards if card.owner == owner] if owner else []
        left = min(
            MAX_SET_BYTES,
            int(settings().datasets_max_gb * 10**9) - _total(cards),
            MAX_BYTES_PER_OWNER - _total(mine),
        )
        if len(mine) >= MAX_SETS_PER_OWNER or _total(mine) >= MAX_BYTES_PER_OWNER:
            raise self._full(f"You keep {_told(mine)}, which is the limit.", mine)
        if len(cards) >= MAX_SETS or left <= 0:
            raise self._full(
                f"This server keeps {_told(cards)}, which is its limit.", mine if owner else cards
            )
        return left

    def publish(self, staged: Path, card: OwnDataset, prepare: Callable[[Path], object]) -> None:
        """Keep a dataset: it is there with its card, which is written last, if there is still room.

        Args:
            staged: folder on the disk of the runs, with `images/`; it is moved.
            card: of it.
            prepare: told the folder of its images, where they stay; what it raises ends it.

        Raises:
            NotAllowedError: whoever asks may not do it.
            StoreError: there is no room (any more), or the disk can't be written.
        """
        check_owner(card.owner, "this dataset")
        folder = set_folder(card.id, self.root)
        with disk_errors_as(StoreError, "The dataset can't be saved", folder):
            folder.parent.mkdir(parents=True, exist_ok=True)
            if folder.exists() and not (folder / CARD).exists():  # of a process that died here
                remove_at_once(folder, self.staging)
            staged.rename(folder)
            try:
                prepare(folder / IMAGES)
                with self.lock():
                    self._check_room(card)
                    write_json(folder / CARD, asdict(card))
                flush_folder(folder)
            except BaseException:
                remove_at_once(folder, self.staging)
                raise

    def clear_empty(self) -> None:
        """Remove datasets without an image: such as were left so for a day, and where as many are
        kept as may be, others, the oldest first. They cost nothing, and would keep all others out.

        Raises:
            StoreError: the disk does not let it.
        """
        if not (self.root / SETS).is_dir():
            return
        with disk_errors_as(StoreError, "The runs folder can't be written", self.root), self.lock():
            cards = self.list()
            too_many = len(cards) - MAX_SETS + 1
            for number, card in enumerate(card for card in cards[::-1] if not card.n_images):
                folder = set_folder(card.id, self.root)
                idle = time.time() - (folder / CARD).stat().st_mtime
                if idle > EMPTY_SECONDS or (number < too_many and idle > NEW_SECONDS):
                    remove_at_once(folder, self.staging)

    def lock(self) -> AbstractContextManager[None]:
        """Held by whoever changes what is kept: one at a time, on all servers of these runs."""
        return held(self.root / SETS / "room.lock", None, "")

    def check_growth(self, card: OwnDataset, n_bytes: int) -> None:
        """Refuse more than a dataset may grow by.

        Args:
            card: of it, as it is.
            n_bytes: that are to be added.

        Raises:
            StoreError: it, all of its owner, or all on this server would be too large.
        """
        cards = self.list()
        mine = [other for other in cards if other.owner == card.owner]
        left = min(
            MAX_SET_BYTES - card.n_bytes,
            int(settings().datasets_max_gb * 10**9) - _total(cards),
            MAX_BYTES_PER_OWNER - _total(mine) if card.owner else MAX_SET_BYTES,
        )
        if n_bytes > left:
            raise _no_room(n_bytes, left)

    def _check_room(self, card: OwnDataset) -> None:
        left = self.room(card.owner)
        if card.n_bytes > left:
            raise _no_room(card.n_bytes, left)

    def owned(self, name: str, asker: str) -> OwnDataset:
        """A dataset that somebody may change.

        Args:
            name: its id.
            asker: who asks; empty: the command line, which may do all.

        Raises:
            NotAllowedError: whoever asks may not do it.
            StoreError: there is none, or it is another's.
        """
        card = self.load(name)
        if asker and card.owner != asker:
            raise StoreError("Only whoever brought a dataset can change or delete it.")
        check_owner(card.owner, "this dataset")
        return card

    def _full(self, text: str, cards: Sequence[OwnDataset]) -> FullStoreError:
        """That there is no room, and which of some datasets to delete first."""
        if not cards:
            return FullStoreError(
                f"{text} Try again later, or ask whoever runs the server.", oldest=None
            )
        oldest = min(cards, key=lambda card: used(card, self.root))
        when = datetime.fromtimestamp(used(oldest, self.root), UTC)
        return FullStoreError(
            f"{text} Delete one first: {oldest.name} was not used since {when:%Y-%m-%d}.",
            oldest.id,
        )


def checked_title(title: str) -> str:
    """The name of a dataset, without blanks around it.

    Raises:
        StoreError: it is empty, too long, or has characters that can't be printed.
    """
    title = " ".join(title.split())
    if not 0 < len(title) <= MAX_TITLE or not title.isprintable():
        raise StoreError(f"A dataset needs a name of 1 to {MAX_TITLE} letters.")
    return title


def used(card: OwnDataset, root: Path | None = None) -> float:
    """When a dataset was opened last (seconds since 1970)."""
    with suppress(OSError):
        return max(card.created, set_folder(card.id, root).stat().st_mtime)
    return card.created


def note_use(folder: Path) -> None:
    """Note that a dataset is opened now; where the disk can't be written nobody asks either."""
    with suppress(OSError):
        os.utime(folder)


def _no_room(n_bytes: int, left: int) -> StoreError:
    return StoreError(
        f"There is no room for {n_bytes / 10**6:,.1f} MB more: {max(0, left) / 10**6:,.1f} MB are "
        "left. Delete a dataset first."
    )


def _total(cards: Sequence[OwnDataset]) -> int:
    return sum(card.n_bytes for card in cards)


def _told(cards: Sequence[OwnDataset]) -> str:
    return f"{len(cards)} datasets of {_total(cards) / 10**6:,.0f} MB"
