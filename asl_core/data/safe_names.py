"""From the names in an archive to places below one folder, on any system."""

import re
import unicodedata
from pathlib import PurePosixPath

from asl_core.data.archive_entry import shown
from asl_core.errors import ArchiveError, ImageError

MAX_PART_BYTES = 200
"""Longest name of a file or folder; systems take 255 bytes, and a number may be added."""

MAX_DEPTH = 12
"""Folders within folders."""

INSTEAD = "-"
"""Of a character that some system does not take; `_` would hide a folder that begins with it."""

_SEPARATORS = re.compile(r"[/\\]")  # some programs on Windows write the second one
_DRIVE = re.compile(r"[A-Za-z]:")
_UNSAFE = re.compile(r'[<>:"|?*]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
"""What Windows takes for a device."""


def safe_parts(name: str) -> tuple[str, ...]:
    """The folders of a name, and its last part, each such as any system takes.

    Args:
        name: from an archive, or of anything else that somebody brings.

    Raises:
        ArchiveError: it is absolute, or leads out of the folder that it would be in.
        ImageError: it is too long, too deep, or empty.
    """
    if name.startswith(("/", "\\")) or _DRIVE.match(name):
        raise ArchiveError(
            f"The archive names {shown(name)}, which leads to a place of its own. Make it again, "
            "from the folder that holds the classes."
        )
    parts = [part for part in _SEPARATORS.split(name) if part not in ("", ".")]
    if ".." in (part.strip() for part in parts):
        raise ArchiveError(
            f"The archive names {shown(name)}, which leads out of it. Make it again, from the "
            "folder that holds the classes."
        )
    if not parts or len(parts) > MAX_DEPTH:
        raise ImageError(shown(name), f"lies more than {MAX_DEPTH} folders deep.")
    return tuple(_safe(part, name) for part in parts)


def _safe(part: str, name: str) -> str:
    part = unicodedata.normalize("NFC", part)
    part = "".join(INSTEAD if unicodedata.category(c)[0] == "C" else c for c in part)
    part = _UNSAFE.sub(INSTEAD, part).strip().rstrip(".") or INSTEAD
    if len(part.encode()) > MAX_PART_BYTES:
        raise ImageError(shown(name), f"has a name of over {MAX_PART_BYTES} bytes.")
    if _RESERVED.fullmatch(part):
        stem, dot, rest = part.partition(".")
        part = f"{stem}_{dot}{rest}"
    return part


class Places:
    """Gives each file a place of its own below a folder, also where case does not count."""

    def __init__(self) -> None:
        self._folders: dict[str, str] = {}
        self._files: dict[str, str] = {}

    def place(self, parts: tuple[str, ...]) -> PurePosixPath:
        """Where a file goes; one whose name differs by case alone from another's gets a number.

        Args:
            parts: from `safe_parts`.

        Raises:
            ArchiveError: two folders differ by case alone.
            ImageError: there is a file of this name already, or it would have to be a folder too.
        """
        path = "/".join(parts)
        for depth in range(1, len(parts)):
            self._enter("/".join(parts[:depth]), path)
        key = path.casefold()
        if key in self._folders:
            raise ImageError(shown(path), "is a file and a folder at once.")
        if self._files.get(key) == path:
            raise ImageError(shown(path), "is there twice: the first one was taken.")
        number = 1
        while key in self._files:
            number += 1
            stem, dot, suffix = parts[-1].rpartition(".")
            last = f"{stem} ({number}){dot}{suffix}" if dot else f"{parts[-1]} ({number})"
            key = "/".join((*parts[:-1], last)).casefold()
            path = "/".join((*parts[:-1], last))
        self._files[key] = path
        return PurePosixPath(path)

    def _enter(self, folder: str, path: str) -> None:
        key = folder.casefold()
        if key in self._files:
            raise ImageError(shown(path), "lies in what is a file, too.")
        known = self._folders.setdefault(key, folder)
        if known != folder:
            raise ArchiveError(
                f"There are two folders, {shown(known)} and {shown(folder)}, that differ "
                "by case alone. Rename one."
            )
