"""What an archive of any kind holds, one entry after the other, none of it believed."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

CHUNK_BYTES = 2**16
"""Most that is unpacked at once."""

MAX_SHOWN = 60
"""Characters of a name that an error repeats."""

EntryKind: TypeAlias = Literal["file", "folder", "link", "device"]


@dataclass(frozen=True)
class ArchiveEntry:
    """One entry of an archive.

    Attributes:
        name: as it stands there; may lead anywhere.
        kind: what it would be on a disk.
        chunks: its content, at most `CHUNK_BYTES` at once; to be read before the next entry is
            asked for, or not at all.
        place: bytes of the archive that are passed when this one is done, for the progress.
    """

    name: str
    kind: EntryKind
    chunks: Iterator[bytes]
    place: int


def text_of(raw: bytes) -> str:
    """A name as text: UTF-8 if it is, else as MS-DOS wrote it, in which every byte is a letter."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp437")


def shown(name: str) -> str:
    """A name as an error may repeat it: without what is not printed, and not too long."""
    plain = "".join("_" if unicodedata.category(c)[0] == "C" else c for c in name[:MAX_SHOWN])
    return f"{plain}…" if len(name) > MAX_SHOWN else plain
