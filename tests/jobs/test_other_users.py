"""Nobody but the process that started them can use the workers of this machine."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import psutil
import pytest

from asl_core.background_task import STAGING, STATE, task_ids
from asl_core.jobs.jobs import Jobs
from asl_core.settings import ROOT
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


OPEN = """
import fcntl, os, pathlib, sys
for path in map(pathlib.Path, sys.stdin.read().split()):
    for how in (os.O_RDONLY, os.O_WRONLY):
        try:
            fcntl.flock(os.open(path, how), fcntl.LOCK_EX | fcntl.LOCK_NB)
            print("opened", path)
        except OSError:
            pass
    try:
        (path / "planted").symlink_to("/etc/passwd")
        print("planted in", path)
    except OSError:
        pass
"""

needs_root = pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() != 0 or shutil.which("setpriv") is None,
    reason="only root can become another user",
)


@pytest.fixture(scope="module")
def planted() -> Iterator[Path]:
    """A folder for temporary files in which another user was first to take the name that Dask's
    workers would use together."""
    folder = Path(tempfile.mkdtemp(prefix="planted-"))
    folder.chmod(0o1777)
    scratch = folder / "dask-scratch-space"
    scratch.mkdir()
    scratch.chmod(0o777)
    if os.getuid() == 0:
        os.chown(scratch, int(OTHER_USER), int(OTHER_USER))
    yield scratch
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def workers(planted: Path) -> Iterator[psutil.Process]:
    """The process of the workers, as the app starts it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(planted.parent))
        jobs = Jobs(None)
        jobs._connect().wait_for_workers(1, timeout=60)
    process = jobs._connection._process
    assert process is not None
    yield psutil.Process(process.pid)
    jobs.close()


def opened_by_another_user(paths: Iterable[Path]) -> str:
    """What another user could open, lock or put a link into: lines of text."""
    words = "\n".join(map(str, paths))
    command = [*as_another_user(), sys.executable, "-c", OPEN]
    tried = subprocess.run(
        command, input=words, capture_output=True, text=True, check=True, cwd="/", timeout=100
    )
    return tried.stdout


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


def test_workers_load_nothing_from_a_folder_that_others_share(
    workers: psutil.Process, planted: Path
) -> None:
    """A worker's folder is on its search path for modules."""
    assert not list(planted.iterdir())


def test_the_workers_have_no_socket_with_a_name(workers: psutil.Process) -> None:
    processes = (workers, *workers.children(recursive=True))
    assert not [one.laddr for process in processes for one in process.net_connections("unix")
                if one.laddr]  # fmt: skip


@needs_root
def test_nothing_of_the_workers_is_told_by_the_system(workers: psutil.Process) -> None:
    for process in (workers, *workers.children(recursive=True)):
        folder = Path(f"/proc/{process.pid}")
        secret = [folder / name for name in ("environ", "mem", "maps", "auxv")]
        pipes = list((folder / "fd").iterdir())
        assert pipes
        assert not opened_by_another_user([*secret, *pipes])


@needs_root
def test_files_of_visitors_and_locks_are_nobody_elses(
    drawn: Path,
) -> None:
    home = Path(tempfile.mkdtemp(prefix="shared-"))
    home.chmod(0o755)  # that of the tests is closed to others as a whole
    try:
        names = {"ASL_RUNS_DIR": "runs", "ASL_CACHE_DIR": "cache", "ASL_LOCKS_DIR": "locks"}
        subprocess.run(
            [sys.executable, "-m", "asl_core", "import", str(drawn)],
            env={**os.environ, **{name: str(home / folder) for name, folder in names.items()}},
            cwd=ROOT, check=True, capture_output=True, umask=0o022,
        )  # fmt: skip
        made = list(home.rglob("*"))
        assert any(path.suffix == ".png" for path in made)
        assert any(path.suffix == ".lock" for path in made)
        assert not opened_by_another_user(made)
    finally:
        shutil.rmtree(home)


@needs_root
def test_tasks_of_another_user_are_passed_over() -> None:
    home = Path(tempfile.mkdtemp(prefix="shared-"))
    home.chmod(0o755)
    for name in ("open", "closed"):
        (home / STAGING / name).mkdir(parents=True)
        (home / STAGING / name / STATE).touch()
    for path in home.rglob("*"):  # whatever the umask
        path.chmod(0o755)
    (home / STAGING / "closed").chmod(0o700)

    def found() -> list[str]:
        os.seteuid(int(OTHER_USER))
        try:
            return task_ids(home)
        finally:
            os.seteuid(0)

    try:
        assert found() == ["open"]
        (home / STAGING).chmod(0o700)
        assert found() == []
        assert task_ids(home) == ["closed", "open"]
    finally:
        shutil.rmtree(home)
