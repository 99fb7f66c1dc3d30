"""The process that decodes images of visitors (`python -m asl_core.web.decoder`).

It reads requests from standard input and answers on standard output. Each image is decoded in a
fork of its own with limits on processor time, time and memory, so that one that is made to harm
ends nothing but its fork, and what it took is given back. This process itself looks into no image.
"""

import json
import os
import signal
import sys
import warnings
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from asl_core.errors import ImageError
from asl_core.images import open_image
from asl_core.settings import (
    IMAGE_SIZE,
    MAX_DECODE_BYTES,
    MAX_DECODE_PROCESSOR_SECONDS,
    MAX_DECODE_SECONDS,
)

NICENESS = 5
"""Pages go before images."""

TOO_DEAR = "takes too much time or memory to read. Save it again as JPEG or PNG."
"""Said of an image whose fork was ended."""


def main() -> None:
    """Answer requests until standard input closes.

    A request is a line of JSON (`name`, `size`, `bytes`) and the file. First comes the number of
    the fork (`pid`); the answer is a line (`error`, or `bytes`, `shape`, `truncated`, `warnings`)
    and the pixels.
    """
    if hasattr(os, "nice"):  # not on Windows
        os.nice(NICENESS)
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    while line := requests.readline():
        request = json.loads(line)
        content = requests.read(request["bytes"])
        decode = _in_a_fork if hasattr(os, "fork") else _at_once
        answers.write(decode(content, request["name"], request["size"], answers))
        answers.flush()


def _in_a_fork(content: bytes, name: str, size: int, answers: BinaryIO) -> bytes:
    """The answer of a fork, or what is said if it was ended."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read_end)
        _limit()
        with os.fdopen(write_end, "wb") as pipe:
            pipe.write(_answer(content, name, size))
        os._exit(0)
    os.close(write_end)
    _tell(answers, pid)
    with os.fdopen(read_end, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(pid, 0)
    return answer if status == 0 else _line(error=TOO_DEAR)


def _at_once(content: bytes, name: str, size: int, answers: BinaryIO) -> bytes:
    """The answer without a fork, where there are none: then whoever waits ends this process."""
    _tell(answers, os.getpid())
    return _answer(content, name, size)


def _tell(answers: BinaryIO, pid: int) -> None:
    answers.write(_line(pid=pid))
    answers.flush()


def _limit() -> None:
    """Bound what this fork may take. What it prints of an image goes nowhere."""
    import resource

    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    signal.alarm(MAX_DECODE_SECONDS)
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_DECODE_PROCESSOR_SECONDS,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(FileNotFoundError):  # no /proc: then memory is bounded by pixels alone
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + MAX_DECODE_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _answer(content: bytes, name: str, size: int) -> bytes:
    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            image = open_image(content, name, size)
    except ImageError as error:
        return _line(error=error.reason)
    except MemoryError:
        return _line(error=TOO_DEAR)
    pixels = image.pixels.tobytes()
    told_of = {"truncated": image.truncated, "warnings": len(told)}
    return _line(bytes=len(pixels), shape=image.pixels.shape, **told_of) + pixels


def _line(**values: object) -> bytes:
    return json.dumps(values).encode() + b"\n"


if __name__ == "__main__":
    import pillow_heif  # noqa: F401  # loaded once, not in each fork
    from PIL import Image

    Image.init()  # all formats, likewise

    open_image(Path(__file__).parents[1] / "data" / "first_images.png", "first", IMAGE_SIZE)
    with suppress(BrokenPipeError):  # whoever asked has ended meanwhile
        main()
