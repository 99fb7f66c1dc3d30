"""Images of visitors: the same pixels as ever, and nothing of what is made to harm stays."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from asl_core.errors import ImageError, StoppedError
from asl_core.images import WHOLE, encode, read_image
from asl_core.settings import MAX_JPEG_SCANS
from asl_core.web.decoder import TOO_DEAR
from asl_core.web.decoding import Decoders
from tests.processes import alive, children, wait_for
from tests.web import bombs

MAX_GROWTH = 50 * 2**20
"""Bytes that this process may grow by while others decode."""

LARGE = 3_900
"""Side of an image of nearly 16 megapixels."""


@pytest.fixture(scope="module")
def decoders() -> Iterator[Decoders]:
    started = Decoders()
    yield started
    started.close()


def wanted() -> bool:
    return True


def processes() -> list[psutil.Process]:
    """The decoders and their forks; other tests in this process may have left workers running."""
    found = []
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            if "asl_core.web.decoder" in child.cmdline():
                found += [child, *children(child.pid)]
    return found


def forks() -> list[psutil.Process]:
    """The processes below the decoders."""
    return [process for process in processes() if process.ppid() != os.getpid()]


def red() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (60, 60), "red").save(buffer, "PNG")
    return buffer.getvalue()


def test_pixels_are_those_of_read_image(decoders: Decoders, drawn: Path) -> None:
    for path in (drawn / "A" / "A0.png", drawn / "B" / "B7.png"):
        for size in (50, 64):
            found = decoders.read(path.read_bytes(), path.name, size, wanted)
            assert np.array_equal(found, read_image(path, path.name, size))


def test_a_whole_image_keeps_its_shape(decoders: Decoders) -> None:
    pixels = np.arange(1500 * 700 * 3, dtype=np.uint32).astype(np.uint8).reshape(700, 1500, 3)
    whole = decoders.read(encode(pixels), "wide.png", WHOLE, lambda: True)
    assert whole.shape == (350, 750, 3)  # averaged down by 2, so that no side is above 1,024
    small = decoders.read(encode(pixels[:40, :60]), "small.png", WHOLE, lambda: True)
    assert np.array_equal(small, pixels[:40, :60])


def test_reasons_are_those_of_read_image(decoders: Decoders) -> None:
    for content in (b"", b"no image", red()[:90], bombs.ztxt()):
        with pytest.raises(ImageError) as here:
            read_image(content, "hand.png")
        with pytest.raises(ImageError) as there:
            decoders.read(content, "hand.png", 50, wanted)
        assert str(there.value) == str(here.value)


def test_a_jpeg_of_too_many_scans_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(ImageError, match="too many scans"):
        read_image(bombs.many_scans(MAX_JPEG_SCANS, 100), "hand.jpg")
    pixels = read_image(bombs.many_scans(MAX_JPEG_SCANS // 2, 100), "hand.jpg")
    assert abs(int(pixels.mean()) - 128) < 2


def test_what_follows_an_image_is_not_taken_for_scans() -> None:
    """A phone appends a film to a photo: there the marks of a scan come by chance."""
    photo = bombs.many_scans(0, 100) + b"\xff\xda\x00\x02" * (2 * MAX_JPEG_SCANS)
    assert read_image(photo, "hand.jpg").shape == (50, 50, 3)


def test_a_large_image_of_a_few_bytes_leaves_no_memory_behind(decoders: Decoders) -> None:
    content = bombs.webp()
    assert len(content) < 1_000
    decoders.read(red(), "hand.png", 50, wanted)
    own = psutil.Process()
    before = own.memory_info().rss
    assert decoders.read(content, "hand.webp", 50, wanted).shape == (50, 50, 3)
    assert own.memory_info().rss - before < MAX_GROWTH
    assert sum(child.memory_info().rss for child in processes()) < 400 * 2**20


def test_warnings_are_not_printed(decoders: Decoders, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.warns(UserWarning, match="EXIF|Metadata|Truncated"):
        read_image(bombs.warns(), "hand.jpg")
    capfd.readouterr()
    decoders.read(bombs.warns(), "hand.jpg", 50, wanted)
    assert capfd.readouterr() == ("", "")


def test_work_that_nobody_waits_for_is_dropped(decoders: Decoders) -> None:
    decoders.read(red(), "hand.png", 50, wanted)
    bomb, begun = bombs.many_scans(MAX_JPEG_SCANS - 20, LARGE), time.monotonic()
    with pytest.raises(StoppedError):
        decoders.read(bomb, "hand.jpg", 50, lambda: False)
    assert time.monotonic() - begun < 30
    wait_for(lambda: not forks())
    assert decoders.read(red(), "hand.png", 50, wanted).shape == (50, 50, 3)


def test_a_process_that_was_killed_is_replaced(decoders: Decoders) -> None:
    decoders.read(red(), "hand.png", 50, wanted)
    for child in processes():
        child.kill()
        child.wait(10)
    assert decoders.read(red(), "hand.png", 50, wanted).shape == (50, 50, 3)


def test_the_processes_end_with_the_one_that_started_them() -> None:
    script = """
import time
from asl_core.web.decoding import Decoders
Decoders().get_ready()
print("ready", flush=True)
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        (started,) = children(process.pid)
        process.kill()
    wait_for(lambda: not alive(started))


def test_memory_of_a_fork_is_bounded() -> None:
    script = "from asl_core.web.decoder import _limit; _limit(); bytearray(1 << 30)"
    told = subprocess.run([sys.executable, "-c", f"{script}; print('got it')"], capture_output=True)
    assert told.returncode
    assert not told.stdout


def test_an_image_whose_fork_is_ended_ends_nothing_else(decoders: Decoders) -> None:
    decoders.read(red(), "hand.png", 50, wanted)
    bomb = bombs.many_scans(MAX_JPEG_SCANS - 20, LARGE)
    with ThreadPoolExecutor() as pool:
        read = pool.submit(decoders.read, bomb, "hand.jpg", 50, wanted)
        wait_for(lambda: bool(forks()), pause=0.005)
        forks()[0].kill()
        with pytest.raises(ImageError, match=TOO_DEAR[:20]):
            read.result()
    assert decoders.read(red(), "hand.png", 50, wanted).shape == (50, 50, 3)


@pytest.mark.slow
def test_processor_time_of_a_fork_is_bounded() -> None:
    script = "from asl_core.web.decoder import _limit; _limit()\nwhile True: pass"
    ended = subprocess.run([sys.executable, "-c", script], timeout=120)
    assert ended.returncode in (-signal.SIGXCPU, -signal.SIGKILL, -signal.SIGALRM)
