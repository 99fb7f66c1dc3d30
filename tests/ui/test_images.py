"""Sheets of images with captions of any text and length."""

import numpy as np

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
