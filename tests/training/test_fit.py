"""Training: the same seed, progress, stopping, and the run that comes of it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from asl_core import (
    Augmentation,
    Classifier,
    TrainConfig,
    augment,
    fit,
    make_split,
    open_dataset,
    read_folder,
    train,
)
from asl_core.config import OptimizerName, ScheduleName
from asl_core.data import Dataset, Split
from asl_core.data.dataset import one_hot
from asl_core.errors import DatasetError, TrainingError
from asl_core.progress import Progress
from asl_core.runs.pending import list_pending
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore
from asl_core.training import fit as training
from asl_core.training.checkpoint import Best, Checkpoint
from asl_core.training.class_weights import class_weights
from asl_core.training.cross_validation import cross_val_predict
from asl_core.training.fit import augmentation_rng, epoch_order
from asl_core.training.learning_rate import learning_rates
from asl_core.training.model import architecture_of, build_cnn

CONFIG = TrainConfig(epochs=3, filters=(3, 4), batch_size=5, seed=7)


def test_one_config_and_seed_give_identical_weights(drawn: Path) -> None:
    dataset = read_folder(drawn)
    split = make_split(dataset, "random")
    first, second = (fit(dataset, split, CONFIG).model.get_weights() for _ in range(2))
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)
    other = fit(dataset, split, TrainConfig(epochs=3, filters=(3, 4), batch_size=5, seed=8))
    assert any((a != b).any() for a, b in zip(first, other.model.get_weights(), strict=True))


def test_progress_tells_every_epoch_and_ends_whole(drawn: Path) -> None:
    dataset = read_folder(drawn)
    told: list[Progress] = []
    fitted = fit(dataset, make_split(dataset, "random"), CONFIG, on_progress=told.append)
    shares = [progress.fraction_done for progress in told]
    assert shares == sorted(shares)
    assert told[-1].fraction_done == 1
    assert told[-1].history == fitted.history
    assert len(fitted.history["loss"]) == len(fitted.history["accuracy"]) == 3
    last = told[-1]
    in_last_epoch = [point for point in last.points if point[0] > 2]
    # 48 images in batches of 5: nine whole ones and a rest, all told one by one
    weights = [5] * 9 + [3]
    mean_loss = np.average([point[1] for point in in_last_epoch], weights=weights)
    assert mean_loss == pytest.approx(fitted.history["loss"][-1], rel=1e-4)
    assert Progress.from_json(json.loads(json.dumps(last.to_json()))) == last


def test_a_stop_ends_at_once_and_keeps_what_is_learnt(drawn: Path) -> None:
    dataset = read_folder(drawn)
    told: list[Progress] = []
    fitted = fit(
        dataset,
        make_split(dataset, "random"),
        TrainConfig(epochs=50, batch_size=5),
        on_progress=told.append,
        should_stop=lambda: len(told) >= 14,
    )
    assert fitted.stop_reason == "stop"
    assert len(fitted.history["loss"]) == 2  # stopped within the second epoch


class Rates(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Sets the learning rate of each step, as a user of plain Keras would."""

    def __init__(self, rates: np.ndarray) -> None:
        super().__init__()
        self.rates = iter(rates)

    def on_train_batch_begin(self, batch: int, logs: object = None) -> None:
        self.model.optimizer.learning_rate = float(next(self.rates))


@pytest.mark.parametrize(
    ("optimizer", "schedule", "more"),
    [
        ("rmsprop", "constant", {}),
        ("adam", "one-cycle", {}),
        ("sgd", "constant", {}),
        ("sgd", "constant", {"dropout": 0.4}),
        ("sgd", "constant", {"batch_norm": True}),
        ("sgd", "constant", {"filters": (3, 4, 5), "kernel_size": 3, "dropout": 0.2}),
    ],
)
def test_plain_keras_comes_to_the_same_weights(
    drawn: Path, optimizer: OptimizerName, schedule: ScheduleName, more: dict[str, Any]
) -> None:
    dataset = read_folder(drawn)
    split = make_split(dataset, "random")
    augmentation = Augmentation(shift=0.1, mirror=True) if schedule == "one-cycle" else None
    config = replace(
        CONFIG,
        optimizer=optimizer,
        schedule=schedule,
        augmentation=augmentation or Augmentation(),
        **more,
    )
    fitted = fit(dataset, split, config)

    model = build_cnn(config, 3)
    rates = Rates(learning_rates(config, len(split.train)))
    labels = one_hot(dataset.labels[split.train], 3)
    for epoch in range(config.epochs):
        images = augment(
            dataset.images[split.train], config.augmentation, augmentation_rng(config, epoch)
        )
        order = epoch_order(config, epoch, len(images))
        model.fit(
            images[order], labels[order], config.batch_size, shuffle=False, verbose=0,
            callbacks=[rates],
        )  # fmt: skip
    for ours, theirs in zip(fitted.model.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
    for ours, theirs in zip(
        fitted.model.optimizer.variables, model.optimizer.variables, strict=True
    ):
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), atol=1e-5)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"optimizer": "adam", "augmentation": Augmentation(shift=0.1)},
        {"filters": (3, 4, 5), "kernel_size": 3, "dropout": 0.2, "batch_norm": True},
    ],
)
def test_class_weights_are_those_of_keras(drawn: Path, more: dict[str, Any]) -> None:
    dataset = read_folder(drawn)
    whole = make_split(dataset, "random")
    few = [whole.train[dataset.labels[whole.train] == k][:n] for k, n in enumerate((16, 8, 3))]
    train = np.random.default_rng(0).permutation(np.concatenate(few))
    split = Split(train, whole.test, "random")
    usual = {"optimizer": "sgd", "batch_size": 4, "class_weights": "balanced"}
    config = replace(CONFIG, **{**usual, **more})
    fitted = fit(dataset, split, config)
    weights = class_weights("balanced", dataset.labels[train], 3)
    np.testing.assert_allclose(weights, 27 / 3 / np.array([16, 8, 3]), rtol=1e-6)

    model, losses = build_cnn(config, 3), []
    labels = one_hot(dataset.labels[train], 3)
    for epoch in range(config.epochs):
        images = augment(
            dataset.images[train], config.augmentation, augmentation_rng(config, epoch)
        )
        order = epoch_order(config, epoch, len(images))
        told = model.fit(
            images[order], labels[order], config.batch_size, shuffle=False, verbose=0,
            class_weight=dict(enumerate(weights.tolist())),
        )  # fmt: skip
        losses += told.history["loss"]
    for ours, theirs in zip(fitted.model.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
    np.testing.assert_allclose(fitted.history["loss"], losses, rtol=1e-4)
    plain = fit(dataset, split, replace(config, class_weights="none"))
    assert not np.allclose(plain.weights[-1], fitted.weights[-1], atol=1e-4)


def test_class_weights_hold_in_the_folds_of_a_check(drawn: Path) -> None:
    dataset = read_folder(drawn)
    few = [*np.flatnonzero(dataset.labels != 2).tolist(), 40, 45]
    fold = Split(np.array(few), np.arange(41, 45), "random")
    config = replace(CONFIG, epochs=2, class_weights="balanced")
    told = cross_val_predict(dataset, [fold], config)[fold.test]
    np.testing.assert_array_equal(
        told, fit(dataset, fold, config).predict(dataset.images[fold.test])
    )
    assert not np.array_equal(
        told, cross_val_predict(dataset, [fold], replace(config, class_weights="none"))[fold.test]
    )


def test_class_weights_of_known_counts() -> None:
    labels = np.array([0] * 6 + [1] * 3 + [3])
    np.testing.assert_allclose(
        class_weights("balanced", labels, 4), [10 / 18, 10 / 9, 1, 10 / 3], rtol=1e-6
    )
    assert class_weights("none", labels, 4).tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("after", "more"),
    [(1, {}), (4, {}), (2, {"filters": (3, 4, 5), "batch_norm": True, "dropout": 0.3})],
)
def test_an_interrupted_training_comes_to_the_same_weights(
    drawn: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    after: int,
    more: dict[str, Any],
) -> None:
    monkeypatch.setattr(training, "CHECKPOINT_SECONDS", 0)
    dataset = read_folder(drawn)
    split = make_split(dataset, "random")
    config = TrainConfig(
        epochs=6,
        filters=(3, 4),
        batch_size=7,
        optimizer="adam",
        schedule="one-cycle",
        augmentation=Augmentation(rotation=10, brightness=0.1),
        validation_fraction=0.25,
        patience=6,
    )
    config = replace(config, **more)
    whole = fit(dataset, split, config)

    class Crash(Exception):
        pass

    def crash(checkpoint: Checkpoint) -> None:
        checkpoint.save(tmp_path / "checkpoint.npz")
        if checkpoint.progress.epoch == after:
            raise Crash

    with pytest.raises(Crash):
        fit(dataset, split, config, on_checkpoint=crash)
    fit(dataset, split, CONFIG)  # others use the same worker, and the same graph, in between
    fit(dataset, split, replace(config, epochs=1, seed=9))
    checkpoint = Checkpoint.load(tmp_path / "checkpoint.npz")
    assert checkpoint
    resumed = fit(dataset, split, config, checkpoint=checkpoint)
    for ours, theirs in zip(resumed.model.get_weights(), whole.model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert resumed.history == whole.history
    assert resumed.best_epoch == whole.best_epoch


def test_a_checkpoint_that_is_cut_off_is_none(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.npz"
    assert Checkpoint.load(path) is None
    best = Best(1, 0.5, [np.ones(3)])
    Checkpoint(Progress(3, 4), [np.ones(3)], [np.zeros(())], best, 1.5).save(path)
    whole = path.read_bytes()
    checkpoint = Checkpoint.load(path)
    assert checkpoint
    assert checkpoint.seconds == 1.5
    for length in (0, 10, len(whole) // 2, len(whole) - 30):
        path.write_bytes(whole[:length])
        assert Checkpoint.load(path) is None


def test_early_stopping_keeps_the_best_weights(drawn: Path) -> None:
    dataset = read_folder(drawn)
    split = make_split(dataset, "random")
    # A learning rate at which the loss is soon worse than it was.
    config = TrainConfig(
        epochs=60, batch_size=8, learning_rate=0.02, validation_fraction=0.25, patience=3
    )
    fitted = fit(dataset, split, config)
    losses = fitted.history["val_loss"]
    assert fitted.stop_reason == "early stopping"
    assert len(losses) == fitted.best_epoch + 3
    assert fitted.best_epoch == int(np.argmin(losses)) + 1
    assert len(fitted.validation) == 12  # a quarter of 16, of each of three letters
    assert not set(fitted.validation) & set(fitted.train)
    assert set(fitted.validation) | set(fitted.train) == set(split.train)
    loss, accuracy = fitted.model.evaluate(
        dataset.images[fitted.validation], one_hot(dataset.labels[fitted.validation], 3), verbose=0
    )
    assert loss == pytest.approx(min(losses), rel=1e-4)
    assert accuracy == pytest.approx(fitted.history["val_accuracy"][fitted.best_epoch - 1])


def test_the_test_images_are_watched_and_choose_nothing(drawn: Path) -> None:
    dataset = read_folder(drawn)
    split = make_split(dataset, "random")
    # At this rate the loss is soon worse than it was: what is kept is not the last epoch's, nor
    # the one that is best on the test images.
    config = TrainConfig(epochs=40, batch_size=8, learning_rate=0.02, patience=3, seed=3)
    told: list[Progress] = []
    alone = fit(dataset, split, config)
    watched = fit(dataset, split, config, on_progress=told.append, watch_test=True)
    assert set(watched.history) == {"loss", "accuracy", "test_loss", "test_accuracy"}
    assert {name: watched.history[name] for name in alone.history} == alone.history
    assert watched.stop_reason == alone.stop_reason == "early stopping"
    assert watched.best_epoch == alone.best_epoch
    for ours, theirs in zip(watched.model.get_weights(), alone.model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert all(set(progress.history) == set(watched.history) for progress in told if progress.epoch)
    loss, accuracy = watched.model.evaluate(
        dataset.images[split.test], one_hot(dataset.labels[split.test], 3), verbose=0
    )
    assert loss == pytest.approx(watched.history["test_loss"][watched.best_epoch - 1], rel=1e-4)
    assert accuracy == pytest.approx(watched.history["test_accuracy"][watched.best_epoch - 1])


def test_with_a_validation_split_that_is_watched_instead(drawn: Path) -> None:
    dataset = read_folder(drawn)
    config = TrainConfig(epochs=1, validation_fraction=0.25)
    fitted = fit(dataset, make_split(dataset, "random"), config, watch_test=True)
    assert set(fitted.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}


def test_a_checkpoint_of_an_earlier_version_goes_on_as_it_began(
    drawn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "CHECKPOINT_SECONDS", 0)
    dataset = read_folder(drawn)
    split = make_split(dataset, "random")

    class Crash(Exception):
        pass

    kept: list[Checkpoint] = []

    def crash(checkpoint: Checkpoint) -> None:
        kept.append(checkpoint)
        raise Crash

    with pytest.raises(Crash):
        fit(dataset, split, CONFIG, on_checkpoint=crash)  # knows of no test images
    resumed = fit(dataset, split, CONFIG, checkpoint=kept[0], watch_test=True)
    assert set(resumed.history) == {"loss", "accuracy"}
    assert len(resumed.history["loss"]) == 3


def test_the_time_limit_ends_a_training(drawn: Path) -> None:
    dataset = read_folder(drawn)
    split = make_split(dataset, "random")
    fitted = fit(dataset, split, TrainConfig(epochs=100), time_limit=1e-3)
    assert fitted.stop_reason == "time limit"
    assert len(fitted.history["loss"]) == 1


def test_a_training_that_diverges_says_so(drawn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = np.full(6, 1e38, np.float32)
    monkeypatch.setattr(training, "learning_rates", lambda config, n_images: steps)
    dataset = read_folder(drawn)
    with pytest.raises(TrainingError, match="Lower the learning rate"):
        fit(dataset, make_split(dataset, "random"), TrainConfig(batch_size=8, optimizer="sgd"))


@pytest.mark.parametrize("name", ["drawn_run", "deep_run"])
def test_a_run_tells_what_keras_tells(
    drawn: Path, name: str, request: pytest.FixtureRequest
) -> None:
    run: Run = request.getfixturevalue(name)
    dataset = open_dataset(drawn, size=run.spec.config.image_size)
    split = make_split(dataset, "random")
    model = keras.saving.load_model(run.folder / "model.keras")
    results = run.results
    for part, correct in ((split.train, results.train_correct), (split.test, results.test_correct)):
        guesses = model.predict(np.asarray(dataset.images[part]), verbose=0).argmax(axis=1)
        assert (guesses == dataset.labels[part]).sum() == correct
    assert results.train == {"A": 16, "B": 16, "C": 16}
    assert results.test == {"A": 4, "B": 4, "C": 4}
    assert results.params == model.count_params()
    assert set(results.seconds) == {"load", "fit", "evaluate", "total"}
    history = run.history()
    assert len(history["loss"]) == run.spec.config.epochs
    on_test = np.asarray(dataset.images[split.test])
    expected = model.predict(on_test, verbose=0)
    np.testing.assert_allclose(run.predictions().probabilities, expected, atol=1e-5)
    np.testing.assert_allclose(Classifier(run).probabilities(on_test), expected, atol=1e-5)
    assert architecture_of(model) == run.spec.config.architecture
    assert history["test_accuracy"][-1] == results.test_accuracy


def test_a_failed_training_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no folder"):
        train(tmp_path / "nowhere", runs=tmp_path / "runs")
    store = RunStore(tmp_path / "runs")
    assert not store.list()
    assert not list_pending(store)


def test_the_mission_in_one_epoch(mission: Dataset, mission_run: Run) -> None:
    assert mission_run.results.train == {"A": 540, "B": 528, "C": 532}
    assert mission_run.results.test == {"A": 118, "B": 144, "C": 138}
    # Ten seeds gave 0.62 to 0.88; chance is 0.36.
    assert mission_run.results.test_accuracy > 0.5


def test_a_training_on_a_rendered_set_needs_no_folder(tmp_path: Path) -> None:
    run = train("rendered:AB:40:1", TrainConfig(epochs=1), runs=tmp_path)
    assert run.spec.data == "rendered:AB:40:1"
    assert run.spec.rendered
    assert run.spec.split == "rendered"
    assert run.results.fingerprint == open_dataset("rendered:AB:40:1").fingerprint
