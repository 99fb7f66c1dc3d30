"""What a worker does for each kind of task. What it needs is loaded when the task begins."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from asl_core.background_task import BackgroundTask
from asl_core.data.combine_datasets import Combination, combine_datasets
from asl_core.data.dataset import Dataset
from asl_core.data.folder import at_size, read_folder
from asl_core.data.import_dataset import Import, import_dataset, import_step
from asl_core.data.near_duplicates import find_leakage
from asl_core.data.quality import inspect
from asl_core.data.source import open_dataset
from asl_core.data.splits import make_split
from asl_core.data.synthetic_cache import ensure_rendered
from asl_core.data.synthetic_spec import SyntheticSpec
from asl_core.errors import (
    DatasetError,
    JobError,
    SteppedAsideError,
    StoppedError,
    TaskGoneError,
)
from asl_core.evaluation.export_check import EXPORT_CHECK, check_export, save_export_check
from asl_core.evaluation.generalization import (
    EXTERNAL_TEST,
    leakage_of,
    run_external_test,
    save_external_test,
)
from asl_core.evaluation.label_issues import find_label_issues
from asl_core.evaluation.repeats import train_again
from asl_core.evaluation.robustness import ROBUSTNESS, robustness_of, save_robustness
from asl_core.files import write_json
from asl_core.jobs import tasks
from asl_core.jobs.imports import DROPPED
from asl_core.jobs.machine import somebody_waits, take_place
from asl_core.jobs.queue import open_task, others_under_way
from asl_core.landmarks.download import download_hand_finder
from asl_core.private import keep_private
from asl_core.progress import part
from asl_core.runs.pending import CHECKPOINT, TRAINING, TRIAL, PendingRun
from asl_core.runs.store import open_run

ASIDE_SECONDS = 0.2
"""Time between two looks of a task that steps aside whether anything else is asked for."""

OPENED = 0.8
"""Share of an external test that is done when its images are decoded, which are ten times its
answers; decoded before, they are there at once."""


def dispatch(root: str, task_id: str) -> None:
    """Do a task, if it still waits, and nothing goes before it. This is what Dask calls."""
    keep_private()
    task = open_task(Path(root), task_id)
    with suppress(TaskGoneError, SteppedAsideError):
        try:
            place = take_place(task)
        except JobError:
            with task.working():  # which tells why it failed
                raise
        with place, task.working():
            _Aside(task).look()
            _WORK[task.request.kind](task)


def get_ready(before: None = None) -> None:
    """Be ready for the first training.

    Args:
        before: what Dask is to wait for.
    """
    from asl_core.runs.train import warm_up

    keep_private()
    warm_up()


class _Aside:
    """Asks for a task whether it has to end, or to step aside."""

    def __init__(self, task: BackgroundTask) -> None:
        self._task, self._looked = task, time.monotonic()

    def should_stop(self) -> bool:
        """Whether somebody asked for an end.

        Raises:
            SteppedAsideError: the task steps aside, and others wait.
        """
        if self._task.stop_requested():
            return True
        if time.monotonic() - self._looked > ASIDE_SECONDS:
            self.look()
            self._looked = time.monotonic()
        return False

    def look(self) -> None:
        """Step aside if others wait; end if the run that is checked is gone.

        Raises:
            SteppedAsideError: the task steps aside, and others wait.
            StoppedError: there is nothing left to check.
        """
        task = self._task
        if not task.request.steps_aside:
            return
        if not task.result.parent.exists():
            task.request_stop()
            raise StoppedError(f"{task.id}: its run has been deleted.")
        if others_under_way(task.root) or somebody_waits():
            raise SteppedAsideError(f"{task.id} waits for others.")

    def tell(self, fraction_done: float) -> None:
        """Tell how far the task is, 0 to 1.

        Raises:
            StoppedError: somebody asked for an end.
            SteppedAsideError: as `should_stop`.
        """
        self.should_stop()
        self._task.tell(fraction_done)


def _train(task: BackgroundTask) -> None:
    from asl_core.runs.train import run_training

    assert isinstance(task, PendingRun)
    run_training(task)


def _run_trial(task: BackgroundTask) -> None:
    from asl_core.sweeps.trials import run_trial

    assert isinstance(task, PendingRun)
    run_trial(task)


def _find_label_issues(task: BackgroundTask) -> None:
    found = find_label_issues(
        _dataset_of(task), on_progress=task.tell, should_stop=task.stop_requested
    )
    found.save(_place_of(task))


def _inspect(task: BackgroundTask) -> None:
    inspect(_dataset_of(task), task.tell, task.stop_requested).save(_place_of(task))


def _find_leakage(task: BackgroundTask) -> None:
    told = task.request.arguments
    if "run" in told:
        run = open_run(Path(told["run"]))
        found = leakage_of(run, open_dataset(told["source"]), on_progress=task.tell)
    else:
        dataset = _dataset_of(task)
        split = make_split(dataset, told["detail"])  # type: ignore[arg-type]  # checked there
        found = find_leakage(dataset, split, on_progress=task.tell)
    found.save(_place_of(task))


def _find_landmarks(task: BackgroundTask) -> None:
    from asl_core.landmarks.found import find_landmarks

    find_landmarks(_dataset_of(task), None, task.tell, task.stop_requested)


def _fetch_hand_finder(task: BackgroundTask) -> None:
    task.write_state("downloading")
    download_hand_finder(should_stop=task.stop_requested)


def _time_training(task: BackgroundTask) -> None:
    from asl_core.runs.train import measure

    source, split = task.request.arguments["source"], task.request.arguments["detail"]
    write_json(_place_of(task), asdict(measure(source, split, task.tell)))  # type: ignore[arg-type]


def _train_again(task: BackgroundTask) -> None:
    told = task.request.arguments
    kind, _, number = told["name"].rpartition("-")
    aside, run = _Aside(task), open_run(Path(told["run"]))
    dataset = open_dataset(told["source"], aside.tell)
    train_again(
        run,
        at_size(dataset, run.spec.config.image_size, aside.tell),
        kind,  # type: ignore[arg-type]  # of `artifact_name`
        int(number),
        task.tell,
        aside.should_stop,
        task.folder / CHECKPOINT,
    )


def _test_robustness(task: BackgroundTask) -> None:
    told = task.request.arguments
    run = open_run(Path(told["run"]))
    save_robustness(run, robustness_of(run, open_dataset(told["source"]), task.tell))


def _check_export(task: BackgroundTask) -> None:
    told = task.request.arguments
    run = open_run(Path(told["run"]))
    save_export_check(run, check_export(run, open_dataset(told["source"]), task.tell))


def _test_externally(task: BackgroundTask) -> None:
    told = task.request.arguments
    run = open_run(Path(told["run"]))
    tell = _Aside(task).tell
    dataset = open_dataset(told["source"], part(tell, 0.0, OPENED))
    found = run_external_test(run, dataset, part(tell, OPENED, 1.0))
    save_external_test(run, told["name"], found)


def _render(task: BackgroundTask) -> None:
    spec = SyntheticSpec.parse(task.request.arguments["spec"])
    read_folder(ensure_rendered(spec, task.tell, task.stop_requested))


def _read(task: BackgroundTask) -> None:
    told = task.request.arguments
    open_dataset(told["source"], task.tell, int(told["size"]))
    if not task.result.exists():  # else the page would ask for the same again
        raise DatasetError(
            "The images have changed while they were read, or the workers keep their cache "
            "(ASL_CACHE_DIR) where the pages do not see it. Try again."
        )


def _import(task: BackgroundTask) -> None:
    told = task.request.arguments
    if "first" in told:
        both, owner = (told["first"], told["second"]), task.request.owner
        combine_datasets(Combination(both, told["name"], owner, told["set"], task.root), task.tell)
        return
    source = task.folder / DROPPED / told["file"]
    wanted = Import(source, told["name"], task.request.owner, told["set"], task.root)
    try:
        import_dataset(wanted, lambda share: task.tell(share, import_step(share)))
    finally:  # one that came to nothing must be dropped again, and takes no room till then
        source.unlink(missing_ok=True)


_WORK: dict[str, Callable[[BackgroundTask], None]] = {
    TRAINING: _train,
    TRIAL: _run_trial,
    tasks.LABEL_ISSUES: _find_label_issues,
    tasks.QUALITY: _inspect,
    tasks.TIMING: _time_training,
    tasks.LANDMARKS: _find_landmarks,
    tasks.HAND_FINDER: _fetch_hand_finder,
    tasks.RENDERING: _render,
    tasks.IMPORT: _import,
    tasks.READING: _read,
    tasks.LEAKAGE: _find_leakage,
    EXTERNAL_TEST: _test_externally,
    tasks.REPEAT: _train_again,
    ROBUSTNESS: _test_robustness,
    EXPORT_CHECK: _check_export,
}


def _dataset_of(task: BackgroundTask) -> Dataset:
    """The dataset that a task is about.

    Raises:
        DatasetError: it can't be opened, or is another by now.
    """
    dataset = open_dataset(task.request.arguments["source"])
    if dataset.fingerprint != task.request.arguments["fingerprint"]:
        raise DatasetError("The images have changed in the meantime. Try again.")
    return dataset


def _place_of(task: BackgroundTask) -> Path:
    """Where the result goes; its folder is made."""
    task.result.parent.mkdir(parents=True, exist_ok=True)
    return task.result
