"""The photos that benchmarks measure on."""

import argparse
from pathlib import Path

from asl_core import Dataset, Split, make_split, open_dataset
from asl_core.data import find_source
from asl_core.settings import settings

FOLDERS = {
    "asl_abc": "the mission's photos",
    "asl_alphabet": "photos of other letters",
    "not_letters": "photos of hands that show no letter",
    "other_signers": "a folder of photos for each of other people",
}


def shown() -> tuple[Dataset, Split]:
    """What the app would show, so also pictures that it draws, in its usual split."""
    dataset = open_dataset(find_source())
    return dataset, make_split(dataset)


def parent_of(parser: argparse.ArgumentParser, *needed: str) -> Path:
    """The folder that `ASL_DATA_DIR` names, of folders of photos; a usage error if it is another.

    Args:
        parser: which tells the error.
        needed: names in `FOLDERS` that must be in it.
    """
    folder = settings().data_dir
    if folder is None or not all((folder / name).is_dir() for name in needed):
        words = "; ".join(f"{name}/, {FOLDERS[name]}" for name in needed)
        parser.error(f"ASL_DATA_DIR must name a folder that holds {words}. Received: {folder}")
    return folder
