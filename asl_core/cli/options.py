"""Options and arguments that several commands take, spelled the same in each."""

from pathlib import Path
from typing import Annotated

import typer

from asl_core.config import SplitName
from asl_core.errors import ConfigError

Data = Annotated[
    str | None, typer.Option(help="Folder of photos, or rendered:... (default: as the app).")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Runs = Annotated[Path | None, typer.Option(help="Folder of the runs (default: ASL_RUNS_DIR).")]
UnfinishedName = Annotated[str, typer.Argument(metavar="RUN", help="Id of an unfinished run.")]
RunName = Annotated[str, typer.Argument(metavar="RUN", help="Id or folder of a run.")]
Filters = Annotated[str, typer.Option(help="Of both convolutions, as 5,15.")]
BatchSize = Annotated[int | None, typer.Option(help="Default: 32, one-cycle 8.")]
LearningRate = Annotated[
    float | None, typer.Option(help="Default: Keras's own, one-cycle 0.01 at its peak.")
]
Shift = Annotated[float, typer.Option(help="Augment: largest move, share of side.")]
Rotation = Annotated[float, typer.Option(help="Augment: largest turn, degrees.")]
Zoom = Annotated[float, typer.Option(help="Augment: largest change of size, share.")]
Brightness = Annotated[float, typer.Option(help="Augment: largest change, share.")]
Mirror = Annotated[bool, typer.Option("--mirror", help="Augment: mirror half.")]
ValidationFraction = Annotated[float, typer.Option(help="Share of images put aside.")]
Patience = Annotated[int, typer.Option(help="Epochs before early stopping; 0: off.")]
SplitOption = Annotated[SplitName | None, typer.Option(help="Default: to fit the photos.")]
IgnoreCorrections = Annotated[
    bool, typer.Option("--ignore-corrections", help="Use labels and photos as they are.")
]
CompareFraction = Annotated[
    float, typer.Option(help="Share of the training images put aside to compare by.")
]


def filter_pair(text: str) -> tuple[int, int]:
    """The value of `--filters`.

    Raises:
        ConfigError: it is not two whole numbers with a comma.
    """
    try:
        first, second = map(int, text.split(","))
    except ValueError:
        raise ConfigError(
            f"--filters must be two whole numbers with a comma, such as 5,15. Received: {text}"
        ) from None
    return first, second
