"""The whole manual alphabet as this program renders it, from the sheet that comes with it."""

from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image

from asl_core.synthetic import LETTERS, MOVING_LETTERS
from asl_core.ui.shared.images import Picture, sheet

SHEET = Path(__file__).with_name("letters.png")
"""As `asl_core.synthetic.contact_sheet(130, 9)` renders it, A to Z row by row, in 256 colors."""


def show_alphabet() -> None:
    """All 26 letters, folded, and shown when they are unfolded."""
    alphabet = st.expander(
        "The manual alphabet, rendered",
        icon=":material/sign_language:",
        key="alphabet_open",
        on_change="rerun",
    )
    if alphabet.open:
        with alphabet:
            sheet(_letters())
            st.caption(
                "As a viewer in front of the signer sees them; rendered by this program, not "
                "photographed. J and Z are made with a movement; this is how they start."
            )


@st.cache_data
def _letters() -> list[Picture]:
    """The sheet, cut into its letters."""
    pixels = np.asarray(Image.open(SHEET).convert("RGB"))
    size = _side(*pixels.shape[:2])
    columns = pixels.shape[1] // size
    tiles = pixels.reshape(-1, size, columns, size, 3).swapaxes(1, 2).reshape(-1, size, size, 3)
    return [
        Picture(
            tile,
            letter,
            f"A rendered hand signing {letter}",
            "moves" if letter in MOVING_LETTERS else "",
        )
        for letter, tile in zip(LETTERS, tiles, strict=False)
    ]


def _side(height: int, width: int) -> int:
    """Side of a letter: the only one that makes as many whole rows as 26 letters need."""
    for columns in range(1, len(LETTERS) + 1):
        side, rest = divmod(width, columns)
        if not rest and side * -(-len(LETTERS) // columns) == height:
            return side
    raise ValueError(f"{SHEET} is no sheet of {len(LETTERS)} letters")
