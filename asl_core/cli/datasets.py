"""Commands about datasets that people bring: take one in, list, rename, export and delete them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from asl_core.cli.options import AsJson
from asl_core.cli.terminal import bar, show
from asl_core.data.dataset_store import DatasetStore, used
from asl_core.data.import_dataset import Import, import_dataset
from asl_core.data.own_dataset import OwnDataset
from asl_core.errors import StoreError
from asl_core.files import disk_errors_as, replacing

app = typer.Typer(help="List the datasets that were brought; rename, export or delete one.")

DatasetId = Annotated[str, typer.Argument(metavar="DATASET", help="Id of a dataset.")]


def bring(
    archive: Annotated[
        Path, typer.Argument(help="zip, tar (.gz, .bz2, .xz), folder of images, or CSV file.")
    ],
    name: Annotated[str, typer.Option(help="Of the dataset. Default: of the file.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make an archive of images a dataset on this server; whatever it holds, it is checked."""
    wanted = Import(archive.expanduser(), name or archive.resolve().name.split(".")[0])
    with bar("Importing") as advance:
        card = import_dataset(wanted, lambda share: advance(share, "Importing"))
    show(_report(card), as_json)


@app.callback(invoke_without_command=True)
def list_datasets(context: typer.Context, as_json: AsJson = False) -> None:
    """List the datasets that were brought, newest first."""
    if context.invoked_subcommand is not None:
        return
    cards = DatasetStore().list()
    if as_json:
        print(json.dumps({"datasets": [_report(card) for card in cards]}, indent=2))
        return
    for card in cards:
        when = datetime.fromtimestamp(used(card), UTC)
        print(
            f"{card.text:<22}{card.n_images:>7} images  {len(card.counts):>3} classes  "
            f"{card.n_bytes / 10**6:>8.1f} MB  used {when:%Y-%m-%d}  {card.name}"
        )


@app.command()
def rename(dataset: DatasetId, name: str, as_json: AsJson = False) -> None:
    """Call a dataset otherwise."""
    show(_report(DatasetStore().rename(dataset, name)), as_json)


@app.command()
def delete(dataset: DatasetId, as_json: AsJson = False) -> None:
    """Remove a dataset. Runs that were trained on it stay, without their images."""
    show({"deleted": DatasetStore().delete(dataset).text}, as_json)


@app.command()
def export(
    dataset: DatasetId,
    to: Annotated[Path, typer.Argument(help="File to write.")],
    as_json: AsJson = False,
) -> None:
    """Write a dataset as a zip archive of its class folders."""
    store = DatasetStore()
    card = store.load(dataset)
    with disk_errors_as(StoreError, "The archive can't be written", to), replacing(to) as file:
        for piece in store.export(dataset):
            file.write(piece)
    show({"file": str(to), "images": card.n_images, "bytes": to.stat().st_size}, as_json)


def _report(card: OwnDataset) -> dict[str, Any]:
    return {
        "data": card.text,
        "name": card.name,
        "images": card.n_images,
        "classes": dict(card.counts),
        "bytes": card.n_bytes,
        "left_out": list(card.account),
    }
