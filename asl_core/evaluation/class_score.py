"""How well one class is found: precision, recall and F1."""

from dataclasses import dataclass

from asl_core.runs.intervals import Interval, wilson_interval


@dataclass(frozen=True)
class ClassScore:
    """Scores of one class, each 0 to 1 (0 where nothing was predicted, or there is nothing).

    Attributes:
        name: of the class.
        precision: share of the predictions of this class that are right.
        recall: share of the images of this class that are predicted to be.
        f1: harmonic mean of both.
        support: images of this class.
        true_positives: images of this class that are found.
        n_predicted: images that are predicted to be of this class.
    """

    name: str
    precision: float
    recall: float
    f1: float
    support: int
    true_positives: int
    n_predicted: int

    @property
    def precision_interval(self) -> Interval | None:
        """95 % Wilson interval; None where nothing was predicted."""
        return wilson_interval(self.true_positives, self.n_predicted) if self.n_predicted else None

    @property
    def recall_interval(self) -> Interval | None:
        """95 % Wilson interval; None where there is nothing."""
        return wilson_interval(self.true_positives, self.support) if self.support else None

    @property
    def f1_interval(self) -> Interval | None:
        """95 % interval; None where nothing was predicted and there is nothing.

        F1 is 2 J / (1 + J), where J is the share of right answers among the images that are of
        this class or predicted to be. So the ends of J's Wilson interval are carried over.
        """
        either = self.support + self.n_predicted - self.true_positives
        if not either:
            return None
        share = wilson_interval(self.true_positives, either)
        return Interval(*(2 * j / (1 + j) for j in (share.low, share.high)))
