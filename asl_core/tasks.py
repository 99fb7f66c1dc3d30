"""What workers do: functions that `jobs` hands to Dask. Each loads what it needs when it begins."""

from pathlib import Path

from asl_core.config import SplitName
from asl_core.errand import Errand
from asl_core.frame_blocks import FRAME_BLOCKS
from asl_core.label_check import LabelCheck
from asl_core.runs import RunResults, RunStore, open_run
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
    LabelCheck(Path(root), fingerprint).carry_out(source)


def find_frame_blocks(folder: str, source: str) -> None:
    """Try a run's settings across frame blocks."""
    run = open_run(Path(folder))
    errand = Errand(run, FRAME_BLOCKS)
    with errand.at_work():
        from asl_core.datasets.source import open_dataset
        from asl_core.frame_blocks import frame_blocks

        frame_blocks(run, open_dataset(source), errand.tell)


def train(root: str, run_id: str) -> None:
    """Carry a staged run out, if it still waits."""
    staged = StagedRun(RunStore(Path(root)), run_id)
    if (staged.store.root / run_id).exists():
        staged.discard()  # published by a worker that died right after
    if not staged.folder.exists():
        return  # that, or cancelled while it waited
    with staged.at_work():
        from asl_core.trials import carry_out_any

        carry_out_any(staged)
