"""Writes a zip archive piece by piece, so that no more than a file of it is in memory."""

import zipfile
from collections.abc import Iterable, Iterator
from io import RawIOBase
from pathlib import Path
from typing import Any

_TIME = (1980, 1, 1, 0, 0, 0)
"""Of all files, so that the same files give the same archive."""


def zip_stream(files: Iterable[tuple[str, Path | bytes]]) -> Iterator[bytes]:
    """A zip archive of files that are packed as they are: images hardly shrink.

    Args:
        files: name in the archive, and the file or its content.

    Raises:
        OSError: a file can't be read.
    """
    pieces = _Pieces()
    with zipfile.ZipFile(pieces, "w") as archive:
        for name, file in files:
            entry = zipfile.ZipInfo(name, _TIME)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file if isinstance(file, bytes) else file.read_bytes())
            yield pieces.take()
    yield pieces.take()


class _Pieces(RawIOBase):
    """What a zip archive is written to, to be taken away piece by piece."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def writable(self) -> bool:
        """So it asks."""
        return True

    def write(self, content: Any, /) -> int:
        """Put down a piece."""
        self._written.append(bytes(content))
        return len(content)

    def take(self) -> bytes:
        """What was written since."""
        content = b"".join(self._written)
        self._written.clear()
        return content
