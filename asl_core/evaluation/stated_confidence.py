"""From which confidence on a run's answers can be relied upon, and how far: below it, it does not
know. Computed from its answers on test images; the shipped run brings its own figures."""

from collections.abc import Sequence
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
        lowest: the same share for the person of whom the fewest are right; None: the images are
            not told apart by people.
    """

    threshold: _Share
    accuracy: _Share
    answered: _Share
    n: Annotated[int, Field(ge=1)]
    measured_on: str
    lowest: _Share | None = None

    @property
    def of_new_people(self) -> bool:
        """Whether it holds for people whom the network has not learned from."""
        return self.lowest is not None

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
    evaluation = evaluation or Evaluation.of(run)
    if run.spec.data != ANY_HAND:
        return state_confidence(evaluation, "its test images")
    people = [file.partition("/")[0] for file in evaluation.files]
    return state_confidence(evaluation, "photos of people held out", people)


def keep_stated_confidence(run: Run) -> StatedConfidence | None:
    """Compute it, and keep it with the run."""
    found = stated_confidence(run)
    if found:
        run.save_artifact(STATED_CONFIDENCE, asdict(found))
    return found


def state_confidence(
    evaluation: Evaluation, measured_on: str, people: Sequence[str] = ()
) -> StatedConfidence | None:
    """The least confidence, in hundredths, from which on `TARGET` of the answers are right.

    It is chosen by the answers that it is stated of: on few images it is stated too well.

    Args:
        evaluation: answers on images that the network has not learned from. Images of no known
            class, such as hands that sign nothing, are errors where they are answered.
        measured_on: what these images are.
        people: whose each image is. Then the share that is right is the mean of theirs, so that one
            with many photos counts like the others; images of no known class are nobody's.

    Returns:
        None if there is none, or if fewer than `LEAST_ANSWERED` images are answered.
    """
    no_answer = [n for n, name in enumerate(evaluation.classes) if name in NOT_ANSWERS]
    given = ~np.isin(evaluation.predicted, no_answer)
    known = ~np.isin(evaluation.labels, no_answer)
    right, confidence = evaluation.predicted == evaluation.labels, evaluation.confidence
    whose = np.asarray(people) if people else np.zeros(len(right))
    counted = known if people else np.ones(len(right), bool)
    if (given & counted).sum() < LEAST_ANSWERED:
        return None
    its = confidence[given & counted].astype(float)
    for step in range(floor(its.min() * _STEP), ceil(its.max() * _STEP)):
        sure = given & counted & (confidence.astype(float) >= step / _STEP)
        if sure.sum() < LEAST_ANSWERED:
            return None
        shares = [right[sure & (whose == one)].mean() for one in np.unique(whose[sure])]
        if np.mean(shares) >= TARGET:
            return StatedConfidence(
                threshold=step / _STEP,
                accuracy=float(np.mean(shares)),
                answered=float((sure & known).sum() / known.sum()),
                n=len(evaluation),
                measured_on=measured_on,
                lowest=float(min(shares)) if people else None,
            )
    return None
