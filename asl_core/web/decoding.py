"""Images of visitors are decoded in processes that can be ended, at most two at a time."""

import json
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from asl_core.errors import ImageError, StoppedError
from asl_core.settings import MAX_DECODE_SECONDS, MAX_DECODERS, ROOT
from asl_core.web.decoder import TOO_DEAR

_logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.2
"""Time between two looks whether anybody still waits for an image."""

GRACE_SECONDS = 15.0
"""What a process may take longer than its fork: it starts in a second or two."""


class Decoders:
    """The processes, each started when there is no free one and ended with this process."""

    def __init__(self) -> None:
        self._free: queue.LifoQueue[_Decoder] = queue.LifoQueue()  # those that run come first
        for decoder in [_Decoder() for _ in range(MAX_DECODERS)]:
            self._free.put(decoder)

    def get_ready(self) -> None:
        """Start a process, so that the first image need not wait for it."""
        with suppress(queue.Empty):
            decoder = self._free.get_nowait()
            decoder.start()
            self._free.put(decoder)

    def read(
        self, content: bytes, name: str, size: int, is_wanted: Callable[[], bool]
    ) -> np.ndarray:
        """The pixels of an image, as `read_image`.

        Args:
            content: of the file.
            name: what to call it in an error.
            size: side of the result, in pixels, or `WHOLE`.
            is_wanted: asked often; the work ends when nobody wants it any more.

        Returns:
            uint8 (size, size, 3), RGB; of a whole image (height, width, 3).

        Raises:
            ImageError: it is no image, is broken or too large, or takes too much.
            StoppedError: nobody wants it any more.
        """
        decoder = self._wait_for_one(name, is_wanted)
        try:
            return decoder.read(content, name, size, is_wanted)
        finally:
            self._free.put(decoder)

    def _wait_for_one(self, name: str, is_wanted: Callable[[], bool]) -> "_Decoder":
        while True:
            try:
                return self._free.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                if not is_wanted():
                    raise StoppedError(f"Nobody waits for {name} any more.") from None

    def close(self) -> None:
        """End the processes that do nothing right now."""
        with suppress(queue.Empty):
            while True:
                self._free.get_nowait().end()


class _Decoder:
    """One process, of which one thread at a time asks."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._fork: int | None = None

    def start(self) -> "subprocess.Popen[bytes]":
        """The process, started if it does not run."""
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "asl_core.web.decoder"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=ROOT,
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
                start_new_session=True,  # Ctrl+C is for this one; it ends as its input closes
            )
        return self._process

    def end(self) -> None:
        """End the process, if it runs."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def read(
        self, content: bytes, name: str, size: int, is_wanted: Callable[[], bool]
    ) -> np.ndarray:
        """As `Decoders.read`."""
        asked: Future[_Answer | None] = Future()
        request = json.dumps({"name": name, "size": size, "bytes": len(content)}).encode()
        threading.Thread(
            target=lambda: asked.set_result(self._ask(request + b"\n" + content)), daemon=True
        ).start()
        end = time.monotonic() + MAX_DECODE_SECONDS + GRACE_SECONDS
        while not wait([asked], LOOK_SECONDS).done:
            if not is_wanted():
                self._end_fork()
                wait([asked])
                raise StoppedError(f"Nobody waits for {name} any more.")
            if time.monotonic() > end:
                self.end()
        answer = asked.result()
        if answer is None or answer.error:
            raise ImageError(name, answer.error if answer else TOO_DEAR)
        if answer.n_warnings:
            _logger.info("%d warnings about one image", answer.n_warnings)
        return np.frombuffer(answer.pixels, np.uint8).reshape(answer.shape)

    def _ask(self, request: bytes) -> "_Answer | None":
        """The answer of the process; None if it ended."""
        try:
            process = self.start()
            assert process.stdin
            assert process.stdout
            process.stdin.write(request)
            process.stdin.flush()
            self._fork = json.loads(process.stdout.readline())["pid"]
            told = json.loads(process.stdout.readline())
            self._fork = None
            pixels = process.stdout.read(told.get("bytes", 0))
        except (OSError, ValueError):  # it was ended, or ended by itself
            return None
        shape = tuple(told.get("shape", ()))
        return _Answer(told.get("error", ""), told.get("warnings", 0), pixels, shape)

    def _end_fork(self) -> None:
        if self._fork is None:  # it has not begun: the process is starting
            self.end()
            return
        with suppress(ProcessLookupError):
            os.kill(self._fork, signal.SIGTERM)


@dataclass(frozen=True)
class _Answer:
    """What a process says of an image.

    Attributes:
        error: why it can't be read; empty if it was.
        n_warnings: of Pillow, about a file that is not quite as it should be.
        pixels: uint8, as bytes.
        shape: of them, (height, width, 3).
    """

    error: str
    n_warnings: int
    pixels: bytes
    shape: tuple[int, ...]
