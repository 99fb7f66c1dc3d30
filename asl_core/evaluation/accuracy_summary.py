"""What is known about a run's accuracy so far, from the easiest test to the hardest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from asl_core.evaluation.evaluation import Score
from asl_core.evaluation.generalization import (
    ExternalTest,
    load_external_tests,
    repeats_json,
)
from asl_core.evaluation.repeats import Repeats, has_blocks, load_repeats
from asl_core.runs.describe import BETWEEN
from asl_core.runs.intervals import percent, rounded
from asl_core.runs.run import Run


@dataclass(frozen=True)
class AccuracySummary:
    """A run's accuracy, and what its checks have found so far.

    Attributes:
        test: score on its own test images.
        seeds: its settings with other seeds, on the same test images.
        blocks: its settings on blocks of images; None where file names have no numbers, or they are
            rendered.
        external_tests: on images of other people and rooms.
    """

    test: Score
    seeds: Repeats
    blocks: Repeats | None
    external_tests: tuple[ExternalTest, ...]

    @classmethod
    def of(cls, run: Run) -> "AccuracySummary":
        """Read what is kept with a run; trains and tests nothing.

        Raises:
            RunNotFoundError, DamagedRunError: it can't be read.
        """
        blocks = load_repeats(run, "blocked_cv")
        return cls(
            test=Score(run.results.test_correct, run.results.n_test),
            seeds=load_repeats(run, "seeds"),
            blocks=blocks if blocks.done or has_blocks(run) else None,
            external_tests=load_external_tests(run),
        )

    @property
    def is_checked(self) -> bool:
        """Whether more is known than the test accuracy."""
        blocks = self.blocks and self.blocks.done
        return bool(self.seeds.done or blocks or self.external_tests)

    def in_words(self) -> str:
        """One line, such as `Test 99.8 % · other seeds 99 to 100 % · new stretches 91.2 %
        (84 to 98) · other people 33 to 50 %`."""
        parts = [f"Test {percent(self.test.accuracy)}"]
        if self.seeds.done:
            parts.append(f"other seeds {percent_range(self.seeds.accuracies)}{_so_far(self.seeds)}")
        if self.blocks and self.blocks.done:
            low, high = min(self.blocks.accuracies), max(self.blocks.accuracies)
            median = percent(self.blocks.median)
            ends = f"{rounded(100 * low, 0)} to {rounded(100 * high, 0)}{_so_far(self.blocks)}"
            parts.append(f"new stretches {median} ({ends})")
        if self.external_tests:
            found = [test.score.accuracy for test in self.external_tests]
            parts.append(f"other people {percent_range(found)}")
        return BETWEEN.join(parts)

    def to_json(self) -> dict[str, Any]:
        """What the checks have found, as JSON types; accuracies are 0 to 1, None is not known."""
        return {
            "seeds": repeats_json(self.seeds),
            "blocked_cv": self.blocks and repeats_json(self.blocks),
            "external_tests": {test.folder: test.score.accuracy for test in self.external_tests},
        }


def _so_far(repeats: Repeats) -> str:
    if repeats.complete:
        return ""
    return f", {len(repeats.done)} of {len(repeats.scores)} so far"


def percent_range(accuracies: Sequence[float]) -> str:
    """From the lowest to the highest, 0 to 1, such as `33 to 50 %`."""
    low, high = (rounded(100 * end, 0) for end in (min(accuracies), max(accuracies)))
    return f"{low} %" if low == high else f"{low} to {high} %"
