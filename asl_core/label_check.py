"""The search for wrong labels in one dataset, as a worker does it: how far it is, what it found.

`<runs>/.label_checks/<start of the dataset's fingerprint>/` holds `status.json`, `suspects.npz`
once it is done, `stop` if somebody asked for that, and two locks: whoever asked for the search
holds one, the worker that does it the other. The system drops a lock when its process ends.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from filelock import FileLock, Timeout

from asl_core.datasets.source import open_dataset
from asl_core.errors import DatasetError, RunError
from asl_core.files import is_held, replacing, write_json
from asl_core.suspects import Suspects, find_suspects

FOLDER = ".label_checks"
"""Below the folder of runs, which workers on other machines see, too."""

RESULT = "suspects.npz"
ASK_SECONDS = 1.0
WORKER_SECONDS = 10.0

Phase = Literal["missing", "waiting", "running", "failed", "interrupted", "ready"]


@dataclass(frozen=True)
class Look:
    """How far a search is.

    Attributes:
        phase: `missing` (nobody asked), `waiting` (for a worker), `running`, `failed` (see
            `error`), `interrupted` (its process is gone), `ready`.
        done: share that is done, 0 to 1.
        error: why it failed, in words.
    """

    phase: Phase
    done: float = 0.0
    error: str | None = None

    @property
    def active(self) -> bool:
        """Whether something is being done, or will be."""
        return self.phase in ("waiting", "running")


class LabelCheck:
    """The search for wrong labels in one dataset.

    Args:
        runs: folder of the runs.
        fingerprint: of the dataset, which another state of the photos does not have.
    """

    def __init__(self, runs: Path, fingerprint: str) -> None:
        self.fingerprint = fingerprint
        self.id = f"labels-{fingerprint}"
        self.folder = runs / FOLDER / fingerprint[:32]
        self.submitted = FileLock(self.folder / "submitted.lock", thread_local=False)
        self._worker = FileLock(self.folder / "worker.lock", timeout=WORKER_SECONDS)

    def look(self) -> Look:
        """The true state, also when the process that wrote the last one is gone."""
        if (self.folder / RESULT).exists():
            return Look("ready", 1.0)
        try:
            look = Look(**json.loads((self.folder / "status.json").read_text()))
        except FileNotFoundError:
            return Look("missing")
        if not look.active or (look.phase == "running" and is_held(self.folder / "worker.lock")):
            return look
        if self._stop_requested():
            return Look("missing")
        return Look("waiting" if is_held(self.folder / "submitted.lock") else "interrupted")

    def ask(self) -> bool:
        """Note that the search is wanted, and hold it by `submitted`.

        Returns:
            False if it is under way (an end that was asked for is called off) or done.

        Raises:
            RunError: the folder of the runs can't be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / "stop").unlink(missing_ok=True)
            self.submitted.acquire(timeout=ASK_SECONDS)
            if self.look().phase in ("running", "ready"):
                self.submitted.release()
                return False
            self._tell(Look("waiting"))
        except Timeout:
            return False
        except OSError as error:
            raise RunError(
                f"What is found can't be kept in {self.folder}: {error.strerror}."
            ) from error
        return True

    def request_stop(self) -> None:
        """Ask for an end; nothing is kept then."""
        (self.folder / "stop").touch()

    def carry_out(self, source: str) -> None:
        """Train the networks and keep the suspects. Loads TensorFlow and cleanlab: for a worker.

        Args:
            source: what opens the dataset.

        Raises:
            DatasetError: the photos have changed since, or are too few.
            TrainingError: a training diverged.
        """
        with self._worker:
            if self._stop_requested() or (self.folder / RESULT).exists():
                return  # cancelled while it waited, or found by a worker that died right after
            self._tell(Look("running"))
            try:
                self._search(source)
            except Exception as error:
                if self._stop_requested():
                    self._tell(Look("missing"))
                    return
                self._tell(Look("failed", error=str(error) or type(error).__name__))
                raise

    def suspects(self) -> Suspects:
        """What was found.

        Raises:
            DatasetError: nothing yet, or the file is damaged.
        """
        path = self.folder / RESULT
        try:
            with np.load(path) as arrays:
                values = {name: arrays[name] for name in arrays.files}
            return Suspects(**{**values, "n_likely": int(values["n_likely"])})
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise DatasetError(
                f"{path} can't be read ({error}). Delete it and ask again."
            ) from error

    def _search(self, source: str) -> None:
        dataset = open_dataset(source)
        if dataset.fingerprint != self.fingerprint:
            raise DatasetError("The photos have changed meanwhile. Ask again.")
        found = find_suspects(
            dataset,
            on_progress=lambda share: self._tell(Look("running", share)),
            should_stop=self._stop_requested,
        )
        with replacing(self.folder / RESULT) as file:
            np.savez_compressed(file, **asdict(found))

    def _stop_requested(self) -> bool:
        return (self.folder / "stop").exists()

    def _tell(self, look: Look) -> None:
        write_json(self.folder / "status.json", asdict(look))
