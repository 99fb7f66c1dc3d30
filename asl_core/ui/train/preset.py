"""The choice of a preset, and what the chosen settings change of it."""

from collections.abc import Callable

import streamlit as st

from asl_core.config import BASELINE, Augmentation, PresetName, TrainConfig, preset_of
from asl_core.data import Dataset
from asl_core.ui.shared.session_control import session_control
from asl_core.ui.shared.words import PRESET_NAMES, SETTING_LABELS

PRESET_WORDS: dict[PresetName, str] = {
    "constant": "RMSprop with a constant learning rate and batch size 32. One epoch is too short "
    "for it: give it five or more.",
    "one-cycle": "Reaches a similar accuracy in fewer epochs: batch size 8 gives four times as "
    "many steps; the learning rate warms up to a peak of 10 times the default, then anneals to 0.",
    "many-classes": "For some dozen classes: three blocks with batch normalization and dropout, "
    "trained with Adam on images that are shifted, rotated, zoomed, and made brighter or darker. "
    "An epoch of 6,000 images takes about 3 seconds.",
}

BASELINE_HELP = (
    "Baseline: the settings of the exercise that this app grew from ('the mission'): 5 and 15 "
    "filters, RMSprop, batch size 32. Only the epochs differ: the mission trained for one, after "
    "which the network hardly knows its images; here it is five at first."
)

MANY = 10
"""Classes from which on the preset for many of them is offered."""

ALWAYS_SEEN = {"epochs", "filters", "features", "hidden"}
"""Settings whose controls are not folded away, but for the filters of a third block."""


def choose_preset(dataset: Dataset) -> PresetName:
    """The control, with a sentence about the chosen one.

    Args:
        dataset: what will be trained on.
    """
    few = len(dataset.classes) < MANY and st.session_state.get("preset") != "many-classes"
    preset: PresetName = session_control(
        st.segmented_control,
        "Preset",
        "preset",
        preset_of(BASELINE),
        options=[name for name in PRESET_WORDS if name != "many-classes" or not few],
        required=True,
        format_func=PRESET_NAMES.__getitem__,
        help=f"{BASELINE_HELP} One-cycle: the same network with another learning rate schedule."
        + ("" if few else " Many classes: a larger network and changed images."),
    )
    st.caption(PRESET_WORDS[preset])
    return preset


def differing(config: TrainConfig, usual: TrainConfig) -> dict[str, str]:
    """The settings in which a config differs from another one, by name, with their values in words.

    Args:
        config: whose values are told.
        usual: the other one.
    """
    pairs = (
        (name, _value(config, name), _value(usual, name))
        for name in SETTING_LABELS
        if name != "schedule" and (hasattr(config, name) or hasattr(config.augmentation, name))
    )
    return {name: value for name, value, other in pairs if value != other}


def changes_folded(config: TrainConfig, usual: TrainConfig) -> bool:
    """Whether a config differs from another one in what is folded away."""
    third = config.filters[2:] != usual.filters[2:]
    return third or bool(differing(config, usual).keys() - ALWAYS_SEEN)


def tell_changes(
    preset: PresetName, config: TrainConfig, usual: TrainConfig, reset: Callable[[], None]
) -> None:
    """Name what differs from a preset, with the way back; nothing where nothing does.

    Args:
        preset: its name.
        config: the settings that are chosen.
        usual: the preset's, as they are shown at first.
        reset: goes back to them.
    """
    if changed := differing(config, usual):
        told = ", ".join(f"{SETTING_LABELS[name]} {value}" for name, value in changed.items())
        with st.container(horizontal=True, vertical_alignment="center", key="preset_changes"):
            st.caption(f"Changed from {PRESET_NAMES[preset]}: {told}", width="stretch")
            st.button(
                "Reset",
                key="reset_settings",
                type="tertiary",
                icon=":material/undo:",
                on_click=reset,
            )


def _value(config: TrainConfig, name: str) -> str:
    of_augmentation = name in Augmentation.__dataclass_fields__
    value = getattr(config.augmentation if of_augmentation else config, name)
    if name == "filters":
        return " and ".join(map(str, value))
    if name == "learning_rate":
        return f"{config.rate:g}"
    if name == "validation_fraction":
        return f"{100 * value:g} %"
    if isinstance(value, bool) or not value:
        return "on" if value else "off" if name != "seed" else "0"
    return f"{value:g}" if isinstance(value, float) else str(value)
