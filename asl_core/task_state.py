"""Work that a worker does on request, beside trainings: what state it is in.

The files of one piece of work begin alike: `<place>.json` says how far it is, or why it failed;
`<place>.stop` is there if somebody asked for its end; whoever asked for it holds
`<place>.submitted.lock`, the process that does it `<place>.worker.lock`, and the system drops a
lock when its process ends, however it ends.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from asl_core.errors import RunError, TrainingError
from asl_core.files import is_held, write_json

ASK_SECONDS = 1.0
WORKER_SECONDS = 10.0
"""Longest waits for a lock that others only look at."""

Phase = Literal["none", "queued", "working", "failed", "interrupted", "done"]


@dataclass(frozen=True)
class ErrandState:
    """How far an errand is.

    Attributes:
        phase: `none` (nobody has asked), `queued`, `working`, `failed` (see `error`),
            `interrupted` (its process is gone), `done` (its result is there).
        share: that is done, 0 to 1.
        error: why it failed, in words.
    """

    phase: Phase
    share: float = 0.0
    error: str = ""

    @property
    def active(self) -> bool:
        """Whether something is being done, or will be."""
        return self.phase in ("queued", "working")


class Errand:
    """Work whose result is a file.

    Args:
        place: path with which the names of its own files begin.
        result: the file that is there when it is done.
    """

    def __init__(self, place: Path, result: Path) -> None:
        self.id, self.result = str(place), result
        self.submitted = FileLock(f"{place}.submitted.lock", thread_local=False)
        self._worker = FileLock(f"{place}.worker.lock", timeout=WORKER_SECONDS)
        self._file, self._stop = Path(f"{place}.json"), Path(f"{place}.stop")

    def state(self) -> ErrandState:
        """The true state, also when the process that wrote the last one is gone."""
        if self.result.exists():
            return ErrandState("done", 1.0)
        at_work = is_held(Path(self._worker.lock_file))
        share, error = self._read()
        if at_work:
            return ErrandState("working", share or 0.0)
        if self.stop_requested():
            return ErrandState("none")
        if is_held(Path(self.submitted.lock_file)):
            return ErrandState("queued")
        if error:
            return ErrandState("failed", error=error)
        return ErrandState("none" if share is None else "interrupted", share or 0.0)

    def take(self) -> bool:
        """Ask for it, and hold it by `submitted` until it is done.

        Returns:
            False if it is under way (an end that was asked for is called off) or done.

        Raises:
            RunError: its folder can't be written.
        """
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._stop.unlink(missing_ok=True)
            self.submitted.acquire(timeout=ASK_SECONDS)
            if self.state().phase in ("working", "done"):
                self.submitted.release()
                return False
            self.tell(0.0)
        except Timeout:
            return False
        except OSError as error:
            raise RunError(
                f"What is found can't be kept in {self._file.parent}: {error.strerror}."
            ) from error
        return True

    @contextmanager
    def working(self) -> Iterator[None]:
        """Hold it while it is done. A failure is recorded, and raised; that of a training which
        somebody has stopped is the end that was asked for."""
        with self._worker:
            try:
                yield
            except Exception as error:
                if not (isinstance(error, TrainingError) and self.stop_requested()):
                    write_json(self._file, {"share": 0.0, "error": str(error) or repr(error)})
                    raise
            self._file.unlink(missing_ok=True)

    @property
    def wanted(self) -> bool:
        """Whether it is still to be done: nobody has called it off, or done it meanwhile."""
        return not self.stop_requested() and not self.result.exists()

    def tell(self, share: float) -> None:
        """Tell everybody who watches how far it is, 0 to 1."""
        write_json(self._file, {"share": share, "error": ""})

    def request_stop(self) -> None:
        """Ask for an end; nothing is kept then."""
        self._stop.touch()

    def stop_requested(self) -> bool:
        """Whether somebody asked for an end."""
        return self._stop.exists()

    def _read(self) -> tuple[float | None, str]:
        try:
            values = json.loads(self._file.read_text())
            return float(values["share"]), str(values["error"])
        except FileNotFoundError:
            return None, ""
        except (KeyError, TypeError, ValueError):  # the power went while it was written
            return 0.0, ""
