"""Options and arguments that several commands take, spelled the same in each."""

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from asl_core.config import (
    PRESETS,
    Augmentation,
    ClassWeights,
    Features,
    OptimizerName,
    PresetName,
    ScheduleName,
    SplitName,
    TrainConfig,
)
from asl_core.errors import ConfigError

Data = Annotated[
    str | None,
    typer.Option(help="Folder, rendered:... or set:ID (default: as the app)."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Runs = Annotated[Path | None, typer.Option(help="Folder of the runs (default: ASL_RUNS_DIR).")]
UnfinishedName = Annotated[str, typer.Argument(metavar="RUN", help="Id of an unfinished run.")]
RunName = Annotated[str, typer.Argument(metavar="RUN", help="Id or folder of a run.")]
Preset = Annotated[
    PresetName | None,
    typer.Option(help="Settings that go well together; other options change them."),
]
Epochs = Annotated[int | None, typer.Option(help="Default: of the preset, or 1.")]
Schedule = Annotated[ScheduleName | None, typer.Option(help="Default: that of the preset.")]
Filters = Annotated[
    str | None, typer.Option(help="Of two or three conv layers. Default: of the preset, or 5,15.")
]
KernelSize = Annotated[int | None, typer.Option(help="Side of the kernels: 3 or 5 pixels.")]
FeaturesOption = Annotated[
    Features | None,
    typer.Option("--features", help="What the network gets: pixels, or landmarks of the hand."),
]
Hidden = Annotated[int | None, typer.Option(help="On landmarks: hidden units. Default: 192.")]
Dropout = Annotated[float | None, typer.Option(help="Fraction of the last layer's inputs.")]
BatchNorm = Annotated[bool | None, typer.Option(help="Normalize after each convolution.")]
ImageSize = Annotated[int | None, typer.Option(help="Side of the images: 50, 64 or 96 pixels.")]
BatchSize = Annotated[int | None, typer.Option(help="Default: 32, one-cycle 8.")]
Optimizer = Annotated[OptimizerName | None, typer.Option(help="Default: of the preset.")]
LearningRate = Annotated[
    float | None, typer.Option(help="Default: Keras's own, one-cycle 0.01 at its peak.")
]
Shift = Annotated[float | None, typer.Option(help="Augment: maximum shift, fraction of the side.")]
Rotation = Annotated[float | None, typer.Option(help="Augment: maximum rotation, degrees.")]
Zoom = Annotated[float | None, typer.Option(help="Augment: maximum zoom, fraction of the size.")]
Brightness = Annotated[float | None, typer.Option(help="Augment: maximum change, fraction.")]
Mirror = Annotated[bool | None, typer.Option("--mirror", help="Augment: flip half horizontally.")]
ValidationFraction = Annotated[float, typer.Option(help="Fraction of training images held out.")]
Patience = Annotated[int, typer.Option(help="Epochs before early stopping; 0: off.")]
ClassWeightsOption = Annotated[
    ClassWeights | None, typer.Option(help="balanced: small classes count as much as large ones.")
]
SplitOption = Annotated[SplitName | None, typer.Option(help="Default: what suits the images.")]
IgnoreCorrections = Annotated[
    bool, typer.Option("--ignore-corrections", help="Use the original labels of all images.")
]
Honest = Annotated[
    bool,
    typer.Option(
        "--honest",
        help="Check the accuracy too: five other seeds, five blocks of frames, ASL_ALSO_DIRS.",
    ),
]
CompareFraction = Annotated[
    float, typer.Option(help="Fraction of training images held out to compare by.")
]


def preset_with(preset: PresetName | None, options: Mapping[str, Any]) -> TrainConfig:
    """A preset with what is given besides.

    Args:
        preset: its name; None: the one that is named as the features or the schedule, or the
            baseline.
        options: of a command, by name. Those count that are named as a setting of `TrainConfig` or
            `Augmentation` and are not None.

    Raises:
        ConfigError: names the first setting that is out of its range, and the range.
    """
    given = {name: value for name, value in options.items() if value is not None}
    on_landmarks = given.get("features") == "landmarks"
    usual: PresetName = "landmarks" if on_landmarks else given.get("schedule", "constant")
    base = PRESETS[preset or usual]
    if "filters" in given:
        given["filters"] = parse_filters(given["filters"])
    augmentation = replace(base.augmentation, **_settings_of(Augmentation, given))
    return replace(base, augmentation=augmentation, **_settings_of(TrainConfig, given))


def _settings_of(kind: type, given: Mapping[str, Any]) -> dict[str, Any]:
    return {field.name: given[field.name] for field in fields(kind) if field.name in given}


def parse_filters(text: str) -> tuple[int, ...]:
    """The value of `--filters`; `TrainConfig` sees that there are two or three.

    Raises:
        ConfigError: it is not whole numbers with a comma between them.
    """
    try:
        return tuple(map(int, text.split(",")))
    except ValueError:
        raise ConfigError(
            "--filters must be two or three whole numbers with a comma, such as 5,15. "
            f"Received: {text}"
        ) from None
