"""Figures that are the same for all visitors are drawn once."""

import plotly.graph_objects as go

from asl_core import figures
from asl_core.runs.run import Run
from asl_core.ui.shared.charts import drawn_once, run_curve


def test_a_figure_is_drawn_anew_only_when_it_shows_something_else() -> None:
    drawn = []

    def draw(name: str) -> go.Figure:
        return drawn_once(lambda: drawn.append(name) or go.Figure(), "curve", name, 3)  # type: ignore[func-returns-value]

    first = draw("loss")
    assert draw("loss") is first
    assert draw("accuracy") is not first
    assert drawn == ["loss", "accuracy"]


def test_a_curve_of_a_run_is_as_high_as_its_place(drawn_run: Run) -> None:
    usual, low = run_curve(drawn_run, "accuracy"), run_curve(drawn_run, "accuracy", 180)
    assert low.layout.height == 180
    assert usual == figures.history_curve(drawn_run.history(), "accuracy")
    assert run_curve(drawn_run, "loss") != usual
