"""Figures on a page, in the page's light or dark colors."""

import re
from collections.abc import Callable, Hashable
from typing import Literal

import streamlit as st
from plotly.graph_objects import Figure

from asl_core import figures
from asl_core.progress import HELD_OUT, History, held_out
from asl_core.runs.run import Run
from asl_core.ui.shared.session_control import session_control

SavedFormat = Literal["png", "svg"]

FORMATS: dict[SavedFormat, str] = {"png": "PNG", "svg": "SVG"}
"""What a visitor reads for each format that a figure can be saved in."""

SAVED_SCALE = 2
"""Pixels of a saved PNG per pixel on the screen: sharp also in print."""

_FORMAT = "saved_format"


def mode() -> figures.Mode:
    """Whether the visitor's page is light or dark."""
    return "dark" if st.context.theme.type == "dark" else "light"


def drawn_once(draw: Callable[[], Figure], *what: Hashable) -> Figure:
    """A figure that is the same for all visitors, and for each look of theirs: Plotly takes 2 to 12
    ms of the processor to make one, as much as all else in a look at a training.

    Args:
        draw: makes it. Nobody may change it afterwards.
        *what: all that it is made of, in words and numbers.
    """
    return _drawn_once(draw, repr(what))


@st.cache_resource(max_entries=100, show_spinner=False)
def _drawn_once(_draw: Callable[[], Figure], what: str) -> Figure:
    return _draw()


def run_curve(run: Run, metric: figures.Metric, height: int | None = None) -> Figure:
    """A metric of a finished run, drawn once.

    Args:
        run: the run.
        metric: which.
        height: in pixels; None: as it is usually.
    """
    drawn_in = mode()

    def draw() -> Figure:
        curve = figures.history_curve(run.history(), metric, drawn_in)
        return curve.update_layout(height=height) if height else curve

    return drawn_once(draw, "curve", run.id, metric, drawn_in, height)


def chart(figure: Figure, alt: str, key: str | None = None, name: str | None = None) -> None:
    """Show a figure.

    Args:
        figure: with the project's own template.
        alt: what it shows, for those who can't see it.
        key: needed where two figures of a page may be equal.
        name: of the file that the camera saves; else the key or the figure's title.
    """
    name = name or key or figure.layout.title.text or figure.layout.yaxis.title.text or "figure"
    st.plotly_chart(figure, theme=None, alt=alt, key=key, config=tool_bar(name=name))


def tool_bar(*buttons: str, name: str) -> dict[str, object]:
    """The configuration of every figure of the pages: a camera at its upper right that saves it.

    Args:
        *buttons: further ones, by Plotly's names, where a figure is dragged over.
        name: of a saved file, without its ending; what no file name may have becomes a hyphen.
    """
    filename = re.sub(r"[^\w.]+|_", "-", re.sub(r"<.*?>", " ", name)).strip("-.").lower()
    return {
        "displayModeBar": True,
        "displaylogo": False,
        "modeBarButtons": [["toImage", *buttons]],
        "toImageButtonOptions": {
            "format": saved_format(),
            "scale": SAVED_SCALE,
            "filename": filename,
        },
    }


def saved_format() -> SavedFormat:
    """The format that this visitor's figures are saved in."""
    chosen: SavedFormat = st.session_state.get(_FORMAT, "png")
    return chosen


def choose_saved_format() -> None:
    """The control for `saved_format`, with words on how a figure or a table is saved."""
    session_control(
        st.segmented_control,
        "Figures are saved as",
        _FORMAT,
        "png",
        options=list(FORMATS),
        format_func=FORMATS.__getitem__,
        required=True,
    )
    st.caption(
        "The camera at the upper right of a figure saves it, the arrow at the upper right of a "
        "table saves it as CSV. To print a page or save it as PDF: Ctrl+P, or Cmd+P."
    )


def history_charts(run: Run) -> None:
    """Loss and accuracy of a finished run, side by side."""
    history = run.history()
    for column, metric in zip(st.columns(2), figures.METRICS, strict=True):
        with column:
            chart(
                run_curve(run, metric),
                in_numbers(history, metric),
                key=f"{metric}_{run.id}",
            )
    st.caption(tell_curves(run))


def tell_curves(run: Run) -> str:
    """What the points of a finished run's curves are."""
    partial = " The last point is a partial epoch." if run.results.stopped else ""
    return (
        "Curves: means over the training images of each epoch, taken while the weights were "
        "changing. The accuracies elsewhere are of the final network."
        f"{partial} {tell_held_out(run.history())}"
    )


def in_numbers(history: History, metric: figures.Metric) -> str:
    """A curve for those who can't see it."""
    told = f"Training {metric} of each epoch: {[round(v, 3) for v in history.get(metric, [])]}"
    if prefix := held_out(history, metric):
        values = [round(v, 3) for v in history[f"{prefix}_{metric}"]]
        told += f"; {HELD_OUT[prefix]} {metric}: {values}"
    return told


def tell_held_out(history: History) -> str:
    """What the dashed line of the curves is; empty where there is none."""
    prefix = held_out(history, "accuracy")
    if prefix is None:
        return ""
    use = " They are only watched: nothing is chosen by them." if prefix == "test" else ""
    return f"Dashed: the {HELD_OUT[prefix]} images, after each epoch.{use}"
