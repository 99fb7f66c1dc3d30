"""The settings of a training as controls. What a preset sets is kept for each preset."""

import numpy as np
import streamlit as st

from asl_core.config import (
    AUGMENTATION_LIMITS,
    DEFAULT_LEARNING_RATES,
    MAX_VALIDATION_SHARE,
    OPTIMIZERS,
    PRESETS,
    SCHEDULES,
    Augmentation,
    OptimizerName,
    ScheduleName,
    SplitName,
    TrainConfig,
)
from asl_core.data import Dataset
from asl_core.settings import MAX_BATCH_SIZE, MAX_EPOCHS, MAX_FILTERS
from asl_core.training.augmentation import augment
from asl_core.ui.shared.choose_split import WORDS, choose_split
from asl_core.ui.shared.images import Picture, sheet
from asl_core.ui.shared.resources import split_of
from asl_core.ui.shared.words import PRESET_NAMES

FIRST_EPOCHS: dict[ScheduleName, int] = {"constant": 5, "one-cycle": 1}
PRESET_WORDS: dict[ScheduleName, str] = {
    "constant": "RMSprop with one learning rate from the first step to the last, 32 pictures a "
    "step. One epoch is too short for it: give it five or more.",
    "one-cycle": "Learns the same in one epoch: steps of 8 pictures give four times as many "
    "steps; a learning rate that first grows to ten times the usual one makes them long while "
    "there is far to go, and then falls to nothing, so that the weights come to rest.",
}
PREVIEWED = 6
CHANGED = 18

_AMOUNTS = {
    "shift": ("Shift", 0.1, 0.01, "share of the picture's side"),
    "rotation": ("Rotation", 10.0, 1.0, "degrees"),
    "zoom": ("Zoom", 0.15, 0.01, "share of the size"),
    "brightness": ("Brightness", 0.2, 0.01, "share of the range from black to white"),
}


def choose_settings(dataset: Dataset) -> tuple[TrainConfig, SplitName]:
    """Controls for all settings, the rarer ones folded away.

    Args:
        dataset: what will be trained on.

    Returns:
        The settings, and the name of the split.
    """
    schedule = _choose_preset()
    epochs = st.slider(
        "Epochs",
        1,
        MAX_EPOCHS,
        FIRST_EPOCHS[schedule],
        key=f"epochs_{schedule}",
        persist_state="session",
        help="How many times the network sees every training picture.",
    )
    first, second = (
        st.slider(
            f"Filters of the {place} convolution",
            1,
            MAX_FILTERS,
            usual,
            key=place,
            persist_state="session",
        )
        for place, usual in zip(("first", "second"), TrainConfig().filters, strict=True)
    )
    with st.expander("Advanced", icon=":material/tune:"):
        batch_size, optimizer, rate, seed = _choose_optimizer(schedule)
        split_name = choose_split(dataset, key="train_split", persist_state="session")
        st.caption(WORDS[split_name])
        validation_fraction, patience = _choose_early_stopping()
        augmentation = _choose_augmentation(dataset, split_name)
    config = TrainConfig(
        epochs=epochs,
        filters=(first, second),
        batch_size=batch_size,
        optimizer=optimizer,
        learning_rate=rate,
        seed=seed,
        schedule=schedule,
        augmentation=augmentation,
        validation_fraction=validation_fraction,
        patience=patience,
    )
    return config, split_name


def _choose_preset() -> ScheduleName:
    schedule: ScheduleName = st.segmented_control(
        "Start from",
        SCHEDULES,
        default="constant",
        required=True,
        format_func=lambda name: PRESET_NAMES[name],
        key="schedule",
        persist_state="session",
    )
    st.caption(PRESET_WORDS[schedule])
    return schedule


def _choose_optimizer(schedule: ScheduleName) -> tuple[int, OptimizerName, float | None, int]:
    batch_size = st.number_input(
        "Batch size",
        1,
        MAX_BATCH_SIZE,
        PRESETS[schedule].batch_size,
        key=f"batch_{schedule}",
        persist_state="session",
    )
    optimizer = st.selectbox(
        "Optimizer", OPTIMIZERS, key=f"optimizer_{schedule}", persist_state="session"
    )
    rate = st.number_input(
        "Learning rate" if schedule == "constant" else "Learning rate at its peak",
        min_value=1e-6,
        max_value=1.0,
        value=PRESETS[schedule].learning_rate,
        format="%g",
        placeholder=f"{DEFAULT_LEARNING_RATES[optimizer]:g} (Keras's own)",
        key=f"rate_{schedule}",
        persist_state="session",
    )
    seed = st.number_input(
        "Seed",
        0,
        2**32 - 1,
        TrainConfig().seed,
        key="seed",
        persist_state="session",
        help="The same settings with the same seed give the same network on one machine.",
    )
    return batch_size, optimizer, rate, seed


def _choose_early_stopping() -> tuple[float, int]:
    share = st.slider(
        "Validation share",
        0,
        round(100 * MAX_VALIDATION_SHARE),
        0,
        step=5,
        format="%d %%",
        key="validation",
        persist_state="session",
        help="Training pictures that are put aside: the curves then also show loss and accuracy "
        "on pictures that the network does not learn from. The test pictures stay untouched.",
    )
    patience = 0
    if st.toggle(
        "Early stopping",
        key="early_stopping",
        persist_state="session",
        help="End when the validation loss (the training loss, if nothing is put aside) has not "
        "become better for some epochs, and keep the best weights.",
    ):
        patience = st.number_input(
            "Patience (epochs)", 1, MAX_EPOCHS, 5, key="patience", persist_state="session"
        )
    return share / 100, patience


def _choose_augmentation(dataset: Dataset, split_name: SplitName) -> Augmentation:
    st.markdown(
        "**Augmentation**: training pictures are changed a little, afresh in each epoch.",
        help="The network then learns what a letter looks like, not what one photo looks like. It "
        "needs more epochs.",
    )
    chosen: dict[str, float] = {}
    for name, (label, usual, step, unit) in _AMOUNTS.items():
        if st.toggle(label, key=f"use_{name}", persist_state="session"):
            chosen[name] = st.slider(
                f"{label}: at most ({unit})",
                0.0,
                AUGMENTATION_LIMITS[name],
                usual,
                step,
                key=name,
                persist_state="session",
            )
    mirror = st.toggle(
        "Mirror half of them",
        key="mirror",
        persist_state="session",
        help="As a left hand signs, seen in a mirror.",
    )
    augmentation = Augmentation(**chosen, mirror=mirror)
    if augmentation:
        _preview(dataset, split_name, augmentation)
    return augmentation


def _preview(dataset: Dataset, split_name: SplitName, augmentation: Augmentation) -> None:
    """Training samples as they are, and as the network may meet them."""
    shown = split_of(dataset, dataset.fingerprint, split_name).train[:PREVIEWED]
    st.caption("As they are")
    _samples(dataset, shown, dataset.images[shown])
    st.caption("As the network may meet them")
    repeated = np.resize(shown, CHANGED)
    changed = augment(dataset.images[repeated], augmentation, np.random.default_rng(0))
    _samples(dataset, repeated, changed)


def _samples(dataset: Dataset, indices: np.ndarray, images: np.ndarray) -> None:
    letters = [dataset.class_name(i) for i in indices]
    sheet(
        [
            Picture(image, letter, f"A hand signing {letter}")
            for image, letter in zip(images, letters, strict=True)
        ],
        columns=PREVIEWED,
    )
