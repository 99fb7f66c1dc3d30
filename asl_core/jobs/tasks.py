"""What workers do: functions that `jobs` hands to Dask. Each loads what it needs when it begins."""

from contextlib import suppress
from pathlib import Path

from asl_core.config import SplitName
from asl_core.errors import RunNotFoundError
from asl_core.evaluation import blocked_cv as blocked_cv
from asl_core.evaluation import label_check
from asl_core.runs.pending import PendingRun
from asl_core.runs.run import RunResults
from asl_core.runs.store import RunStore, open_run


def load_tensorflow() -> None:
    """Be ready for the first training."""
    from asl_core.runs.train import warm_up

    warm_up()


def measure(data: str, split: SplitName) -> RunResults:
    """See `experiment.measure`."""
    from asl_core.runs.train import measure as train_twice

    return train_twice(data, split)


def check_labels(root: str, fingerprint: str, source: str) -> None:
    """Look for wrong labels in a dataset."""
    label_check.check_labels(Path(root), fingerprint, source)


def run_blocked_cv(folder: str, source: str) -> None:
    """Try a run's settings across frame blocks."""
    blocked_cv.run_blocked_cv(open_run(Path(folder)), source)


def train(root: str, run_id: str) -> None:
    """Carry a staged run out, if it still waits."""
    staged = PendingRun(RunStore(Path(root)), run_id)
    if (staged.store.root / run_id).exists():
        staged.discard()  # published by a worker that died right after
    with suppress(RunNotFoundError), staged.working():  # it may have been cancelled, or finished
        from asl_core.sweeps.trials import dispatch

        dispatch(staged)
