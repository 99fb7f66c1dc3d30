"""What a sweep of networks on hand landmarks is to try, as controls."""

from dataclasses import replace

import streamlit as st

from asl_core.config import LANDMARKS
from asl_core.data import Dataset
from asl_core.sweeps.sweep import Grid
from asl_core.ui.sweep.settings import (
    choose_numbers,
    choose_seeds,
    choose_share,
    choose_weights,
)

HIDDEN = (48, 96, 192, 384)
EPOCHS = (4, 8, 16, 32)
RATES = (0.0005, 0.001, 0.002, 0.004, 0.008)

FIRST_HIDDEN = (96, 192)
FIRST_EPOCHS = (8, 16)
"""Tried at first, around the settings of `LANDMARKS`."""


def choose_landmark_grid(dataset: Dataset) -> Grid:
    """Controls for a grid of settings on landmarks.

    Args:
        dataset: what will be trained on.

    Raises:
        ConfigError: what is chosen can't be tried.
    """
    key = "landmarks"
    left, right = st.columns(2)
    with left:
        hidden = choose_numbers("Hidden units", HIDDEN, FIRST_HIDDEN, int, key)
    with right:
        epochs = choose_numbers("Epochs", EPOCHS, FIRST_EPOCHS, int, key)
    left, right = st.columns(2)
    with left:
        rates = choose_numbers("Learning rates", RATES, (LANDMARKS.rate,), float, key)
    with right:
        seeds = choose_seeds()
    share = choose_share(0.0)
    weights = choose_weights(dataset)
    return Grid(
        hidden=hidden,
        epochs=epochs,
        learning_rates=rates,
        seeds=tuple(range(seeds)),
        base=replace(
            LANDMARKS, learning_rate=None, validation_fraction=share, class_weights=weights
        ),
    )
