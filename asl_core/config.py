"""What a training is told: one value, checked when it is made."""

from dataclasses import asdict, dataclass, field
from math import isfinite
from typing import Annotated, Any, Literal, get_args

from pydantic import AliasChoices, BeforeValidator, Field

from asl_core.errors import ConfigError
from asl_core.settings import MAX_BATCH_SIZE, MAX_EPOCHS, MAX_FILTERS

OptimizerName = Literal["rmsprop", "adam", "sgd"]
ScheduleName = Literal["constant", "one-cycle"]
SplitName = Literal["original", "random", "frames", "rendered"]

OPTIMIZERS: tuple[OptimizerName, ...] = get_args(OptimizerName)
SCHEDULES: tuple[ScheduleName, ...] = get_args(ScheduleName)
SPLITS: tuple[SplitName, ...] = get_args(SplitName)

DEFAULT_LEARNING_RATES: dict[OptimizerName, float] = {"rmsprop": 1e-3, "adam": 1e-3, "sgd": 1e-2}
"""Keras's own defaults for each optimizer."""

MAX_VALIDATION_SHARE = 0.5

OLD_SPLITS: dict[str, SplitName] = {"mission": "original", "drawn": "rendered"}
"""What splits were called by earlier versions, in runs and links."""


def _todays_split(name: Any) -> Any:
    return OLD_SPLITS.get(name, name) if isinstance(name, str) else name


StoredSplit = Annotated[SplitName, BeforeValidator(_todays_split)]
"""A split in a file of any version."""

AUGMENTATION_LIMITS = {"shift": 0.3, "rotation": 45.0, "zoom": 0.5, "brightness": 0.5}
"""Largest value of each augmentation, in its unit (see `Augmentation`)."""


@dataclass(frozen=True)
class Augmentation:
    """How training images are changed, afresh each epoch. The defaults change nothing.

    Each amount is drawn uniformly between minus and plus the value, for each image.

    Args:
        shift: largest move, right and down, as a share of the side; 0 to 0.3.
        rotation: largest turn, in degrees; 0 to 45.
        zoom: largest change of size, as a share; 0 to 0.5.
        brightness: largest change of brightness, as a share of the whole range; 0 to 0.5.
        mirror: whether half of the images are mirrored left to right, as another hand signs.

    Raises:
        ConfigError: names the first value that is out of its range, and the range.
    """

    shift: float = 0.0
    rotation: float = 0.0
    zoom: float = 0.0
    brightness: float = 0.0
    mirror: bool = False

    def __post_init__(self) -> None:
        for name, limit in AUGMENTATION_LIMITS.items():
            _between(name, getattr(self, name), 0, limit)

    def __bool__(self) -> bool:
        """Whether anything is changed."""
        return self != Augmentation()


@dataclass(frozen=True)
class TrainConfig:
    """Settings of one training. The defaults are the mission's.

    Args:
        epochs: passes over the training images, 1 to 100.
        filters: filters of the first and of the second convolution, 1 to 64 each.
        batch_size: images per step of the optimizer, 1 to 512.
        optimizer: `rmsprop`, `adam` or `sgd`.
        learning_rate: above 0, at most 1; None takes Keras's default for the optimizer.
        seed: fixes first weights, order and augmentation of images, 0 to 2**32 - 1.
        schedule: `constant`, or `one-cycle`, whose peak is the learning rate (see `schedule`).
        augmentation: how training images are changed.
        validation_fraction: share of each class's training images that is put aside to watch the
            training on images that it does not learn from, 0 to 0.5.
        patience: epochs without a better validation loss (training loss, if no image is put
            aside) after which the training ends, with the best weights; 0: never.

    Raises:
        ConfigError: names the first setting that is out of its range, and the range.
    """

    epochs: int = 1
    filters: tuple[int, int] = (5, 15)
    batch_size: int = 32
    optimizer: OptimizerName = "rmsprop"
    learning_rate: float | None = None
    seed: int = 2
    schedule: ScheduleName = "constant"
    augmentation: Augmentation = field(default_factory=Augmentation)
    validation_fraction: Annotated[
        float, Field(validation_alias=AliasChoices("validation_fraction", "validation_share"))
    ] = 0.0
    patience: int = 0

    def __post_init__(self) -> None:
        _within("epochs", self.epochs, 1, MAX_EPOCHS)
        if len(self.filters) != 2:
            raise ConfigError(
                f"filters must be two numbers, one per layer. Received: {self.filters}"
            )
        for count in self.filters:
            _within("filters", count, 1, MAX_FILTERS)
        _within("batch_size", self.batch_size, 1, MAX_BATCH_SIZE)
        _within("seed", self.seed, 0, 2**32 - 1)
        if self.optimizer not in OPTIMIZERS:
            raise ConfigError(
                f"optimizer must be one of {', '.join(OPTIMIZERS)}. Received: {self.optimizer}"
            )
        if self.schedule not in SCHEDULES:
            raise ConfigError(
                f"schedule must be one of {', '.join(SCHEDULES)}. Received: {self.schedule}"
            )
        _between("validation_fraction", self.validation_fraction, 0, MAX_VALIDATION_SHARE)
        _within("patience", self.patience, 0, MAX_EPOCHS)
        if self.learning_rate is not None and not 0 < self.learning_rate <= 1:
            raise ConfigError(
                f"learning_rate must be above 0 and at most 1. Received: {self.learning_rate}"
            )

    @property
    def rate(self) -> float:
        """The learning rate in use: the given one, or Keras's default for the optimizer."""
        return self.learning_rate or DEFAULT_LEARNING_RATES[self.optimizer]

    def to_json(self) -> dict[str, Any]:
        """The config as JSON types; `files.read_json` makes a config of them again."""
        return {**asdict(self), "filters": list(self.filters)}


def _within(name: str, value: int, low: int, high: int) -> None:
    if not isinstance(value, int) or not low <= value <= high:
        raise ConfigError(f"{name} must be a whole number from {low} to {high}. Received: {value}")


def _between(name: str, value: float, low: float, high: float) -> None:
    if not isfinite(value) or not low <= value <= high:
        raise ConfigError(f"{name} must be from {low:g} to {high:g}. Received: {value}")


BASELINE = TrainConfig()
"""The mission's settings."""

ONE_CYCLE = TrainConfig(batch_size=8, learning_rate=1e-2, schedule="one-cycle")
"""Settings with which the same network learns the mission's photos in one epoch."""

PRESETS: dict[ScheduleName, TrainConfig] = {"constant": BASELINE, "one-cycle": ONE_CYCLE}
"""What goes well with each schedule."""
