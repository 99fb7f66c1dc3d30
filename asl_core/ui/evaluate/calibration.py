"""How far the confidence of a run can be believed."""

import streamlit as st

from asl_core.evaluation.calibration import Reliability, coverage
from asl_core.evaluation.evaluation import Evaluation
from asl_core.figures.evaluation import coverage_curve, reliability_diagram
from asl_core.runs.intervals import Interval
from asl_core.runs.run import Run
from asl_core.ui.evaluate.run_values import calibration_of
from asl_core.ui.shared.charts import chart, mode
from asl_core.ui.shared.frame import metric_card
from asl_core.ui.shared.landmarks import tell_without_hand
from asl_core.ui.shared.words import percent

FEWEST = 2
"""Test images that are needed: one to fit a temperature on, one to try it on."""

COVERAGES = (1.0, 0.9, 0.8, 0.5)
"""Shares of the images for which the accuracy is told in words."""


def show_calibration(run: Run, evaluation: Evaluation) -> None:
    """Confidence beside accuracy, before and after scaling; and selective prediction."""
    evaluation = tell_without_hand(evaluation)
    if len(evaluation) < FEWEST:
        st.info("There are too few test images to tell.", icon=":material/balance:")
        return
    calibration, *expected = calibration_of(run, run.id)
    before, after = calibration.before, calibration.after
    columns = st.columns(3)
    with columns[0]:
        metric_card(
            "Expected calibration error (ECE)",
            f"{100 * before.ece:.1f} points",
            _points(expected[0]),
        )
    with columns[1]:
        metric_card(
            "ECE after temperature scaling",
            f"{100 * after.ece:.1f} points",
            _points(expected[1]),
        )
    with columns[2]:
        metric_card(
            "Temperature", f"{calibration.temperature:.2f}", _tendency(calibration.temperature)
        )
    diagram, curve = st.columns(2, gap="large")
    with diagram:
        _diagram(before, after)
    with curve:
        _coverage(evaluation)


def _diagram(before: Reliability, after: Reliability) -> None:
    st.header("Reliability diagram")
    chart(
        reliability_diagram(before, after, mode()),
        "Accuracy over confidence: "
        + "; ".join(
            f"confidence {b.confidence:.2f}, accuracy {b.accuracy:.2f}, {b.count} images"
            for b in before.bins
            if b.count
        ),
    )
    st.caption(
        "Images in 15 bins of confidence; a larger mark has more of them. On the dashed line "
        "confidence equals accuracy; below it, the network is overconfident. The ECE is the "
        "mean distance from the line. Even a perfectly calibrated network would have an ECE in the "
        "range shown as 'expected if calibrated' (95 % of the time, on as many images): only an "
        "ECE above it is more than chance. Temperature scaling divides the logits by one number, "
        "fitted on one half of the test images and evaluated on the other half: it changes the "
        "confidence, never the predicted class."
    )


def _points(expected: Interval) -> str:
    return f"expected if calibrated: {100 * expected.low:.1f} to {100 * expected.high:.1f}"


def _tendency(temperature: float) -> str:
    if 0.95 <= temperature <= 1.05:
        return "about as confident as it should be"
    return "above 1: overconfident" if temperature > 1 else "below 1: underconfident"


def _coverage(evaluation: Evaluation) -> None:
    found = coverage(evaluation.probabilities, evaluation.labels)
    shares = "; ".join(
        f"the most confident {percent(share, 0)}: {percent(found.accuracy_at(share))} right"
        for share in COVERAGES
    )
    st.header("Selective prediction")
    chart(coverage_curve(found, mode()), f"Accuracy over coverage: {shares}")
    st.caption(
        f"Answer only the most confident share, the coverage: {shares}. A curve that rises to the "
        "left means that low confidence points to mistakes: let a person look at those images."
    )
