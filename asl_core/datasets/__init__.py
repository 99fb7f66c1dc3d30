"""Sets of labelled photos: the value, its readers, its splits."""

from asl_core.datasets.dataset import Dataset
from asl_core.datasets.download import download_photos
from asl_core.datasets.folder import find_photos, read_folder
from asl_core.datasets.splits import (
    Split,
    default_split,
    frame_folds,
    make_split,
    random_folds,
)

__all__ = [
    "Dataset",
    "Split",
    "default_split",
    "download_photos",
    "find_photos",
    "frame_folds",
    "make_split",
    "random_folds",
    "read_folder",
]
