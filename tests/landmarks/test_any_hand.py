"""The run on landmarks that comes with the code reads hands, and knows when not to."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from asl_core.evaluation.calibration import reliability
from asl_core.evaluation.evaluation import NO_HAND, Evaluation
from asl_core.evaluation.hand_classifier import HandClassifier
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore
from asl_core.settings import ANY_HAND, NO_LETTER, ROOT, settings
from asl_core.synthetic import STATIC_LETTERS, View, render


@pytest.fixture(scope="module")
def run() -> Run:
    """It."""
    (shipped,) = (run for run in RunStore(ROOT / "models").list() if run.spec.data == ANY_HAND)
    return shipped


@pytest.fixture(scope="module")
def classifier(run: Run, hand_finder: Path) -> Iterator[HandClassifier]:
    """It, with the hand finder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASL_HAND_FINDER_DIR", str(hand_finder))
        settings.cache_clear()
        classifier = HandClassifier(run)
        assert classifier.finder
        yield classifier
    settings.cache_clear()


def test_its_figures_are_those_of_people_held_out(run: Run) -> None:
    assert run.results.classes == (*STATIC_LETTERS, NO_LETTER)
    evaluation = Evaluation.of(run)
    assert evaluation.classes[-1] == NO_HAND
    assert evaluation.n_correct == run.results.test_correct
    people = np.array([file.split("/")[0] for file in evaluation.files])
    right = evaluation.predicted == evaluation.labels
    shares = [right[people == name].mean() for name in np.unique(people) if name != "not_letters"]
    assert len(shares) == 6
    assert np.median(shares) > 0.84
    answered = evaluation.with_hand()
    assert reliability(answered.probabilities, answered.labels).ece < 0.03


def test_it_reads_rendered_hands_left_and_right(classifier: HandClassifier) -> None:
    for letter in "BLVYC":
        image = render(letter, View(), size=240)
        for seen, right in ((image, True), (image[:, ::-1].copy(), False)):
            answer = classifier.predict_pixels(seen, letter)
            assert answer.label == letter
            assert answer.hand
            assert answer.hand.is_right == right


def test_it_has_no_answer_where_there_is_no_hand(classifier: HandClassifier) -> None:
    answer = classifier.predict_pixels(np.full((300, 200, 3), 120, np.uint8), "gray")
    assert (answer.label, answer.hand) == (NO_HAND, None)
