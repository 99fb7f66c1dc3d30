"""Calibration counted by hand."""

import numpy as np
import pytest

from asl_core.evaluation.calibration import (
    calibrate,
    coverage,
    ece_under_calibration,
    fit_temperature,
    halves,
    reliability,
    scale,
)
from asl_core.runs.intervals import Interval


def answers(confidences: list[float]) -> np.ndarray:
    """Two classes; the first is always said, with these probabilities."""
    said = np.array(confidences, np.float32)
    return np.stack([said, 1 - said], axis=1)


def test_bins_and_ece_counted_by_hand() -> None:
    # Bins of 0.2: 0.55 and 0.6 in (0.4, 0.6], 0.7 in (0.6, 0.8], 0.9, 0.95 and 1.0 in (0.8, 1].
    probabilities = answers([0.55, 0.6 - 1e-6, 0.7, 0.9, 0.95, 1.0])
    labels = np.array([0, 1, 1, 0, 0, 1])
    found = reliability(probabilities, labels, bins=5)
    assert [part.count for part in found.bins] == [0, 0, 2, 1, 3]
    assert [part.accuracy for part in found.bins[2:]] == pytest.approx([1 / 2, 0, 2 / 3])
    assert [part.confidence for part in found.bins[2:]] == pytest.approx([0.575, 0.7, 0.95])
    gaps = 2 * 0.075 + 1 * 0.7 + 3 * (0.95 - 2 / 3)
    assert found.ece == pytest.approx(gaps / 6, abs=1e-5)


def test_the_ends_of_the_scale_belong_to_the_outer_bins() -> None:
    quarter = reliability(np.full((1, 4), 0.25), np.array([0]), bins=4)
    assert [part.count for part in quarter.bins] == [1, 0, 0, 0]  # 0.25 ends the first bin
    sure = reliability(answers([1.0]), np.array([0]), bins=4)
    assert [part.count for part in sure.bins] == [0, 0, 0, 1]
    assert sure.ece == 0
    assert sure.nll == 0


def test_likelihood_counted_by_hand() -> None:
    found = reliability(answers([0.5, 0.75]), np.array([0, 1]))
    assert found.nll == pytest.approx((np.log(2) + np.log(4)) / 2)


def test_a_temperature_counted_by_hand() -> None:
    # 90 % sure, 75 % right: logit(0.9) / logit(0.75) = ln 9 / ln 3 = 2.
    probabilities, labels = answers([0.9] * 8), np.zeros(8, int)
    labels[[half[0] for half in halves(8)]] = 1
    assert fit_temperature(probabilities, labels) == pytest.approx(2, abs=1e-5)
    np.testing.assert_allclose(scale(probabilities, 2.0)[0], [0.75, 0.25], atol=1e-6)
    found = calibrate(probabilities, labels)
    assert found.before.ece == pytest.approx(0.15, abs=1e-6)
    assert found.after.ece == pytest.approx(0, abs=1e-5)
    assert found.temperature == pytest.approx(2, abs=1e-5)


def test_each_half_is_scaled_by_the_other() -> None:
    # One half: 75 % right, wants 2. The other one: 90 % right, wants 1.
    labels = np.zeros(40, int)
    one, two = halves(40)
    assert sorted([*one, *two]) == list(range(40))
    labels[one[:5]] = labels[two[:2]] = 1
    found = calibrate(answers([0.9] * 40), labels)
    np.testing.assert_allclose(found.scaled[one, 0], 0.9, atol=1e-5)
    np.testing.assert_allclose(found.scaled[two, 0], 0.75, atol=1e-5)


def test_a_model_without_mistakes_and_one_that_is_always_wrong() -> None:
    right = fit_temperature(answers([0.7, 0.8]), np.array([0, 0]))
    wrong = fit_temperature(answers([0.7, 0.8]), np.array([1, 1]))
    assert (right, wrong) == pytest.approx((0.1, 20))
    zeros = scale(np.array([[1.0, 0.0]], np.float32), 0.1)
    assert np.isfinite(zeros).all()


def test_coverage_counted_by_hand() -> None:
    found = coverage(answers([0.6, 0.9, 0.8, 0.7]), np.array([0, 0, 1, 0]))
    assert found.order.tolist() == [1, 2, 3, 0]
    assert found.coverage.tolist() == [0.25, 0.5, 0.75, 1]
    assert found.accuracy.tolist() == pytest.approx([1, 1 / 2, 2 / 3, 3 / 4])
    assert found.confidence.tolist() == pytest.approx([0.9, 0.8, 0.7, 0.6])
    assert found.aurc == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 4) / 4)
    assert [found.accuracy_at(share) for share in (0.25, 0.3, 1)] == pytest.approx([1, 0.5, 0.75])


def test_chance_gives_a_calibrated_network_its_error_and_no_other() -> None:
    rng = np.random.default_rng(1)
    inside = {0.0: 0, 0.2: 0}
    for _ in range(40):
        confidence = rng.uniform(0.5, 1, 400)
        probabilities = np.stack([confidence, 1 - confidence], axis=1)
        chance = ece_under_calibration(probabilities)
        for too_sure in inside:
            labels = (rng.random(400) > confidence - too_sure).astype(int)
            ece = reliability(probabilities, labels).ece
            inside[too_sure] += chance.low <= ece <= chance.high
    assert inside[0.0] >= 34  # 38 are expected; fewer than 34 in 1 of 100 cases
    assert inside[0.2] == 0
    certain = np.array([[1.0, 0.0]] * 5)
    assert ece_under_calibration(certain) == Interval(0, 0)


def test_a_temperature_is_fitted_on_all_classes_whatever_their_order() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(400) % 2  # as in a drawn set: A, B, A, B...
    right = np.where(labels == 0, rng.random(400) < 0.6, rng.random(400) < 0.95)
    said = np.where(right, labels, 1 - labels)
    probabilities = np.where(said[:, None] == np.arange(2), 0.9, 0.1)
    found = calibrate(probabilities, labels)
    by_class = [found.scaled[labels == label].max(axis=1).mean() for label in (0, 1)]
    assert by_class[0] == pytest.approx(by_class[1], abs=0.02)  # not fitted on the other class
