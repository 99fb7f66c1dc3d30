"""The settings of a training as controls. Together they are one `TrainConfig`, kept in the URL.

What a preset sets is kept for each preset.
"""

import streamlit as st

from asl_core.config import (
    BASELINE,
    DEFAULT_LEARNING_RATES,
    MAX_VALIDATION_SHARE,
    OPTIMIZERS,
    SCHEDULES,
    OptimizerName,
    ScheduleName,
    SplitName,
    TrainConfig,
)
from asl_core.data import Dataset
from asl_core.errors import ConfigError
from asl_core.settings import MAX_BATCH_SIZE, MAX_EPOCHS, MAX_FILTERS
from asl_core.training.first_config import first_config
from asl_core.ui.shared.choose_split import WORDS, choose_split
from asl_core.ui.shared.session_control import session_control
from asl_core.ui.shared.settings_link import (
    LEAST_RATE,
    first_offered,
    from_text,
    to_text,
)
from asl_core.ui.shared.url import asked_for, keep, refuse
from asl_core.ui.shared.words import PRESET_NAMES
from asl_core.ui.train.augmentation import AMOUNTS, choose_augmentation

PRESET_WORDS: dict[ScheduleName, str] = {
    "constant": "RMSprop with a constant learning rate and batch size 32. One epoch is too short "
    "for it: give it five or more.",
    "one-cycle": "Reaches a similar accuracy in one epoch: batch size 8 gives four times as many "
    "steps; the learning rate warms up to a peak of 10 times the default, then anneals to 0.",
}
USUAL_PATIENCE = 5

_QUERY = "settings"
_SHOWN = "settings_shown"
"""The text of what the controls show, so that another one in the address is seen as new; for what
a dataset's page shows first, its settings."""


def choose_settings(dataset: Dataset) -> tuple[TrainConfig, SplitName]:
    """Controls for all settings, the rarer ones folded away.

    Args:
        dataset: what will be trained on.

    Returns:
        The settings, and the name of the split.
    """
    first_shown = first_config(dataset)
    _follow_link(first_shown)
    schedule = _choose_preset()
    usual = first_shown if first_shown.schedule == schedule else first_offered(schedule)
    epochs = session_control(
        st.slider,
        "Epochs",
        f"epochs_{schedule}",
        usual.epochs,
        min_value=1,
        max_value=MAX_EPOCHS,
        help="How many times the network sees every training image.",
    )
    filters = _choose_filters(usual)
    with st.expander("Advanced", icon=":material/tune:"):
        batch_size, optimizer, rate, seed = _choose_optimizer(usual)
        split_name = choose_split(dataset)
        st.caption(WORDS[split_name])
        validation_fraction, patience = _choose_early_stopping()
        augmentation = choose_augmentation(dataset, split_name)
    config = TrainConfig(
        epochs=epochs,
        filters=filters,
        batch_size=batch_size,
        optimizer=optimizer,
        learning_rate=rate,
        seed=seed,
        schedule=schedule,
        augmentation=augmentation,
        validation_fraction=validation_fraction,
        patience=patience,
    )
    text = None if config == first_shown else to_text(config)
    st.session_state[_SHOWN] = text or first_shown
    keep(_QUERY, text)
    return config, split_name


def show_settings(config: TrainConfig) -> None:
    """Have the controls show these settings when the page is drawn next."""
    keep(_QUERY, to_text(config))


def _follow_link(first: TrainConfig) -> None:
    """Set the controls to what the address asks for, if that is not what they show.

    Args:
        first: what they show if it asks for nothing. It depends on the dataset, which may have
            been changed since.
    """
    text = asked_for(_QUERY)
    if st.session_state.get(_SHOWN) == (text or first):
        return
    try:
        _show(from_text(text) if text else first)
    except ConfigError as error:
        refuse(_QUERY, "Settings", str(text), f"which can't be used. {error}")
        _show(first)


def _show(config: TrainConfig) -> None:
    schedule, augmentation = config.schedule, config.augmentation
    amounts = {name: getattr(augmentation, name) for name in AMOUNTS}
    st.session_state.update(
        {
            "schedule": schedule,
            f"epochs_{schedule}": config.epochs,
            f"first_{schedule}": config.filters[0],
            f"second_{schedule}": config.filters[1],
            f"batch_{schedule}": config.batch_size,
            f"optimizer_{schedule}": config.optimizer,
            f"rate_{schedule}": config.learning_rate,
            "seed": config.seed,
            "validation": 100 * config.validation_fraction,
            "early_stopping": config.patience > 0,
            "patience": config.patience or USUAL_PATIENCE,
            **{f"use_{name}": amount > 0 for name, amount in amounts.items()},
            **{name: amount or AMOUNTS[name][1] for name, amount in amounts.items()},
            "mirror": augmentation.mirror,
        }
    )


def _choose_preset() -> ScheduleName:
    schedule: ScheduleName = session_control(
        st.segmented_control,
        "Preset",
        "schedule",
        BASELINE.schedule,
        options=SCHEDULES,
        required=True,
        format_func=PRESET_NAMES.__getitem__,
        help="Baseline: the settings of the exercise that this app grew from ('the mission'). "
        "One-cycle: the same network with another learning rate schedule.",
    )
    st.caption(PRESET_WORDS[schedule])
    return schedule


def _choose_filters(usual: TrainConfig) -> tuple[int, int]:
    first, second = (
        session_control(
            st.slider,
            f"Filters in the {place} conv layer",
            f"{place}_{usual.schedule}",
            count,
            min_value=1,
            max_value=MAX_FILTERS,
        )
        for place, count in zip(("first", "second"), usual.filters, strict=True)
    )
    return first, second


def _choose_optimizer(usual: TrainConfig) -> tuple[int, OptimizerName, float | None, int]:
    schedule = usual.schedule
    batch_size = session_control(
        st.number_input,
        "Batch size",
        f"batch_{schedule}",
        usual.batch_size,
        min_value=1,
        max_value=MAX_BATCH_SIZE,
    )
    optimizer = session_control(
        st.selectbox,
        "Optimizer",
        f"optimizer_{schedule}",
        usual.optimizer,
        options=OPTIMIZERS,
    )
    rate = session_control(
        st.number_input,
        "Learning rate" if schedule == "constant" else "Peak learning rate",
        f"rate_{schedule}",
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
