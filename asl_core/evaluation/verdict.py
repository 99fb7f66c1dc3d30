"""What the accuracies of a run say together: guessing, still learning, overfitting, or none."""

from collections.abc import Sequence
from dataclasses import dataclass

from asl_core.evaluation.comparison import independent_interval
from asl_core.evaluation.evaluation import Evaluation, Score
from asl_core.runs.intervals import Interval, percent, rounded
from asl_core.runs.run import Run

LEAST_SKILL = 0.1
"""Share of the way from guessing to no mistake below which a network hardly beats guessing."""

LEARNED = 0.9
"""Training accuracy below which a network has not learned its own training images."""

LEAST_RISE = 0.01
"""Rise of the training accuracy in the last epoch, 0 to 1, that is worth more epochs."""


@dataclass(frozen=True)
class Verdict:
    """What two accuracies and a training curve say.

    Attributes:
        test: right answers on the test images.
        train: right answers of the finished network on its training images.
        guess: test accuracy of always naming the most frequent class, 0 to 1.
        rise: 95 % interval of what the last epoch added to the training accuracy (see
            `independent_interval`); None where there are no two whole epochs to compare, or where
            more of them did not help on validation images.
    """

    test: Score
    train: Score
    guess: float
    rise: Interval | None

    @classmethod
    def of(cls, run: Run, evaluation: Evaluation) -> "Verdict":
        """On a run.

        Args:
            run: whose history and training accuracy count.
            evaluation: of its test images.
        """
        results = run.results
        return cls(
            test=Score(evaluation.n_correct, len(evaluation)),
            train=Score(results.train_correct, results.n_train),
            guess=float(evaluation.confusion.sum(axis=1).max() / len(evaluation)),
            rise=None
            if results.stopped  # its last epoch is not whole, or had no use
            else last_rise(run.history()["accuracy"], results.n_train),
        )

    @property
    def guessing(self) -> bool:
        """Whether the network is hardly better than guessing.

        So it is if the 95 % interval of the test accuracy reaches down to `guess`, or if the
        accuracy makes less than a tenth of the way from there to 1. This share is chance-corrected
        agreement as Cohen's kappa, of which Landis and Koch (1977), Biometrics 33 (1), call the
        lowest fifth slight.
        """
        skill = (self.test.accuracy - self.guess) / (1 - self.guess) if self.guess < 1 else 0.0
        return self.test.interval.low <= self.guess or skill < LEAST_SKILL

    @property
    def still_learning(self) -> bool:
        """Whether the training images are not learned yet, or better by the epoch."""
        if self.train.accuracy < LEARNED:
            return True
        return self.rise is not None and self.rise.low > 0 and self.rise.middle >= LEAST_RISE

    @property
    def gap(self) -> Interval:
        """Training accuracy less test accuracy, each end -1 to 1: 95 % interval for independent
        samples by Newcombe (see `independent_interval`), which takes the Wilson intervals of both.
        """
        return independent_interval(
            [self.train.correct, self.test.correct], [self.train.n, self.test.n]
        )

    @property
    def overfitting(self) -> bool:
        """Whether the gap is more than chance explains; then the training accuracy also lies
        above the test interval."""
        return self.gap.low > 0

    def in_words(self) -> str:
        """One to three sentences, of which none takes back another: while a network is still
        learning, its gap is told without calling it overfitting."""
        said = []
        if self.guessing:
            said.append(
                "Hardly better than guessing: always naming the most frequent class would get "
                f"{percent(self.guess)} of the test images right."
            )
        if self.still_learning:
            said.append(
                "Still learning: train longer. "
                + (
                    f"It gets {percent(self.train.accuracy)} of its own training images right."
                    if self.train.accuracy < LEARNED
                    else "Training accuracy was still rising in the last epoch."
                )
            )
        if self.overfitting:
            low, high = (rounded(100 * end) for end in (self.gap.low, self.gap.high))
            said.append(
                f"So far, training accuracy is {low} to {high} points above test accuracy."
                if self.still_learning
                else "Training accuracy is above the test interval: a sign of overfitting (the gap "
                f"is {low} to {high} points)."
            )
        return " ".join(said or ["No sign of overfitting on this split."])


def last_rise(accuracy: Sequence[float], n: int) -> Interval | None:
    """What the last epoch added to the training accuracy: 95 % interval (see
    `independent_interval`); None before the second epoch.

    Args:
        accuracy: mean of each epoch, 0 to 1.
        n: images of an epoch.
    """
    if len(accuracy) < 2:
        return None
    before, last = (round(share * n) for share in accuracy[-2:])
    return independent_interval([last, before], [n, n])
