"""A rendered set while it is drawn: the bar that every page and every visitor sees."""

import numpy as np
import streamlit as st

from asl_core.data import SyntheticSpec
from asl_core.data.synthetic_cache import first_pictures
from asl_core.ui.shared.images import Picture, sheet
from asl_core.ui.shared.poll import poll
from asl_core.ui.shared.resources import drawer
from asl_core.ui.shared.trainings import duration
from asl_core.ui.shared.words import escape_markdown

LOOK_SECONDS = 1.0


def watch_drawing(recipe: SyntheticSpec) -> None:
    """Have a set drawn, show how far it is, and run the page again when it is there."""
    if drawer().look(recipe).phase == "missing":
        drawer().start(recipe)
    poll(LOOK_SECONDS, _draw_bar)(recipe)


def preview(recipe: SyntheticSpec, most: int) -> tuple[np.ndarray, str]:
    """A set that is still being drawn: its bar, and its first training pictures.

    Args:
        recipe: of the set.
        most: pictures to show.

    Returns:
        The first pictures that there are, uint8 (n, 50, 50, 3), and the letter of each.
    """
    watch_drawing(recipe)
    images, letters = first_pictures(recipe) or (np.empty((0, 50, 50, 3), np.uint8), "")
    sheet(
        [
            Picture(image, letter, f"A drawn hand signing {letter}")
            for image, letter in zip(images[:most], letters[:most], strict=True)
        ]
    )
    return images, letters


def _draw_bar(recipe: SyntheticSpec) -> None:
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
                f"The pictures could not be drawn: {escape_markdown(str(drawing.error))}",
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
