"""The confusion matrix as a table whose cells can be chosen by mouse, finger and keyboard.

A Plotly figure can't do that: on a touch screen its first tap means the cell that was tapped
before, and no key reaches it.
"""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from asl_core.evaluation.evaluation import Evaluation
from asl_core.figures.confusion import (
    MOST_AS_LARGE,
    NAME,
    cell_texts,
    tint_steps,
    tints,
)
from asl_core.figures.labels import cut
from asl_core.ui.shared.charts import mode

ALL = -1
"""Row or column of the headers, which stand for all classes."""

CELL, LARGEST_CELL, LEAST_CELL = 480, 56, 24
"""Height of all cells together, and limits of one, in pixels; a finger can hit the smallest."""

_component = st.components.v2.component(
    "asl_confusion_matrix",
    html='<div class="asl-matrix"></div>',
    css=Path(__file__).with_suffix(".css").read_text(),
    js=Path(__file__).with_suffix(".js").read_text(),
    isolate_styles=False,
)


def matrix_table(
    evaluation: Evaluation,
    percent: bool,
    chosen: tuple[str | None, str | None],
    key: str,
    on_choose: Callable[[str | None, str | None], None],
) -> None:
    """Show the matrix; its headers choose a whole row or column.

    Args:
        evaluation: the answers; the classes are shown in their order.
        percent: percent of each row instead of counts.
        chosen: true and predicted class of what is framed; None: all of them.
        key: of the element.
        on_choose: told both classes when a cell is chosen, before the page runs again.
    """
    names = evaluation.classes

    def choose() -> None:
        told = st.session_state[key]["chosen"]
        if isinstance(told, list) and len(told) == 2 and all(type(n) is int for n in told):
            true, predicted = told
            if all(ALL <= number < len(names) for number in (true, predicted)):
                on_choose(_name(names, true), _name(names, predicted))

    _component(
        key=key,
        data={
            "shown": _shown(evaluation, percent),
            "chosen": None if chosen == (None, None) else [_place(names, one) for one in chosen],
        },
        on_chosen_change=choose,
    )


def _shown(evaluation: Evaluation, percent: bool) -> dict[str, object]:
    """All that the table is built of; names are set as text, never as HTML."""
    names = evaluation.classes
    return {
        "names": list(names),
        "short": cut(names, NAME),
        "counts": evaluation.confusion.tolist(),
        "texts": cell_texts(evaluation.confusion, percent),
        "tints": tints(mode()),
        "steps": tint_steps(evaluation.confusion).tolist(),
        "large": len(names) <= MOST_AS_LARGE,
        "cell": max(LEAST_CELL, min(LARGEST_CELL, CELL // len(names))),
    }


def _name(names: tuple[str, ...], place: int) -> str | None:
    return None if place == ALL else names[place]


def _place(names: tuple[str, ...], name: str | None) -> int:
    return ALL if name is None else names.index(name)
