"""Everything that the core raises on purpose; pages and the command line word it for people.

AslError
├── DatasetError          a folder of images can't be used
│   ├── SmallClassError   classes have too few images: names them
│   ├── UnreadError       many images are not decoded yet
│   ├── NotRenderedError  a synthetic dataset is not rendered yet
│   ├── ArchiveError      an archive can't be taken in: names the entry
│   └── StoreError        a dataset that was brought can't be kept, found or changed
│       └── FullStoreError   no more are kept: names the one to delete first
├── ConfigError           a setting of a training is outside what is offered
├── ImageError            one image can't be read: names the file
├── TrainingError         a training came to nothing
├── RunError              a run can't be used
│   ├── RunNotFoundError
│   ├── DamagedRunError   its manifest does not hold
│   └── PairingError      two runs were not tested on the same images
├── ClassMismatchError    images have classes that the run does not know
├── SyntheticError        a hand can't be drawn so (see `asl_core.synthetic.errors`)
├── SettingsError         an environment variable can't be used
├── DownloadError         an archive can't be fetched, or is not what it should be
├── HandFinderError       the models that find a hand are not here, or are damaged
├── FileError             a file that the program keeps can't be read, or holds something else
│   └── MissingFileError     it is not there
├── NotAllowedError       whoever asks may not start, change or remove this
├── StoppedError          somebody asked for an end
│   └── SteppedAsideError    others need the worker first: it goes on later
├── TaskError             a background task can't be put down or read
│   └── TaskGoneError     it was canceled, is done, or somebody else is at it
└── JobError              the workers can't be reached
    └── QueueFullError    too many tasks wait already
"""

from pathlib import Path


class AslError(Exception):
    """Base of the project's errors. Its text tells a person what is wrong, and the way out.

    The text goes to visitors of the pages, so it holds no more of a path than its last part.

    Args:
        text: one or two sentences.
        path: of the file or folder in question, for the operator alone (see `in_full`).
    """

    def __init__(self, text: str, path: Path | None = None) -> None:
        super().__init__(text)
        self.path = path

    @property
    def in_full(self) -> str:
        """The text with the whole path: for the command line and the log, never for a page."""
        return str(self) if self.path is None else f"{self} [{self.path}]"


class DatasetError(AslError):
    """A folder of images can't be used as a dataset."""


class SmallClassError(DatasetError):
    """Classes have too few images to be split; a dataset can be opened without them.

    Args:
        classes: their names (see `Source.without` in `asl_core.data.dataset`).
    """

    def __init__(self, classes: tuple[str, ...]) -> None:
        each = "has only one image" if len(classes) == 1 else "have only one image each"
        super().__init__(
            f"{', '.join(classes)} {each}; at least two are needed: one for training and one for "
            f"testing. Add images, or leave {'it' if len(classes) == 1 else 'them'} out."
        )
        self.classes = classes


class UnreadError(DatasetError):
    """Images are not decoded yet, and a worker is to do it: they are many, or nobody has asked.

    Args:
        source: what opens the dataset (see `Source`); it may name a path, which no page shows.
        place: the entry of the cache that is there afterwards.
        n_images: how many images; None where only reading tells.
        size: side of the images, in pixels; None: the usual one.
    """

    def __init__(
        self, source: str, place: Path, n_images: int | None, size: int | None = None
    ) -> None:
        super().__init__("The images of this dataset are not read yet: *Data* shows how far it is.")
        self.source, self.place, self.n_images, self.size = source, place, n_images, size


class NotRenderedError(DatasetError):
    """A synthetic dataset is not rendered yet.

    Args:
        source: what it is rendered from (see `asl_core.data.SyntheticSpec`).
    """

    def __init__(self, source: str) -> None:
        super().__init__(f"{source} is not rendered yet.")
        self.source = source


class ArchiveError(DatasetError):
    """An archive can't be taken in as a dataset: it is damaged, too large, or leads elsewhere."""


class StoreError(DatasetError):
    """A dataset that somebody brought can't be kept, found or changed."""


class FullStoreError(StoreError):
    """No more datasets are kept.

    Args:
        text: one or two sentences.
        oldest: id of the dataset that whoever asked may delete, and that was not used for longest;
            None: they have none.
    """

    def __init__(self, text: str, oldest: str | None) -> None:
        super().__init__(text)
        self.oldest = oldest


class ConfigError(AslError):
    """A setting of a training is outside of what is offered."""


class ImageError(AslError):
    """One image can't be read. The text names the file.

    Args:
        name: name of the file as the user knows it.
        reason: what is wrong and what to do, as the end of a sentence that starts with the name.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} {reason}")
        self.name, self.reason = name, reason


class TrainingError(AslError):
    """A training came to nothing."""


class RunError(AslError):
    """A run can't be used."""


class RunNotFoundError(RunError):
    """No run has this id."""


class DamagedRunError(RunError):
    """The files of a run are not the ones that its manifest lists."""


class PairingError(RunError):
    """Two runs can't be compared image by image: they were not tested on the same ones."""


class ClassMismatchError(AslError):
    """Images have classes that the run was not trained on."""


class SettingsError(AslError):
    """An environment variable (`ASL_...`) can't be used. The text names it."""


class DownloadError(AslError):
    """An archive can't be fetched, or does not hold what it should."""


class HandFinderError(AslError):
    """The models that find a hand in an image are not here, or are not what they should be."""


class FileError(AslError):
    """A file that the program keeps can't be read, or does not hold what was written."""


class MissingFileError(FileError):
    """A file that the program keeps is not there."""


class NotAllowedError(AslError):
    """Whoever asks may not start, change or remove this (see `asl_core.permissions`)."""


class StoppedError(AslError):
    """Work was ended on request; nothing is kept of it."""


class SteppedAsideError(StoppedError):
    """Work of the lowest priority gives its worker back, since others wait for one."""


class TaskError(AslError):
    """A background task can't be put down or read."""


class TaskGoneError(TaskError):
    """A background task was canceled, is done, or somebody else is at work on it."""


class JobError(AslError):
    """The training workers can't be started or reached."""


class QueueFullError(JobError):
    """Too many tasks wait already. The text says what to do."""


def in_words(error: Exception) -> str:
    """What a visitor reads of a failure: our own errors say it, others name their kind at most."""
    if isinstance(error, AslError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
