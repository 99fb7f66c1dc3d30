"""Commands about datasets: download one, render one."""

from pathlib import Path
from typing import Annotated

import typer

from asl_core.cli.options import (
    AsJson,
)
from asl_core.cli.terminal import bar, show
from asl_core.data import download_images, read_folder
from asl_core.settings import MISSION_ARCHIVE


def download(
    to: Annotated[Path | None, typer.Option(help="Folder to create.")] = None,
    url: Annotated[str, typer.Option(help="Zip with datasets/{A,B,C}/*.jpg.")] = MISSION_ARCHIVE,
    as_json: AsJson = False,
) -> None:
    """Get the mission's 3,000 images, checked against their fingerprint."""
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
    as_json: AsJson = False,
) -> None:
    """Draw hands that sign letters, as a folder that can be trained on."""
    from asl_core.synthetic import render_folder

    with bar("Drawing") as advance:
        folder = render_folder(
            out,
            letters,
            count,
            seed,
            size=size,
            on_progress=lambda done, total: advance(done / total, f"{done} of {total}"),
        )
    show({"folder": str(folder), "pictures": count, "letters": letters}, as_json)
