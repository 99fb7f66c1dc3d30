"""What a person decided about doubtful images: one small file beside the runs. The images stay as
they are."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from filelock import FileLock

from asl_core.data.dataset import Dataset
from asl_core.data.splits import Split
from asl_core.errors import DatasetError, FileError, MissingFileError, RunError
from asl_core.files import disk_errors_as, flush, read_json, write_json
from asl_core.permissions import check_may_change

FILE = "label_corrections.json"
"""Name of the file in the folder of runs."""

OLD_FILE = "decisions.json"
"""Its name in earlier versions, which is read as long as there is no other, and left as it is."""

LOCK_SECONDS = 10.0
SCHEMA = 1

Action = Literal["keep", "relabel", "exclude"]


@dataclass(frozen=True)
class LabelCorrection:
    """One image, and what to do with it.

    Attributes:
        file: of the image below its dataset's folder.
        sha256: of the file's content (hex): another image of that name is not meant.
        action: `keep` it as it is (and ask no more), `relabel` it, or `exclude` it from training
            and test.
        label: the class it gets; only with `relabel`.
    """

    file: str
    sha256: str
    action: Action
    label: str | None = None

    def __post_init__(self) -> None:
        if (self.action == "relabel") != (self.label is not None):
            raise DatasetError(
                f"'relabel' needs a class; other actions take none. Received: {self.label}"
            )


@dataclass(frozen=True)
class LabelCorrections:
    """All decisions in the order they were taken; of one image, the last one counts.

    Attributes:
        history: oldest first.
    """

    history: tuple[LabelCorrection, ...] = ()

    @property
    def current(self) -> dict[str, LabelCorrection]:
        """The decision that counts for each file and content (keyed `<sha256> <file>`)."""
        return {f"{decision.sha256} {decision.file}": decision for decision in self.history}

    def about(self, dataset: Dataset) -> dict[int, LabelCorrection]:
        """The decisions that count for the images of a dataset, by index.

        Reads the decided files, no others.
        """
        index_of = {file: index for index, file in enumerate(dataset.files)}
        named = [d for d in self.current.values() if d.file in index_of]
        digests = {file: dataset.digest(index_of[file]) for file in {d.file for d in named}}
        return {index_of[d.file]: d for d in named if digests[d.file] == d.sha256}

    def changing(self, dataset: Dataset) -> "LabelCorrections":
        """Those that change what is learned from a dataset: one for each image that gets another
        label or is excluded."""
        taken = self.about(dataset).values()
        return LabelCorrections(tuple(d for d in taken if d.action != "keep"))


@dataclass(frozen=True)
class _Document:
    """What stands in the file."""

    schema: Literal[1]
    history: tuple[LabelCorrection, ...]


def decision(
    dataset: Dataset, index: int, action: Action, label: str | None = None
) -> LabelCorrection:
    """A decision about one image, not yet saved.

    Args:
        dataset: the images.
        index: which of them.
        action: what to do with it.
        label: its right class; with `relabel` only.

    Raises:
        DatasetError: the class is none of the dataset's, is missing, or is not asked for; or the
            file is gone.
    """
    if label is not None and label not in dataset.classes:
        raise DatasetError(
            f"An image can be relabeled as one of {', '.join(dataset.classes)}. Received: {label}"
        )
    return LabelCorrection(dataset.files[index], dataset.digest(index), action, label)


def load_label_corrections(runs: Path | str) -> LabelCorrections:
    """The decisions in a folder of runs; none, if nobody has decided.

    Raises:
        DatasetError: the file is not one of ours.
    """
    for name in (FILE, OLD_FILE):
        path = Path(runs) / name
        try:
            return LabelCorrections(read_json(path, _Document).history)
        except MissingFileError:
            continue
        except FileError as error:
            raise DatasetError(
                f"{error} Repair the file, or move it away to start over.", path
            ) from error
    return LabelCorrections()


def save_label_corrections(decisions: LabelCorrections, folder: Path) -> None:
    """Write a folder's decisions, for `load_label_corrections`."""
    write_json(folder / FILE, {"schema": SCHEMA, **asdict(decisions)})
    flush(folder / FILE)  # a person's work, unlike what can be found again


def decide(runs: Path | str, *taken: LabelCorrection) -> LabelCorrections:
    """Save decisions after those that are there, and return all.

    Raises:
        NotAllowedError: whoever asks may change nothing.
        RunError: the folder of runs can't be written.
    """
    return _rewrite(Path(runs), lambda all_: replace(all_, history=(*all_.history, *taken)))


def undo(runs: Path | str, taken: LabelCorrection | None = None) -> LabelCorrections:
    """Take a decision back, if it is there, and return those that are left.

    Args:
        runs: folder of the runs.
        taken: which one; an earlier one about the same image counts again. None: the last one.

    Raises:
        NotAllowedError: whoever asks may change nothing.
        RunError: the folder of runs can't be written.
    """
    return _rewrite(Path(runs), lambda all_: _without(all_, taken))


def _without(decisions: LabelCorrections, taken: LabelCorrection | None) -> LabelCorrections:
    history = list(decisions.history)
    places = [at for at, entry in enumerate(history) if taken in (None, entry)]
    if places:
        del history[places[-1]]
    return LabelCorrections(tuple(history))


def apply_label_corrections(
    decisions: LabelCorrections, dataset: Dataset, split: Split
) -> tuple[Dataset, Split]:
    """The dataset with the decided labels, and the split without the excluded images.

    The split is made of the whole dataset first, so that every run is tested on the same images
    but for those excluded, and indices into the dataset stay what they are.

    Args:
        decisions: all; those about other images are passed over.
        dataset: the images.
        split: of the dataset.

    Raises:
        DatasetError: nothing is left to train or to test on, or a label is no longer a class.
    """
    about = decisions.about(dataset)
    labels = dataset.labels.copy()
    for index, taken in about.items():
        if taken.label is not None:
            labels[index] = _class_index(dataset, taken.label)
    out = [index for index, taken in about.items() if taken.action == "exclude"]
    train, test, validation = (
        part[~np.isin(part, out)] for part in (split.train, split.test, split.validation)
    )
    if not len(train) or not len(test):
        raise DatasetError(
            "Label corrections exclude all training or all test images. Undo some of them."
        )
    return replace(dataset, labels=labels), replace(
        split, train=train, test=test, validation=validation
    )


def _class_index(dataset: Dataset, label: str) -> int:
    if label not in dataset.classes:
        raise DatasetError(
            f"An image was relabeled as {label}, but the dataset no longer has that class. "
            "Undo that correction."
        )
    return dataset.classes.index(label)


def _rewrite(
    runs: Path, change: Callable[[LabelCorrections], LabelCorrections]
) -> LabelCorrections:
    check_may_change()
    with disk_errors_as(RunError, "Label corrections can't be saved", runs):
        runs.mkdir(parents=True, exist_ok=True)
        with FileLock(runs / f".{FILE}.lock", timeout=LOCK_SECONDS):
            changed = change(load_label_corrections(runs))
            save_label_corrections(changed, runs)
    return changed
