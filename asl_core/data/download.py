"""Fetches the mission's photos: resumes, checks every byte against a pinned fingerprint."""

import errno
import hashlib
import http.client
import lzma
import re
import shutil
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from asl_core.data.dataset import fingerprint
from asl_core.errors import DownloadError
from asl_core.files import disk_errors_as
from asl_core.permissions import check_may_change
from asl_core.settings import (
    MAX_ARCHIVE_BYTES,
    MISSION_ARCHIVE,
    MISSION_FINGERPRINT,
    settings,
)

OnBytes = Callable[[int, int | None], None]
"""Called with the bytes that are here and the bytes in all (None where the server tells none)."""

PHOTO_MEMBER = re.compile(r"(?:[^/]+/)?datasets/([ABC])/([A-Za-z0-9_-]+\.jpg)")
N_PHOTOS = 3_000
MAX_PHOTO_BYTES = 2**20

UNPACKING_ERRORS = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError),
    *(NotImplementedError, RuntimeError),
)
"""What `zipfile` raises for archives that are damaged, encrypted or packed in unknown ways."""

TRIES = 4
WAIT_SECONDS = 1.0
TIMEOUT_SECONDS = 30
CHUNK_BYTES = 2**16


def download_images(
    to: Path | None = None, url: str = MISSION_ARCHIVE, on_bytes: OnBytes | None = None
) -> Path:
    """Fetch the mission's 3,000 images and put them in place, whole or not at all.

    A connection that breaks is taken up where it broke, also by a later call.

    Args:
        to: folder to make, with sub-folders A, B and C; None is `data/asl_abc`.
        url: http(s) address of a zip archive with `datasets/{A,B,C}/*.jpg`.
        on_bytes: told about progress.

    Returns:
        The folder.

    Raises:
        NotAllowedError: whoever asks may change nothing.
        DownloadError: no connection, not the expected images, or the folder exists already.
    """
    check_may_change()
    to = (to or settings().download_dir).resolve()
    _check_place(to)
    archive = _partial_file(url)
    with FileLock(f"{archive}.lock"):  # two callers at once would write into the same file
        if to.exists():  # the other caller has fetched it
            return to
        _fetch(url, archive, on_bytes or (lambda here, total: None))
        try:
            _unpack(archive, to)
        finally:
            archive.unlink()  # a wrong archive must not be resumed
    return to


def _check_place(to: Path) -> None:
    if to.exists():
        raise DownloadError(
            f"{to.name} exists already. Delete it first, or choose another folder.", to
        )
    with disk_errors_as(DownloadError, f"{to.name} can't be created", to):
        to.parent.mkdir(parents=True, exist_ok=True)


def _partial_file(url: str) -> Path:
    folder = settings().cache_dir / "downloads"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.zip.part"


def _fetch(url: str, archive: Path, on_bytes: OnBytes) -> None:
    if not url.startswith(("https://", "http://")):
        raise DownloadError(f"A URL must start with https:// or http://. Received: {url}")
    for attempt in range(TRIES):
        here = archive.stat().st_size if archive.exists() else 0
        try:
            if _fetch_rest(url, archive, here, on_bytes):
                return
            problem = "the connection broke"
        except urllib.error.HTTPError as error:
            if error.code == 416:  # nothing is left to send: the file is whole
                return
            if error.code < 500:
                raise DownloadError(f"{url} answered {error.code} {error.reason}.") from error
            problem = f"it answered {error.code} {error.reason}"
        except ValueError as error:
            raise DownloadError(f"{url} is not a valid URL: {error}.") from error
        except (OSError, http.client.HTTPException) as error:
            if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
                raise DownloadError(
                    "The disk is full. The part already downloaded is kept."
                ) from error
            problem = str(getattr(error, "reason", error))
        if attempt + 1 < TRIES:
            time.sleep(WAIT_SECONDS * 2**attempt)
    raise DownloadError(
        f"{url} could not be fetched after {TRIES} tries: {problem}. The part already downloaded "
        "is kept. Check the connection and start again."
    )


def _fetch_rest(url: str, archive: Path, here: int, on_bytes: OnBytes) -> bool:
    """Append what is missing. Returns whether all of it came."""
    request = urllib.request.Request(url, headers={"Range": f"bytes={here}-"} if here else {})
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:
        if response.status != 206:
            here = 0
        length = response.headers.get("Content-Length")
        total = here + int(length) if length else None
        with archive.open("ab" if here else "wb") as file:
            while chunk := response.read(CHUNK_BYTES):
                here += file.write(chunk)
                if here > MAX_ARCHIVE_BYTES:
                    file.truncate(0)  # must not be resumed
                    raise DownloadError(f"{url} has over {MAX_ARCHIVE_BYTES >> 20} MB: refused.")
                on_bytes(here, total)
    return total is None or here == total


def _unpack(archive: Path, to: Path) -> None:
    staging = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=to.parent))
    try:
        files = _extract_photos(archive, staging)
        found = fingerprint(list(files), list(files.values()))
        if found != MISSION_FINGERPRINT:
            raise DownloadError(
                f"The archive holds {len(files)} photos that are not the mission's "
                f"{N_PHOTOS}: fingerprint {found[:12]} instead of {MISSION_FINGERPRINT[:12]}. "
                "Nothing was saved. Try another URL with --url."
            )
        staging.chmod(0o755)
        staging.rename(to)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _extract_photos(archive: Path, staging: Path) -> dict[str, str]:
    """Write the images below `staging`. Returns SHA-256 (hex) by path, sorted by path.

    Names are matched against a strict pattern and sizes are bounded while reading, so that no
    member can be written elsewhere, twice, or without end.
    """
    digests: dict[str, str] = {}
    try:
        with zipfile.ZipFile(archive) as members:
            for member in members.infolist():
                match = PHOTO_MEMBER.fullmatch(member.filename)
                if not match:
                    continue
                with members.open(member) as file:
                    content = file.read(MAX_PHOTO_BYTES + 1)
                path = f"{match[1]}/{match[2]}"
                if len(content) > MAX_PHOTO_BYTES or path in digests or len(digests) == N_PHOTOS:
                    raise DownloadError(
                        f"The archive is not the mission's: {member.filename} is too large, a "
                        "duplicate, or one too many. Nothing was saved."
                    )
                (staging / match[1]).mkdir(exist_ok=True)
                (staging / path).write_bytes(content)
                digests[path] = hashlib.sha256(content).hexdigest()
    except UNPACKING_ERRORS as error:
        raise DownloadError(
            f"The archive is not a zip file that can be unpacked ({error}). Nothing was saved."
        ) from error
    return dict(sorted(digests.items(), key=lambda item: item[0].split("/")))
