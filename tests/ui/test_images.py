"""Sheets of images with captions of any text and length."""

import base64
import re
from io import BytesIO

import numpy as np
from PIL import Image

from asl_core.ui.shared.images import Picture, sheet_html

PIXELS = np.zeros((4, 4, 3), np.uint8)


def html(*captions: str) -> str:
    return sheet_html([Picture(PIXELS, caption, "an image") for caption in captions])


def test_a_caption_is_text_and_can_be_read_whole() -> None:
    assert '<span title="&lt;b&gt; $x$">&lt;b&gt; $x$</span>' in html("<b> $x$")
    long = "a_name_of_sixty_characters_" + "x" * 33
    assert f'title="{long}">{long}<' in html(long)


def test_long_captions_get_more_room() -> None:
    assert "--columns: 12" in html("A", "B")
    assert "--columns: 6" in html("A", "x" * 60)


def test_of_a_rendered_image_the_line_along_its_edges_is_not_shown() -> None:
    pixels = np.zeros((50, 50, 3), np.uint8)
    pixels[[0, -1]] = pixels[:, [0, -1]] = (0, 255, 0)
    photo, rendered = (Picture(pixels, "A", "an image", rendered=made) for made in (False, True))
    assert shown(photo).shape == (50, 50, 3)
    assert shown(photo)[25, 0, 1] > 100
    assert shown(rendered).shape == (46, 46, 3)
    assert shown(rendered).max() < 20


def shown(picture: Picture) -> np.ndarray:
    """The image that a browser gets, uint8 (height, width, 3)."""
    found = re.search(r"base64,([^\"]+)", sheet_html([picture]))
    assert found
    return np.asarray(Image.open(BytesIO(base64.b64decode(found[1]))))
