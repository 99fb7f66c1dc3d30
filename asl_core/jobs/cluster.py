"""The Dask workers: the way to them, on this machine or on the cluster at `ASL_SCHEDULER`, and
those of this machine themselves, a process of their own (`python -m asl_core workers`).

Loads `distributed`, which takes a second, when it is used.
"""

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from asl_core.errors import JobError
from asl_core.jobs.machine import own_folder
from asl_core.settings import ROOT, settings

if TYPE_CHECKING:
    from distributed import Client, LocalCluster
    from distributed.security import Security

CONNECT_SECONDS = 30
END_SECONDS = 10

RETRIES = 3
"""Workers that may die of one task before it is given up."""

_NO_PAGES: dict[str, list[str]] = {
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}
"""Dask has scheduler and workers show pages, to whoever asks; here there are none."""

LOOK_SECONDS = 1.0
LOST_SECONDS = 5.0
"""Time after which a worker that is gone, and that Dask has not restarted, is replaced."""


@dataclass(frozen=True)
class _Pass:
    """What the process of the workers tells the one that started it, through a pipe that no other
    user can read: whoever reached the scheduler without it could run code as this user.

    Attributes:
        address: of the scheduler, `tls://`.
        certificate: made for these workers, and its own authority (PEM).
        key: of it (PEM).
    """

    address: str
    certificate: str
    key: str

    @property
    def security(self) -> "Security":
        """What Dask takes."""
        from distributed.security import Security

        return Security(
            require_encryption=True,
            tls_ca_file=self.certificate,
            tls_client_cert=self.certificate,
            tls_client_key=self.key,
        )


class Connection:
    """A client of Dask, with the process of the workers if they are this machine's.

    That process is started on first need. It ends when its standard input closes, that is with this
    one, however that ends.

    Args:
        scheduler: address of a Dask scheduler; None starts workers on this machine. One at
            `tls://` gets the certificates of the settings.
    """

    def __init__(self, scheduler: str | None) -> None:
        self._scheduler = scheduler
        self._process: subprocess.Popen[str] | None = None
        self._client: Client | None = None

    @property
    def client(self) -> "Client | None":
        """The client, if its scheduler is there."""
        return self._client if self._client and self._client.status == "running" else None

    def open(self) -> "Client":
        """A new client; what is left of one before is closed.

        Raises:
            JobError: the workers can't be started or reached.
        """
        from distributed import Client

        self.close()
        if self._scheduler:
            address = self._scheduler
            security = _security() if address.startswith("tls://") else None
        else:
            address, security = self._start_workers()
        try:
            self._client = Client(
                address,
                timeout=CONNECT_SECONDS,
                set_as_default=False,
                security=security,
            )
        except Exception as error:  # another program at that port may answer anything
            self.close()
            raise JobError(f"The training workers at {address} can't be reached.") from error
        return self._client

    def close(self) -> None:
        """End the connection, and the workers of this machine."""
        if self._client:
            self._client.close(timeout=1)
        if self._process and self._process.stdin:
            self._process.stdin.close()
            try:
                self._process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._client = self._process = None

    def _start_workers(self) -> "tuple[str, Security]":
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "asl_core", "workers"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=ROOT,
            )
        except OSError as error:
            raise JobError(f"The workers can't be started: {error.strerror}.") from error
        assert self._process.stdout
        told = self._process.stdout.readline()
        if not told:
            raise JobError(
                f"The training workers ended at once, with code {self._process.wait()}; "
                "the reason is in the log of the app."
            )
        entry = _Pass(**json.loads(told))
        return entry.address, entry.security


def _security() -> "Security":
    """What a `tls://` scheduler asks for, from the settings.

    Raises:
        JobError: names the setting that is missing, or whose file is.
    """
    from distributed.security import Security

    told = settings()
    files = {
        "CA": told.scheduler_tls_ca,
        "CERT": told.scheduler_tls_cert,
        "KEY": told.scheduler_tls_key,
    }
    for name, path in files.items():
        if path is None or not path.is_file():
            raise JobError(
                f"A scheduler at tls:// needs the file that ASL_SCHEDULER_TLS_{name} names. "
                f"Received: {path}"
            )
    return Security(
        require_encryption=True,
        tls_ca_file=str(files["CA"]),
        tls_client_cert=str(files["CERT"]),
        tls_client_key=str(files["KEY"]),
    )


def run_workers() -> None:
    """Start a scheduler and workers on loopback, print a line for the process that started this
    (`_Pass`), serve until standard input closes. Each worker is a process that does one task at a
    time. They talk over TLS, with a certificate that lasts as long as they do."""
    import dask
    from distributed import LocalCluster
    from distributed.security import Security

    if hasattr(os, "nice"):  # not on Windows
        os.nice(settings().worker_niceness)
    os.environ["ASL_WORKER_COUNT"] = str(settings().worker_count)  # told to the workers as well
    address_pipe = os.dup(1)
    os.dup2(2, 1)  # what workers print goes to the log, not into a pipe that nobody empties
    scratch = {"temporary-directory": str(own_folder())}  # Dask looks for modules in it
    dask.config.set({"distributed.scheduler.allowed-failures": RETRIES, **scratch, **_NO_PAGES})
    security = Security.temporary()
    with LocalCluster(
        n_workers=settings().worker_count,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        security=security,
        dashboard_address="127.0.0.1:0",
        scheduler_kwargs={"dashboard": False},
        memory_limit=0,  # Dask would pause a worker for good at a share of the memory
    ) as cluster:
        told = _Pass(cluster.scheduler_address, security.tls_client_cert, security.tls_client_key)
        os.write(address_pipe, f"{json.dumps(asdict(told))}\n".encode())
        os.close(address_pipe)
        threading.Thread(target=_replace_lost, args=(cluster,), daemon=True).start()
        sys.stdin.read()


def _replace_lost(cluster: "LocalCluster") -> None:
    """Start all workers anew if none is left.

    Dask restarts one that dies, but not one that dies while it tells that it has started, or that
    was asked to go; then all tasks would wait for ever.
    """
    seen = time.monotonic()
    while True:
        time.sleep(LOOK_SECONDS)
        if any(nanny.pid for nanny in cluster.workers.values()):
            seen = time.monotonic()
        elif time.monotonic() - seen > LOST_SECONDS:
            cluster.scale(0)
            cluster.scale(settings().worker_count)
            seen = time.monotonic()
