"""The images of a class that is made by hand, small; a click takes one out."""

from collections.abc import Callable, Sequence
from io import BytesIO
from itertools import groupby
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image

from asl_core.data.grow_dataset import GrowingDataset
from asl_core.ui.shared.images import data_url
from asl_core.ui.shared.words import count_of

SIDE = 54
"""Of a thumbnail, in pixels."""

MOST = 100
"""Images of one recording that are shown."""

MOST_GROUPS = 6
"""Recordings that are shown: the last ones."""

_component = st.components.v2.component(
    "asl_thumbnails",
    html='<div class="asl-thumbnails"></div>',
    css=Path(__file__).with_suffix(".css").read_text(),
    js=Path(__file__).with_suffix(".js").read_text(),
    isolate_styles=False,
)


def thumbnails(
    made: GrowingDataset,
    set_id: str,
    files: Sequence[str],
    on_remove: Callable[[list[str]], None],
) -> None:
    """Show the images of a class by recording, the last one first.

    Args:
        made: the dataset.
        set_id: of it.
        files: of the class, in their order (see `GrowingDataset.files`).
        on_remove: told the files that are to be taken out, before the page runs again.
    """
    groups = [
        (name, list(found)) for name, found in groupby(files, lambda file: file.split("/")[1])
    ]

    def remove() -> None:
        told = st.session_state["taught_images"]["removed"]
        asked = (
            {file for file in told if isinstance(file, str)} if isinstance(told, list) else set()
        )
        on_remove([file for file in files if file in asked])

    _component(
        key="taught_images",
        data=[
            {
                "title": f"{name.replace('-', ' ').capitalize()}: {count_of(len(found), 'image')}",
                "remove": f"Remove {name.replace('-', ' ')}",
                "images": _small(made, set_id, tuple(found[:MOST])),
            }
            for name, found in reversed(groups[-MOST_GROUPS:])
        ],
        on_removed_change=remove,
    )


@st.cache_data(max_entries=200, show_spinner=False)
def _small(_made: GrowingDataset, set_id: str, files: tuple[str, ...]) -> list[dict[str, str]]:
    """Files never change: one that is taken out is not followed by another of its name."""
    return [
        {"file": file, "url": _url(_made.read(file)), "told": f"Remove image {number}"}
        for number, file in enumerate(files, 1)
    ]


def _url(content: bytes) -> str:
    image = Image.open(BytesIO(content))
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    square = image.crop((left, top, left + side, top + side)).resize((SIDE, SIDE))
    return data_url(np.asarray(square), "JPEG")
