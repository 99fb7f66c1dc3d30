"""What the server remembers of runs is bounded, and never that of other images."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import streamlit as st

from asl_core.data import open_dataset
from asl_core.errors import DatasetError
from asl_core.runs.run import Run
from asl_core.ui.evaluate.run_values import (
    MAX_LEAKAGES,
    _leakages,
    near_duplicates_of,
)


@pytest.fixture(autouse=True)
def _nothing_known() -> Iterator[None]:
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


def test_leakages_of_the_last_runs_are_known(drawn_run: Run) -> None:
    dataset = open_dataset(drawn_run.spec.data)
    first = near_duplicates_of(drawn_run, dataset)
    assert near_duplicates_of(drawn_run, dataset) is first
    for number in range(MAX_LEAKAGES + 5):
        near_duplicates_of(replace(drawn_run, id=f"20260101-000000-{number:06x}"), dataset)
    assert len(_leakages()) == MAX_LEAKAGES
    assert near_duplicates_of(drawn_run, dataset) is not first  # it was the oldest


def test_what_is_known_of_a_run_is_not_said_of_other_images(drawn_run: Run) -> None:
    dataset = open_dataset(drawn_run.spec.data)
    near_duplicates_of(drawn_run, dataset)
    with pytest.raises(DatasetError):
        near_duplicates_of(drawn_run, replace(dataset, fingerprint="of others"))
