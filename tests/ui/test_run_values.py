"""What the server remembers of a run is never said of other images."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from asl_core.data import open_dataset
from asl_core.data.near_duplicates import Leakage
from asl_core.errors import DatasetError
from asl_core.jobs.tasks import leakage_task, run_leakage_task
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore, open_run
from asl_core.ui.evaluate.run_values import near_duplicates_of
from tests.background_tasks import done_here
from tests.runs.test_runs import copy_into


def test_what_is_known_of_a_run_is_not_said_of_other_images(drawn_run: Run) -> None:
    dataset = open_dataset(drawn_run.spec.data)
    first = near_duplicates_of(drawn_run, dataset)
    assert near_duplicates_of(drawn_run, dataset) is first
    with pytest.raises(DatasetError):
        near_duplicates_of(drawn_run, replace(dataset, fingerprint="of others"))


def test_near_duplicates_of_many_images_are_a_task(drawn_run: Run, tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    run = open_run(copy_into(store, drawn_run, drawn_run.id).folder)
    dataset = open_dataset(run.spec.data)
    at_once = near_duplicates_of(run, dataset)
    assert at_once
    task = run_leakage_task(run, dataset)
    done_here(task)
    assert np.array_equal(Leakage.load(task.result).distances, at_once.distances)
    of_split = leakage_task(store, dataset, "random")
    done_here(of_split)
    assert len(Leakage.load(of_split.result).nearest) == 12
    of_split.result.write_bytes(b"half")
    with pytest.raises(DatasetError, match="search again"):
        Leakage.load(of_split.result)
