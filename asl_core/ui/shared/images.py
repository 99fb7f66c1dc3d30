"""Images on a page: where they come from, how to get photos, and sheets as one element."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from asl_core.data import Dataset, SyntheticSpec, download_images, find_source
from asl_core.errors import DownloadError
from asl_core.images import data_url as data_url  # the pages take all of images from here
from asl_core.images import without_edge as without_edge
from asl_core.settings import MISSION_FINGERPRINT, settings
from asl_core.ui.shared.choose_dataset import show_default_set
from asl_core.ui.shared.errors import show_error
from asl_core.ui.shared.permitted import change_button
from asl_core.ui.shared.words import count_of, escape_markdown, moving_note, name_classes

_SHEET_STYLE = """<style>
.asl-sheet {display: grid; grid-template-columns: repeat(var(--columns), minmax(0, 1fr));
  gap: 10px 8px}
.asl-sheet figure {margin: 0; text-align: center; line-height: 1.25}
.asl-sheet img {width: 100%; border-radius: 6px; display: block; margin-bottom: 3px}
.asl-sheet figcaption {font-weight: 600; font-size: 0.95rem}
.asl-sheet figcaption > * {display: -webkit-box; -webkit-box-orient: vertical; overflow: hidden;
  -webkit-line-clamp: 6; overflow-wrap: anywhere}
.asl-sheet small {font-weight: 400; opacity: 0.75}
.asl-sheet a {color: inherit; text-decoration: none; border-radius: 6px}
.asl-sheet a:hover, .asl-sheet a:focus-visible {outline: 2px solid; outline-offset: 2px}
@media (max-width: 1000px) {.asl-many {--columns: 6 !important}}
@media (max-width: 480px) {.asl-many {--columns: 4 !important} .asl-some {--columns: 3 !important}}
</style>"""


LONG_CAPTION = 24
"""Characters from which on a caption needs a wider place."""

COLUMNS_OF_LONG = 6


@dataclass(frozen=True, eq=False)
class Picture:
    """One image of a sheet.

    Attributes:
        pixels: uint8 (height, width, 3).
        caption: below it.
        alt: what it shows, for those who can't see it.
        note: a second, smaller line.
        rendered: whether this program rendered it, maybe with a colored line along its edges, as
            photos of such sets have: to a visitor that looks like a frame that chooses the image,
            so its outermost pixels are left out here. The network gets them all.
    """

    pixels: np.ndarray
    caption: str
    alt: str
    note: str = ""
    rendered: bool = False


COLUMNS = ((8, 12), (20, 6), (60, 4))
"""Images in a row on a wide screen, by the longest name of a class up to so many characters."""


def columns_for(names: Sequence[str]) -> int:
    """How many images stand in a row on a wide screen, so that there is room for their names."""
    longest = max(map(len, names))
    return next((columns for most, columns in COLUMNS if longest <= most), COLUMNS[-1][1])


def sheet(pictures: Sequence[Picture], columns: int = 12) -> None:
    """Show images in rows (shorter ones on a narrow screen) as one block of HTML."""
    st.html(sheet_html(pictures, columns))


def sheet_html(pictures: Sequence[Picture], columns: int = 12, links: Sequence[str] = ()) -> str:
    """What `sheet` shows.

    Args:
        pictures: to be shown.
        columns: on a wide screen; fewer where a caption is long.
        links: address behind each image; none: they are no links.
    """
    if any(len(picture.caption) > LONG_CAPTION for picture in pictures):
        columns = min(columns, COLUMNS_OF_LONG)
    figures = [_figure(picture) for picture in pictures]
    if links:
        figures = [
            f'<a href="{escape(link)}" data-number="{number}">{figure}</a>'
            for number, (link, figure) in enumerate(zip(links, figures, strict=True))
        ]
    width = "asl-many" if columns > 6 else "asl-some" if columns > 3 else ""
    return (
        f'{_SHEET_STYLE}<div class="asl-sheet {width}" style="--columns: {columns}">'
        f"{''.join(figures)}</div>"
    )


def _figure(picture: Picture) -> str:
    pixels = without_edge(picture.pixels) if picture.rendered else picture.pixels
    return (
        f'<figure><img src="{data_url(pixels, "JPEG")}" alt="{escape(picture.alt)}">'
        f"<figcaption>{_line('span', picture.caption)}{_line('small', picture.note)}</figcaption>"
        "</figure>"
    )


def _line(tag: str, text: str) -> str:
    """Words below an image; what is too long for its place can be read in full on hover."""
    return f'<{tag} title="{escape(text)}">{escape(text)}</{tag}>' if text else ""


def source_note(shown: Dataset | SyntheticSpec) -> str:
    """Where the images come from, in a sentence or two."""
    if isinstance(shown, SyntheticSpec) or shown.rendered:
        count = shown.count if isinstance(shown, SyntheticSpec) else len(shown)
        letters = shown.letters if isinstance(shown, SyntheticSpec) else shown.classes
        return (
            f"**Rendered, not photos:** {count:,} images of a 3D hand that this program generates, "
            f"signing {escape_markdown(', '.join(letters))}; each with its own pose, skin tone, "
            f"light and background{_left_hands(shown)}.{moving_note(letters)}"
        )
    if shown.fingerprint == MISSION_FINGERPRINT:
        return (
            "The photos of the exercise that this app grew from ('the mission'): letters A, B and "
            "C of the public dataset 'ASL Alphabet' (GPL-2.0), 3,000 video frames of one "
            "signer in one room."
        )
    classes = escape_markdown(name_classes(shown.classes))
    return (
        f"{len(shown):,} images in {len(shown.classes)} classes ({classes}), from {_place(shown)}."
        f"{moving_note(shown.classes)}"
    )


def _left_hands(shown: Dataset | SyntheticSpec) -> str:
    """How many images show a left hand, where all images of a recipe are there."""
    spec = shown if isinstance(shown, SyntheticSpec) else shown.source.spec
    if spec is None or (isinstance(shown, Dataset) and len(shown) != spec.count):
        return ""
    return f"; {spec.left_hands():,} of them show a left hand"


def _place(dataset: Dataset) -> str:
    if dataset.source.own_id:
        return f"the dataset '{escape_markdown(dataset.source.name)}', which was brought here"
    return "a folder"


def warn_of_skipped(dataset: Dataset) -> None:
    """Name the files that could not be read, and tell what else lies beside the images."""
    if told := dataset.account.sentences:
        st.caption("  \n".join(escape_markdown(sentence) for sentence in told))
    if dataset.skipped:
        files = "\n".join(f"- {escape_markdown(reason)}" for reason in dataset.skipped[:10])
        st.warning(
            f"{count_of(len(dataset.skipped), 'file')} could not be used:\n{files}",
            icon=":material/broken_image:",
        )


def offer_download() -> None:
    """A folded way from rendered images to photos: download them, or name a folder."""
    if not find_source().rendered:
        st.button("Back to the photos", icon=":material/undo:", on_click=show_default_set)
        return
    with st.expander("Use photos instead", icon=":material/photo_library:"):
        st.markdown(
            "What is learned from rendered hands is a start; photos are the real thing. The "
            "mission's are 3,000 small photos of A, B and C, checked against a pinned "
            "fingerprint. On a command line, `python -m asl_core download` brings the same, and "
            "the environment variable `ASL_DATA_DIR` names a folder of your own with one "
            "subfolder of photos per class."
        )
        if not change_button(
            "Download the mission's photos", icon=":material/download:", type="primary"
        ):
            return
        bar = st.progress(0.0, "Starting")
        try:
            if not settings().download_dir.exists():  # else: another visitor has fetched them
                download_images(on_bytes=lambda here, total: _show_bytes(bar, here, total))
        except DownloadError as error:
            bar.empty()
            show_error(error, icon=":material/cloud_off:")
        else:
            show_default_set()
            st.rerun()


def _show_bytes(bar: DeltaGenerator, here: int, total: int | None) -> None:
    bar.progress(here / total if total else 0.0, f"{here / 2**20:.1f} MB")
