"""A rendered set while it is drawn: the bar that every page and every visitor sees."""

import streamlit as st

from asl_core.datasets import Recipe
from asl_core.ui.core import drawer
from asl_core.ui.trainings import duration
from asl_core.ui.words import plain

LOOK_SECONDS = 1.0


def watch_drawing(recipe: Recipe) -> None:
    """Have a set drawn, show how far it is, and run the page again when it is there."""
    if drawer().look(recipe).phase == "missing":
        drawer().start(recipe)
    st.fragment(_draw_bar, run_every=LOOK_SECONDS)(recipe)


def _draw_bar(recipe: Recipe) -> None:
    drawing = drawer().look(recipe)
    if drawing.phase == "ready":
        st.rerun()
    elif drawing.phase == "drawing":
        left = drawing.seconds_left
        pace = "starting, or waiting for its turn"
        if left is not None:
            pace = f"{100 * drawing.done:.0f} %, about {duration(left)} left"
        st.progress(
            drawing.done,
            f":material/brush: Drawing {recipe.count:,} hands that sign "
            f"{', '.join(recipe.letters)}: {pace}. It goes on if you leave this page, and is done "
            "only once.",
        )
    else:
        if drawing.phase == "failed":
            st.error(
                f"The pictures could not be drawn: {plain(str(drawing.error))}",
                icon=":material/error:",
            )
        else:
            st.warning(
                "The drawing was interrupted: its process ended.", icon=":material/power_off:"
            )
        st.button(
            "Draw again",
            icon=":material/refresh:",
            on_click=drawer().start,
            args=(recipe,),
        )
