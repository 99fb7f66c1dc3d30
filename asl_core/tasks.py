"""What workers do: functions that `jobs` hands to Dask. Each loads what it needs when it begins."""

from contextlib import suppress
from pathlib import Path

from asl_core import frame_blocks, label_check
from asl_core.config import SplitName
from asl_core.errors import RunNotFoundError
from asl_core.run import RunResults
from asl_core.runs import RunStore, open_run
from asl_core.staging import StagedRun


def load_tensorflow() -> None:
    """Be ready for the first training."""
    from asl_core.experiment import warm_up

    warm_up()


def measure(data: str, split: SplitName) -> RunResults:
    """See `experiment.measure`."""
    from asl_core.experiment import measure as train_twice

    return train_twice(data, split)


def check_labels(root: str, fingerprint: str, source: str) -> None:
    """Look for wrong labels in a dataset."""
    label_check.check_labels(Path(root), fingerprint, source)


def find_frame_blocks(folder: str, source: str) -> None:
    """Try a run's settings across frame blocks."""
    frame_blocks.find_frame_blocks(open_run(Path(folder)), source)


def train(root: str, run_id: str) -> None:
    """Carry a staged run out, if it still waits."""
    staged = StagedRun(RunStore(Path(root)), run_id)
    if (staged.store.root / run_id).exists():
        staged.discard()  # published by a worker that died right after
    with suppress(RunNotFoundError), staged.at_work():  # it may have been cancelled, or finished
        from asl_core.trials import carry_out_any

        carry_out_any(staged)
