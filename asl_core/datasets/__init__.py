"""Sets of labelled photos: the value, its readers, its splits."""

from asl_core.datasets.dataset import Dataset
from asl_core.datasets.download import download_photos
from asl_core.datasets.folder import read_folder
from asl_core.datasets.recipe import Recipe
from asl_core.datasets.source import find_source, is_rendered, open_dataset
from asl_core.datasets.splits import (
    Split,
    default_split,
    frame_folds,
    make_split,
    possible_splits,
    random_folds,
)

__all__ = [
    "Dataset",
    "Recipe",
    "Split",
    "default_split",
    "download_photos",
    "find_source",
    "frame_folds",
    "is_rendered",
    "make_split",
    "open_dataset",
    "possible_splits",
    "random_folds",
    "read_folder",
]
