"""Settings to try, each with each: what a sweep is asked for."""

from dataclasses import dataclass, field, replace
from itertools import product

from asl_core.config import SplitName, TrainConfig
from asl_core.errors import ConfigError
from asl_core.run import RunSpec
from asl_core.settings import MAX_SWEEP_RUNS
from asl_core.sweep import new_sweep_id

VALIDATION_SHARE = 0.2
"""Share of the training images that a sweep puts aside to compare by, unless told otherwise."""


@dataclass(frozen=True)
class Grid:
    """Settings to try, each with each.

    Args:
        filters: of both convolutions.
        epochs: passes over the training images.
        learning_rates: None takes Keras's default for the optimizer.
        seeds: every setting is trained once with each.
        base: all other settings. A fifth of the training images is put aside unless told
            otherwise, since settings that are chosen by the test images look better than they are.

    Raises:
        ConfigError: there is nothing to try, a value is given twice, is out of its range, or there
            are more than `MAX_SWEEP_RUNS` runs.
    """

    filters: tuple[tuple[int, int], ...] = ((5, 15),)
    epochs: tuple[int, ...] = (1,)
    learning_rates: tuple[float | None, ...] = (None,)
    seeds: tuple[int, ...] = (0, 1, 2)
    base: TrainConfig = field(default=TrainConfig(validation_share=VALIDATION_SHARE))

    def __post_init__(self) -> None:
        for name in ("filters", "epochs", "learning_rates", "seeds"):
            values = getattr(self, name)
            if not values:
                raise ConfigError(f"{name} is empty: give at least one value.")
            if len(set(values)) < len(values):
                raise ConfigError(f"{name} holds a value twice. Received: {values}")
        if len(self) > MAX_SWEEP_RUNS:
            raise ConfigError(
                f"This grid has {len(self)} runs, and a sweep has at most {MAX_SWEEP_RUNS}: try "
                "fewer values, or fewer seeds."
            )
        _ = self.configs

    def __len__(self) -> int:
        return len(self.filters) * len(self.epochs) * len(self.learning_rates) * len(self.seeds)

    @property
    def configs(self) -> tuple[TrainConfig, ...]:
        """One config per run. Those of one architecture follow each other: its graph is kept."""
        return tuple(
            replace(self.base, filters=filters, epochs=epochs, learning_rate=rate, seed=seed)
            for filters, epochs, rate, seed in product(
                self.filters, self.epochs, self.learning_rates, self.seeds
            )
        )

    def specs(self, split: SplitName, data: str) -> tuple[RunSpec, ...]:
        """The runs of a new sweep over this grid."""
        sweep_id = new_sweep_id()
        return tuple(RunSpec(config, split, data, sweep_id) for config in self.configs)
