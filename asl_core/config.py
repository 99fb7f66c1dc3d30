"""What a training is told: one value, checked when it is made."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from asl_core.errors import ConfigError
from asl_core.settings import MAX_BATCH_SIZE, MAX_EPOCHS, MAX_FILTERS

OptimizerName = Literal["rmsprop", "adam", "sgd"]
SplitName = Literal["mission", "random", "frames", "drawn"]

OPTIMIZERS: tuple[OptimizerName, ...] = get_args(OptimizerName)
SPLITS: tuple[SplitName, ...] = get_args(SplitName)

DEFAULT_LEARNING_RATES: dict[OptimizerName, float] = {"rmsprop": 1e-3, "adam": 1e-3, "sgd": 1e-2}
"""Keras's own defaults for each optimizer."""


@dataclass(frozen=True)
class TrainConfig:
    """Settings of one training. The defaults are the mission's.

    Args:
        epochs: passes over the training images, 1 to 100.
        filters: filters of the first and of the second convolution, 1 to 64 each.
        batch_size: images per step of the optimizer, 1 to 512.
        optimizer: `rmsprop`, `adam` or `sgd`.
        learning_rate: above 0, at most 1; None takes Keras's default for the optimizer.
        seed: fixes first weights and order of images, 0 to 2**32 - 1.

    Raises:
        ConfigError: names the first setting that is out of its range, and the range.
    """

    epochs: int = 1
    filters: tuple[int, int] = (5, 15)
    batch_size: int = 32
    optimizer: OptimizerName = "rmsprop"
    learning_rate: float | None = None
    seed: int = 2

    def __post_init__(self) -> None:
        _within("epochs", self.epochs, 1, MAX_EPOCHS)
        if len(self.filters) != 2:
            raise ConfigError(f"filters takes two numbers, one per layer. Received: {self.filters}")
        for count in self.filters:
            _within("filters", count, 1, MAX_FILTERS)
        _within("batch_size", self.batch_size, 1, MAX_BATCH_SIZE)
        _within("seed", self.seed, 0, 2**32 - 1)
        if self.optimizer not in OPTIMIZERS:
            raise ConfigError(
                f"optimizer is one of {', '.join(OPTIMIZERS)}. Received: {self.optimizer}"
            )
        if self.learning_rate is not None and not 0 < self.learning_rate <= 1:
            raise ConfigError(
                f"learning_rate is above 0 and at most 1. Received: {self.learning_rate}"
            )

    @property
    def rate(self) -> float:
        """The learning rate in use: the given one, or Keras's default for the optimizer."""
        return self.learning_rate or DEFAULT_LEARNING_RATES[self.optimizer]

    def to_json(self) -> dict[str, Any]:
        """The config as JSON types; `from_json` takes it back."""
        return {**asdict(self), "filters": list(self.filters)}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "TrainConfig":
        """The config of `to_json`."""
        return cls(**{**values, "filters": tuple(values["filters"])})


def _within(name: str, value: int, low: int, high: int) -> None:
    if not isinstance(value, int) or not low <= value <= high:
        raise ConfigError(f"{name} is a whole number from {low} to {high}. Received: {value}")
