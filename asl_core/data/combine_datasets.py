"""One dataset of two, such as of what the server shows and of one's own images: a copy of both."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from asl_core.data.dataset import Dataset, Source
from asl_core.data.dataset_store import DatasetStore, checked_title
from asl_core.data.folder import read_folder
from asl_core.data.import_dataset import NameOf, Placing, file_name, work_folder
from asl_core.data.own_dataset import (
    IMAGES,
    OwnDataset,
    new_set_id,
    read_card,
    set_folder,
)
from asl_core.data.source import open_dataset
from asl_core.data.unpack import LeftOut
from asl_core.errors import StoreError
from asl_core.progress import OnShare, part
from asl_core.synthetic.folder import MARKER

OPENED, PLACED = 0.3, 0.7
"""Shares that are done when both are open, and when both are copied."""


@dataclass(frozen=True)
class Combination:
    """What is to become one dataset.

    Attributes:
        sources: what opens each of both (see `open_dataset`).
        name: of the new one, any text.
        owner: whose it is; empty: the command line.
        set_id: of ours.
        root: folder of the runs; None: `ASL_RUNS_DIR`.
    """

    sources: tuple[str, str]
    name: str
    owner: str = ""
    set_id: str = field(default_factory=new_set_id)
    root: Path | None = None


def combine_datasets(wanted: Combination, on_progress: OnShare = lambda share: None) -> OwnDataset:
    """Copy two datasets into one: whole, or nothing stays of it. Classes are matched by name.

    Groups stay where both have them; a given split does not, since it says nothing of the other.

    Args:
        wanted: what is to be copied.
        on_progress: told the share that is done, often; what it raises ends it.

    Raises:
        DatasetError: one can't be opened, or both have too many images.
        StoreError: no more are kept, one is empty, or the disk can't be written.
    """
    store, title = DatasetStore(wanted.root), checked_title(wanted.name)
    room = store.room(wanted.owner)
    with work_folder(store, wanted.set_id) as work:
        both = [
            _open(text, wanted.root, part(on_progress, i * OPENED / 2, (i + 1) * OPENED / 2))
            for i, text in enumerate(wanted.sources)
        ]
        left_out = LeftOut()
        placing = Placing(work / "set", room, left_out)
        step = (PLACED - OPENED) / 2
        for i, dataset in enumerate(both):
            done = OPENED + i * step
            name_of = _namer(i + 1, grouped=all(each.groups for each in both))
            placing.place(dataset, part(on_progress, done, done + step), name_of, move=False)
        card = placing.card(wanted.set_id, title, wanted.owner, _of_rendered(both))
        if all(dataset.rendered for dataset in both):
            (work / "set" / IMAGES / MARKER).touch()
        last = part(on_progress, PLACED, 1.0)
        store.publish(work / "set", card, lambda images: read_folder(images, last))
    return card


def _open(text: str, root: Path | None, on_progress: OnShare) -> Dataset:
    """One of both; of one that is made by hand what there is, be it of a single class."""
    own_id = Source(text).own_id
    if not own_id or not (card := read_card(set_folder(own_id, root))).by_hand:
        return open_dataset(text, on_progress)
    if not card.n_images:
        raise StoreError(f"{card.name} has no images so far.")
    folder = set_folder(own_id, root) / IMAGES
    files = sorted(path.relative_to(folder).as_posix() for path in folder.glob("*/*/*.jpg"))
    names = [file.split("/")[0] for file in files]
    classes, labels = np.unique(names, return_inverse=True)
    return Dataset(
        images=np.empty((len(files), 0, 0, 3), np.uint8),  # they are copied, not looked at
        labels=labels.astype(np.int64),
        classes=tuple(classes.tolist()),
        files=tuple(files),
        folder=folder,
        fingerprint="",
        groups=tuple(file.split("/")[1] for file in files),
        source=Source(text),
    )


def _of_rendered(both: list[Dataset]) -> tuple[str, ...]:
    n = sum(len(dataset) for dataset in both if dataset.rendered)
    mixed = 0 < n < sum(map(len, both))
    return (f"{n:,} of the images are rendered hands, the others are not.",) if mixed else ()


def _namer(number: int, grouped: bool) -> NameOf:
    """Names that images of the other dataset don't have."""

    def name_of(dataset: Dataset, i: int) -> str:
        if grouped:
            return f"{dataset.class_name(i)}/{number}-{dataset.groups[i]}/{file_name(dataset, i)}"
        path = dataset.files[i].rpartition("/")[0].replace("/", "-")
        return f"{dataset.class_name(i)}/{number}-{path}-{file_name(dataset, i)}"

    return name_of
