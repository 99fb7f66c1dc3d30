"""What a network is made of, besides the filters of its first two blocks, as controls."""

from typing import Any

import streamlit as st

from asl_core.config import IMAGE_SIZES, KERNEL_SIZES, MAX_DROPOUT, PresetName, TrainConfig
from asl_core.data import Dataset
from asl_core.settings import IMAGE_SIZE, MAX_FILTERS
from asl_core.ui.shared.session_control import session_control
from asl_core.ui.shared.words import SETTING_LABELS

USUAL_THIRD = 32
"""Filters of a third block at first."""


def choose_architecture(preset: PresetName, usual: TrainConfig, dataset: Dataset) -> dict[str, Any]:
    """Controls for the rest of an architecture.

    Args:
        preset: whose values they are.
        usual: its values at first.
        dataset: what will be trained on.

    Returns:
        Settings of `TrainConfig` by name; `third` is the filters of a third block in a tuple, which
        is empty without one.
    """
    if usual.features == "landmarks":
        return {"third": (), "dropout": _choose_dropout(preset, usual)}
    st.markdown("**Architecture**", help="The table beside the settings shows the network.")
    third: tuple[int, ...] = ()
    if session_control(
        st.toggle,
        "Third block",
        f"deep_{preset}",
        len(usual.filters) > 2,
        help="A third convolution with pooling; each pooling then halves the side. For a dozen "
        "classes and more.",
    ):
        third = (_choose_third(preset, usual),)
    kernel_size = session_control(
        st.segmented_control,
        SETTING_LABELS["kernel_size"],
        f"kernel_{preset}",
        usual.kernel_size,
        options=KERNEL_SIZES,
        required=True,
        format_func="{0}x{0}".format,
    )
    return {
        "third": third,
        "kernel_size": kernel_size,
        **_choose_what_regularizes(preset, usual),
        "image_size": _choose_image_size(preset, usual, dataset),
    }


def show_architecture(preset: PresetName, config: TrainConfig) -> dict[str, Any]:
    """The state with which the controls show a config."""
    third = config.filters[2:]
    return {
        f"deep_{preset}": bool(third),
        f"third_{preset}": sum(third) or USUAL_THIRD,
        f"kernel_{preset}": config.kernel_size,
        f"norm_{preset}": config.batch_norm,
        f"dropout_{preset}": config.dropout,
        f"size_{preset}": config.image_size,
    }


def _choose_third(preset: PresetName, usual: TrainConfig) -> int:
    filters: int = session_control(
        st.slider,
        "Filters in the third conv layer",
        f"third_{preset}",
        sum(usual.filters[2:]) or USUAL_THIRD,
        min_value=1,
        max_value=MAX_FILTERS,
    )
    return filters


def _choose_what_regularizes(preset: PresetName, usual: TrainConfig) -> dict[str, Any]:
    batch_norm = session_control(
        st.toggle,
        SETTING_LABELS["batch_norm"],
        f"norm_{preset}",
        usual.batch_norm,
        help="Scales what each convolution gives to mean 0 and variance 1. Deeper networks learn "
        "faster with it.",
    )
    return {"batch_norm": batch_norm, "dropout": _choose_dropout(preset, usual)}


def _choose_dropout(preset: PresetName, usual: TrainConfig) -> float:
    dropout: float = session_control(
        st.slider,
        SETTING_LABELS["dropout"],
        f"dropout_{preset}",
        usual.dropout,
        min_value=0.0,
        max_value=MAX_DROPOUT,
        step=0.05,
        format="%g",
        help="Fraction of the last layer's inputs that each training step leaves out, against "
        "overfitting. Predictions use all of them.",
    )
    return dropout


def _choose_image_size(preset: PresetName, usual: TrainConfig, dataset: Dataset) -> int:
    size: int = session_control(
        st.segmented_control,
        SETTING_LABELS["image_size"],
        f"size_{preset}",
        usual.image_size,
        options=IMAGE_SIZES,
        required=True,
        format_func="{0}x{0}".format,
        help="Pixels of the network's input. Files are read again at that size; the time of an "
        "epoch grows with the number of pixels.",
    )
    if size > IMAGE_SIZE and dataset.rendered:
        st.caption(
            f"Rendered images have {IMAGE_SIZE} by {IMAGE_SIZE} pixels and are enlarged: the "
            "network sees no more, and takes longer."
        )
    return size
