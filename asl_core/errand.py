"""Work on a finished run that a worker does on request: what state it is in.

It is told beside the unfinished runs, as theirs is: `<root>/.staging/<run-id>.<name>.json` says how
far the work is, or why it failed; whoever asked for it holds one lock, the process that does it
another, and the system drops a lock when its process ends, however it ends.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from asl_core.errors import RunError
from asl_core.files import is_held, write_json
from asl_core.runs import STAGING, Run

LOCK_SECONDS = 10
"""Longest wait for a lock that others only look at."""


@dataclass(frozen=True)
class ErrandState:
    """How far an errand is.

    Attributes:
        phase: `none` (nobody has asked, or it is done), `queued`, `working`, `failed` (see
            `error`), `interrupted` (its process is gone).
        done: share that is done, 0 to 1.
        error: why it failed, in words.
    """

    phase: Literal["none", "queued", "working", "failed", "interrupted"]
    done: float = 0.0
    error: str = ""

    @property
    def active(self) -> bool:
        """Whether something is being done, or will be."""
        return self.phase in ("queued", "working")


class Errand:
    """Work on a finished run.

    Args:
        run: the run.
        name: of the work.
    """

    def __init__(self, run: Run, name: str) -> None:
        place = run.folder.parent / STAGING / f"{run.id}.{name}"
        self._file = Path(f"{place}.json")
        self._submitted = FileLock(f"{place}.submitted.lock", thread_local=False)
        self._worker = FileLock(f"{place}.worker.lock", timeout=LOCK_SECONDS)

    def state(self) -> ErrandState:
        """The true state, also when the process that wrote the last one is gone."""
        at_work = is_held(Path(self._worker.lock_file))
        done, error = self._read()
        if at_work:
            return ErrandState("working", done or 0.0)
        if is_held(Path(self._submitted.lock_file)):
            return ErrandState("queued")
        if error:
            return ErrandState("failed", error=error)
        return ErrandState("none" if done is None else "interrupted", done or 0.0)

    def take(self) -> bool:
        """Hold it until `release`, to have it done. False if somebody else holds it.

        Raises:
            RunError: the folder of the runs can't be written.
        """
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._submitted.acquire(timeout=1)
            self.tell(0.0)
        except Timeout:
            return False
        except OSError as error:
            raise RunError(f"{self._file.parent} can't be written: {error.strerror}.") from error
        return True

    def release(self) -> None:
        """It is done, or has told why not."""
        self._submitted.release()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Hold it while it is done. A failure is recorded, and raised."""
        with self._worker:
            try:
                yield
            except Exception as error:
                write_json(self._file, {"done": 0.0, "error": str(error) or type(error).__name__})
                raise
            self._file.unlink(missing_ok=True)

    def tell(self, done: float) -> None:
        """Tell everybody who watches how far it is, 0 to 1."""
        write_json(self._file, {"done": done, "error": ""})

    def _read(self) -> tuple[float | None, str]:
        try:
            values = json.loads(self._file.read_text())
            return float(values["done"]), str(values["error"])
        except FileNotFoundError:
            return None, ""
        except (KeyError, TypeError, ValueError):  # the power went while it was written
            return 0.0, ""
