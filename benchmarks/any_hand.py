"""How well a network on key points reads hands that it has never seen, and knows when not to.

Usage: ASL_DATA_DIR=... python -m benchmarks.any_hand [--seeds 1] [--rendered 2640] [--json]

`ASL_DATA_DIR` names the folder that holds `asl_alphabet`, `other_signers` and `not_letters`. Each
photo set is a person (`lee` several), and is held out in turn: networks learn from the others and
from rendered hands, and are tested on the 24 letters that stand still, and on A, B and C among
themselves. Another learns from rendered hands alone, without any photo: from their joints, and from
what the finder finds in their pictures. A photo without a hand counts as an error.

A person's confidence is calibrated by the temperature of the others, each held out. Which score
tells that a hand shows no letter is chosen on every second image of `not_letters`, and measured on
the others; that there is no hand, by the finder's presence, on what `hand_pictures.no_hands` says.

The first time, the key points are found (some 70 ms of the processor a photo); they are kept.
"""

import argparse
import json
import statistics
from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import keras
import numpy as np
from sklearn.metrics import roc_auc_score

from asl_core import Dataset, read_folder
from asl_core.evaluation.calibration import coverage, fit_temperature, reliability, scale
from asl_core.landmarks.features import features
from asl_core.landmarks.finder import HandFinder
from asl_core.landmarks.found import find_landmarks
from asl_core.landmarks.network import (
    Examples,
    NetworkConfig,
    hidden,
    of_person,
    probabilities,
    train,
)
from asl_core.landmarks.no_letter import no_letter_poses, random_poses
from asl_core.landmarks.rendered import Jitter, key_points_of, rendered_key_points
from asl_core.synthetic import STATIC_LETTERS
from benchmarks import hand_pictures
from benchmarks.photos import parent_of

PEOPLE = ("alphabet", "hackmit", "keptsecret", "lee", "longhongvo", "t32rahman")
CHOSEN_ON = ("hackmit", "lee", "t32rahman")
"""People on whom the settings were chosen; the others' figures have seen no choice."""

N_LETTERS = len(STATIC_LETTERS)
NONE = N_LETTERS
"""Class of rendered hands that sign nothing."""

ABC = [STATIC_LETTERS.index(letter) for letter in "ABC"]

RENDERED_SHARE = 0.5
"""Weight of all rendered hands beside that of all photos."""

JOINTS_EACH = 400
"""Hands for each letter whose joints are taken without a picture."""

VARIED = Jitter(slack=12, turn=40, tilt=35, roll=25, proportions=0.1, noise=0.03, depth_noise=0.1)
"""What varies among those: more than a user's rendered hands, since people vary more."""

RANDOM = 1200
"""Hands bent by chance, unlike all letters, whose joints are taken without a picture."""

NO_LETTERS_EACH = 24
"""Pictures of each hand that signs nothing, and three times as many joints."""

ALONE = NetworkConfig(epochs=6)
SMOOTH = 0.1
"""Share of the mean variance that is added to each, where distances are measured."""


@dataclass(frozen=True, eq=False)
class Images:
    """Images of hands.

    Attributes:
        features: float32 (n, views, 295).
        labels: int64 (n,), index into `STATIC_LETTERS`, or `NONE`.
        found: bool (n,), which show a hand.
        presence: float32 (n,), how surely they do.
    """

    features: np.ndarray
    labels: np.ndarray
    found: np.ndarray
    presence: np.ndarray

    def examples(self, every: int = 1) -> Examples:
        """What a network learns from."""
        return of_person(self.features[self.found][::every], self.labels[self.found][::every])


def images_of(dataset: Dataset, finder: HandFinder, letters_only: bool = True) -> Images:
    """The key points of a dataset; without J and Z, which move, if only letters are wanted."""
    landmarks = find_landmarks(dataset, finder)
    places = [STATIC_LETTERS.find(name) if len(name) == 1 else NONE for name in dataset.classes]
    labels = np.array(places)[dataset.labels]
    chosen = (labels >= 0) & (labels < NONE) if letters_only else labels >= 0
    return Images(
        landmarks.features()[chosen],
        labels[chosen],
        landmarks.found[chosen],
        landmarks.presence[chosen, 0],
    )


def rendered_examples(count: int, finder: HandFinder) -> Examples:
    """Rendered hands, letters and others: joints, and what is found in pictures, all alike."""
    joints, labels = rendered_key_points(STATIC_LETTERS, JOINTS_EACH * N_LETTERS, jitter=VARIED)
    nothing = [*no_letter_poses().values()] * 3 * NO_LETTERS_EACH + random_poses(RANDOM)
    others = key_points_of(nothing, 1, VARIED)
    parts = [
        Examples(features(joints), labels, np.ones(len(labels), np.float32)),
        Examples(features(others), np.full(len(others), NONE), np.ones(len(others), np.float32)),
        images_of(hand_pictures.letters(count), finder).examples(),
        images_of(hand_pictures.no_letters(NO_LETTERS_EACH), finder, False).examples(),
    ]
    return Examples.joined([replace(part, weights=np.ones_like(part.weights)) for part in parts])


def networks(examples: Examples, config: NetworkConfig, seeds: int) -> list[keras.Sequential]:
    """One for each seed."""
    return [train(examples, N_LETTERS + 1, replace(config, seed=seed)) for seed in range(seeds)]


def with_rendered(
    people: list[Examples], rendered: Examples, share: float = RENDERED_SHARE
) -> Examples:
    """Photos of people, and rendered hands with their share of the weight."""
    photos = Examples.joined(people)
    weight = share * photos.weights.sum() / len(rendered)
    weighted = replace(rendered, weights=np.full(len(rendered), weight, np.float32))
    return Examples.joined([photos, weighted])


@dataclass(frozen=True, eq=False)
class Answers:
    """What networks say of images that they have never seen.

    Attributes:
        labels: int64 (n,).
        probabilities: float32 (n, 24), of the letters; rows sum to 1.
        found: bool (n,).
        scores: by its name, float (n,): the higher, the more surely it is a letter.
    """

    labels: np.ndarray
    probabilities: np.ndarray
    found: np.ndarray
    scores: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def right(self) -> np.ndarray:
        """bool (n,): the letter is right, and there is a hand."""
        right: np.ndarray = (self.probabilities.argmax(axis=1) == self.labels) & self.found
        return right

    def accuracy(self) -> float:
        """Over all images."""
        return float(self.right.mean())

    def accuracy_abc(self) -> float:
        """Of A, B and C among themselves."""
        chosen = np.isin(self.labels, ABC)
        said = np.array(ABC)[self.probabilities[chosen][:, ABC].argmax(axis=1)]
        return float(((said == self.labels[chosen]) & self.found[chosen]).mean())

    def failing(self, n: int = 6) -> list[str]:
        """The most frequent errors, such as `P>G 30`; `P>- 3`: no hand."""
        said = np.where(self.found, self.probabilities.argmax(axis=1), -1)
        pairs = Counter(
            (STATIC_LETTERS[label], STATIC_LETTERS[answer] if answer >= 0 else "-")
            for label, answer in zip(self.labels, said, strict=True)
            if label != answer
        )
        return [f"{a}>{b} {count}" for (a, b), count in pairs.most_common(n)]

    def by_letter(self) -> dict[str, float]:
        """Share that is right of each letter that is there."""
        return {
            STATIC_LETTERS[label]: float(self.right[self.labels == label].mean())
            for label in np.unique(self.labels).tolist()
        }


def answers(models: list[keras.Sequential], images: Images, nearest: "Centers") -> Answers:
    """Ask networks."""
    said = probabilities(models, images.features)
    letters = said[:, :NONE]
    near = nearest.scores(images.features)
    likely = np.log(letters.max(axis=1) + 1e-9)
    scores = {
        "confidence": letters.max(axis=1),
        "not none": -said[:, NONE],
        "near": near,
        "near and confidence": near + likely,
        "near and not none": near + np.log(1 - said[:, NONE] + 1e-6),
    }
    return Answers(
        images.labels, letters / letters.sum(axis=1, keepdims=True), images.found, scores
    )


class Centers:
    """How far hidden answers lie from the middle of the nearest letter (Mahalanobis).

    Args:
        model: whose hidden layer it is.
        examples: which it learned from.
    """

    def __init__(self, model: keras.Sequential, examples: Examples) -> None:
        chosen = examples.labels < NONE
        inner = hidden(model, examples.features[chosen][:, None])
        labels = examples.labels[chosen]
        self._model = model
        self._centers = np.stack([inner[labels == n].mean(axis=0) for n in range(N_LETTERS)])
        rest = inner - self._centers[labels]
        spread = np.cov(rest.T)
        spread += SMOOTH * np.trace(spread) / len(spread) * np.eye(len(spread))
        self._root = np.linalg.cholesky(np.linalg.inv(spread))

    def scores(self, images: np.ndarray) -> np.ndarray:
        """float (n,), the negative logarithm of the distance, of features (n, views, 295)."""
        away = hidden(self._model, images)[:, None] - self._centers
        nearest: np.ndarray = np.linalg.norm(away @ self._root, axis=2).min(axis=1)
        return -np.log(nearest + 1e-9)


def auroc(known: np.ndarray, unknown: np.ndarray) -> float:
    """Share of pairs in which the known one has the higher score."""
    told = np.r_[np.ones(len(known)), np.zeros(len(unknown))]
    return float(roc_auc_score(told, np.r_[known, unknown]))


def of_no_letter(held_out: dict[str, Answers], others: dict[str, Answers]) -> dict[str, object]:
    """How surely each score tells letters from hands that show none; one is chosen by half."""
    halves = {
        half: {
            name: statistics.mean(
                auroc(held_out[p].scores[name][held_out[p].found], others[p].scores[name][half::2])
                for p in held_out
            )
            for name in next(iter(held_out.values())).scores
        }
        for half in (0, 1)
    }
    best = max(halves[0], key=lambda name: halves[0][name])
    by_person = {
        p: auroc(held_out[p].scores[best][held_out[p].found], others[p].scores[best][1::2])
        for p in held_out
    }
    return {
        "score": best,
        "auroc": halves[1][best],
        "by_person": by_person,
        "chosen_by": halves[0],
    }


def calibrated(held_out: dict[str, Answers]) -> dict[str, object]:
    """ECE of each person by the others' temperature, and of all together."""
    scaled, eces = {}, {}
    for person, its in held_out.items():
        rest = [held_out[p] for p in held_out if p != person]
        temperature = fit_temperature(
            np.concatenate([r.probabilities[r.found] for r in rest]),
            np.concatenate([r.labels[r.found] for r in rest]),
        )
        scaled[person] = scale(its.probabilities[its.found], temperature)
        eces[person] = reliability(scaled[person], its.labels[its.found]).ece
    together = np.concatenate(list(scaled.values()))
    labels = np.concatenate([its.labels[its.found] for its in held_out.values()])
    selective = coverage(together, labels)
    return {
        "ece": reliability(together, labels).ece,
        "by_person": eces,
        "accuracy_of_the_surest": {
            str(share): selective.accuracy_at(share) for share in (0.5, 0.7, 0.8, 0.9)
        },
    }


def figures_of(held_out: dict[str, Answers]) -> dict[str, object]:
    """Accuracy by person, and the median."""
    return {
        "median": statistics.median(its.accuracy() for its in held_out.values()),
        "median_abc": statistics.median(its.accuracy_abc() for its in held_out.values()),
        "people": {
            person: {
                "n": len(its.labels),
                "without_hand": int((~its.found).sum()),
                "accuracy": its.accuracy(),
                "abc": its.accuracy_abc(),
                "chosen_on": person in CHOSEN_ON,
                "failing": its.failing(),
                "by_letter": its.by_letter(),
            }
            for person, its in held_out.items()
        },
    }


def measure(photos: Path, seeds: int, count: int) -> dict[str, object]:
    """All figures."""
    finder = HandFinder()
    people = {p: images_of(read_folder(hand_pictures.folder_of(photos, p)), finder) for p in PEOPLE}
    none = images_of(read_folder(photos / "not_letters"), finder, letters_only=False)
    empty = images_of(hand_pictures.no_hands(), finder, letters_only=False)
    rendered = rendered_examples(count, finder)
    held_out, others = {}, {}
    for person, images in people.items():
        rest = [people[p].examples() for p in PEOPLE if p != person]
        examples = with_rendered(rest, rendered)
        models = networks(examples, NetworkConfig(), seeds)
        centers = Centers(models[0], Examples.joined(rest))
        held_out[person] = answers(models, images, centers)
        others[person] = answers(models, none, centers)
    alone = networks(rendered, ALONE, seeds)
    centers = Centers(alone[0], rendered)
    shown = np.concatenate([images.presence for images in people.values()])
    return {
        "photos_and_rendered": figures_of(held_out),
        "rendered_alone": figures_of({p: answers(alone, people[p], centers) for p in PEOPLE}),
        "no_letter": of_no_letter(held_out, others),
        "no_hand": {"auroc": auroc(shown, empty.presence), "n": len(empty.presence)},
        "calibration": calibrated(held_out),
        "config": asdict(NetworkConfig()),
    }


def show(result: dict[str, object]) -> None:
    """The figures for people."""
    for name in ("photos_and_rendered", "rendered_alone"):
        part = result[name]
        assert isinstance(part, dict)
        print(f"{name}: median {part['median']:.3f}, A B C {part['median_abc']:.3f}")
        for person, its in part["people"].items():
            failing = ", ".join(its["failing"])
            print(f"  {person:11s} {its['accuracy']:.3f} {its['abc']:.3f} of {its['n']}  {failing}")
    for name in ("no_letter", "no_hand", "calibration"):
        print(name, json.dumps(result[name]))


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=1, help="networks that are averaged")
    parser.add_argument("--rendered", type=int, default=2640, help="rendered pictures of letters")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    photos = parent_of(parser, "asl_alphabet", "other_signers", "not_letters")
    result = measure(photos, arguments.seeds, arguments.rendered)
    if arguments.json:
        print(json.dumps(result, indent=1))
    else:
        show(result)


if __name__ == "__main__":
    main()
