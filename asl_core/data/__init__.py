"""Sets of labeled images: the value, its readers, its splits."""

from asl_core.data.dataset import Dataset
from asl_core.data.download import download_images
from asl_core.data.folder import read_folder
from asl_core.data.source import find_source, open_dataset
from asl_core.data.splits import (
    Split,
    default_split,
    make_split,
    possible_splits,
)
from asl_core.data.splits_folds import frame_folds, random_folds
from asl_core.data.synthetic_spec import SyntheticSpec

__all__ = [
    "Dataset",
    "Split",
    "SyntheticSpec",
    "default_split",
    "download_images",
    "find_source",
    "frame_folds",
    "make_split",
    "open_dataset",
    "possible_splits",
    "random_folds",
    "read_folder",
]
