"""A process that lists and loads all runs over and over, and counts what it must never see.

Started as a module it reads until standard input closes, then prints what it saw.
"""

import json
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass, field

from asl_core.errors import DamagedRunError, RunNotFoundError
from asl_core.runs.store import RunStore
from asl_core.settings import ROOT

REST = 2.0
"""Rests that many times as long as it reads, to leave the processors to those that are watched."""


@dataclass
class Seen:
    """What a reader saw.

    Attributes:
        rounds: times that all runs were loaded.
        loads: runs that were loaded, every byte checked.
        half_read: ids of runs that were in their place but not whole.
        lost: ids of runs that were whole once and gone later.
    """

    rounds: int = 0
    loads: int = 0
    half_read: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)


class Reader:
    """Such a process.

    Args:
        store: whose runs it reads.
    """

    def __init__(self, store: RunStore) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(store.root)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def finish(self) -> Seen:
        """End it, and get what it saw."""
        told, _ = self._process.communicate("")
        values = json.loads(told)
        return Seen(
            values["rounds"], values["loads"], set(values["half_read"]), set(values["lost"])
        )


def look(store: RunStore, seen: Seen, whole: set[str]) -> None:
    """Load all runs once. `whole` are those that were whole in an earlier look."""
    listed = {run.id for run in store.list()}
    seen.lost |= whole - listed - set(store.damaged())
    for run_id in (*listed, *store.damaged()):
        try:
            store.load(run_id)
        except DamagedRunError:
            seen.half_read.add(run_id)
        except RunNotFoundError:
            seen.lost.add(run_id)
        else:
            whole.add(run_id)
            seen.loads += 1
    seen.rounds += 1


def main() -> None:
    """Look until standard input closes."""
    store, seen, whole = RunStore(sys.argv[1]), Seen(), set[str]()
    ended = threading.Event()

    def wait_for_end() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait_for_end, daemon=True).start()
    while not ended.is_set():
        started = time.perf_counter()
        look(store, seen, whole)
        ended.wait(0.01 + REST * (time.perf_counter() - started))
    look(store, seen, whole)
    print(json.dumps(asdict(seen), default=sorted))


if __name__ == "__main__":
    main()
