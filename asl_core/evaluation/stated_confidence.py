"""From which confidence on a run's answers can be relied upon, and how far: below it, it does not
know. Computed from its answers on test images; the shipped run brings its own figures."""

from dataclasses import asdict, dataclass
from math import ceil, floor
from typing import Annotated

import numpy as np
from pydantic import Field

from asl_core.evaluation.evaluation import NO_HAND, Evaluation
from asl_core.runs.run import Run
from asl_core.settings import ANY_HAND, NO_LETTER

STATED_CONFIDENCE = "stated_confidence"
"""Name of the artifact."""

TARGET = 0.95
"""Share of the answers that is to be right."""

LEAST_ANSWERED = 50
"""Answers without which nothing is stated."""

NOT_ANSWERS = (NO_HAND, NO_LETTER)
"""What a run says where it has no answer."""

_STEP = 100
"""Thresholds are whole hundredths, as people read them."""

_Share = Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True)
class StatedConfidence:
    """Where a run begins to know: "at this confidence 95 % of the answers are right".

    Attributes:
        threshold: least confidence of an answer, 0 to 1; below it the run does not know.
        accuracy: share of the answers at or above it that is right, 0 to 1.
        answered: share of the images of known classes that gets such an answer, 0 to 1.
        n: images that this was measured on.
        measured_on: what these were, in words that follow "of": `photos of people held out`.
    """

    threshold: _Share
    accuracy: _Share
    answered: _Share
    n: Annotated[int, Field(ge=1)]
    measured_on: str

    def knows(self, label: str, confidence: float) -> bool:
        """Whether an answer is one: a class, with enough confidence."""
        return label not in NOT_ANSWERS and confidence >= self.threshold


def stated_confidence(run: Run, evaluation: Evaluation | None = None) -> StatedConfidence | None:
    """From which confidence on a run knows.

    Args:
        run: the run.
        evaluation: its answers on its test images, read if nothing is kept with the run and this
            is None (see `Evaluation.of`).

    Returns:
        What is kept with the run, or else comes of the evaluation; None where the answers never
        are right often enough, or are too few (see `state_confidence`).

    Raises:
        RunNotFoundError: the run was deleted meanwhile.
        DamagedRunError: a file is not one of ours.
    """
    kept = run.load_artifact(STATED_CONFIDENCE, StatedConfidence)
    if kept:
        return kept
    measured_on = "photos of people held out" if run.spec.data == ANY_HAND else "its test images"
    return state_confidence(evaluation or Evaluation.of(run), measured_on)


def keep_stated_confidence(run: Run) -> StatedConfidence | None:
    """Compute it, and keep it with the run."""
    found = stated_confidence(run)
    if found:
        run.save_artifact(STATED_CONFIDENCE, asdict(found))
    return found


def state_confidence(evaluation: Evaluation, measured_on: str) -> StatedConfidence | None:
    """The least confidence, in hundredths, from which on `TARGET` of the answers are right.

    Args:
        evaluation: answers on images that the network has not learned from. Images of no known
            class, such as hands that sign nothing, are errors where they are answered.
        measured_on: what these images are.

    Returns:
        None if there is none, or if fewer than `LEAST_ANSWERED` images are answered.
    """
    no_answer = [n for n, name in enumerate(evaluation.classes) if name in NOT_ANSWERS]
    given = ~np.isin(evaluation.predicted, no_answer)
    confidence = evaluation.confidence[given].astype(float)
    right = (evaluation.predicted == evaluation.labels)[given]
    if len(right) < LEAST_ANSWERED:
        return None
    lowest = floor(confidence.min() * _STEP)
    for step in range(lowest, ceil(confidence.max() * _STEP)):
        sure = confidence >= step / _STEP
        if sure.sum() < LEAST_ANSWERED:
            return None
        if right[sure].mean() >= TARGET:
            known = int((~np.isin(evaluation.labels, no_answer)).sum())
            return StatedConfidence(
                threshold=step / _STEP,
                accuracy=float(right[sure].mean()),
                answered=float(sure.sum() / max(known, int(sure.sum()))),
                n=len(evaluation),
                measured_on=measured_on,
            )
    return None
