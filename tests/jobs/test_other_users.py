"""Nobody but the process that started them can use the workers of this machine."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from asl_core.jobs.jobs import Jobs
from tests.jobs.test_listening import listening

OTHER_USER = "65534"
"""By convention that of nobody."""

TRY = """
import asyncio, sys, urllib.request
from distributed.comm import connect
from distributed.security import Security

SECONDS = 2

async def ask(address, security):
    comm = await connect(address, timeout=SECONDS, **security.get_connection_args("client"))
    await comm.write({"op": "identity", "reply": True})
    return await comm.read()

for port in sys.argv[1:]:
    for protocol, security in (("tcp", Security()), ("tls", Security.temporary())):
        try:
            asking = asyncio.wait_for(ask(f"{protocol}://127.0.0.1:{port}", security), SECONDS)
            print(port, "answered:", asyncio.run(asking))
        except Exception as error:
            print(port, "refused:", type(error).__name__, file=sys.stderr)
    for path in ("info/main/workers.html", "health", "sysmon"):
        try:
            found = urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=SECONDS)
            print(port, "showed:", path, found.read()[:80])
        except Exception as error:
            print(port, "refused:", type(error).__name__, file=sys.stderr)
print("tried", len(sys.argv) - 1)
"""


@pytest.fixture(scope="module")
def workers() -> Iterator[psutil.Process]:
    """The process of the workers, as the app starts it."""
    jobs = Jobs(None)
    jobs._connect().wait_for_workers(1, timeout=60)
    process = jobs._connection._process
    assert process is not None
    yield psutil.Process(process.pid)
    jobs.close()


def as_another_user() -> list[str]:
    """What makes a command another local user's: that of root may become one. Else it is one's own
    without the certificate, which is no less."""
    setpriv = shutil.which("setpriv")
    if os.getuid() != 0 or setpriv is None:
        return []
    return [setpriv, f"--reuid={OTHER_USER}", f"--regid={OTHER_USER}", "--clear-groups"]


def test_no_port_of_the_workers_serves_another_user(workers: psutil.Process) -> None:
    ports = sorted(
        {
            connection.laddr.port
            for one in (workers, *workers.children(recursive=True))
            for connection in one.net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        }
    )
    assert len(ports) >= 3  # scheduler, nanny, worker
    tried = subprocess.run(
        [*as_another_user(), sys.executable, "-c", TRY, *map(str, ports)],
        capture_output=True, text=True, check=True, cwd="/", timeout=100,
    )  # fmt: skip
    assert tried.stdout == f"tried {len(ports)}\n", tried.stderr
    assert {address for _, address in listening(workers.pid)} == {"127.0.0.1"}


def test_the_key_is_told_to_nobody_else(workers: psutil.Process) -> None:
    """Any user may read what a process was started with."""
    for process in (workers, *workers.children(recursive=True)):
        words = " ".join(process.cmdline()) + " ".join(process.environ().values())
        assert "PRIVATE KEY" not in words
        assert "CERTIFICATE" not in words
