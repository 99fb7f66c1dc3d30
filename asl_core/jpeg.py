"""JPEG files before they are decoded: where they begin and end, and what decoding will cost."""

import re

from asl_core.settings import MAX_JPEG_SCANS

START, END = b"\xff\xd8\xff", b"\xff\xd9"

_MARKER = re.compile(rb"\xff+([\x01-\xcf\xd8-\xfe])")
"""What is no pixels within those of a JPEG: neither a stuffed zero nor a restart."""

_SCAN, _END_OF_IMAGE = 0xDA, 0xD9


def n_scans(content: bytes) -> int:
    """Scans of the first image in a file, each of which decodes all its pixels again.

    Args:
        content: of the file, which begins with `START`.

    Returns:
        Them; no more are counted than the first above `MAX_JPEG_SCANS`.
    """
    scans, at = 0, 2
    while scans <= MAX_JPEG_SCANS and (found := _MARKER.search(content, at)):
        marker, at = found[1][0], found.end()
        if marker == _END_OF_IMAGE:
            break
        scans += marker == _SCAN
        at += max(2, int.from_bytes(content[at : at + 2], "big"))
    return scans
