"""How far a model's confidence can be believed, and how to mend it. Arrays in, values out."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from asl_core.runs.intervals import Interval

BINS = 15
"""Bins of equal width, as in Guo et al. (2017)."""

RESAMPLES = 500
"""Sets of images drawn from the images, for an interval."""

SEED = 0

COLDEST, HOTTEST = 0.1, 20.0
"""Temperatures that are tried. A model without mistakes would want 0."""

HALVINGS = 60
"""Steps of the search for a temperature; each halves the range (of its logarithm)."""


@dataclass(frozen=True)
class Bin:
    """Images whose confidence lies in one bin.

    Attributes:
        low: lower end of the bin, left out of it (but 0 belongs to the first).
        high: upper end of the bin, in it.
        count: images.
        confidence: their mean confidence, 0 to 1; 0 if there are none.
        accuracy: share of them that is right, 0 to 1; 0 if there are none.
    """

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float

    @property
    def gap(self) -> float:
        """Mean confidence less accuracy, -1 to 1; above 0 is overconfident."""
        return self.confidence - self.accuracy


@dataclass(frozen=True)
class Reliability:
    """A reliability diagram.

    Attributes:
        bins: from confidence 0 to 1, the empty ones too.
        nll: mean negative log-likelihood of the true class, in nats.
    """

    bins: tuple[Bin, ...]
    nll: float

    @property
    def ece(self) -> float:
        """Expected calibration error, 0 to 1: mean gap of the bins, weighted by their images.

        Naeini, Cooper, Hauskrecht (2015): Obtaining well calibrated probabilities using Bayesian
        binning, AAAI; in the form of Guo et al. (2017), with the gap of the predicted class.
        """
        n = sum(part.count for part in self.bins)
        return sum(part.count * abs(part.gap) for part in self.bins) / n


@dataclass(frozen=True, eq=False)
class Calibration:
    """A model's confidence before and after temperature scaling.

    Guo, Pleiss, Sun, Weinberger (2017): On calibration of modern neural networks, ICML.
    The temperature of one half of the images scales the other half, so `after` is measured on
    images that its temperature was not fitted on. The halves are every second image; a split
    gives its test images in random order.

    Attributes:
        before: of the probabilities as they are.
        after: of the scaled ones.
        temperature: fitted on all images, for use on new ones; above 1: the model is overconfident.
        scaled: float64 (n, classes), probabilities of the images, each scaled by the temperature
            of the other half.
    """

    before: Reliability
    after: Reliability
    temperature: float
    scaled: np.ndarray


@dataclass(frozen=True, eq=False)
class SelectiveAccuracy:
    """Selective prediction: accuracy when only the most confident images are answered.

    Attributes:
        order: int64 (n,), the images by falling confidence; equal ones stay in their order.
        confidence: float64 (n,), of the least confident image still answered.
        accuracy: float64 (n,), on the i + 1 most confident images.
    """

    order: np.ndarray
    confidence: np.ndarray
    accuracy: np.ndarray

    @cached_property
    def coverage(self) -> np.ndarray:
        """float64 (n,), share of the images that is answered: 1/n to 1."""
        return np.arange(1, len(self.order) + 1) / len(self.order)

    @property
    def aurc(self) -> float:
        """Area under the risk-coverage curve, 0 (best) to 1: mean error over all coverages.

        Geifman, Uziel, El-Yaniv (2019): Bias-reduced uncertainty estimation for deep neural
        classifiers, ICLR.
        """
        return float(1 - self.accuracy.mean())

    def accuracy_at(self, coverage: float) -> float:
        """Accuracy on the most confident share of the images.

        Args:
            coverage: above 0, at most 1; rounded up to a whole image.
        """
        return float(self.accuracy[int(np.ceil(coverage * len(self.order) - 1e-9)) - 1])


def reliability(probabilities: np.ndarray, labels: np.ndarray, bins: int = BINS) -> Reliability:
    """Sort images into bins by confidence, and compare it with the accuracy.

    Args:
        probabilities: float (n, classes), rows sum to 1; n is at least 1.
        labels: int (n,), true class.
        bins: of equal width.
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == labels
    edges, bin_of = np.linspace(0, 1, bins + 1), _bins_of(confidence, bins)
    parts = tuple(
        _bin(edges[i], edges[i + 1], confidence[bin_of == i], right[bin_of == i])
        for i in range(bins)
    )
    likelihood = logits(probabilities)[np.arange(len(labels)), labels]
    return Reliability(parts, float(-likelihood.mean()))


def ece_under_calibration(probabilities: np.ndarray, bins: int = BINS) -> Interval:
    """Calibration errors to expect of a network that is perfectly calibrated.

    The error can't be below 0, so that even such a network shows one on a finite number of images.
    Answers that are right as often as their confidence says are drawn 500 times for these images
    (consistency resampling; Broecker, Smith (2007): Increasing the reliability of reliability
    diagrams, Weather and Forecasting 22). An error above the range is more than chance.

    Args:
        probabilities: float (n, classes), rows sum to 1; n is at least 1.
        bins: of equal width.

    Returns:
        The middle 95 % of the errors. The same images give the same range.
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    bin_of, n = _bins_of(confidence, bins), len(confidence)
    rng = np.random.default_rng(SEED)
    errors = [
        np.abs(np.bincount(bin_of, confidence - (rng.random(n) < confidence), bins)).sum() / n
        for _ in range(RESAMPLES)
    ]
    low, high = np.percentile(errors, [2.5, 97.5])
    return Interval(float(low), float(high))


def _bins_of(confidence: np.ndarray, bins: int) -> np.ndarray:
    """int64 (n,), the bin of each image."""
    edges = np.linspace(0, 1, bins + 1)
    return np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, bins - 1)


def _bin(low: float, high: float, confidence: np.ndarray, right: np.ndarray) -> Bin:
    if not len(right):
        return Bin(float(low), float(high), 0, 0.0, 0.0)
    return Bin(float(low), float(high), len(right), float(confidence.mean()), float(right.mean()))


def calibrate(probabilities: np.ndarray, labels: np.ndarray, bins: int = BINS) -> Calibration:
    """Scale a model's confidence by temperature, cross-fitted on two halves (see `Calibration`).

    Args:
        probabilities: float (n, classes), rows sum to 1; n is at least 2.
        labels: int (n,), true class.
        bins: of equal width.
    """
    scaled = np.empty(probabilities.shape)
    one, two = halves(len(labels))
    for part, other in ((one, two), (two, one)):
        temperature = fit_temperature(probabilities[other], labels[other])
        scaled[part] = scale(probabilities[part], temperature)
    return Calibration(
        before=reliability(probabilities, labels, bins),
        after=reliability(scaled, labels, bins),
        temperature=fit_temperature(probabilities, labels),
        scaled=scaled,
    )


def halves(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Two halves of n images, int64, by chance: their order may follow their classes."""
    shuffled = np.random.default_rng(SEED).permutation(n)
    return shuffled[::2], shuffled[1::2]


def fit_temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The temperature with the least negative log-likelihood.

    The likelihood is convex in 1 / temperature, so halving the range where its slope changes sign
    finds the minimum.

    Args:
        probabilities: float (n, classes), rows sum to 1; n is at least 1.
        labels: int (n,), true class.

    Returns:
        0.1 to 20; the lowest if there is no mistake.
    """
    values = logits(probabilities)
    true = values[np.arange(len(labels)), labels]
    low, high = COLDEST, HOTTEST
    for _ in range(HALVINGS):
        middle = float(np.sqrt(low * high))
        expected = (_softmax(values / middle) * values).sum(axis=1)
        if (expected - true).mean() > 0:  # overconfident: the slope in 1 / temperature is positive
            low = middle
        else:
            high = middle
    return float(np.sqrt(low * high))


def scale(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities with the logits divided by a temperature; the most probable class stays.

    Args:
        probabilities: float (n, classes), rows sum to 1.
        temperature: above 0.

    Returns:
        float64 (n, classes), rows sum to 1.
    """
    return _softmax(logits(probabilities) / temperature)


def logits(probabilities: np.ndarray) -> np.ndarray:
    """Logarithms of probabilities: the logits up to a constant, which the softmax takes away.

    Returns:
        float64 (n, classes); a probability of 0 counts as the smallest float32, 1.2e-38.
    """
    least = np.finfo(np.float32).tiny
    values: np.ndarray = np.log(np.maximum(probabilities.astype(np.float64), least))
    return values


def coverage(probabilities: np.ndarray, labels: np.ndarray) -> SelectiveAccuracy:
    """Leave the least confident images out one by one: accuracy of the rest, by coverage.

    Args:
        probabilities: float (n, classes), rows sum to 1; n is at least 1.
        labels: int (n,), true class.
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    order = np.argsort(-confidence, kind="stable")
    right = (probabilities.argmax(axis=1) == labels)[order]
    return SelectiveAccuracy(
        order, confidence[order], right.cumsum() / np.arange(1, len(labels) + 1)
    )


def _softmax(values: np.ndarray) -> np.ndarray:
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    shares: np.ndarray = powers / powers.sum(axis=1, keepdims=True)
    return shares
