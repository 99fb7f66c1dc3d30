"""Training: the same seed, progress, stopping, and the run that comes of it."""

from pathlib import Path

import keras
import numpy as np
import pytest

from asl_core import TrainConfig, fit, make_split, open_dataset, read_folder, train
from asl_core.datasets import Dataset
from asl_core.errors import DatasetError
from asl_core.progress import Progress
from asl_core.runs import Run, RunStore
from asl_core.staging import staged_runs

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
    shares = [progress.done_share for progress in told]
    assert shares == sorted(shares)
    assert told[-1].done_share == 1
    assert told[-1].history == fitted.history
    assert len(fitted.history["loss"]) == len(fitted.history["accuracy"]) == 3
    last = told[-1]
    in_last_epoch = [point for point in last.points if point[0] > 2]
    # 48 images in batches of 5: nine whole ones and a rest, all told one by one
    weights = [5] * 9 + [3]
    mean_loss = np.average([point[1] for point in in_last_epoch], weights=weights)
    assert mean_loss == pytest.approx(fitted.history["loss"][-1], rel=1e-4)
    assert Progress.from_json(last.to_json()) == Progress(**{**vars(last), "_sums": (0, 0.0, 0.0)})


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
    assert fitted.stopped
    assert len(fitted.history["loss"]) == 2  # stopped within the second epoch


def test_a_run_tells_what_keras_tells(drawn: Path, drawn_run: Run) -> None:
    dataset = read_folder(drawn)
    split = make_split(dataset, "random")
    model = keras.saving.load_model(drawn_run.folder / "model.keras")
    results = drawn_run.results
    for part, correct in ((split.train, results.train_correct), (split.test, results.test_correct)):
        guesses = model.predict(np.asarray(dataset.images[part]), verbose=0).argmax(axis=1)
        assert (guesses == dataset.labels[part]).sum() == correct
    assert results.train == {"A": 16, "B": 16, "C": 16}
    assert results.test == {"A": 4, "B": 4, "C": 4}
    assert results.params == model.count_params()
    assert set(results.seconds) == {"load", "fit", "evaluate", "total"}
    assert len(drawn_run.history()["loss"]) == 2


def test_a_failed_training_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no folder"):
        train(tmp_path / "nowhere", runs=tmp_path / "runs")
    store = RunStore(tmp_path / "runs")
    assert not store.list()
    assert not staged_runs(store)


def test_the_mission_in_one_epoch(mission: Dataset, mission_run: Run) -> None:
    assert mission_run.results.train == {"A": 540, "B": 528, "C": 532}
    assert mission_run.results.test == {"A": 118, "B": 144, "C": 138}
    # Ten seeds gave 0.62 to 0.88; chance is 0.36.
    assert mission_run.results.test_accuracy > 0.5


def test_a_training_on_a_rendered_set_needs_no_folder(tmp_path: Path) -> None:
    run = train("rendered:AB:40:1", TrainConfig(epochs=1), runs=tmp_path)
    assert run.spec.data == "rendered:AB:40:1"
    assert run.spec.rendered
    assert run.spec.split == "drawn"
    assert run.results.fingerprint == open_dataset("rendered:AB:40:1").fingerprint
