"""What a training is told: one value, checked when it is made."""

from dataclasses import asdict, dataclass, field, fields
from math import isfinite
from typing import Annotated, Any, Literal, get_args

from pydantic import AliasChoices, BeforeValidator, Field

from asl_core.errors import ConfigError
from asl_core.settings import IMAGE_SIZE, MAX_BATCH_SIZE, MAX_EPOCHS, MAX_FILTERS

OptimizerName = Literal["rmsprop", "adam", "sgd"]
ScheduleName = Literal["constant", "one-cycle"]
ClassWeights = Literal["none", "balanced"]
Features = Literal["pixels", "landmarks"]
PresetName = Literal["constant", "one-cycle", "many-classes", "landmarks"]
SplitName = Literal["original", "random", "frames", "rendered", "given", "groups"]

OPTIMIZERS: tuple[OptimizerName, ...] = get_args(OptimizerName)
SCHEDULES: tuple[ScheduleName, ...] = get_args(ScheduleName)
CLASS_WEIGHTS: tuple[ClassWeights, ...] = get_args(ClassWeights)
SPLITS: tuple[SplitName, ...] = get_args(SplitName)
FEATURES: tuple[Features, ...] = get_args(Features)

DEFAULT_LEARNING_RATES: dict[OptimizerName, float] = {"rmsprop": 1e-3, "adam": 1e-3, "sgd": 1e-2}
"""Keras's own defaults for each optimizer."""

MAX_VALIDATION_SHARE = 0.5

KERNEL_SIZES = (3, 5)
"""Sides of the kernels of all convolutions, in pixels."""

IMAGE_SIZES = (50, 64, 96)
"""Sides of the images that a network may get, in pixels; the first is that of the mission."""

MAX_DROPOUT = 0.8

MAX_HIDDEN = 1536
"""Units of the hidden layer of a network on landmarks."""

MAX_SEED = 2**32 - 1

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
class Architecture:
    """What a network is made of. The defaults are the mission's.

    On pixels, its blocks are a convolution with its ReLU and a max-pooling each; a softmax follows.
    On landmarks, the key points of a hand (see `asl_core.landmarks`), it has one hidden layer.

    Args:
        filters: of the convolution of each block, two or three blocks, 1 to 64 each.
        kernel_size: side of the kernels, 3 or 5 pixels.
        dropout: share of the last layer's inputs that each step of the training leaves out, 0 to
            0.8; a finished network gets all of them.
        batch_norm: whether each convolution is followed by batch normalization, before its ReLU.
        image_size: side of the images that the network gets, 50, 64 or 96 pixels.
        features: what it gets of an image: `pixels`, or `landmarks`; with these, filters, kernels,
            normalization and image size must be the defaults.
        hidden: units of the hidden layer of a network on landmarks, 1 to 512; on pixels there is
            none, and it must be the default.

    Raises:
        ConfigError: names the first value that is out of its range, and the range.
    """

    filters: tuple[int, ...] = (5, 15)
    kernel_size: int = 5
    dropout: float = 0.0
    batch_norm: bool = False
    image_size: int = IMAGE_SIZE
    features: Features = "pixels"
    hidden: int = 192

    def __post_init__(self) -> None:
        if len(self.filters) not in (2, 3):
            raise ConfigError(
                f"filters must be two or three numbers, one per block. Received: {self.filters}"
            )
        for count in self.filters:
            _within("filters", count, 1, MAX_FILTERS)
        _one_of("kernel_size", self.kernel_size, KERNEL_SIZES)
        _between("dropout", self.dropout, 0, MAX_DROPOUT)
        _one_of("image_size", self.image_size, IMAGE_SIZES)
        _one_of("features", self.features, FEATURES)
        _within("hidden", self.hidden, 1, MAX_HIDDEN)
        for name in UNUSED[self.features]:
            _one_of(f"{name} on {self.features}", getattr(self, name), (getattr(type(self), name),))


@dataclass(frozen=True)
class TrainConfig:
    """Settings of one training. The defaults are the mission's.

    Args:
        epochs: passes over the training images, 1 to 100.
        filters: of the convolution of each block (see `Architecture`, also for the next four).
        kernel_size: side of the kernels, in pixels.
        dropout: share of the last layer's inputs that a step leaves out.
        batch_norm: whether convolutions are followed by batch normalization.
        image_size: side of the images that the network gets, in pixels.
        batch_size: images per step of the optimizer, 1 to 512.
        optimizer: `rmsprop`, `adam` or `sgd`.
        learning_rate: above 0, at most 1; None takes Keras's default for the optimizer.
        seed: fixes first weights, order and augmentation of images, and dropout, 0 to 2**32 - 1.
        schedule: `constant`, or `one-cycle`, whose peak is the learning rate (see `schedule`).
        augmentation: how training images are changed.
        validation_fraction: share of each class's training images that is put aside to watch the
            training on images that it does not learn from, 0 to 0.5.
        patience: epochs without a better validation loss (training loss, if no image is put
            aside) after which the training ends, with the best weights; 0: never.
        features: what the network gets of an image (see `Architecture`); on landmarks, images are
            not augmented: each hand is read several times, turned and scaled.
        hidden: units of the hidden layer of a network on landmarks.
        class_weights: `none`, or `balanced`: an image counts the more, the fewer its class has
            (see `asl_core.training.class_weights`).

    Raises:
        ConfigError: names the first setting that is out of its range, and the range.
    """

    epochs: int = 1
    filters: tuple[int, ...] = (5, 15)
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
    kernel_size: int = 5
    dropout: float = 0.0
    batch_norm: bool = False
    image_size: int = IMAGE_SIZE
    class_weights: ClassWeights = "none"
    features: Features = "pixels"
    hidden: int = 192

    def __post_init__(self) -> None:
        _within("epochs", self.epochs, 1, MAX_EPOCHS)
        _ = self.architecture
        if self.features == "landmarks":
            _one_of("augmentation on landmarks", self.augmentation, (Augmentation(),))
        _within("batch_size", self.batch_size, 1, MAX_BATCH_SIZE)
        _within("seed", self.seed, 0, MAX_SEED)
        _one_of("optimizer", self.optimizer, OPTIMIZERS)
        _one_of("schedule", self.schedule, SCHEDULES)
        _one_of("class_weights", self.class_weights, CLASS_WEIGHTS)
        _between("validation_fraction", self.validation_fraction, 0, MAX_VALIDATION_SHARE)
        _within("patience", self.patience, 0, MAX_EPOCHS)
        if self.learning_rate is not None and not 0 < self.learning_rate <= 1:
            raise ConfigError(
                f"learning_rate must be above 0 and at most 1. Received: {self.learning_rate}"
            )

    @property
    def architecture(self) -> Architecture:
        """What the network is made of, without what the training does with it."""
        return Architecture(**{its.name: getattr(self, its.name) for its in fields(Architecture)})

    @property
    def rate(self) -> float:
        """The learning rate in use: the given one, or Keras's default for the optimizer."""
        return self.learning_rate or DEFAULT_LEARNING_RATES[self.optimizer]

    def to_json(self) -> dict[str, Any]:
        """The config as JSON types; `files.read_json` makes a config of them again."""
        return {**asdict(self), "filters": list(self.filters)}


UNUSED: dict[Features, tuple[str, ...]] = {
    "pixels": ("hidden",),
    "landmarks": ("filters", "kernel_size", "batch_norm", "image_size"),
}
"""Settings that keep their defaults, so that equal networks have equal settings."""


def _within(name: str, value: int, low: int, high: int) -> None:
    if not isinstance(value, int) or not low <= value <= high:
        raise ConfigError(f"{name} must be a whole number from {low} to {high}. Received: {value}")


def _one_of(name: str, value: object, choices: tuple[object, ...]) -> None:
    if value not in choices:
        raise ConfigError(
            f"{name} must be one of {', '.join(map(str, choices))}. Received: {value}"
        )


def _between(name: str, value: float, low: float, high: float) -> None:
    if not isfinite(value) or not low <= value <= high:
        raise ConfigError(f"{name} must be from {low:g} to {high:g}. Received: {value}")


BASELINE = TrainConfig()
"""The mission's settings."""

ONE_CYCLE = TrainConfig(batch_size=8, learning_rate=1e-2, schedule="one-cycle")
"""Settings with which the same network learns the mission's photos in one epoch."""

MANY_CLASSES = TrainConfig(
    epochs=24,
    filters=(16, 48, 64),
    optimizer="adam",
    learning_rate=4e-3,
    schedule="one-cycle",
    augmentation=Augmentation(shift=0.1, rotation=10, zoom=0.2, brightness=0.4),
    kernel_size=3,
    dropout=0.2,
    batch_norm=True,
)
"""Settings for some dozen classes; how good they are on 24 letters is in docs/measurements.md."""

LANDMARKS = TrainConfig(
    epochs=16,
    batch_size=64,
    optimizer="adam",
    learning_rate=2e-3,
    schedule="one-cycle",
    dropout=0.3,
    features="landmarks",
)
"""Settings of a network on hand landmarks."""

PRESETS: dict[PresetName, TrainConfig] = {
    "constant": BASELINE,
    "one-cycle": ONE_CYCLE,
    "many-classes": MANY_CLASSES,
    "landmarks": LANDMARKS,
}
"""Settings that go well together. The first two are named by their schedule, as in links and
commands of earlier versions."""


def preset_of(config: TrainConfig) -> PresetName:
    """The preset on the same features, with the same schedule, that differs in the fewest settings
    from a config; on landmarks there is one."""
    if config.features == "landmarks":
        return "landmarks"
    alike = {
        name: preset
        for name, preset in PRESETS.items()
        if (preset.features, preset.schedule) == (config.features, config.schedule)
    }
    return min(alike, key=lambda name: _n_differences(alike[name], config))


def _n_differences(one: TrainConfig, other: TrainConfig) -> int:
    return sum(
        getattr(one, field.name) != getattr(other, field.name) for field in fields(TrainConfig)
    )
