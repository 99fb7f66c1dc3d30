"""The settings of a training as controls. Together they are one `TrainConfig`, kept in the URL.

What a preset sets is kept for each preset.
"""

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from asl_core.config import (
    DEFAULT_LEARNING_RATES,
    MAX_VALIDATION_SHARE,
    OPTIMIZERS,
    OptimizerName,
    PresetName,
    SplitName,
    TrainConfig,
    preset_of,
)
from asl_core.data import Dataset
from asl_core.errors import ConfigError
from asl_core.settings import MAX_BATCH_SIZE, MAX_EPOCHS, MAX_FILTERS
from asl_core.training.first_config import first_config, first_landmark_config
from asl_core.ui.shared.choose_features import choose_features, choose_hidden, show_features
from asl_core.ui.shared.choose_split import WORDS, choose_split
from asl_core.ui.shared.imbalance import choose_class_weights
from asl_core.ui.shared.lesson_link import Lesson
from asl_core.ui.shared.session_control import lock_controls, session_control
from asl_core.ui.shared.settings_link import (
    LEAST_RATE,
    first_offered,
    from_text,
    to_text,
)
from asl_core.ui.shared.url import asked_for, keep, refuse
from asl_core.ui.train.architecture import choose_architecture, show_architecture
from asl_core.ui.train.augmentation import choose_augmentation, show_augmentation
from asl_core.ui.train.preset import changes_folded, choose_preset, tell_changes

USUAL_PATIENCE = 5

_QUERY = "settings"
_UNFOLDED = "advanced_unfolded"
"""Whether a link or a suggestion has changed what is folded away, so that it is seen."""

_SHOWN = "settings_shown"
"""The text of what the controls show, so that another one in the address is seen as new; for what
a dataset's page shows first, its settings."""


def choose_settings(
    dataset: Dataset, rarer: DeltaGenerator, lesson: Lesson | None = None
) -> tuple[TrainConfig, SplitName]:
    """Controls for all settings, the rarer ones folded away; what differs from the preset is named.

    Args:
        dataset: what will be trained on.
        rarer: where the rarer ones are, below what differs from the preset.
        lesson: whose locks hold.

    Returns:
        The settings, and the name of the split.
    """
    first_shown = first_config(dataset)
    _follow_link(first_shown, dataset)
    lock_controls(lesson.held(_controls(lesson.config, first_shown)) if lesson else {})
    features = choose_features()
    preset = choose_preset(dataset) if features == "pixels" else "landmarks"
    told = rarer.container()  # not above what is dragged or pressed, which it would move
    usual = _usual(preset, first_shown, dataset)
    epochs = _choose_epochs(preset, usual)
    filters, hidden = _choose_width(preset, usual)
    with rarer, st.expander("Advanced", st.session_state[_UNFOLDED], icon=":material/tune:"):
        batch_size, optimizer, rate, seed = _choose_optimizer(preset, usual)
        network = choose_architecture(preset, usual, dataset)
        split_name = choose_split(dataset)
        st.caption(WORDS[split_name])
        validation_fraction, patience = _choose_early_stopping()
        class_weights = choose_class_weights()
        augmentation = choose_augmentation(preset, usual.augmentation, dataset, split_name)
    config = TrainConfig(
        epochs=epochs,
        filters=filters + network.pop("third"),
        batch_size=batch_size,
        optimizer=optimizer,
        learning_rate=rate,
        seed=seed,
        schedule=usual.schedule,
        augmentation=augmentation,
        validation_fraction=validation_fraction,
        patience=patience,
        features=features,
        hidden=hidden,
        class_weights=class_weights,
        **network,
    )
    text = None if config == first_shown else to_text(config)
    st.session_state[_SHOWN] = text or first_shown
    keep(_QUERY, text)
    with told:
        tell_changes(preset, config, usual, lambda: show_settings(usual))
    return config, split_name


def _choose_epochs(preset: PresetName, usual: TrainConfig) -> int:
    epochs: int = session_control(
        st.slider,
        "Epochs",
        f"epochs_{preset}",
        usual.epochs,
        min_value=1,
        max_value=MAX_EPOCHS,
        help="How many times the network sees every training image.",
    )
    return epochs


def show_settings(config: TrainConfig) -> None:
    """Have the controls show these settings when the page is drawn next."""
    keep(_QUERY, to_text(config))


def _usual(preset: PresetName, first: TrainConfig, dataset: Dataset) -> TrainConfig:
    """The settings of a preset as they are shown at first.

    Args:
        preset: which.
        first: what a dataset's page shows first.
        dataset: what will be trained on.
    """
    if preset == "landmarks":
        return first_landmark_config(dataset)
    return first if preset_of(first) == preset else first_offered(preset)


def _follow_link(first: TrainConfig, dataset: Dataset) -> None:
    """Set the controls to what the address asks for, if that is not what they show.

    Args:
        first: what they show if it asks for nothing. It depends on the dataset, which may have
            been changed since.
        dataset: what will be trained on.
    """
    text = asked_for(_QUERY)
    if st.session_state.get(_SHOWN) == (text or first):
        return
    try:
        _show(from_text(text) if text else first, first, dataset)
    except ConfigError as error:
        refuse(_QUERY, "Settings", str(text), f"which can't be used. {error}")
        _show(first, first, dataset)


def _show(config: TrainConfig, first: TrainConfig, dataset: Dataset) -> None:
    preset = preset_of(config)
    st.session_state[_UNFOLDED] = changes_folded(config, _usual(preset, first, dataset))
    st.session_state.update(_controls(config, first))


def _controls(config: TrainConfig, first: TrainConfig) -> dict[str, Any]:
    """The values with which the controls show a config, by their keys.

    Args:
        config: that is shown.
        first: what a dataset's page shows first.
    """
    preset = preset_of(config)
    return {
        "preset": preset_of(first) if preset == "landmarks" else preset,
        **show_features(config),
        f"epochs_{preset}": config.epochs,
        f"first_{preset}": config.filters[0],
        f"second_{preset}": config.filters[1],
        f"batch_{preset}": config.batch_size,
        f"optimizer_{preset}": config.optimizer,
        f"rate_{preset}": config.learning_rate,
        "seed": config.seed,
        "validation": 100 * config.validation_fraction,
        "early_stopping": config.patience > 0,
        "patience": config.patience or USUAL_PATIENCE,
        "class_weights": config.class_weights == "balanced",
        **show_architecture(preset, config),
        **show_augmentation(preset, config.augmentation),
    }


def _choose_width(preset: PresetName, usual: TrainConfig) -> tuple[tuple[int, ...], int]:
    """Filters of a network on pixels, and hidden units of one on landmarks: that of the other kind
    is what it has to be."""
    if usual.features == "landmarks":
        return usual.filters, choose_hidden(usual)
    return _choose_filters(preset, usual), usual.hidden


def _choose_filters(preset: PresetName, usual: TrainConfig) -> tuple[int, ...]:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        first, second = (
            session_control(
                st.slider,
                f"Filters in the {place} conv layer",
                f"{place}_{preset}",
                count,
                min_value=1,
                max_value=MAX_FILTERS,
            )
            for place, count in zip(("first", "second"), usual.filters, strict=False)
        )
    return first, second


def _choose_optimizer(
    preset: PresetName, usual: TrainConfig
) -> tuple[int, OptimizerName, float | None, int]:
    batch_size = session_control(
        st.number_input,
        "Batch size",
        f"batch_{preset}",
        usual.batch_size,
        min_value=1,
        max_value=MAX_BATCH_SIZE,
    )
    optimizer = session_control(
        st.selectbox,
        "Optimizer",
        f"optimizer_{preset}",
        usual.optimizer,
        options=OPTIMIZERS,
    )
    rate = session_control(
        st.number_input,
        "Learning rate" if usual.schedule == "constant" else "Peak learning rate",
        f"rate_{preset}",
        usual.learning_rate,
        value=None,
        min_value=LEAST_RATE,
        max_value=1.0,
        format="%g",
        placeholder=f"{DEFAULT_LEARNING_RATES[optimizer]:g} (Keras default)",
    )
    seed = session_control(
        st.number_input,
        "Seed",
        "seed",
        usual.seed,
        min_value=0,
        max_value=2**32 - 1,
        help="The same settings with the same seed give the same network on one machine.",
    )
    return batch_size, optimizer, rate, seed


def _choose_early_stopping() -> tuple[float, int]:
    percent = session_control(
        st.slider,
        "Validation split",
        "validation",
        0.0,
        min_value=0.0,
        max_value=100 * MAX_VALIDATION_SHARE,
        step=5.0,
        format="%g %%",
        help="Training images that are held out: the curves then also show loss and accuracy on "
        "images that the network is not trained on. The test images stay untouched.",
    )
    patience = 0
    if session_control(
        st.toggle,
        "Early stopping",
        "early_stopping",
        False,
        help="Stop when the validation loss (without a validation split, the training loss) has "
        "not improved for some epochs, and keep the best weights.",
    ):
        patience = session_control(
            st.number_input,
            "Patience (epochs)",
            "patience",
            USUAL_PATIENCE,
            min_value=1,
            max_value=MAX_EPOCHS,
        )
    return percent / 100, patience
