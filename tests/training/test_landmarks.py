"""A network on landmarks is trained, resumed, exported and counted like any other."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from asl_core.config import LANDMARKS, MAX_HIDDEN, Augmentation, TrainConfig
from asl_core.data import Dataset, Split, make_split, read_folder
from asl_core.errors import ConfigError, DatasetError, StoppedError
from asl_core.evaluation.comparison import Comparison
from asl_core.evaluation.confusion import MacroAverage
from asl_core.evaluation.evaluation import NO_HAND, Evaluation
from asl_core.evaluation.hand_classifier import HandClassifier, HandInspector
from asl_core.files import from_json
from asl_core.landmarks.found import known_landmarks, landmarks_folder
from asl_core.runs.pending import new_pending
from asl_core.runs.run import Run, RunSpec
from asl_core.runs.store import RunStore
from asl_core.training import inputs as inputs_module
from asl_core.training.architecture import count_params
from asl_core.training.checkpoint import Checkpoint
from asl_core.training.fit import fit
from asl_core.training.inputs import examples, for_network, has_input
from tests.made_hands import MISSING, keep_hands

FEW = replace(LANDMARKS, epochs=3, batch_size=32, hidden=16)


@pytest.fixture(scope="module")
def hands(drawn: Path) -> Dataset:
    dataset = read_folder(drawn)
    keep_hands(dataset)
    return dataset


@pytest.fixture(scope="module")
def inputs(hands: Dataset) -> Dataset:
    return for_network(hands, FEW)


def test_what_runs_of_earlier_versions_say_is_pixels() -> None:
    assert from_json('{"epochs": 3}', TrainConfig) == TrainConfig(epochs=3, features="pixels")


@pytest.mark.parametrize(
    "wrong",
    [
        {"filters": (8, 16)},
        {"image_size": 64},
        {"batch_norm": True},
        {"kernel_size": 3},
        {"augmentation": Augmentation(mirror=True)},
        {"hidden": 0},
        {"hidden": MAX_HIDDEN + 1},
    ],
)
def test_a_setting_without_use_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        replace(LANDMARKS, **wrong)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="hidden"):
        TrainConfig(hidden=16)


def test_a_network_gets_features_and_nothing_where_there_is_no_hand(inputs: Dataset) -> None:
    assert inputs.images.shape == (60, 6, 295)
    assert np.flatnonzero(~has_input(inputs.images)).tolist() == list(MISSING)
    assert for_network(inputs, FEW) is inputs


def test_of_very_many_images_fewer_readings_count(
    hands: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs_module, "MAX_READINGS", 150)
    assert for_network(hands, FEW).images.shape == (60, 2, 295)
    monkeypatch.setattr(inputs_module, "MAX_READINGS", 10)
    assert for_network(hands, FEW).images.shape == (60, 1, 295)


def test_hands_of_some_images_are_read_alone(hands: Dataset) -> None:
    everything = known_landmarks(hands)
    chosen = np.array([41, 3, 59, 40])
    some = known_landmarks(hands, chosen, 2)
    assert everything
    assert some
    assert some.presence.shape == (4, 2)
    assert np.array_equal(some.points, everything.points[chosen, :2])
    assert some.found.tolist() == [True, False, False, True]


def test_images_without_a_hand_teach_nothing_and_count_as_errors(landmark_run: Run) -> None:
    results = landmark_run.results
    saved = landmark_run.predictions()
    missing = np.flatnonzero(~saved.found)
    assert set(saved.indices[missing].tolist()) == set(MISSING) & set(saved.indices.tolist())
    assert len(missing) + results.n_without_hand == len(MISSING)
    assert results.n_without_hand > 0 < len(missing), "both parts have some in this split"
    assert results.n_train == 60 - results.n_test - results.n_without_hand
    assert np.allclose(saved.probabilities[missing], 1 / 3)

    evaluation = Evaluation.of(landmark_run)
    assert evaluation.classes == ("A", "B", "C", NO_HAND)
    column = evaluation.confusion[:, 3]
    assert column.tolist() == [int((saved.labels[missing] == c).sum()) for c in (0, 1, 2, 3)]
    assert evaluation.n_correct == results.test_correct <= results.n_test - len(missing)
    assert [score.name for score in evaluation.per_class] == ["A", "B", "C"]
    recalls = [score.recall for score in evaluation.per_class]
    assert MacroAverage.of(evaluation.per_class).recall == pytest.approx(np.mean(recalls))

    answered = evaluation.with_hand()
    assert answered.classes == ("A", "B", "C")
    assert len(answered) == results.n_test - len(missing)
    assert answered.n_correct == evaluation.n_correct
    assert answered.accuracy > 0.9, "rendered A, B and C are easily told apart"


def test_it_is_compared_with_a_network_on_pixels(landmark_run: Run, drawn_run: Run) -> None:
    for pair in ((landmark_run, drawn_run), (drawn_run, landmark_run)):
        comparison = Comparison.of(*pair)
        assert comparison.table.sum() == landmark_run.results.n_test
        said = {d.first for d in comparison.only_right(2)} | {
            d.second for d in comparison.only_right(1)
        }
        assert NO_HAND in said, "the pixels tell also those without a hand"


def test_the_file_answers_like_keras_with_all_that_it_needs(landmark_run: Run) -> None:
    import keras

    dataset = read_folder(Path(landmark_run.spec.data))
    images = for_network(dataset, landmark_run.spec.config).images
    model = keras.models.load_model(landmark_run.folder / "model.keras")
    there = has_input(images)
    expected = model.predict(images[there].reshape(-1, 295), verbose=0)
    means = expected.reshape(-1, 6, 3).mean(axis=1)

    answers = HandClassifier(landmark_run).probabilities(images)
    assert np.abs(answers[there] - means).max() < 1e-5
    assert np.isnan(answers[~there]).all()
    saved = landmark_run.predictions()
    assert np.allclose(answers[saved.indices][saved.found], saved.probabilities[saved.found])
    assert model.count_params() == landmark_run.results.params
    assert count_params(landmark_run.spec.config.architecture, 3) == landmark_run.results.params
    hidden = HandInspector(landmark_run).hidden(images)
    assert hidden.shape == (60, 32)
    assert (hidden[there] >= 0).all()


def test_one_seed_gives_one_network_also_after_an_interruption(
    inputs: Dataset, tmp_path: Path
) -> None:
    split = make_split(inputs, "random")
    kept: list[Checkpoint] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("asl_core.training.fit.CHECKPOINT_SECONDS", 0)
        whole = fit(inputs, split, FEW, on_checkpoint=kept.append)
    kept[0].save(tmp_path / "checkpoint.npz")
    fit(inputs, split, replace(FEW, seed=7))  # another one uses the same engine meanwhile
    resumed = fit(inputs, split, FEW, checkpoint=Checkpoint.load(tmp_path / "checkpoint.npz"))
    assert resumed.history["loss"][1:] == whole.history["loss"][1:]
    for one, other in zip(resumed.weights, whole.weights, strict=True):
        assert np.array_equal(one, other)


def test_many_images_of_one_person_do_not_drown_the_others(inputs: Dataset) -> None:
    groups = tuple("one" if i % 10 else "other" for i in range(60))
    train = np.flatnonzero(has_input(inputs.images))
    _, labels, weights = examples(replace(inputs, groups=groups), train, FEW)
    assert len(labels) == len(weights) == 6 * len(train)
    person = np.repeat([groups[i] for i in train], 6)
    n_one, n_other = ((person == name).sum() / 6 for name in ("one", "other"))
    ratio = weights[person == "other"][0] / weights[person == "one"][0]
    assert ratio == pytest.approx((n_one / n_other) ** 0.5)
    assert weights.mean() == pytest.approx(1)
    _, _, alike = examples(inputs, train, FEW)
    assert (alike == 1).all()


def test_too_few_hands_are_told(hands: Dataset) -> None:
    other = replace(hands, fingerprint="e" * 64)
    keep_hands(other, tuple(range(1, 60)))
    split = Split(np.arange(40), np.arange(40, 60), "random")
    with pytest.raises(DatasetError, match="found in 1 of 40 training images, of 1 class"):
        fit(for_network(other, FEW), split, FEW)


def test_a_stop_while_hands_are_found_leaves_nothing(drawn: Path, tmp_path: Path) -> None:
    from asl_core.runs.train import run_training

    dataset = read_folder(drawn)
    keep_hands(dataset)
    last = landmarks_folder(dataset) / "0.npz"
    last.rename(last.with_suffix(".aside"))  # as if those had yet to be found
    pending = new_pending(RunStore(tmp_path / "runs"), RunSpec(FEW, "random", str(drawn)))
    pending.claim()
    try:
        with pending.working():
            pending.request_stop()
            with pytest.raises(StoppedError):
                run_training(pending)
    finally:
        pending.submitted.release()
        last.with_suffix(".aside").rename(last)
    assert not RunStore(tmp_path / "runs").list()
