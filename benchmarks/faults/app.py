"""A process that submits trainings, as the web process does, and the process group around it.

Started as a module it is that process: it reads `submit`, `resume RUN` or `check RUN` from standard
input, and prints the run's id, whether it took the run up, or nothing.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from asl_core.config import TrainConfig
from asl_core.jobs.jobs import Jobs
from asl_core.runs.pending import find_pending
from asl_core.runs.run import RunSpec
from asl_core.runs.store import RunStore
from asl_core.settings import ROOT
from tests.processes import children


class App:
    """Starts such a process with workers of its own.

    Args:
        store: where the runs are.
        data: folder of photos.
        epochs: of each training; all are the same, so that all must come to the same weights.
        name: the visitor on whose behalf it submits.
    """

    def __init__(self, store: RunStore, data: Path, epochs: int, name: str) -> None:
        self.store = store
        command = [sys.executable, "-m", __name__, str(store.root), str(data), str(epochs), name]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # Dask tells of each worker that dies
            text=True,
            start_new_session=True,  # a group that can be killed at once
        )

    def ask(self, line: str) -> None:
        """Send a command without waiting for what comes of it."""
        assert self.process.stdin
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def answer(self) -> str:
        """The answer to the oldest command; empty if the process is gone."""
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def rest(self) -> list[str]:
        """All answers of a process that has ended."""
        assert self.process.stdout
        return self.process.stdout.read().split()

    def processes(self) -> list[psutil.Process]:
        """The workers and all that keeps them; empty if the process is gone."""
        return children(self.process.pid)

    def kill(self, whole_group: bool) -> None:
        """`kill -9` of the process alone, whose workers see that it is gone, or of all at once."""
        if whole_group:
            os.killpg(self.process.pid, signal.SIGKILL)
        else:
            self.process.kill()
        self.process.wait()

    def close(self) -> None:
        """End it in order."""
        if self.process.poll() is None:
            assert self.process.stdin
            self.process.stdin.close()
            self.process.wait()


def spec_of(data: Path, epochs: int) -> RunSpec:
    """What every run of the benchmark trains."""
    return RunSpec(TrainConfig(epochs=epochs, batch_size=8), "random", str(data))


def main() -> None:
    """Serve until standard input closes."""
    root, data, epochs, name = sys.argv[1:]
    store, jobs = RunStore(root), Jobs()
    for line in sys.stdin:
        command, _, run_id = line.strip().partition(" ")
        if command == "submit":
            print(jobs.train(store, spec_of(Path(data), int(epochs)), name), flush=True)
        elif command == "check":
            jobs.check(store.load(run_id))
        else:
            print(jobs.submit(find_pending(store, run_id)), flush=True)
    jobs.close()


if __name__ == "__main__":
    main()
