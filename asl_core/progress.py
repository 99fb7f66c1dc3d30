"""How far a training is: the value that goes from the worker to every page that watches."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any, TypeAlias

History: TypeAlias = dict[str, list[float]]
"""A list per metric (`loss`, `accuracy`), one number per epoch."""


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
    history: History = field(default_factory=lambda: {"loss": [], "accuracy": []})
    points: tuple[tuple[float, float, float], ...] = ()
    seconds_left: float | None = None
    _sums: tuple[int, float, float] = (0, 0.0, 0.0)

    @property
    def done_share(self) -> float:
        """Share of all batches that is done, 0 to 1."""
        return min(1.0, (self.epoch + self.batch / self.batches) / self.epochs)

    @property
    def epoch_under_way(self) -> int:
        """Number of the epoch under way, from 1."""
        return min(self.epoch + 1, self.epochs)

    def after_batch(self, batch: int, samples: int, means: dict[str, float]) -> "Progress":
        """Progress within an epoch.

        Args:
            batch: batches done of the epoch.
            samples: images in those batches.
            means: Keras's running `loss` and `accuracy` over those images.
        """
        before, loss_before, accuracy_before = self._sums
        loss, accuracy = means["loss"] * samples, means["accuracy"] * samples
        point = (
            round(self.epoch + batch / self.batches, 4),
            (loss - loss_before) / (samples - before),
            (accuracy - accuracy_before) / (samples - before),
        )
        points = (*self.points, point)
        return replace(self, batch=batch, points=points, _sums=(samples, loss, accuracy))

    def after_epoch(self, epoch: int, means: dict[str, float]) -> "Progress":
        """Progress once `epoch` epochs are done; `means` are over the last of them."""
        history = {metric: [*self.history[metric], float(means[metric])] for metric in self.history}
        return replace(self, epoch=epoch, batch=0, history=history, _sums=(0, 0.0, 0.0))

    def to_json(self) -> dict[str, Any]:
        """The progress as JSON types; `from_json` takes it back."""
        values = asdict(self)
        del values["_sums"]
        return values

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Progress":
        """The progress of `to_json`."""
        return cls(**{**values, "points": tuple(tuple(point) for point in values["points"])})
