"""ASL Explorer: see, train, doubt and share an image classifier of ASL letters.

Everything that a notebook needs is here. Only `train`, `train_grid`, `fit`, `build_cnn` and
`assess` (for frame blocks) load TensorFlow, and only when they are used.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from asl_core.architecture import layers
from asl_core.assessment import assess
from asl_core.augmentation import augment
from asl_core.comparison import Comparison
from asl_core.config import Augmentation, TrainConfig
from asl_core.datasets import (
    Dataset,
    Recipe,
    Split,
    download_photos,
    find_source,
    make_split,
    open_dataset,
    read_folder,
)
from asl_core.datasets.dataset import one_hot
from asl_core.errors import AslError
from asl_core.evaluation import Evaluation
from asl_core.grid import Grid
from asl_core.photos import read_photo
from asl_core.prediction import Classifier, Prediction, evaluate, predict
from asl_core.run import Run
from asl_core.runs import RunStore
from asl_core.sweep import Sweep

if TYPE_CHECKING:
    from asl_core.experiment import train
    from asl_core.in_turn import train_grid
    from asl_core.model import build_cnn
    from asl_core.training import fit

__all__ = [
    "AslError",
    "Augmentation",
    "Classifier",
    "Comparison",
    "Dataset",
    "Evaluation",
    "Grid",
    "Prediction",
    "Recipe",
    "Run",
    "RunStore",
    "Split",
    "Sweep",
    "TrainConfig",
    "assess",
    "augment",
    "build_cnn",
    "download_photos",
    "evaluate",
    "find_source",
    "fit",
    "layers",
    "make_split",
    "one_hot",
    "open_dataset",
    "predict",
    "read_folder",
    "read_photo",
    "train",
    "train_grid",
]

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # 2 to 5 times faster; off by default on some
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # no start-up notes on standard error

_NEED_TENSORFLOW = {
    "build_cnn": "asl_core.model",
    "fit": "asl_core.training",
    "train": "asl_core.experiment",
    "train_grid": "asl_core.in_turn",
}


def __getattr__(name: str) -> Any:
    if name not in _NEED_TENSORFLOW:
        raise AttributeError(f"module 'asl_core' has no attribute {name!r}")
    return getattr(import_module(_NEED_TENSORFLOW[name]), name)
