"""A synthetic dataset while it is rendered: what every page and every visitor sees of it."""

import numpy as np
import streamlit as st

from asl_core.data import SyntheticSpec
from asl_core.data.synthetic_cache import first_images
from asl_core.jobs.tasks import rendering_task
from asl_core.ui.shared.images import Picture, sheet
from asl_core.ui.shared.resources import run_store
from asl_core.ui.shared.tasks import show_task, start


def watch_rendering(spec: SyntheticSpec) -> None:
    """Have a dataset rendered, show how far it is, and run the page again when it is there."""
    task = rendering_task(run_store(), spec)
    phase = task.state().phase
    if phase == "done":
        st.rerun()
    if phase == "none" and not start(task):
        return
    show_task(
        task,
        f":material/brush: Rendering {spec.count:,} images of hands signing "
        f"{', '.join(spec.letters)}",
    )


def preview(spec: SyntheticSpec, most: int) -> tuple[np.ndarray, str]:
    """A dataset that is still being rendered: how far it is, and its first training images.

    Args:
        spec: what it is rendered from.
        most: images to show.

    Returns:
        The first images that there are, uint8 (n, 50, 50, 3), and the letter of each.
    """
    watch_rendering(spec)
    images, letters = first_images(spec) or (np.empty((0, 50, 50, 3), np.uint8), "")
    sheet(
        [
            Picture(image, letter, f"A rendered hand signing {letter}")
            for image, letter in zip(images[:most], letters[:most], strict=True)
        ]
    )
    return images, letters
