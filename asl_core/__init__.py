"""ASL Explorer: see, train, doubt and share an image classifier of ASL letters.

Everything that a notebook needs is here. Only `train`, `train_grid`, `fit`, `build_cnn` and
`assess` (which trains again) load TensorFlow, and only when they are used.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from asl_core.config import Augmentation, TrainConfig
from asl_core.data import (
    Dataset,
    Split,
    SyntheticSpec,
    download_images,
    find_source,
    make_split,
    open_dataset,
    read_folder,
)
from asl_core.data.dataset import Source, one_hot
from asl_core.errors import AslError
from asl_core.evaluation.classify import evaluate, predict
from asl_core.evaluation.comparison import Comparison
from asl_core.evaluation.evaluation import Evaluation
from asl_core.evaluation.generalization import assess
from asl_core.evaluation.prediction import Classifier, Prediction
from asl_core.images import read_image
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore
from asl_core.sweeps.sweep import Grid, Sweep
from asl_core.training.architecture import layers
from asl_core.training.augmentation import augment

if TYPE_CHECKING:
    from asl_core.jobs.local import train_grid
    from asl_core.runs.train import train
    from asl_core.training.fit import fit
    from asl_core.training.model import build_cnn

__all__ = [
    "AslError",
    "Augmentation",
    "Classifier",
    "Comparison",
    "Dataset",
    "Evaluation",
    "Grid",
    "Prediction",
    "Run",
    "RunStore",
    "Source",
    "Split",
    "Sweep",
    "SyntheticSpec",
    "TrainConfig",
    "assess",
    "augment",
    "build_cnn",
    "download_images",
    "evaluate",
    "find_source",
    "fit",
    "layers",
    "make_split",
    "one_hot",
    "open_dataset",
    "predict",
    "read_folder",
    "read_image",
    "train",
    "train_grid",
]

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # 2 to 5 times faster; off by default on some
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # no start-up notes on standard error

_NEED_TENSORFLOW = {
    "build_cnn": "asl_core.training.model",
    "fit": "asl_core.training.fit",
    "train": "asl_core.runs.train",
    "train_grid": "asl_core.jobs.local",
}


def __getattr__(name: str) -> Any:
    if name not in _NEED_TENSORFLOW:
        raise AttributeError(f"module 'asl_core' has no attribute {name!r}")
    return getattr(import_module(_NEED_TENSORFLOW[name]), name)
