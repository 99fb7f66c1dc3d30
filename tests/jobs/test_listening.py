"""Nothing that is started by default can be reached from another machine."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from asl_core.settings import ROOT
from tests.processes import children, free_port, wait_for


@contextmanager
def process(*words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that ends with the test, as do its children when its input closes."""
    started = subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        env=os.environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield started
    finally:
        assert started.stdin
        started.stdin.close()
        if "workers" not in words:
            started.terminate()
        started.wait()


def listening(pid: int) -> set[tuple[int, str]]:
    """Where a process and all below it listen: (its id, address)."""
    found = set()
    for one in (psutil.Process(pid), *children(pid)):
        with suppress(psutil.NoSuchProcess):  # a child that only set something up
            found |= {
                (one.pid, connection.laddr.ip)
                for connection in one.net_connections("inet")
                if connection.status == psutil.CONN_LISTEN
            }
    return found


def test_workers_listen_on_loopback_only() -> None:
    with process("asl_core", "workers") as workers:

        def all_listen() -> bool:  # the scheduler with the nanny, and the worker
            return len({pid for pid, _ in listening(workers.pid)}) >= 2

        wait_for(all_listen)
        assert {address for _, address in listening(workers.pid)} == {"127.0.0.1"}


def test_the_app_listens_on_loopback_only(tmp_path: Path) -> None:
    options = ("--server.port", str(free_port()), "--server.headless", "true")
    with process("streamlit", "run", "app.py", *options) as app:
        wait_for(lambda: bool(listening(app.pid)))
        assert {address for _, address in listening(app.pid)} == {"127.0.0.1"}
