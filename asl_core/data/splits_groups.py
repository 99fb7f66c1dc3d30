"""Holds out whole groups of images, such as all of one person, as a test of what was learned."""

from collections.abc import Sequence

import numpy as np

from asl_core.errors import DatasetError


def can_hold_out_groups(labels: np.ndarray, groups: Sequence[str]) -> bool:
    """Whether every class has images of two groups at least.

    Args:
        labels: int (n,), class of each image.
        groups: group of each image (n,); empty if none are told.
    """
    if not len(groups):
        return False
    return bool((_table(labels, np.asarray(groups)) > 0).sum(axis=1).min() > 1)


def hold_out_groups(
    labels: np.ndarray, groups: np.ndarray, fraction: float, seed: int
) -> np.ndarray:
    """Choose whole groups.

    Every class that has two groups or more gets one held out, and keeps one. Beyond that groups
    are added, in a random order, as long as no more than the fraction is held out.

    Args:
        labels: int (n,), class of each image.
        groups: str (n,), group of each image.
        fraction: share of the images to hold out, about, 0 to 1.
        seed: of the order.

    Returns:
        bool (n,), what is held out.

    Raises:
        DatasetError: no group can be held out.
    """
    table = _table(labels, groups)
    names = np.unique(groups)
    order = np.random.default_rng(seed).permutation(len(names))
    held = np.zeros(len(names), bool)
    for label in np.argsort((table > 0).sum(axis=1), kind="stable"):
        for group in order:
            if table[label, held].any():
                break
            if table[label, group] and _may_go(table, held, group):
                held[group] = True
    for group in order:
        fits = table[:, held].sum() + table[:, group].sum() <= fraction * len(labels)
        if not held[group] and fits and _may_go(table, held, group):
            held[group] = True
    if not held.any():
        raise DatasetError(
            "No group can be held out: each is the only one of a class. "
            "Choose split 'random', or no validation split."
        )
    return np.isin(groups, names[held])


def _may_go(table: np.ndarray, held: np.ndarray, group: int) -> bool:
    """Whether each of a group's classes keeps another group."""
    left = ~held
    left[group] = False
    return bool(table[table[:, group] > 0][:, left].any(axis=1).all())


def _table(labels: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """int (classes, groups): images of each class in each group."""
    names, index = np.unique(groups, return_inverse=True)
    present, rows = np.unique(labels, return_inverse=True)
    table = np.zeros((len(present), len(names)), np.int64)
    np.add.at(table, (rows, index), 1)
    return table
