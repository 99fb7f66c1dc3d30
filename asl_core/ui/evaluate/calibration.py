"""How sure a run is, and how far that can be believed."""

import streamlit as st

from asl_core.evaluation.calibration import Reliability, coverage
from asl_core.evaluation.evaluation import Evaluation
from asl_core.figures.evaluation import coverage_curve, reliability_diagram
from asl_core.runs.intervals import Interval
from asl_core.runs.run import Run
from asl_core.ui.evaluate.run_values import calibration_of
from asl_core.ui.shared.charts import chart, mode
from asl_core.ui.shared.frame import metric_card

FEWEST = 2
"""Test pictures that are needed: one to fit a temperature on, one to try it on."""

COVERAGES = (1.0, 0.9, 0.8, 0.5)
"""Shares of the pictures for which the accuracy is told in words."""


def show_calibration(run: Run, evaluation: Evaluation) -> None:
    """Confidence beside accuracy, before and after scaling; and accuracy of the surest answers."""
    if len(evaluation) < FEWEST:
        st.info("There are too few test pictures to tell.", icon=":material/balance:")
        return
    calibration, *by_chance = calibration_of(run, run.id)
    before, after = calibration.before, calibration.after
    columns = st.columns(3)
    with columns[0]:
        metric_card(
            "Calibration error",
            f"{100 * before.ece:.1f} points",
            f"ECE; {_points(by_chance[0])}",
        )
    with columns[1]:
        metric_card(
            "After temperature scaling",
            f"{100 * after.ece:.1f} points",
            f"ECE; {_points(by_chance[1])}",
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
    st.markdown("##### As sure as it is right?")
    chart(
        reliability_diagram(before, after, mode()),
        "Accuracy over confidence: "
        + "; ".join(
            f"{b.confidence:.2f} sure, {b.accuracy:.2f} right, {b.count} pictures"
            for b in before.bins
            if b.count
        ),
    )
    st.caption(
        "Pictures sorted by how sure the network is, in 15 bins; a larger mark has more of "
        "them. On the dashed line it is as right as it is sure; below it, it claims too much. "
        "The calibration error is the mean distance from the line. A network that is exactly "
        "as right as it is sure would show what stands there as 'by chance alone' (95 % of "
        "the time, on as many pictures): a figure above that is more. Scaling divides logits "
        "by one number, fitted on one half of the test pictures and tried on the other: it "
        "changes how sure the network is, never what it says."
    )


def _points(by_chance: Interval) -> str:
    return f"by chance alone {100 * by_chance.low:.1f} to {100 * by_chance.high:.1f}"


def _tendency(temperature: float) -> str:
    if 0.95 <= temperature <= 1.05:
        return "about as sure as it should be"
    return "above 1: too sure" if temperature > 1 else "below 1: too cautious"


def _coverage(evaluation: Evaluation) -> None:
    found = coverage(evaluation.probabilities, evaluation.labels)
    shares = "; ".join(
        f"the surest {100 * share:.0f} %: {100 * found.accuracy_at(share):.1f} % right"
        for share in COVERAGES
    )
    st.markdown("##### If the least sure are put aside")
    chart(coverage_curve(found, mode()), f"Accuracy over coverage: {shares}")
    st.caption(
        f"Of all answers, {shares}. A curve that rises to the left means that its doubt can be "
        "used: let a person look at what it is least sure of."
    )
