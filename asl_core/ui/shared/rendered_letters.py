"""Each letter of the manual alphabet as this program renders it, from the sheet that comes with
it."""

from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image

from asl_core.synthetic import LETTERS

SHEET = Path(__file__).parents[1] / "data" / "letters.png"
"""As `asl_core.synthetic.contact_sheet(130, 9)` renders it, A to Z row by row, in 256 colors."""


@st.cache_data
def rendered_letters() -> dict[str, np.ndarray]:
    """The sheet, cut into its letters: uint8 (side, side, 3) by letter, A to Z."""
    pixels = np.asarray(Image.open(SHEET).convert("RGB"))
    size = _side(*pixels.shape[:2])
    columns = pixels.shape[1] // size
    tiles = pixels.reshape(-1, size, columns, size, 3).swapaxes(1, 2).reshape(-1, size, size, 3)
    return dict(zip(LETTERS, tiles, strict=False))


def _side(height: int, width: int) -> int:
    """Side of a letter: the only one that makes as many whole rows as 26 letters need."""
    for columns in range(1, len(LETTERS) + 1):
        side, rest = divmod(width, columns)
        if not rest and side * -(-len(LETTERS) // columns) == height:
            return side
    raise ValueError(f"{SHEET} is no sheet of {len(LETTERS)} letters")
