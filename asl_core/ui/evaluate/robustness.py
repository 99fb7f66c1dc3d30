"""Robustness: the accuracy of a run against what can happen to an image."""

import numpy as np
import streamlit as st

from asl_core.data import Dataset
from asl_core.data.manual_alphabet import are_letters
from asl_core.evaluation.corruptions import CORRUPTIONS, FLIP, Corruption
from asl_core.evaluation.evaluation import Evaluation
from asl_core.evaluation.robustness import MOST_HANDS, Curve, changed_side, load_robustness
from asl_core.figures.evaluation import robustness_curve
from asl_core.jobs.tasks import robustness_task
from asl_core.runs.run import Run
from asl_core.ui.evaluate.gallery import warn_no_images
from asl_core.ui.shared.charts import chart, mode
from asl_core.ui.shared.images import Picture, sheet
from asl_core.ui.shared.landmarks import offer_hand_finder
from asl_core.ui.shared.reading import offer_sized
from asl_core.ui.shared.resources import dataset_of
from asl_core.ui.shared.tasks import offer_task
from asl_core.ui.shared.words import percent
from asl_core.web.visitor import visitor


def show_robustness(run: Run, evaluation: Evaluation) -> None:
    """A curve for each kind of change, with an image at each step."""
    st.markdown(
        "Each test image is made darker, blurred, rotated and so on, slightly and strongly, and "
        "predicted again. A flat curve means that the network is robust to that change."
    )
    dataset = dataset_of(run)
    if run.spec.config.features == "landmarks":
        side = changed_side(run)
        st.caption(
            f"The hand is found anew in each changed image: {MOST_HANDS} test images at most, of "
            f"{side} by {side} pixels, which takes some minutes. An image without a hand counts as "
            "an error."
        )
        if dataset and not load_robustness(run) and not offer_hand_finder():
            return
    curves = load_robustness(run)
    if (
        not curves
        and dataset
        and offer_task(
            robustness_task(run, dataset, visitor()),
            "Measuring robustness",
            "Measure robustness",
            ":material/science:",
        )
    ):
        st.rerun()
    if not dataset:
        warn_no_images(run)
    if not curves:
        return
    _tell_mirrored(run, curves)
    image = None
    if dataset and (read := offer_sized(dataset, changed_side(run))):
        image = _example(evaluation, read)
    columns = st.columns(2, gap="large")
    by_name = {corruption.name: corruption for corruption in CORRUPTIONS}
    for number, curve in enumerate(curves):
        if curve.name in by_name:  # else: kept by another version
            with columns[number % 2]:
                _curve(curve, by_name[curve.name], image)


def _tell_mirrored(run: Run, curves: tuple[Curve, ...]) -> None:
    """What the other hand costs a network that reads letters."""
    scores = {
        step.strength: step.score for curve in curves if curve.name == FLIP for step in curve.steps
    }
    if not are_letters(run.results.classes) or len(scores) < 2:
        return
    st.markdown(
        f"Mirrored, as the other hand signs them: **{percent(scores[0].accuracy)} → "
        f"{percent(scores[1].accuracy)}**."
        + (
            " *Predict* tries a photo both ways, and takes the mirrored one where it is far more "
            "confident of that."
            if run.spec.config.features == "pixels"
            else ""
        )
    )


def _example(evaluation: Evaluation, dataset: Dataset) -> np.ndarray:
    """The test image that the network is most confident of, and right about."""
    right = evaluation.predicted == evaluation.labels
    row = int(np.where(right, evaluation.confidence, -1).argmax())
    image: np.ndarray = dataset.images[evaluation.indices[row]]
    return image


def _curve(curve: Curve, corruption: Corruption, image: np.ndarray | None) -> None:
    st.header(f"{curve.name.capitalize()}")
    chart(
        robustness_curve(curve, corruption.neutral, mode()),
        f"Accuracy against {curve.name} ({curve.unit}): "
        + ", ".join(f"{s.strength:g}: {s.score.accuracy:.3f}" for s in curve.steps),
        key=f"robust_{curve.name}",
    )
    if image is not None:
        sheet(
            [
                Picture(
                    corruption.apply(image[None], step.strength)[0],
                    f"{step.strength:g}",
                    f"A test image, {curve.name} {step.strength:g}",
                    percent(step.score.accuracy, 0),
                )
                for step in curve.steps
            ],
            columns=7,
        )
