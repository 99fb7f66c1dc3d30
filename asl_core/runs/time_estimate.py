"""How long trainings take, from those that were measured."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from asl_core.config import Architecture, Features, TrainConfig
from asl_core.runs.run import Run, RunResults
from asl_core.training.architecture import multiply_adds

MEASURED_RUNS = 10
"""How many of the newest runs are asked; older ones may be of another machine."""


@dataclass(frozen=True)
class Throughput:
    """Time that trainings took.

    Attributes:
        low: seconds of the fastest for a multiply-add of an image in an epoch.
        high: of the slowest.
        beside: seconds of a run beside the fit (loading, testing), the median.
        n: runs that it was measured on.
    """

    low: float
    high: float
    beside: float
    n: int


@dataclass(frozen=True)
class Estimate:
    """Seconds that trainings will take, one after the other, at the pace of the fastest and of the
    slowest measured one."""

    low: float
    high: float


def estimate_throughput(
    runs: Iterable[Run], batch_size: int | None = None, features: Features = "pixels"
) -> Throughput | None:
    """The pace of the newest finished runs.

    Args:
        runs: newest first.
        batch_size: runs with this batch size are preferred, since each step costs time of its own.
        features: that the networks get; others learn at another pace.

    Returns:
        None if there is no run.
    """
    known = [run for run in runs if run.spec.config.features == features]
    alike = [run for run in known if run.spec.config.batch_size == batch_size]
    timed = [(run.spec.config, run.results) for run in (alike or known)[:MEASURED_RUNS]]
    return measure_throughput(timed) if timed else None


def measure_throughput(timed: Sequence[tuple[TrainConfig, RunResults]]) -> Throughput:
    """The pace of at least one training, given by its settings and results."""
    paces = [
        results.seconds["fit"]
        / work(config.architecture, len(results.classes), results.n_train, results.epochs)
        for config, results in timed
    ]
    beside = [results.seconds["load"] + results.seconds["evaluate"] for _, results in timed]
    return Throughput(min(paces), max(paces), median(beside), len(timed))


def work(architecture: Architecture, n_classes: int, n_images: int, epochs: int) -> int:
    """Multiply-adds of the way forward of all images in all epochs."""
    return multiply_adds(architecture, n_classes) * n_images * epochs


def estimate(
    configs: Iterable[TrainConfig], n_images: int, n_classes: int, pace: Throughput
) -> Estimate:
    """Time of trainings one after the other.

    Args:
        configs: one per training.
        n_images: training images of the split, with those that a config puts aside.
        n_classes: of the images.
        pace: measured.
    """
    configs = tuple(configs)
    total = sum(
        work(config.architecture, n_classes, n_train_images(config, n_images), config.epochs)
        for config in configs
    )
    beside = pace.beside * len(configs)
    return Estimate(beside + pace.low * total, beside + pace.high * total)


def n_train_images(config: TrainConfig, n_images: int) -> int:
    """Training images that are left when the validation images are put aside."""
    return round(n_images * (1 - config.validation_fraction))
