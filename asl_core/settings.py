"""Every environment variable, limit and path, read once."""

import os
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from asl_core.errors import SettingsError


def project_folder(package: Path, working: Path) -> Path:
    """Where runs, cache and downloads are by default, and where processes of the app start.

    Args:
        package: folder of `asl_core`.
        working: the folder that this process was started in.

    Returns:
        The project that the package lies in, with its pages; the working folder if the package was
        installed alone, since nobody looks for runs beside installed packages.
    """
    above = package.parent
    return above if (above / "pages").is_dir() and (above / "app.py").is_file() else working


ROOT = project_folder(Path(__file__).resolve().parent, Path.cwd())

IMAGE_SIZE = 50
"""Side of the images that a network gets, in pixels (the mission's)."""

MAX_UPLOAD_BYTES = 10 * 2**20
MAX_UPLOAD_PIXELS = 16_000_000
MAX_UPLOAD_FILES = 50

MAX_SESSION_FILES = 100
"""Uploaded files that the server holds for one open page."""

MAX_SESSION_BYTES = 250 * 2**20
"""What they may take in all."""

MAX_FILES_IN_ALL = 2_000
"""Uploaded files that the server holds for all visitors."""

MAX_DECODERS = 2
"""Images of visitors that are decoded at a time."""

MAX_DECODE_PROCESSOR_SECONDS = 5
"""Processor time that decoding one of them may take; a photo of 16 megapixels takes one."""

MAX_DECODE_SECONDS = 30
"""Time that it may take, on a machine that does much else."""

MAX_DECODE_BYTES = 640 * 2**20
"""Memory that it may take: ten times 16 megapixels of 4 bytes."""

MAX_JPEG_SCANS = 100
"""Times that a JPEG may draw itself anew, finer each time; photos do at most a dozen times."""

MAX_EPOCHS = 100
MAX_FILTERS = 64
MAX_BATCH_SIZE = 512

MAX_TRAINING_SECONDS = 3_600
"""Longest fit; it then ends with the best weights so far."""

MAX_QUEUED = 10
"""Background tasks that may wait at a time; those of sweeps are counted by `MAX_SWEEPS`."""

MAX_QUEUED_PER_OWNER = 2
"""Background tasks of one owner that may wait at a time."""

MAX_TITLE = 80
"""Longest title of a run, in characters."""

MAX_SWEEP_RUNS = 60
"""Trainings of one sweep."""

MAX_SWEEPS = 5
"""Sweeps that may be unfinished at a time, one of each visitor."""

MAX_CHECKED_RUNS = 5
"""Runs whose accuracy may be being checked at a time."""

MAX_SEARCH_MINUTES = 60
"""Longest search for good settings."""

MISSION_ARCHIVE = (
    "https://github.com/zappy2305/ASL-Letter-Recognition-CNN/archive/"
    "5264f6b91cf860ee3b5b6a1167092e02c7a2e2ac.zip"
)
"""A public copy of the mission's photos, at a fixed commit (folder `datasets/{A,B,C}`)."""

MISSION_FINGERPRINT = "4487388b3fafbbabc730076e05e6d78d18bf8266230149d98809e51d5ab245df"
"""`Dataset.fingerprint` of the mission's 3,000 images (A, B, C; 1,000 each)."""

ANY_HAND = "six photo sets and rendered hands"
"""What the shipped run on landmarks was trained on: it is in no folder (see `models/README.md`)."""

NO_LETTER = "no letter"
"""Its class of hands that sign nothing."""

MAX_ARCHIVE_BYTES = 500 * 2**20
"""Largest archive that `download` fetches."""

MAX_IMPORT_BYTES = 2 * 2**30
"""Largest archive that is imported as a dataset."""

MAX_DROPPED_BYTES = 200 * 2**20
"""Largest archive that a visitor may drop on a page: the server has it in memory for a moment."""

MAX_ARCHIVE_ENTRIES = 50_000
"""Files and folders of an imported archive, and so images of a dataset that somebody brings."""

MAX_TABLE_BYTES = 200 * 2**20
"""Largest CSV file in an archive."""

MAX_SET_BYTES = 2**30
"""What an archive may come to when it is unpacked."""

MAX_UNPACKED_RATIO = 200
"""Times the size of an archive that it may come to: photos hardly shrink, a bomb does."""

MAX_SETS_PER_OWNER = 10
"""Datasets that one visitor may keep."""

MAX_CLASSES_BY_HAND = 50
"""Classes of a dataset that is made by hand."""

MAX_CLASS_NAME = 60
"""Longest name of such a class, in characters."""

MAX_ADDED_IMAGES = 100
"""Images that are added to one at a time: a recording, or the files that are dropped."""

MAX_BYTES_PER_OWNER = 2 * 2**30
"""What those may take together."""

MAX_SETS = 200
"""Datasets that all visitors, and the command line, may keep."""


_NAMES = r"^[A-Za-z0-9.\-:*]*( *, *[A-Za-z0-9.\-:*]+)*$"
_ADDRESS = r"^(https?://[A-Za-z0-9.\-:\[\]]+(/[A-Za-z0-9._~\-/]*)?)?$"
_ORIGINS = r"^[A-Za-z0-9.\-:/\[\]*]*( *, *[A-Za-z0-9.\-:/\[\]*]+)*$"


class Settings(BaseSettings):
    """What a deployment may change, from the environment (`ASL_...`).

    Attributes:
        data_dir: folder with one sub-folder of images per class, or what a set is rendered from
            (`rendered:...`); None: `data/asl_abc` if it is there, else the default rendered set.
        runs_dir: where trained runs are kept.
        cache_dir: where decoded images, rendered datasets, key points and compiled code are kept
            (may be deleted at any time).
        cache_max_gb: what images and datasets there may take, in GB (10^9 bytes); what was not used
            for longest is removed.
        datasets_max_gb: what all datasets that were brought may take, in GB (10^9 bytes); one more
            is refused, since nobody's images are removed unasked.
        hand_finder_dir: where the models that find a hand in a photo are kept, once fetched; None:
            in `cache_dir`.
        also_dirs: folders of other labeled images on which a page may test a run, separated as in
            PATH (`os.pathsep`): a page takes no folder from a visitor.
        scheduler: address of a Dask scheduler (`tcp://host:8786`, or `tls://`); None starts one on
            this machine.
        scheduler_tls_ca: with `tls://`, file (PEM) of the authority that signed the certificates.
        scheduler_tls_cert: certificate of this process (PEM).
        scheduler_tls_key: key of that certificate (PEM).
        worker_niceness: added to that of the processes which the app starts to train and draw on
            this machine, 0 to 19: at 19, whoever looks at a page goes first, and so does any other
            program; at 0 none does.
        worker_count: processes that the app starts on this machine for background tasks, each of
            which does one at a time and takes 0.3 GB of memory, or 1.1 GB once it has trained a
            network that needs TensorFlow.
        locks_dir: where workers of this machine take turns: those that share the folder do
            `worker_count` tasks at a time in all; None: one of this user in the folder for
            temporary files.
        public: whether strangers may come: True lets everybody look and predict, and who is in
            `editors` do the rest; False lets everybody do everything, as in a class behind a door;
            None takes who comes from another machine for a stranger.
        editors: who may do more than look where strangers come, once they are signed in, separated
            by commas: email addresses, `*@example.org`, or the `sub` of a person.
        allowed_hosts: names that the server answers to besides `localhost`, separated by commas,
            without ports: `asl.example.org`, `*.example.org` for all below it, `*` for any.
        frame_ancestors: origins whose pages may show the app in a frame, separated by commas, such
            as `https://wiki.example.org`.
        public_url: address under which others reach the app, such as `https://asl.example.org` or
            `https://example.org/asl`; with it, the preview of a link has a picture.
        requests_per_second: of one network address, after as many as in a minute at once; a first
            visit takes 130.
        uploads_max_gb: memory that the uploads of all visitors may take, in GB (10^9 bytes).
    """

    model_config = SettingsConfigDict(env_prefix="ASL_", frozen=True, env_ignore_empty=True)

    data_dir: Path | None = None
    runs_dir: Path = ROOT / "models"
    cache_dir: Path = ROOT / ".cache"
    cache_max_gb: Annotated[float, Field(gt=0, le=100_000)] = 5.0
    datasets_max_gb: Annotated[float, Field(gt=0, le=100_000)] = 10.0
    hand_finder_dir: Path | None = None
    also_dirs: str = ""
    scheduler: str | None = None
    scheduler_tls_ca: Path | None = None
    scheduler_tls_cert: Path | None = None
    scheduler_tls_key: Path | None = None
    worker_niceness: Annotated[int, Field(ge=0, le=19)] = 19
    worker_count: Annotated[int, Field(ge=1, le=64)] = min(2, os.cpu_count() or 1)
    locks_dir: Path | None = None
    public: bool | None = None
    editors: str = ""
    allowed_hosts: Annotated[str, Field(pattern=_NAMES)] = ""
    frame_ancestors: Annotated[str, Field(pattern=_ORIGINS)] = ""
    public_url: Annotated[str, Field(pattern=_ADDRESS)] = ""
    requests_per_second: Annotated[float, Field(gt=0, le=100_000)] = 100.0
    uploads_max_gb: Annotated[float, Field(gt=0, le=1_000)] = 1.0

    @property
    def elsewhere(self) -> tuple[Path, ...]:
        """The folders in `also_dirs`."""
        return tuple(Path(folder) for folder in self.also_dirs.split(os.pathsep) if folder)

    @property
    def listed_editors(self) -> tuple[str, ...]:
        """Who is in `editors`."""
        return _listed(self.editors)

    @property
    def own_hosts(self) -> tuple[str, ...]:
        """The names in `allowed_hosts`."""
        return _listed(self.allowed_hosts)

    @property
    def frame_origins(self) -> tuple[str, ...]:
        """The origins in `frame_ancestors`."""
        return _listed(self.frame_ancestors)

    @property
    def decoded_dir(self) -> Path:
        """Where decoded images are kept, an entry for each folder that was read."""
        return self.cache_dir / "photos"

    @property
    def cache_max_bytes(self) -> int:
        """What `cached_dirs` together may take."""
        return int(self.cache_max_gb * 10**9)

    @property
    def rendered_dir(self) -> Path:
        """Where sets that this program draws are kept, with how far their drawing is."""
        return self.cache_dir / "drawn"

    @property
    def hand_finder_folder(self) -> Path:
        """Where the models that find a hand are."""
        return self.hand_finder_dir or self.cache_dir / "hand-finder"

    @property
    def landmarks_dir(self) -> Path:
        """Where the key points of datasets are kept, an entry for each."""
        return self.cache_dir / "landmarks"

    @property
    def cached_dirs(self) -> tuple[Path, ...]:
        """What `cache_max_bytes` bounds."""
        return self.decoded_dir, self.rendered_dir, self.landmarks_dir

    @property
    def download_dir(self) -> Path:
        """Where `download` puts the mission's photos."""
        return ROOT / "data" / "asl_abc"


def _listed(text: str) -> tuple[str, ...]:
    return tuple(word for part in text.split(",") if (word := part.strip()))


@cache
def settings() -> Settings:
    """The settings of this process, read from the environment on first use.

    Raises:
        SettingsError: names the variable that can't be used, and why.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = error.errors()[0]
        raise SettingsError(
            f"ASL_{str(wrong['loc'][0]).upper()} can't be used: {wrong['msg']}. "
            f"Received: {wrong['input']!r}"
        ) from error
