"""The settings of a training as a short text in an address, and back.

`one-cycle:epochs=3:filters=8,16` is the preset one-cycle with more epochs and filters: the preset,
and what differs from it, named as in `TrainConfig` and `Augmentation`.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any

from asl_core.config import (
    PRESETS,
    Augmentation,
    PresetName,
    TrainConfig,
    preset_of,
)
from asl_core.errors import ConfigError

FIRST_EPOCHS: dict[PresetName, int] = {
    "constant": 5,
    "one-cycle": 1,
    "many-classes": 24,
    "landmarks": 16,
}
"""Epochs of each preset in a text. Links are out there: they stay as they are."""

LEAST_RATE = 1e-6
"""Smallest learning rate that a page offers."""

MAX_CHARACTERS = 400
"""Longest text that is read; what `to_text` writes is shorter."""


def first_offered(preset: PresetName) -> TrainConfig:
    """What a preset stands for in a text. What a page shows first is `first_config`'s."""
    return replace(PRESETS[preset], epochs=FIRST_EPOCHS[preset])


def to_text(config: TrainConfig) -> str:
    """A config as a text for `from_text`: the same on every dataset."""
    preset = preset_of(config)
    usual, values = _flat(first_offered(preset)), _flat(config)
    changed = [f"{name}={_spell(v)}" for name, v in values.items() if v != usual[name]]
    return ":".join([preset, *changed])


def from_text(text: str) -> TrainConfig:
    """The config of a text.

    Raises:
        ConfigError: it is none, or names a setting or a value that is not offered.
    """
    if len(text) > MAX_CHARACTERS:
        raise ConfigError(f"Settings must have at most {MAX_CHARACTERS} characters.")
    name, *parts = text.split(":")
    preset = next((preset for preset in PRESETS if preset == name), None)
    if preset is None:
        raise ConfigError(f"Settings must start with {' or '.join(PRESETS)}.")
    values = _flat(first_offered(preset))
    for part in parts:
        name, _, value = part.partition("=")
        if name not in _READ:
            raise ConfigError(f"Unknown setting: {name or 'an empty text'}.")
        values[name] = _read(name, value)
    changed = {name: values.pop(name) for name in _AUGMENTATIONS}
    usual, augmentation = PRESETS[preset], Augmentation(**changed)
    config = TrainConfig(
        schedule=usual.schedule, features=usual.features, augmentation=augmentation, **values
    )
    if config.rate < LEAST_RATE:
        raise ConfigError(
            f"learning_rate must be at least {LEAST_RATE:g}. Received: {config.rate:g}"
        )
    return config


def _filters(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(",")))


def _yes(text: str) -> bool:
    return {"1": True, "0": False}[text]


_READ: Mapping[str, Callable[[str], Any]] = {
    "epochs": int,
    "filters": _filters,
    "batch_size": int,
    "optimizer": str,
    "learning_rate": lambda text: float(text) if text else None,
    "seed": int,
    "validation_fraction": float,
    "patience": int,
    "class_weights": str,
    "kernel_size": int,
    "dropout": float,
    "batch_norm": _yes,
    "image_size": int,
    "hidden": int,
    "shift": float,
    "rotation": float,
    "zoom": float,
    "brightness": float,
    "mirror": _yes,
}
"""How the value of each setting is read; raises ValueError or KeyError."""

_AUGMENTATIONS = tuple(field.name for field in fields(Augmentation))


def _read(name: str, value: str) -> Any:
    try:
        return _READ[name](value)
    except (ValueError, KeyError) as error:
        raise ConfigError(f"{name} can't be read. Received: {value}") from error


def _flat(config: TrainConfig) -> dict[str, Any]:
    """The settings but for those that tell the preset, those of the augmentation among them."""
    return {
        name: getattr(config.augmentation if name in _AUGMENTATIONS else config, name)
        for name in _READ
    }


def _spell(value: Any) -> str:
    """A value as `_READ` takes it back."""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return repr(value)
    return "" if value is None else str(value)
