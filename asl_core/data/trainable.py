"""Whether a training on a dataset can work, asked before one is started."""

import numpy as np

from asl_core.config import SplitName, TrainConfig
from asl_core.data.dataset import Dataset
from asl_core.data.label_corrections import LabelCorrections, apply_label_corrections
from asl_core.data.splits import Split, make_split, train_validation_split
from asl_core.errors import DatasetError

FEWEST_CLASSES = 2


def check_trainable(dataset: Dataset, split: Split, config: TrainConfig) -> None:
    """Refuse what a training would fail on, or could learn nothing from.

    Args:
        dataset: with the labels that count.
        split: of it (see `make_split`, which refuses a class of one image), without what was
            excluded.
        config: `validation_fraction` of the training images is held out.

    Raises:
        DatasetError: no images are left to train or to test on, or to validate on, or those to
            train on are of fewer than two classes. Says what to do.
    """
    train, _ = train_validation_split(dataset, split, config)
    n_classes = len(np.unique(dataset.labels[train]))
    if n_classes < FEWEST_CLASSES or not len(split.test):
        raise DatasetError(
            "Training needs at least two classes and at least one test image; this split leaves "
            f"{len(train):,} training image{'' if len(train) == 1 else 's'} of {n_classes} "
            f"class{'' if n_classes == 1 else 'es'} and {len(split.test):,} test "
            f"image{'' if len(split.test) == 1 else 's'}. Choose another split, or add images."
        )


def training_data(
    dataset: Dataset, split: SplitName, corrections: LabelCorrections, config: TrainConfig
) -> tuple[Dataset, Split]:
    """What a training gets.

    Args:
        dataset: as it was opened.
        split: how training and test images are told apart (see `make_split`).
        corrections: of labels; those about other images are passed over.
        config: of the training.

    Returns:
        The images with the labels that count, and the split without what is excluded.

    Raises:
        DatasetError: the images can't be split or corrected so, or not be trained on (see
            `check_trainable`).
    """
    corrected, parts = apply_label_corrections(corrections, dataset, make_split(dataset, split))
    check_trainable(corrected, parts, config)
    return corrected, parts
