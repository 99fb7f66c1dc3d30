"""The shipped run 'Any hand, 24 letters', made anew: `python -m benchmarks.any_hand_run`.

Three networks learn from the key points of all photo sets and of rendered hands, and stand side by
side as one whose logits are their mean: a hidden layer three times as wide. Its test images are
photos, and each was answered by a network that had learned from the other sets alone; hands that
show no letter were learned from by none. Only weights, answers and names of files are written: no
photo, and no key point of one.
"""

import argparse
import csv
import hashlib
import json
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import tensorflow as tf

from asl_core.config import LANDMARKS, TrainConfig
from asl_core.data import Dataset, read_folder
from asl_core.evaluation.stated_confidence import keep_stated_confidence
from asl_core.files import write_json
from asl_core.landmarks.finder import HandFinder
from asl_core.landmarks.network import Examples
from asl_core.runs.pending import new_pending
from asl_core.runs.run import Run, RunResults, RunSpec
from asl_core.runs.store import RunStore
from asl_core.runs.train import environment
from asl_core.settings import ANY_HAND, NO_LETTER, settings
from asl_core.synthetic import STATIC_LETTERS
from asl_core.training.answers import n_correct, predicted
from asl_core.training.engine import Engine, engine
from asl_core.training.export import to_litert
from asl_core.training.fit import epoch_order
from asl_core.training.fitted import Fitted
from asl_core.training.learning_rate import learning_rates, n_batches
from benchmarks import hand_pictures
from benchmarks.any_hand import (
    NONE,
    PEOPLE,
    Images,
    images_of,
    rendered_examples,
    with_rendered,
)
from benchmarks.photos import parent_of

MEMBER = replace(
    LANDMARKS, epochs=4, hidden=384, dropout=0.5, batch_size=256, learning_rate=3e-3, seed=0
)
N_MEMBERS = 3
CONFIG = replace(MEMBER, hidden=N_MEMBERS * MEMBER.hidden)
CLASSES = (*STATIC_LETTERS, NO_LETTER)
N_PICTURES = 2640

SHARE = 1.0
"""Weight of all rendered hands beside that of all photos."""

NOISE = 0.15
"""Standard deviation of what is added to each feature, anew in each epoch, in its own."""

SMOOTHING = 0.1
"""Share of a letter's label that all letters have alike: people sign some in more than one way."""

SHARPENED = 2.0
"""What the logits are multiplied by, so that the confidence is again that of the answers: labels
that are smoothed make a network too unsure. Chosen on `CHOSEN_ON` of `any_hand`, each held out."""

EVERY = {"alphabet": 6}
"""Of such a set every so many-th photo is a test image: it is a video of 300 frames a letter."""


@dataclass(frozen=True, eq=False)
class PhotoSet:
    """Photos of letters.

    Attributes:
        images: what is learned of them.
        files: name of each (n,).
        fingerprint: of the dataset.
    """

    images: Images
    files: tuple[str, ...]
    fingerprint: str

    @classmethod
    def of(cls, name: str, dataset: Dataset, finder: HandFinder, letters: bool) -> "PhotoSet":
        """A dataset with its hands."""
        images = images_of(dataset, finder, letters)
        known = [name for name in dataset.classes if not letters or name in STATIC_LETTERS]
        files = tuple(
            f"{name}/{file}"
            for file, label in zip(dataset.files, dataset.labels.tolist(), strict=True)
            if dataset.classes[label] in known
        )
        return cls(images, files, dataset.fingerprint)

    @property
    def inputs(self) -> np.ndarray:
        """float32 (n, views, 295), NaN without a hand."""
        return np.where(self.images.found[:, None, None], self.images.features, np.nan)


def learned(examples: Examples) -> tuple[Engine, dict[str, list[float]]]:
    """The network that stands for those that have learned from examples, with their history."""
    members = [_member(examples, replace(MEMBER, seed=seed)) for seed in range(N_MEMBERS)]
    its = engine(CONFIG.architecture, len(CLASSES), CONFIG.optimizer)
    lowest, variance = members[0][0][:2]  # of the examples, so those of all
    into, onto, out, over = zip(*(weights[2:] for weights, _ in members), strict=True)
    its.set_weights(
        [
            lowest,
            variance,
            np.concatenate(into, axis=1),
            np.concatenate(onto),
            SHARPENED * np.concatenate(out) / N_MEMBERS,
            SHARPENED * np.mean(over, axis=0),
        ]
    )
    histories = [history for _, history in members]
    return its, {
        name: np.mean([history[name] for history in histories], axis=0).tolist()
        for name in histories[0]
    }


def _member(
    examples: Examples, config: TrainConfig
) -> tuple[list[np.ndarray], dict[str, list[float]]]:
    """Weights of one network that has learned from examples, and its history."""
    its = engine(config.architecture, len(CLASSES), config.optimizer)
    weights = examples.weights / examples.weights.mean()
    its.hold(examples.features, examples.labels, weights)  # tells the scale
    its.start(config)
    rates, steps = learning_rates(config, len(examples)), n_batches(config, len(examples))
    history: dict[str, list[float]] = {"loss": [], "accuracy": []}
    rng, deviation = np.random.default_rng(config.seed), NOISE * examples.features.std(axis=0)
    for epoch in range(config.epochs):
        noise = rng.standard_normal(examples.features.shape, np.float32) * deviation
        images, labels, counts = its.hold(examples.features + noise, examples.labels, weights)
        order = epoch_order(config, epoch, len(examples))
        now = rates[epoch * steps : (epoch + 1) * steps]
        loss, right = its.learn((images, smoothed(labels), counts), order, now, config.batch_size)
        history["loss"].append(loss / len(order))
        history["accuracy"].append(right / len(order))
    return its.weights(), history


def smoothed(labels: tf.Tensor) -> tf.Tensor:
    """One-hot labels of which those of letters give a share to all letters; float32 (n, 25)."""
    alike = tf.constant([1 / NONE] * NONE + [0.0])
    softer = (1 - SMOOTHING) * labels + SMOOTHING * alike
    return tf.where(labels[:, NONE:] == 1, labels, softer)


def publish(people: dict[str, PhotoSet], none: PhotoSet, rendered: Examples, store: Path) -> Run:
    """Train, test and publish the run."""
    started = time.perf_counter()
    answers = {}
    for person, photos in people.items():
        rest = [people[p].images.examples() for p in PEOPLE if p != person]
        chosen = slice(None, None, EVERY.get(person, 1))
        its = learned(with_rendered(rest, rendered, SHARE))[0]
        answers[person] = (photos, chosen, its.predict(photos.inputs[chosen]))
        tell(person, photos.images.labels[chosen], answers[person][2])
    begun = time.perf_counter()
    everybody = [people[p].images.examples() for p in PEOPLE]
    its, history = learned(with_rendered(everybody, rendered, SHARE))
    fitted_in = time.perf_counter() - begun
    answers["not_letters"] = (none, slice(None), its.predict(none.inputs))
    tell("not_letters", none.images.labels, answers["not_letters"][2])

    spec = RunSpec(CONFIG, "groups", ANY_HAND)
    pending = new_pending(RunStore(store), spec)
    pending.claim()
    try:
        with pending.working():
            fitted = Fitted(
                CONFIG, len(CLASSES), its.weights(), its.optimizer_state(), history,
                "all epochs", CONFIG.epochs, np.arange(0), np.arange(0), fitted_in,
            )  # fmt: skip
            results = _results(people, rendered, answers, its)
            seconds = {"load": 0.0, "fit": fitted_in, "evaluate": begun - started}
            seconds["total"] = time.perf_counter() - started
            _write(pending.files, spec, replace(results, seconds=seconds), fitted, answers)
            return pending.publish()
    finally:
        pending.submitted.release()


def _results(
    people: dict[str, PhotoSet],
    rendered: Examples,
    answers: dict[str, tuple[PhotoSet, slice, np.ndarray]],
    its: Engine,
) -> RunResults:
    labels = np.concatenate([s.images.labels[s.images.found] for s in people.values()])
    said = np.concatenate([its.predict(s.inputs[s.images.found]) for s in people.values()])
    drawn = its.predict(rendered.features[:, None])
    test = [
        (s.images.labels[chosen], probabilities) for s, chosen, probabilities in answers.values()
    ]
    counts = np.bincount(labels, minlength=NONE + 1) + np.bincount(rendered.labels)
    return RunResults(
        classes=CLASSES,
        fingerprint=hashlib.sha256(
            " ".join(s.fingerprint for s, _, _ in answers.values()).encode()
        ).hexdigest(),
        train=dict(zip(CLASSES, counts.tolist(), strict=True)),
        n_validation=0,
        test=dict(
            zip(
                CLASSES,
                np.bincount(np.concatenate([true for true, _ in test])).tolist(),
                strict=True,
            )
        ),
        train_correct=n_correct(said, labels) + n_correct(drawn, rendered.labels),
        test_correct=sum(n_correct(probabilities, true) for true, probabilities in test),
        params=sum(weight.size for weight in its.weights()),
        epochs=CONFIG.epochs,
        best_epoch=CONFIG.epochs,
        stop_reason="all epochs",
        seconds={},
        n_without_hand=sum(int((~s.images.found).sum()) for s in people.values()),
    )


def _write(
    folder: Path,
    spec: RunSpec,
    results: RunResults,
    fitted: Fitted,
    answers: dict[str, tuple[PhotoSet, slice, np.ndarray]],
) -> None:
    write_json(folder / "config.json", spec.to_json())
    write_json(folder / "results.json", asdict(results))
    write_json(folder / "environment.json", environment())
    fitted.model.save(folder / "model.keras")
    (folder / "model.tflite").write_bytes(to_litert(fitted.model))
    with (folder / "history.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["epoch", *fitted.history])
        writer.writerows(zip(range(1, results.epochs + 1), *fitted.history.values(), strict=True))
    said = np.concatenate([probabilities for _, _, probabilities in answers.values()])
    found = ~np.isnan(said[:, 0])
    np.savez_compressed(
        folder / "predictions.npz",
        indices=np.arange(len(said)),
        files=np.array([file for s, chosen, _ in answers.values() for file in s.files[chosen]]),
        labels=np.concatenate([s.images.labels[chosen] for s, chosen, _ in answers.values()]),
        probabilities=np.where(found[:, None], said, 1 / len(CLASSES)).astype(np.float32),
        found=found,
    )


def tell(name: str, labels: np.ndarray, probabilities: np.ndarray) -> None:
    """A row of the model card: how many are right, of all and of each letter."""
    right = predicted(probabilities) == labels
    present = np.unique(labels)
    letters = "".join(f" {CLASSES[n]} {right[labels == n].mean():.2f}" for n in present)
    print(f"{name}: {right.mean():.3f} of {len(labels)};{letters}", flush=True)


def main() -> None:
    """Make the run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, default=settings().runs_dir)
    arguments = parser.parse_args()
    photos = parent_of(parser, "asl_alphabet", "other_signers", "not_letters")
    finder = HandFinder()
    people = {
        name: PhotoSet.of(name, read_folder(hand_pictures.folder_of(photos, name)), finder, True)
        for name in PEOPLE
    }
    none = PhotoSet.of("not_letters", read_folder(photos / "not_letters"), finder, False)
    run = publish(people, none, rendered_examples(N_PICTURES, finder), arguments.runs)
    run.rename("Any hand, 24 letters")
    print(keep_stated_confidence(run))
    print(json.dumps({"run": run.id, "test_accuracy": run.results.test_accuracy}))


if __name__ == "__main__":
    main()
