"""The workers of this machine, as a process of their own: `python -m asl_core workers`."""

import os
import sys
import threading
import time
from typing import TYPE_CHECKING

from asl_core.settings import settings

if TYPE_CHECKING:
    from distributed import LocalCluster

RETRIES = 3
"""Workers that may die of one training before it is given up."""

LOOK_SECONDS = 1.0
LOST_SECONDS = 5.0
"""Time after which a worker that is gone, and that Dask has not restarted, is replaced."""


def run_workers() -> None:
    """Start a scheduler and a worker on loopback, print the address, serve until standard input
    closes. One training at a time; each worker is a process."""
    import dask
    from distributed import LocalCluster

    if hasattr(os, "nice"):  # not on Windows
        os.nice(settings().worker_niceness)
    address_pipe = os.dup(1)
    os.dup2(2, 1)  # what workers print goes to the log, not into a pipe that nobody empties
    dask.config.set({"distributed.scheduler.allowed-failures": RETRIES})
    with LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        memory_limit=0,  # Dask would pause a worker for good at a share of the memory
    ) as cluster:
        os.write(address_pipe, f"{cluster.scheduler_address}\n".encode())
        os.close(address_pipe)
        threading.Thread(target=_replace_lost, args=(cluster,), daemon=True).start()
        sys.stdin.read()


def _replace_lost(cluster: "LocalCluster") -> None:
    """Start another worker if there is none.

    Dask restarts one that dies, but not one that dies while it tells that it has started, or that
    was asked to go; then all trainings would wait for ever.
    """
    seen = time.monotonic()
    while True:
        time.sleep(LOOK_SECONDS)
        if any(nanny.pid for nanny in cluster.workers.values()):
            seen = time.monotonic()
        elif time.monotonic() - seen > LOST_SECONDS:
            cluster.scale(0)
            cluster.scale(1)
            seen = time.monotonic()
