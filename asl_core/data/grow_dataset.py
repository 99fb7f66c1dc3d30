"""Datasets that are made by hand: class by class and image by image, from a camera or from files.

Their images lie in `images/<class>/<group>/`, where a group is what came at once: the frames of one
recording are near-duplicates of each other, and a split can hold out whole recordings. The folders
are what counts; the card is written anew from them with each change, one change at a time.
"""

import re
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from asl_core.data.class_names import checked_class_name
from asl_core.data.dataset_store import DatasetStore, checked_title
from asl_core.data.new_images import FILES, Added, NewImage, ReadPixels, Removed, read_new
from asl_core.data.own_dataset import CARD, IMAGES, REMOVED, OwnDataset, new_set_id, set_folder
from asl_core.errors import StoreError
from asl_core.files import disk_errors_as, flush_folder, remove_at_once, write_json
from asl_core.images import read_image
from asl_core.permissions import check_owner
from asl_core.settings import MAX_ADDED_IMAGES, MAX_ARCHIVE_ENTRIES, MAX_CLASSES_BY_HAND

_GROUP = re.compile(r"[a-z]+-(\d+)")

_FILE = re.compile(r"[a-z]+-\d+/\d{4}\.jpg")


def new_by_hand(store: DatasetStore, name: str, owner: str) -> OwnDataset:
    """An empty dataset, to be filled by hand.

    Args:
        store: where it is kept.
        name: any text (see `checked_title`).
        owner: who makes it; empty: the command line.

    Raises:
        NotAllowedError: whoever asks may not do it, or not for that owner.
        StoreError: no more are kept, the name is none, or the disk can't be written.
    """
    check_owner(owner, "this dataset")
    title, set_id = checked_title(name), new_set_id()
    store.clear_empty()
    store.room(owner)
    card = OwnDataset(set_id, title, owner, time.time(), {}, 0, by_hand=True)
    staged = store.staging / f"by-hand-{set_id}"
    with disk_errors_as(StoreError, "The dataset can't be saved", staged):
        (staged / IMAGES).mkdir(parents=True)
    store.publish(staged, card, lambda images: None)
    return card


class GrowingDataset:
    """A dataset that is made by hand, for whoever makes it.

    Args:
        store: where it is kept.
        set_id: of it.
        asker: who changes it; empty: the command line, which may change all.
    """

    def __init__(self, store: DatasetStore, set_id: str, asker: str = "") -> None:
        self._store, self.id, self._asker = store, set_id, asker
        self.folder = set_folder(set_id, store.root)
        self._images, self._aside = self.folder / IMAGES, self.folder / REMOVED
        self._retired: list[int] = []  # numbers of groups in the change under way

    def card(self) -> OwnDataset:
        """What is known about it.

        Raises:
            StoreError: it is not there, is another's, or was brought as a whole.
        """
        card = self._store.owned(self.id, self._asker)
        if not card.by_hand:
            raise StoreError(
                f"{card.name} was brought as a whole, and stays as it is. Make a dataset by hand, "
                "or of both."
            )
        return card

    def files(self, class_name: str) -> tuple[str, ...]:
        """Images of a class in the order in which they came, each as `class/group/number.jpg`.

        Raises:
            StoreError: there is no such class, or the disk can't be read.
        """
        self._check_class(self.card(), class_name)
        with disk_errors_as(StoreError, "The images can't be listed", self._images):
            found = _files(self._images / class_name)
        paths = [path.relative_to(self._images).as_posix() for path in found]
        return tuple(sorted(paths, key=lambda path: (_number(path.split("/")[-2]), path)))

    def read(self, file: str) -> bytes:
        """The content of an image.

        Args:
            file: from `files`.

        Raises:
            StoreError: it is not there (any more).
        """
        path = self._known(file)
        with disk_errors_as(StoreError, "The image can't be read", path):
            return path.read_bytes()

    def add_class(self, name: str) -> OwnDataset:
        """Add a class without images.

        Raises:
            StoreError: the name is none or taken, there are too many, or the disk says no.
        """
        with self._changing() as card:
            if len(card.counts) >= MAX_CLASSES_BY_HAND:
                raise StoreError(f"At most {MAX_CLASSES_BY_HAND} classes are made by hand.")
            (self._images / checked_class_name(name, card.counts)).mkdir()
        return self.card()

    def add_images(
        self,
        class_name: str,
        images: Sequence[NewImage],
        kind: str = FILES,
        read: ReadPixels = read_image,
    ) -> Added:
        """Add images to a class, as one group: those that can't be read are left out and told.

        Args:
            class_name: of a class that is there.
            images: at most `MAX_ADDED_IMAGES`; each is kept as JPEG without what a camera writes
                beside the pixels, such as the place.
            kind: `RECORDING`, `FILES` or `PHOTO`.
            read: what reads an image; in the web process one that can be ended.

        Raises:
            StoreError: there is no such class, they are too many, there is no room for them, or the
                disk says no: then none is kept.
        """
        if len(images) > MAX_ADDED_IMAGES:
            raise StoreError(f"At most {MAX_ADDED_IMAGES} images are added at a time.")
        self._check_class(self.card(), class_name)
        contents, left_out = read_new(images, read)
        if contents:
            with self._changing() as card:
                self._check_class(card, class_name)
                self._check_room(card, [len(content) for content in contents])
                folder = self._images / class_name
                number = _next_number(folder, card.last_group)
                self._put(folder / f"{kind}-{number}", contents)
        return Added(self.card(), len(contents), left_out)

    def remove_images(self, files: Sequence[str]) -> Removed:
        """Take images out.

        Args:
            files: from `files`; those that are gone already are passed over.

        Raises:
            StoreError: a text is no such file, or the disk says no.
        """
        with self._changing():
            known = dict.fromkeys(map(self._known, files))
            found = [path for path in known if path.is_file()]
            removed = self._new_removal(found)
            for path, file in zip(found, removed.files, strict=True):
                self._retired.append(_number(path.parent.name))
                aside = self._aside / removed.id / file
                aside.parent.mkdir(parents=True, exist_ok=True)
                path.rename(aside)
                if not any(path.parent.iterdir()):
                    path.parent.rmdir()
        return removed

    def remove_class(self, name: str) -> Removed:
        """Take a class out with all its images.

        Raises:
            StoreError: there is no such class, or the disk says no.
        """
        with self._changing() as card:
            self._check_class(card, name)
            removed = self._new_removal(_files(self._images / name), (name,))
            self._retire(name)
            (self._images / name).rename(self._aside / removed.id / name)
        return removed

    def put_back(self, removed: Removed) -> OwnDataset:
        """Undo the last removal; what has its place again meanwhile stays as it is.

        Raises:
            StoreError: it was not the last, there is no room, or the disk says no.
        """
        with self._changing() as card:
            aside = self._aside / removed.id
            if not aside.is_dir():
                raise StoreError("That can't be undone any more.")
            self._check_room(card, [(aside / was).stat().st_size for was in removed.files.values()])
            for name in removed.classes:
                if name not in card.counts:
                    (self._images / checked_class_name(name, card.counts)).mkdir()
            for file, was in removed.files.items():
                path = self._known(file)
                path.parent.mkdir(exist_ok=True)
                if not path.exists():
                    (aside / was).rename(path)
            remove_at_once(self._aside, self._store.staging)
        return self.card()

    def rename_class(self, name: str, new_name: str) -> OwnDataset:
        """Call a class otherwise.

        Raises:
            StoreError: there is no such class, the new name is none or taken, or the disk says no.
        """
        with self._changing() as card:
            self._check_class(card, name)
            others = [other for other in card.counts if other != name]
            self._retire(name)
            (self._images / name).rename(self._images / checked_class_name(new_name, others))
        return self.card()

    def _new_removal(self, paths: Sequence[Path], classes: tuple[str, ...] = ()) -> Removed:
        """A folder for files that are taken out, instead of that for the last ones."""
        remove_at_once(self._aside, self._store.staging)
        files = [path.relative_to(self._images).as_posix() for path in paths]
        removed = Removed(new_set_id(), dict(zip(files, files, strict=True)), classes)
        (self._aside / removed.id).mkdir(parents=True)
        return removed

    @contextmanager
    def _changing(self) -> Iterator[OwnDataset]:
        """One change at a time on this server; the card tells afterwards what is there now."""
        self.card()
        refused = disk_errors_as(StoreError, "The dataset can't be changed", self.folder)
        with refused, self._store.lock():
            card = self.card()
            self._retired.clear()
            try:
                yield card
            finally:
                write_json(self.folder / CARD, asdict(self._counted(card)))

    def _counted(self, card: OwnDataset) -> OwnDataset:
        counts, n_bytes = dict[str, int](), 0
        for folder in sorted(path for path in self._images.iterdir() if path.is_dir()):
            sizes = [path.stat().st_size for path in _files(folder)]
            counts[folder.name] = len(sizes)
            n_bytes += sum(sizes)
        last_group = max([card.last_group, *self._retired])
        return replace(card, counts=counts, n_bytes=n_bytes, last_group=last_group)

    def _retire(self, class_name: str) -> None:
        """No group of this class name has such a number again: who saw one knows its images."""
        self._retired += [_number(path.name) for path in (self._images / class_name).iterdir()]

    def _put(self, group: Path, contents: Sequence[bytes]) -> None:
        """A group appears as a whole."""
        staged = self._store.staging / f"group-{new_set_id()}"
        try:
            staged.mkdir(parents=True)
            for number, content in enumerate(contents, 1):
                (staged / f"{number:04}.jpg").write_bytes(content)
            flush_folder(staged)
            staged.rename(group)
        finally:
            shutil.rmtree(staged, ignore_errors=True)  # moved, unless it failed

    def _check_class(self, card: OwnDataset, name: str) -> None:
        if name not in card.counts:
            raise StoreError(f"{card.name} has no class {name[:100]} (any more).")

    def _check_room(self, card: OwnDataset, sizes: Sequence[int]) -> None:
        if card.n_images + len(sizes) > MAX_ARCHIVE_ENTRIES:
            raise StoreError(f"At most {MAX_ARCHIVE_ENTRIES:,} images are kept in a dataset.")
        self._store.check_growth(card, sum(sizes))

    def _known(self, file: str) -> Path:
        """The place of a file that a browser names."""
        class_name, _, rest = file.partition("/")
        classes = {folder.name for folder in self._images.iterdir()}
        if class_name not in classes or not _FILE.fullmatch(rest):
            raise StoreError("There is no such image (any more).")
        return self._images / file


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.glob("*/*.jpg") if path.is_file()]


def _number(group: str) -> int:
    found = _GROUP.fullmatch(group)
    return int(found[1]) if found else 0


def _next_number(folder: Path, last: int) -> int:
    """Of a new group: its class has none of that number, and never had."""
    return 1 + max([last, *(_number(path.name) for path in folder.iterdir())])
