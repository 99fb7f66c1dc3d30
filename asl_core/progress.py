"""How far a training is: the value that goes from the worker to every page that watches."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, TypeAlias

History: TypeAlias = dict[str, list[float]]
"""A list per metric, one number per epoch: `loss` and `accuracy` on the training images as they
were learned. After the epoch, `val_loss` and `val_accuracy` if images are put aside for it, else
`test_loss` and `test_accuracy` if the test images are watched; runs of earlier versions have no
`test_...`."""

HELD_OUT: Mapping[str, str] = {"val": "validation", "test": "test"}
"""What the metrics of a history on images that were not learned from begin with, and what those
images are called."""

StopReason = Literal["all epochs", "stop", "early stopping", "time limit"]
"""Why a training was over."""

OnShare: TypeAlias = Callable[[float], None]
"""Told the share of some work that is done, 0 to 1."""


def held_out(history: History, metric: str) -> str | None:
    """The part in `HELD_OUT` on which a history has a metric besides the training images.

    Args:
        history: of a run, of any version.
        metric: `loss` or `accuracy`.
    """
    return next((prefix for prefix in HELD_OUT if f"{prefix}_{metric}" in history), None)


def part(on_share: OnShare, start: float, end: float) -> OnShare:
    """What a part of some work tells its own share to, 0 to 1.

    Args:
        on_share: told the share of the whole.
        start: share of the whole that is done before the part, 0 to 1.
        end: share that is done after it.
    """
    return lambda share: on_share(start + share * (end - start))


@dataclass(frozen=True)
class Progress:
    """State of a training between two batches.

    Attributes:
        epochs: epochs in all.
        batches: batches per epoch.
        epoch: epochs that are done.
        batch: batches done of the epoch under way.
        history: metrics of the epochs that are done.
        points: the live curve: (epochs done as a fraction, loss, accuracy), where loss and
            accuracy are means over the samples since the point before.
        seconds_left: time that the rest of the fit will take at the pace so far; None: unknown yet.
    """

    epochs: int
    batches: int
    epoch: int = 0
    batch: int = 0
    history: History = field(default_factory=dict)
    points: tuple[tuple[float, float, float], ...] = ()
    seconds_left: float | None = None

    @property
    def fraction_done(self) -> float:
        """Share of all batches that is done, 0 to 1."""
        return min(1.0, (self.epoch + self.batch / self.batches) / self.epochs)

    @property
    def epoch_under_way(self) -> int:
        """Number of the epoch under way, from 1."""
        return min(self.epoch + 1, self.epochs)

    def after_batch(self, batch: int, loss: float, accuracy: float) -> "Progress":
        """Progress within an epoch.

        Args:
            batch: batches done of the epoch.
            loss: mean over the images since the last point.
            accuracy: likewise.
        """
        point = (round(self.epoch + batch / self.batches, 4), loss, accuracy)
        return replace(self, batch=batch, points=(*self.points, point))

    def after_epoch(self, means: Mapping[str, float]) -> "Progress":
        """Progress after one epoch more (a part of one, if the training is stopped in it)."""
        history = {name: [*self.history.get(name, []), mean] for name, mean in means.items()}
        return replace(self, epoch=self.epoch + 1, batch=0, history=history)

    def to_json(self) -> dict[str, Any]:
        """The progress as JSON types; `from_json` takes it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Progress":
        """The progress of `to_json`."""
        return cls(**{**values, "points": tuple(tuple(point) for point in values["points"])})
