"""How surely the shipped run tells letters from rendered hands that sign nothing and that it has
not learned from: `python -m benchmarks.no_letter_hands [--runs models]`.

Key points of hands half open, relaxed, as a claw, pinching, with hooked fingers, and bent by chance
(another seed than it learned from), against its answers on people held out.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from asl_core.evaluation.evaluation import Evaluation
from asl_core.evaluation.hand_classifier import HandClassifier
from asl_core.evaluation.stated_confidence import stated_confidence
from asl_core.landmarks.features import features
from asl_core.landmarks.finder import N_VIEWS
from asl_core.landmarks.no_letter import random_poses
from asl_core.landmarks.rendered import key_points_of
from asl_core.runs.store import RunStore
from asl_core.settings import ANY_HAND, NO_LETTER, ROOT
from asl_core.synthetic.pose import Finger, Pose, Thumb

EACH = 200
SEED = 99
_OUT = Thumb(65, 5, -30, 5, -18)
_SPREADS = (14.0, 3.0, -8.0, -20.0)
_UP, _FOLDED, _HALF, _HOOKED = (0, 4, 2), (86, 102, 60), (40, 50, 30), (15, 80, 60)


def _hand(thumb: Thumb, *bends: tuple[float, float, float]) -> list[Pose]:
    index, middle, ring, little = (
        Finger(*bend, spread) for bend, spread in zip(bends, _SPREADS, strict=True)
    )
    return [Pose(thumb, index, middle, ring, little)] * EACH


def hands() -> Mapping[str, list[Pose]]:
    """By what they are, `EACH` of each."""
    return {
        "half open": _hand(_OUT, *4 * (_HALF,)),
        "relaxed": _hand(Thumb(35, 25, -10, 20, 15), *4 * ((25, 30, 15),)),
        "claw": _hand(_OUT, *4 * (_HOOKED,)),
        "pinch of the middle finger": _hand(Thumb(56, 57, -2, 52, 16), _UP, (52, 60, 30), _UP, _UP),
        "ring and little finger half open": _hand(_OUT, _FOLDED, _FOLDED, _HALF, _HALF),
        "index and ring finger hooked": _hand(_OUT, _HOOKED, _FOLDED, _HOOKED, _FOLDED),
        "bent by chance": random_poses(EACH, SEED),
    }


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, default=ROOT / "models")
    runs = RunStore(parser.parse_args().runs).list()
    run = next(run for run in runs if run.spec.data == ANY_HAND)
    none = run.results.classes.index(NO_LETTER)
    shown = Evaluation.of(run).with_hand()
    known = np.delete(shown.probabilities[shown.labels != none], none, axis=1).max(axis=1)
    stated, classifier, scores = stated_confidence(run), HandClassifier(run), []
    for name, chosen in hands().items():
        its = features(key_points_of(chosen, SEED))[:, None].repeat(N_VIEWS, axis=1)
        said = classifier.probabilities(its)
        scores.append(np.delete(said, none, axis=1).max(axis=1))
        answered = [
            stated is None or stated.knows(run.results.classes[row.argmax()], float(row.max()))
            for row in said
        ]
        print(f"{name}: AUROC {_auroc(known, scores[-1]):.3f}, answered {np.mean(answered):.3f}")
    print(f"all: AUROC {_auroc(known, np.concatenate(scores)):.3f}")


def _auroc(known: np.ndarray, unknown: np.ndarray) -> float:
    told = np.r_[np.ones(len(known)), np.zeros(len(unknown))]
    return float(roc_auc_score(told, np.r_[known, unknown]))


if __name__ == "__main__":
    main()
