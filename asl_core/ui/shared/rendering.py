"""A synthetic dataset while it is rendered: the bar that every page and every visitor sees."""

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
    """Have a dataset rendered, show how far it is, and run the page again when it is there."""
    if drawer().look(recipe).phase == "missing":
        drawer().start(recipe)
    poll(LOOK_SECONDS, _draw_bar)(recipe)


def preview(recipe: SyntheticSpec, most: int) -> tuple[np.ndarray, str]:
    """A dataset that is still being rendered: its bar, and its first training images.

    Args:
        recipe: of the set.
        most: images to show.

    Returns:
        The first images that there are, uint8 (n, 50, 50, 3), and the letter of each.
    """
    watch_drawing(recipe)
    images, letters = first_pictures(recipe) or (np.empty((0, 50, 50, 3), np.uint8), "")
    sheet(
        [
            Picture(image, letter, f"A rendered hand signing {letter}")
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
        pace = "queued or starting"
        if left is not None:
            pace = f"{100 * drawing.done:.0f} %, about {duration(left)} left"
        st.progress(
            drawing.done,
            f":material/brush: Rendering {recipe.count:,} images of hands signing "
            f"{', '.join(recipe.letters)}: {pace}. It goes on if you leave this page, and is done "
            "only once.",
        )
    else:
        if drawing.phase == "failed":
            st.error(
                f"The images could not be rendered: {escape_markdown(str(drawing.error))}",
                icon=":material/error:",
            )
        else:
            st.warning("Rendering was interrupted: its process ended.", icon=":material/power_off:")
        st.button(
            "Render again",
            icon=":material/refresh:",
            on_click=drawer().start,
            args=(recipe,),
        )
