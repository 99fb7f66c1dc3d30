"""A synthetic dataset while it is rendered: what every page and every visitor sees of it."""

import numpy as np
import streamlit as st

from asl_core.data import SyntheticSpec, find_source
from asl_core.data.synthetic_cache import first_images
from asl_core.jobs.tasks import rendering_task
from asl_core.permissions import A_PROGRAM, acting_as
from asl_core.ui.shared.images import Picture, sheet
from asl_core.ui.shared.resources import run_store
from asl_core.ui.shared.tasks import offer_task, show_task, start
from asl_core.ui.shared.words import escape_markdown
from asl_core.web.visitor import visitor


def watch_rendering(spec: SyntheticSpec) -> None:
    """Show how far a dataset is, and run the page again when it is there.

    What this server shows to everybody is rendered unasked, and can't be stopped by a visitor;
    another one is offered, since a link must not start work.
    """
    task = rendering_task(run_store(), spec, visitor())
    what = (
        f":material/brush: Rendering {spec.count:,} images of hands signing "
        f"{escape_markdown(', '.join(spec.letters))}"
    )
    if find_source().spec != spec:
        if offer_task(task, what, "Generate", ":material/brush:", primary=True):
            st.rerun()
        return
    with acting_as(A_PROGRAM):  # it is what everybody is shown here
        if task.state().phase == "none" and not start(rendering_task(run_store(), spec)):
            return
    if show_task(task, what, stop=False).phase == "done":
        st.rerun()


def preview(spec: SyntheticSpec, most: int, columns: int = 12) -> tuple[np.ndarray, str]:
    """A dataset that is still being rendered: how far it is, and its first training images.

    Args:
        spec: what it is rendered from.
        most: images to show.
        columns: on a wide screen.

    Returns:
        The first images that there are, uint8 (n, 50, 50, 3), and the letter of each.
    """
    watch_rendering(spec)
    images, letters = first_images(spec) or (np.empty((0, 50, 50, 3), np.uint8), "")
    sheet(
        [
            Picture(image, letter, f"A rendered hand signing {letter}", rendered=True)
            for image, letter in zip(images[:most], letters[:most], strict=True)
        ],
        columns,
    )
    return images, letters
