"""From images to a published run: load, split, fit, evaluate, save. Runs in a worker."""

import csv
import os
import platform
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import numpy as np

from asl_core.config import BASELINE, Augmentation, SplitName, TrainConfig
from asl_core.data.dataset import Dataset, Source
from asl_core.data.label_corrections import LabelCorrections
from asl_core.data.source import open_dataset
from asl_core.data.splits import Split, default_split, train_validation_split
from asl_core.data.trainable import training_data
from asl_core.files import write_json
from asl_core.progress import History, OnShare, Progress, part
from asl_core.runs.pending import PendingRun, new_pending
from asl_core.runs.run import Run, RunResults, RunSpec
from asl_core.runs.store import RunStore
from asl_core.settings import IMAGE_SIZE, MAX_TRAINING_SECONDS, settings
from asl_core.training.answers import n_correct
from asl_core.training.architecture import CHANNELS, count_params
from asl_core.training.augmentation import augment
from asl_core.training.engine import engine, is_fused
from asl_core.training.fit import fit
from asl_core.training.fitted import Fitted
from asl_core.training.inputs import for_network
from asl_core.training.plain_export import keras_file, litert_file

Watch: TypeAlias = Callable[[str, Progress | None], None]
"""Told what a training is at (`FINDING`, `training`, `evaluating`), and how far its fit is."""

FINDING = "finding hands"
"""What a training on landmarks is at first."""

MISSION_CLASSES = 3
PACKAGES = ("tensorflow", "keras", "numba", "numpy", "pillow")


def train(
    data: Source | Path | str,
    config: TrainConfig | None = None,
    split: SplitName | None = None,
    runs: Path | str | None = None,
    watch: Watch | None = None,
    use_corrections: bool = True,
) -> Run:
    """Train on a dataset, in this process, and publish the run.

    Args:
        data: folder with one sub-folder of images per class, or `rendered:...` (see
            `open_dataset`).
        config: the settings; None takes the mission's.
        split: how training and test images are told apart (see `make_split`); None: the
            mission's for the mission's photos, `rendered` for rendered images, else `random`.
        runs: folder of the runs; None: `ASL_RUNS_DIR`.
        watch: told about progress.
        use_corrections: whether decisions about doubtful images, kept in that folder, count.

    Returns:
        The finished run.

    Raises:
        DatasetError: the images can't be used.
    """
    dataset = open_dataset(data)
    name = split or default_split(dataset)
    spec = RunSpec(
        config or TrainConfig(),
        name,
        dataset.source.text,
        use_corrections=use_corrections,
        marked=dataset.source.marked,
    )
    pending = new_pending(RunStore(runs or settings().runs_dir), spec)
    pending.claim()
    try:
        with pending.working():
            return run_training(pending, watch)
    except Exception:  # nobody else will look at what is left
        pending.discard()
        raise
    finally:
        pending.submitted.release()


def measure(data: str, split: SplitName, on_progress: OnShare = lambda share: None) -> RunResults:
    """Train the mission's network for one epoch, once more when all is warm, and keep nothing.

    Args:
        data: as for `train`.
        split: as for `train`.
        on_progress: told the share that is done, often; what it raises ends it.

    Returns:
        The results of the second training, with its times.
    """

    def watch(start: float, end: float) -> Watch:
        tell = part(on_progress, start, end)
        return lambda step, progress: tell(progress.fraction_done if progress else 0.0)

    with TemporaryDirectory() as folder:
        train(data, BASELINE, split, folder, watch(0.0, 0.5))
        return train(data, BASELINE, split, folder, watch(0.5, 1.0)).results


def warm_up() -> None:
    """Load or compile all that the first training of a network like the mission's needs."""
    image = np.zeros((1, IMAGE_SIZE, IMAGE_SIZE, CHANNELS), np.uint8)
    augment(image, Augmentation(shift=0.1), np.random.default_rng(0))
    warm = engine(BASELINE.architecture, MISSION_CLASSES, BASELINE.optimizer)
    warm.start(BASELINE)
    warm.learn(warm.hold(image, np.zeros(1)), np.zeros(1), np.zeros(1, np.float32), 1)
    litert_file(BASELINE.architecture, MISSION_CLASSES, warm.weights())


def run_training(pending: PendingRun, watch: Watch | None = None) -> Run:
    """Do what a pending run asks for, and publish it. The caller is `working` on it.

    Args:
        pending: its `run/` folder is filled.
        watch: told about progress, beside the run's own status.

    Returns:
        The finished run.
    """

    def tell(step: str, progress: Progress | None = None) -> None:
        pending.write_state(step, progress)
        if watch:
            watch(step, progress)

    started = time.perf_counter()
    spec = pending.spec
    dataset, split, corrections = _load(pending, tell)
    loaded = time.perf_counter()
    fitted = fit(
        dataset,
        split,
        spec.config,
        on_progress=lambda progress: tell("training", progress),
        should_stop=pending.stop_requested,
        on_checkpoint=pending.save_checkpoint,
        checkpoint=pending.checkpoint(),
        time_limit=MAX_TRAINING_SECONDS,
        watch_test=True,
    )
    tell("evaluating")
    begun = time.perf_counter()
    results = replace(_evaluate(pending, dataset, split, fitted), corrections=corrections)
    evaluated = time.perf_counter()
    seconds = {
        "load": loaded - started,
        "fit": fitted.seconds,
        "evaluate": evaluated - begun,
        "total": evaluated - started,
    }
    write_json(pending.files / "config.json", spec.to_json())
    write_json(pending.files / "results.json", asdict(replace(results, seconds=seconds)))
    write_json(pending.files / "environment.json", environment())
    return pending.publish()


def _load(pending: PendingRun, tell: Watch) -> tuple[Dataset, Split, LabelCorrections]:
    """What the network gets with the labels, and the split with the images, that people have
    left."""
    config = pending.spec.config
    dataset = open_dataset(pending.spec.data, size=config.image_size)
    decisions = pending.corrections.changing(dataset)
    corrected, split = training_data(dataset, pending.spec.split, decisions, config)
    if config.features == "landmarks":
        tell(FINDING, None)
    inputs = for_network(
        corrected,
        config,
        lambda share: pending.tell(share, FINDING),
        pending.stop_requested,
    )
    return inputs, split, decisions


def _evaluate(pending: PendingRun, dataset: Dataset, split: Split, fitted: Fitted) -> RunResults:
    """Save the model with its answers on the test images; the times are left open."""
    test = fitted.predict(dataset.images[split.test])
    train = fitted.predict(dataset.images[fitted.train])
    to_learn, _ = train_validation_split(dataset, split, fitted.config)
    _save_model(pending.files, fitted)
    _save_predictions(pending.files, dataset, split, test)
    return RunResults(
        classes=dataset.classes,
        fingerprint=dataset.fingerprint,
        train=dataset.counts(fitted.train),
        test=dataset.counts(split.test),
        n_validation=len(fitted.validation),
        train_correct=n_correct(train, dataset.labels[fitted.train]),
        test_correct=n_correct(test, dataset.labels[split.test]),
        n_without_hand=len(to_learn) - len(fitted.train),
        params=count_params(pending.spec.config.architecture, len(dataset.classes)),
        epochs=len(fitted.history["loss"]),
        best_epoch=fitted.best_epoch,
        stop_reason=fitted.stop_reason,
        seconds={},
    )


def _save_model(folder: Path, fitted: Fitted) -> None:
    architecture = fitted.config.architecture
    if is_fused(architecture):
        (folder / "model.keras").write_bytes(keras_file(fitted))
        content = litert_file(architecture, fitted.n_classes, fitted.weights)
    else:
        from asl_core.training.export import to_litert

        fitted.model.save(folder / "model.keras")
        content = to_litert(fitted.model)
    (folder / "model.tflite").write_bytes(content)
    _save_history(folder / "history.csv", fitted.history)


def _save_history(path: Path, history: History) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["epoch", *history])
        for epoch, metrics in enumerate(zip(*history.values(), strict=True), start=1):
            writer.writerow([epoch, *metrics])


def _save_predictions(
    folder: Path, dataset: Dataset, split: Split, probabilities: np.ndarray
) -> None:
    found = ~np.isnan(probabilities[:, 0])
    np.savez_compressed(
        folder / "predictions.npz",
        indices=split.test,
        files=np.array([dataset.files[index] for index in split.test]),
        labels=dataset.labels[split.test],
        probabilities=np.where(found[:, None], probabilities, 1 / probabilities.shape[1]),
        **({} if found.all() else {"found": found}),
    )


def environment() -> dict[str, str | int | None]:
    """What a run was trained with: `environment.json` of a run."""
    return {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "cpus": os.cpu_count(),
        **{package: version(package) for package in PACKAGES},
    }
