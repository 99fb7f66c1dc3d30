"""Processes that tests and benchmarks start, watch and kill, and waiting for what they do."""

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable

import psutil

from asl_core.runs.store import RunStore
from asl_core.settings import ROOT

PATIENCE_SECONDS = 120.0
"""A condition that is not met within this time will not be, however busy the machine."""


def wait_for(
    condition: Callable[[], bool], seconds: float = PATIENCE_SECONDS, pause: float = 0.05
) -> None:
    """Wait for a condition.

    Args:
        condition: is asked again and again.
        seconds: how long at most.
        pause: seconds between two questions.

    Raises:
        TimeoutError: it did not come to that.
    """
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds:.0f} s")
        time.sleep(pause)


def children(pid: int | None = None) -> list[psutil.Process]:
    """All that a process has started, and what that has; of this process if none is named."""
    try:
        found: list[psutil.Process] = psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    return found


def alive(process: psutil.Process) -> bool:
    """Whether a process still runs."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def holder(store: RunStore, run_id: str, among: list[psutil.Process]) -> psutil.Process | None:
    """The process that trains a run: it has the run's worker lock open."""
    lock = str(store.root / ".staging" / f"{run_id}.worker.lock")
    for process in among:
        try:
            if any(file.path.startswith(lock) for file in process.open_files()):
                return process
        except (psutil.NoSuchProcess, psutil.AccessDenied):  # the latter: it is ending
            continue
    return None


def start(script: str, *arguments: object) -> subprocess.Popen[str]:
    """A process that runs lines of Python, and is heard by its standard output."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def hear(process: subprocess.Popen[str]) -> str:
    """Its next line; empty if it has ended."""
    assert process.stdout
    return process.stdout.readline().strip()


def kill(process: subprocess.Popen[str]) -> None:
    """`kill -9` of such a process."""
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert process.stdout
    process.stdout.close()


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    """Whether something answers at an address."""
    try:
        urllib.request.urlopen(url, timeout=1).close()
    except OSError:
        return False
    return True
