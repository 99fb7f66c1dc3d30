"""Options and arguments that several commands take, spelled the same in each."""

from pathlib import Path
from typing import Annotated

import typer

from asl_core.config import SplitName
from asl_core.errors import ConfigError

Data = Annotated[
    str | None, typer.Option(help="Folder of images, or rendered:... (default: as the app).")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Runs = Annotated[Path | None, typer.Option(help="Folder of the runs (default: ASL_RUNS_DIR).")]
UnfinishedName = Annotated[str, typer.Argument(metavar="RUN", help="Id of an unfinished run.")]
RunName = Annotated[str, typer.Argument(metavar="RUN", help="Id or folder of a run.")]
Filters = Annotated[str, typer.Option(help="Of two or three conv layers, such as 5,15.")]
BatchSize = Annotated[int | None, typer.Option(help="Default: 32, one-cycle 8.")]
LearningRate = Annotated[
    float | None, typer.Option(help="Default: Keras's own, one-cycle 0.01 at its peak.")
]
Shift = Annotated[float, typer.Option(help="Augment: maximum shift, fraction of the side.")]
Rotation = Annotated[float, typer.Option(help="Augment: maximum rotation, degrees.")]
Zoom = Annotated[float, typer.Option(help="Augment: maximum zoom, fraction of the size.")]
Brightness = Annotated[float, typer.Option(help="Augment: maximum change, fraction.")]
Mirror = Annotated[bool, typer.Option("--mirror", help="Augment: flip half horizontally.")]
ValidationFraction = Annotated[float, typer.Option(help="Fraction of training images held out.")]
Patience = Annotated[int, typer.Option(help="Epochs before early stopping; 0: off.")]
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
