"""From an archive, a folder or a CSV file to a dataset of one's own on this server."""

import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from asl_core.background_task import STATE
from asl_core.data.archive_entry import CHUNK_BYTES, shown
from asl_core.data.dataset import Dataset
from asl_core.data.dataset_store import DatasetStore, checked_title
from asl_core.data.folder import read_folder
from asl_core.data.folder_tree import TABLE
from asl_core.data.own_dataset import CARD, IMAGES, REMOVED, SETS, OwnDataset, new_set_id
from asl_core.data.safe_names import Places, safe_parts
from asl_core.data.unpack import LeftOut, Limits, unpack
from asl_core.errors import ArchiveError, ImageError, StoreError
from asl_core.files import disk_errors_as
from asl_core.progress import OnShare, part
from asl_core.settings import MAX_ARCHIVE_ENTRIES
from asl_core.synthetic.folder import MARKER

UNPACKED, READ, PLACED = 0.4, 0.65, 0.75
"""Shares of an import that are done when the archive is unpacked, when its images were checked, and
when they are in their place; what is left is to read them there, so that they open at once."""

STEPS = (
    (UNPACKED, "unpacking"),
    (READ, "checking the images"),
    (PLACED, "saving them"),
    (1.0, "reading them"),
)
"""What an import is at until which share of it is done."""

ABANDONED_SECONDS = 86_400.0
"""What is unfinished for as long was left by a process that died."""

STAGED = "import-"
"""What the folders of imports that are not done begin with, in the staging folder."""

_STAGED_KINDS = (STAGED, "group-", "by-hand-", "removed-")
"""What the folders there begin with that only their process knows: see `asl_core.data.grow_dataset`
and `asl_core.files.remove_at_once`, too."""


@dataclass(frozen=True)
class Import:
    """What is to become a dataset.

    Attributes:
        source: an archive, a folder of images, or a CSV file.
        name: of the dataset, any text.
        owner: who brings it; empty: the command line.
        set_id: of ours.
        root: folder of the runs; None: `ASL_RUNS_DIR`.
        limits: of what an archive may hold.
    """

    source: Path
    name: str
    owner: str = ""
    set_id: str = field(default_factory=new_set_id)
    root: Path | None = None
    limits: Limits = Limits()  # noqa: RUF009 - frozen


def import_dataset(wanted: Import, on_progress: OnShare = lambda share: None) -> OwnDataset:
    """Take in a dataset: whole, or nothing stays of it.

    All is written below the staging folder of the runs, the images under names that lead nowhere
    else, and each image is read as an upload is (see `asl_core.images`); then the folder is moved
    to its place.

    Args:
        wanted: what is to be taken in.
        on_progress: told the share that is done, often; what it raises ends it.

    Returns:
        What is known about it, with the account of what was left out.

    Raises:
        ArchiveError: the archive is damaged, too large, or leads elsewhere.
        DatasetError: it has no two classes of images.
        StoreError: no more are kept, or the disk can't be written.
    """
    store, title = DatasetStore(wanted.root), checked_title(wanted.name)
    room = store.room(wanted.owner)
    if not wanted.source.exists():
        raise StoreError("What was to be imported is not there (any more).", wanted.source)
    clear_abandoned(store)
    with work_folder(store, wanted.set_id) as work:
        dataset, left_out = _read(wanted, work, room, on_progress)
        placing = Placing(work / "set", room, left_out)
        moving = dataset.folder.is_relative_to(work)
        placing.place(dataset, part(on_progress, READ, PLACED), _usual_name, moving)
        if dataset.rendered:
            (work / "set" / IMAGES / MARKER).touch()
        card = placing.card(wanted.set_id, title, wanted.owner, dataset.account.sentences)
        last = part(on_progress, PLACED, 1.0)
        store.publish(work / "set", card, lambda images: read_folder(images, last))
    return card


def import_step(share: float) -> str:
    """What an import is at, in words.

    Args:
        share: of it that is done, 0 to 1.
    """
    return next(words for end, words in STEPS if share <= end)


def clear_abandoned(store: DatasetStore) -> None:
    """Remove what processes that died have left of imports, of images that were added by hand, and
    of what they were removing; but for imports that can go on. And datasets without an image."""
    unfinished = (
        *(left for kind in _STAGED_KINDS for left in store.staging.glob(f"{kind}*/")),
        *(left for left in (store.root / SETS).glob("*/") if not (left / CARD).exists()),
        *(store.root / SETS).glob(f"*/{REMOVED}/"),
    )
    for left in unfinished:
        with (
            disk_errors_as(StoreError, "The runs folder can't be written", left),
            suppress(FileNotFoundError),  # it was finished meanwhile, or another process clears it
        ):
            idle = time.time() - left.stat().st_mtime > ABANDONED_SECONDS
            if idle and not (left / STATE).exists():
                shutil.rmtree(left)
    store.clear_empty()


@contextmanager
def work_folder(store: DatasetStore, set_id: str) -> Iterator[Path]:
    """An empty folder in that of the task, if it is one, which is gone afterwards."""
    task = store.staging / f"{STAGED}{set_id}"
    work, alone = task / "work", not task.exists()
    with disk_errors_as(StoreError, "The runs folder can't be written", work):
        shutil.rmtree(work, ignore_errors=True)  # of a process that was killed
        work.mkdir(parents=True)
    try:
        yield work
    finally:
        shutil.rmtree(task if alone else work)


def _read(wanted: Import, work: Path, room: int, on_progress: OnShare) -> tuple[Dataset, LeftOut]:
    """The images as a dataset, wherever they are now, and what was left out on the way."""
    source = wanted.source
    reading = part(on_progress, UNPACKED, READ)
    if source.is_dir() or source.suffix.lower() == TABLE:
        left_out, folder = LeftOut(), source
    else:
        folder = work / "unpacked" / _called(source)
        folder.mkdir(parents=True)
        limits = replace(wanted.limits, unpacked_bytes=min(room, wanted.limits.unpacked_bytes))
        left_out = unpack(source, folder, part(on_progress, 0.0, UNPACKED), limits)
    tables = folder.rglob(f"*{TABLE}") if folder.is_dir() else (folder,)
    for table in tables:
        _check_rows(table, wanted.limits.entries)
    dataset = read_folder(folder, reading)
    for reason in dataset.skipped:
        left_out.add(reason)
    return dataset, left_out


def _check_rows(table: Path, most: int) -> None:
    """Refuse a table of too many rows before they become images, each larger than its row."""
    with table.open("rb") as file:
        pieces = iter(lambda: file.read(CHUNK_BYTES), b"")
        n_rows = sum(max(piece.count(b"\n"), piece.count(b"\r")) for piece in pieces)
    if n_rows > most + 1:
        raise ArchiveError(
            f"{shown(table.name)} has more than {most:,} rows, as many as a dataset of one's own "
            "may have images."
        )


def _called(archive: Path) -> str:
    """What the folder of an archive is called in errors: as the archive, without its suffix."""
    try:
        return safe_parts(archive.name)[-1].split(".")[0] or "archive"
    except (ArchiveError, ImageError):
        return "archive"


NameOf: TypeAlias = Callable[[Dataset, int], str]
"""Where an image of a dataset goes, below the images of the new one."""


class Placing:
    """Puts the images of datasets into class folders of a new one.

    Args:
        staged: folder of it.
        room: bytes that it may take.
        left_out: is told what is left out.
    """

    def __init__(self, staged: Path, room: int, left_out: LeftOut) -> None:
        self.counts: Counter[str] = Counter()
        self.n_bytes = 0
        self._images, self._room, self._left_out = staged / IMAGES, room, left_out
        self._places = Places()

    def place(self, dataset: Dataset, on_progress: OnShare, name_of: NameOf, move: bool) -> None:
        """Move or copy all images of a dataset.

        Args:
            dataset: whose images they are.
            on_progress: told the share that is done.
            name_of: where each goes.
            move: whether the files are ours already.

        Raises:
            ArchiveError: there are too many, or two classes differ by case alone.
            StoreError: they are too large, or the disk can't be written.
        """
        n_images = self.counts.total() + len(dataset)
        if n_images > MAX_ARCHIVE_ENTRIES:
            raise ArchiveError(
                f"{n_images:,} images are too many for a dataset of one's own: at most "
                f"{MAX_ARCHIVE_ENTRIES:,} are taken."
            )
        with disk_errors_as(StoreError, "The images can't be saved", self._images):
            self._images.mkdir(parents=True, exist_ok=True)
            self._root = _real(dataset.folder)
            for i in range(len(dataset)):
                try:
                    self._place(dataset, i, name_of(dataset, i), move)
                except ImageError as error:
                    self._left_out.add(str(error))
                on_progress(i / len(dataset))
            if hasattr(os, "sync"):  # all at once: one by one, 50,000 files take minutes
                os.sync()

    def card(self, set_id: str, name: str, owner: str, account: Iterable[str]) -> OwnDataset:
        """What is known about the new dataset, with what was left out.

        Args:
            set_id: of it.
            name: its title.
            owner: whose it is; empty: the command line's.
            account: what else there is to tell, a sentence each.
        """
        return OwnDataset(
            id=set_id,
            name=name,
            owner=owner,
            created=time.time(),
            counts=dict(sorted(self.counts.items())),
            n_bytes=self.n_bytes,
            account=(*account, *self._left_out.sentences),
        )

    def _place(self, dataset: Dataset, i: int, name: str, move: bool) -> None:
        path = dataset.folder / dataset.files[i]
        to = self._images / self._places.place(safe_parts(name))
        to.parent.mkdir(parents=True, exist_ok=True)
        if dataset.pixels is None and not _real(path).is_relative_to(self._root):
            self._left_out.links += 1
            return
        content = None if dataset.pixels is None else dataset.content(i)  # of a row of a table
        self.n_bytes += path.stat().st_size if content is None else len(content)
        if self.n_bytes > self._room:
            raise StoreError(
                f"The images take more than the {self._room / 10**6:,.0f} MB that are left. "
                "Delete a dataset first, or bring fewer images."
            )
        if content is not None:
            to.write_bytes(content)
        elif move:
            path.rename(to)
        else:
            shutil.copyfile(path, to)
        self.counts[dataset.class_name(i)] += 1


def _usual_name(dataset: Dataset, i: int) -> str:
    """Into its part of a given split, its class, and its group."""
    folders = (
        dataset.parts[i] if dataset.parts else "",
        dataset.class_name(i),
        dataset.groups[i] if dataset.groups else "",
    )
    return "/".join((*filter(None, folders), file_name(dataset, i)))


def file_name(dataset: Dataset, i: int) -> str:
    """Last part of an image's path; a row of a table becomes a PNG file."""
    name = dataset.files[i].rpartition("/")[2]
    return name if dataset.pixels is None else f"{name}.png"


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))
