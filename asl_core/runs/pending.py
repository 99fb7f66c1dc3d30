"""Runs that are not finished: trainings as background tasks, and how one becomes a run.

To what every task has (see `asl_core.background_task`), the folder of a training adds `config.json`
(what to train), `label_corrections.json` (those that were there when it was asked for),
`checkpoint.npz` (the state to go on from) and `run/` (the files so far).
"""

from contextlib import suppress
from pathlib import Path

from asl_core.background_task import BackgroundTask, task_ids
from asl_core.data.label_corrections import (
    LabelCorrections,
    load_label_corrections,
    save_label_corrections,
)
from asl_core.errors import FileError, RunError, RunNotFoundError, TaskError
from asl_core.files import flush, read_json, remove_at_once, write_json
from asl_core.runs.manifest import seal
from asl_core.runs.owner import owner_mark
from asl_core.runs.run import Run, RunSpec
from asl_core.runs.store import RunStore, is_run_id, new_run_id, open_run
from asl_core.task_state import TaskRequest, new_request
from asl_core.training.checkpoint import Checkpoint

TRAINING, TRIAL = "training", "trial"
"""Kinds of tasks that end in a run; the settings of a trial are chosen when its turn comes."""

CHECKPOINT = "checkpoint.npz"


class PendingRun(BackgroundTask):
    """A run on its way. Made by `new_pending`, found again by `list_pending`.

    Args:
        store: where the finished run will be.
        run_id: its id.
        request: of a new one.
        spec: of a new one.
    """

    keeps_locks = False  # no other run has its id

    def __init__(
        self,
        store: RunStore,
        run_id: str,
        request: TaskRequest | None = None,
        spec: RunSpec | None = None,
    ) -> None:
        super().__init__(store.root, run_id, request)
        self.store, self.files = store, self.folder / "run"
        self._spec = spec

    @property
    def request(self) -> TaskRequest:
        """What is asked for; that of an earlier version is told by its spec.

        Raises:
            TaskError: it can't be read (any more).
        """
        try:
            return super().request
        except TaskError:
            try:
                self._request = _request(self.store, self.id, self.spec)
            except RunError as error:
                raise TaskError(str(error)) from error
            return self._request

    @property
    def spec(self) -> RunSpec:
        """What to train.

        Raises:
            RunError: it can't be read (any more).
        """
        if self._spec and not self.folder.exists():
            return self._spec
        try:
            return read_json(self.folder / "config.json", RunSpec)
        except FileError as error:
            raise RunError(f"The settings of run {self.id} can't be read: {error}") from error

    def write_spec(self, spec: RunSpec) -> None:
        """Change what to train, as a trial does when its turn comes."""
        write_json(self.folder / "config.json", spec.to_json())

    @property
    def in_sweep(self) -> bool:
        """Whether it is a part of a sweep; not where that can't be read."""
        with suppress(TaskError):
            return bool(self.request.group)
        return False

    @property
    def result(self) -> Path:
        """The folder of the finished run."""
        return self.root / self.id

    @property
    def corrections(self) -> LabelCorrections:
        """Of labels, as they were when the run was asked for: whatever is corrected while it waits
        or is interrupted, it goes on with the images that it began with."""
        return load_label_corrections(self.folder)

    def save_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Keep how far the training is, to go on from there after a crash."""
        checkpoint.save(self.folder / CHECKPOINT)

    def checkpoint(self) -> Checkpoint | None:
        """The last checkpoint, or None."""
        return Checkpoint.load(self.folder / CHECKPOINT)

    def publish(self) -> Run:
        """Turn the files in `run/` into a finished run, in one step.

        Returns:
            The run, in its final place.

        Raises:
            TaskError: it can't be read who asked for it.
        """
        seal(self.files, owner_mark(self.id, self.request.owner))
        self.files.rename(self.result)
        flush(self.root)
        return open_run(self.result)

    def _lay_down(self) -> None:
        assert self._spec
        corrections = LabelCorrections()
        if self._spec.use_corrections:
            corrections = load_label_corrections(self.root)
        super()._lay_down()
        self.write_spec(self._spec)
        save_label_corrections(corrections, self.folder)

    def _begin(self) -> None:
        remove_at_once(self.files, self.folder.parent)  # of a process that was killed
        self.files.mkdir()


def new_pending(store: RunStore, spec: RunSpec, owner: str = "") -> PendingRun:
    """A new run, of which nothing is on the disk until it is claimed.

    Args:
        store: where the finished run will be.
        spec: what to train.
        owner: who asks for it, if that matters.
    """
    run_id = new_run_id()
    return PendingRun(store, run_id, _request(store, run_id, spec, owner), spec)


def _request(store: RunStore, run_id: str, spec: RunSpec, owner: str = "") -> TaskRequest:
    kind = TRIAL if spec.is_trial else TRAINING
    return new_request(kind, store.root / run_id, owner, spec.sweep or "")


def list_pending(store: RunStore) -> list[PendingRun]:
    """Unfinished runs, oldest first."""
    ids = (task_id for task_id in task_ids(store.root) if is_run_id(task_id))
    return [PendingRun(store, run_id) for run_id in ids if not (store.root / run_id).exists()]


def find_pending(store: RunStore, run_id: str) -> PendingRun:
    """An unfinished run by its id.

    Raises:
        RunNotFoundError: there is none.
    """
    for pending in list_pending(store):
        if pending.id == run_id:
            return pending
    raise RunNotFoundError(f"There is no unfinished run {run_id}.")
