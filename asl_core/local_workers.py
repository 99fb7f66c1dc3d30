"""The workers of this machine, as a process of their own: `python -m asl_core workers`."""

import os
import sys

RETRIES = 3
"""Workers that may die of one training before it is given up."""


def run_workers() -> None:
    """Start a scheduler and a worker on loopback, print the address, serve until standard input
    closes. One training at a time; each worker is a process."""
    import dask
    from distributed import LocalCluster

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
        sys.stdin.read()
