"""Commands about datasets: download one, render one."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from asl_core.cli.options import (
    AsJson,
)
from asl_core.cli.terminal import bar, show
from asl_core.data import download_images, read_folder
from asl_core.landmarks.download import FILES, WHEEL, WHEEL_SIZE, download_hand_finder
from asl_core.settings import MISSION_ARCHIVE


class Downloadable(StrEnum):
    """What can be fetched."""

    PHOTOS = "photos"
    HAND_FINDER = "hand-finder"


def download(
    what: Annotated[
        Downloadable,
        typer.Argument(help="The mission's photos, or the models that find a hand in a photo."),
    ] = Downloadable.PHOTOS,
    to: Annotated[Path | None, typer.Option(help="Folder to create.")] = None,
    url: Annotated[
        str, typer.Option(help="Photos: zip with datasets/{A,B,C}/*.jpg.")
    ] = MISSION_ARCHIVE,
    wheel: Annotated[
        Path | None, typer.Option(help=f"Hand finder: a wheel of {WHEEL} that is here already.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Get the mission's 3,000 images, or the hand finder; checked against their fingerprints."""
    if what is Downloadable.HAND_FINDER:
        with bar("Downloading") as advance:
            advance(None, WHEEL_SIZE)
            folder = download_hand_finder(to, wheel)
        show({"folder": str(folder), "files": sorted(FILES)}, as_json)
        return
    with bar("Downloading") as advance:

        def on_bytes(here: int, total: int | None) -> None:
            advance(here / total if total else None, f"{here / 2**20:.1f} MB")

        folder = download_images(to, url, on_bytes)
    show({"folder": str(folder), "photos": len(read_folder(folder))}, as_json)


def render(
    out: Annotated[Path, typer.Option(help="Folder to create.")],
    letters: Annotated[str, typer.Option(help="Capital letters, a class each.")] = "ABC",
    count: Annotated[int, typer.Option(help="Images in all.")] = 2_000,
    seed: int = 0,
    size: Annotated[int, typer.Option(help="Side of the images in pixels.")] = 50,
    left_hand: Annotated[
        float | None, typer.Option(help="Share of left hands, 0 to 1 (default: a quarter).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Draw hands that sign letters, as a folder that can be trained on."""
    from asl_core.data.synthetic_spec import with_ranges
    from asl_core.synthetic import render_folder
    from asl_core.synthetic.folder import count_left_hands

    ranges = with_ranges({} if left_hand is None else {"left_hand": left_hand})
    with bar("Drawing") as advance:
        folder = render_folder(
            out,
            letters,
            count,
            seed,
            size=size,
            ranges=ranges,
            on_progress=lambda done, total: advance(done / total, f"{done} of {total}"),
        )
    left = count_left_hands(letters, count, seed, ranges)
    show(
        {"folder": str(folder), "pictures": count, "letters": letters, "left_hands": left}, as_json
    )
