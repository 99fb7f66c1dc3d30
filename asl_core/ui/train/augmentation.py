"""How training images are changed at random, as controls, and what that looks like."""

import numpy as np
import streamlit as st

from asl_core.config import AUGMENTATION_LIMITS, Augmentation, PresetName, SplitName
from asl_core.data import Dataset
from asl_core.data.manual_alphabet import are_letters
from asl_core.training.augmentation import augment
from asl_core.ui.shared.images import Picture, sheet
from asl_core.ui.shared.resources import split_of
from asl_core.ui.shared.session_control import session_control
from asl_core.ui.shared.words import SETTING_LABELS

PREVIEWED = 6
AUGMENTED = 18

AMOUNTS = {
    "shift": ("Maximum shift (fraction of the image side)", 0.1, 0.01),
    "rotation": ("Maximum rotation (degrees)", 10.0, 1.0),
    "zoom": ("Maximum zoom (fraction of the size)", 0.15, 0.01),
    "brightness": ("Maximum brightness change (fraction of black to white)", 0.2, 0.01),
}
"""Each amount: the label of its slider with the unit, the value at first, and the step."""


def choose_augmentation(
    preset: PresetName, first: Augmentation, dataset: Dataset, split_name: SplitName
) -> Augmentation:
    """Controls for the augmentation, with a preview of some training images if there is any.

    Args:
        preset: whose values they are.
        first: its values at first.
        dataset: what will be trained on.
        split_name: whose training images are shown.
    """
    if preset == "landmarks":
        st.caption(
            "Augmentation: each hand is read six times, from squares that are turned and scaled a "
            "little, in training as in a test, where the six answers are averaged."
        )
        return first
    st.markdown(
        "**Augmentation**: random changes of the training images, new in each epoch.",
        help="The network then learns what a class looks like rather than single images. It needs "
        "more epochs.",
    )
    chosen: dict[str, float] = {}
    for name, (label, usual, step) in AMOUNTS.items():
        amount = getattr(first, name)
        if session_control(st.toggle, SETTING_LABELS[name], f"use_{name}_{preset}", amount > 0):
            chosen[name] = session_control(
                st.slider,
                label,
                f"{name}_{preset}",
                amount or usual,
                min_value=0.0,
                max_value=AUGMENTATION_LIMITS[name],
                step=step,
                format="%g",
            )
    mirror = session_control(
        st.toggle,
        SETTING_LABELS["mirror"],
        f"mirror_{preset}",
        first.mirror,
        help="Flips half of the images"
        + (", as if signed with the left hand." if are_letters(dataset.classes) else "."),
    )
    augmentation = Augmentation(**chosen, mirror=mirror)
    if augmentation:
        _preview(dataset, split_name, augmentation)
    return augmentation


def show_augmentation(preset: PresetName, augmentation: Augmentation) -> dict[str, float | bool]:
    """The state with which the controls show an augmentation."""
    shown: dict[str, float | bool] = {f"mirror_{preset}": augmentation.mirror}
    for name, (_, usual, _) in AMOUNTS.items():
        amount = getattr(augmentation, name)
        shown |= {f"use_{name}_{preset}": amount > 0, f"{name}_{preset}": amount or usual}
    return shown


def _preview(dataset: Dataset, split_name: SplitName, augmentation: Augmentation) -> None:
    """Training samples before and after augmentation."""
    shown = split_of(dataset, dataset.fingerprint, split_name).train[:PREVIEWED]
    st.caption("Training images")
    _samples(dataset, shown, dataset.images[shown])
    st.caption("Augmented")
    repeated = np.resize(shown, AUGMENTED)
    changed = augment(dataset.images[repeated], augmentation, np.random.default_rng(0))
    _samples(dataset, repeated, changed)


def _samples(dataset: Dataset, indices: np.ndarray, images: np.ndarray) -> None:
    names = [dataset.class_name(i) for i in indices]
    sheet(
        [
            Picture(image, name, f"Image of class {name}")
            for image, name in zip(images, names, strict=True)
        ],
        columns=PREVIEWED,
    )
