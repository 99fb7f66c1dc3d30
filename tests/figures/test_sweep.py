"""The grid of a sweep as a figure: what is planned, and what is known of it so far."""

from dataclasses import replace

import numpy as np

from asl_core.config import TrainConfig
from asl_core.figures.sweep import GridCell, cells_of, grid_so_far
from asl_core.runs.run import Run
from asl_core.sweeps.sweep import SettingResult

BASE = TrainConfig(filters=(5, 15), epochs=1)
CONFIGS = [
    replace(BASE, filters=filters, epochs=epochs, learning_rate=rate, seed=seed)
    for filters in ((8, 15), (5, 15))
    for epochs in (3, 1)
    for rate in (0.001, 0.01)
    for seed in (0, 1)
]


def test_a_cell_counts_its_runs_and_has_the_best_median(drawn_run: Run) -> None:
    results = [
        SettingResult(replace(BASE, learning_rate=0.001), (drawn_run,), (0.5,)),
        SettingResult(replace(BASE, learning_rate=0.01), (drawn_run,) * 2, (0.7, 0.9)),
    ]
    assert cells_of(CONFIGS, results) == (
        GridCell("5 and 15 filters", 1, 4, 3, 0.8),
        GridCell("5 and 15 filters", 3, 4),
        GridCell("8 and 15 filters", 1, 4),
        GridCell("8 and 15 filters", 3, 4),
    )


def test_every_cell_has_one_text(drawn_run: Run) -> None:
    known = SettingResult(replace(BASE, learning_rate=0.001), (drawn_run,), (0.413,))
    planned, measured = grid_so_far(cells_of(CONFIGS, [known])).data
    both = np.char.add(planned.text.astype(str), measured.text.astype(str)).tolist()
    waits = "<b>to be measured</b><br>4 runs"
    assert both == [["<b>41.3 %</b><br>1 of 4 runs", waits], [waits, waits]]
    assert [list(measured.x), list(measured.y)] == [
        ["1", "3"],
        ["5 and 15 filters", "8 and 15 filters"],
    ]
    assert np.isnan(measured.z).sum() == 3


def test_before_anything_is_measured_there_are_no_colors() -> None:
    (planned,) = grid_so_far(cells_of(CONFIGS)).data
    assert (planned.z == 0).all()
