"""What probabilities answer, where there may be no answer: no hand was found."""

import numpy as np

NO_ANSWER = -1
"""In the place of a class."""


def predicted(probabilities: np.ndarray) -> np.ndarray:
    """int64 (n,), the most probable class of each image; `NO_ANSWER` where there is none.

    Args:
        probabilities: float (n, classes); NaN where there is no answer.
    """
    classes: np.ndarray = np.where(
        np.isnan(probabilities[:, 0]), NO_ANSWER, probabilities.argmax(axis=1)
    )
    return classes


def n_correct(probabilities: np.ndarray, labels: np.ndarray) -> int:
    """How many answers are right; none is wrong.

    Args:
        probabilities: as for `predicted`.
        labels: int (n,).
    """
    return int((predicted(probabilities) == labels).sum())
