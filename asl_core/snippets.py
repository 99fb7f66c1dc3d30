"""'The same in Python': the few lines that do what a page shows. A test runs them all."""

from dataclasses import fields

from asl_core.config import SplitName, TrainConfig


def data(
    source: str, split: SplitName, part: str = "train", letter: str | None = None, start: int = 0
) -> str:
    """Photos, split, counts and one-hot labels.

    Args:
        source: of the pictures: a folder, or `rendered:...`.
        split: its name.
        part: `train` or `test`.
        letter: the only class to show; None shows all.
        start: first sample to show.
    """
    condition = f" if dataset.letter(i) == {letter!r}" if letter else ""
    return f"""\
import asl_core as asl

dataset = asl.open_dataset({source!r})   # images: uint8 (n, 50, 50, 3)
split = asl.make_split(dataset, {split!r})
print(dataset.counts(split.train), dataset.counts(split.test))

shown = [i for i in split.{part}{condition}][{start}:{start + 36}]
print([dataset.letter(i) for i in shown])
print(asl.one_hot(dataset.labels[shown], len(dataset.classes)))
"""


def train(source: str, split: SplitName, config: TrainConfig, runs: str) -> str:
    """A training, from photos to a published run."""
    usual = TrainConfig()
    settings = ", ".join(
        f"{field.name}={getattr(config, field.name)!r}"
        for field in fields(config)
        if getattr(config, field.name) != getattr(usual, field.name)
    ).replace("Augmentation(", "asl.Augmentation(")
    return f"""\
import asl_core as asl

config = asl.TrainConfig({settings})
run = asl.train({source!r}, config, split={split!r}, runs={runs!r})
print(run.id, run.results.test_accuracy)
"""


def is_plain(config: TrainConfig) -> bool:
    """Whether a few lines of plain Keras do the same: with nothing but the mission's controls."""
    usual = TrainConfig()
    return all(
        getattr(config, name) == getattr(usual, name)
        for name in ("schedule", "augmentation", "validation_share", "patience")
    )


def keras(source: str, split: SplitName, config: TrainConfig) -> str:
    """The same training in plain Keras; the pictures and their order come from the core.

    Args:
        source: what opens the dataset.
        split: its name.
        config: settings that are plain (see `is_plain`).
    """
    first, second = config.filters
    return f"""\
import keras
import numpy as np
from keras import layers
import asl_core as asl

dataset = asl.open_dataset({source!r})
split = asl.make_split(dataset, {split!r})
labels = keras.utils.to_categorical(dataset.labels)

keras.utils.set_random_seed({config.seed})
model = keras.Sequential([
    layers.Input((50, 50, 3), dtype="uint8"),
    layers.Rescaling(1 / 255),
    layers.Conv2D({first}, 5, padding="same", activation="relu"),
    layers.MaxPooling2D(4),
    layers.Conv2D({second}, 5, padding="same", activation="relu"),
    layers.MaxPooling2D(4),
    layers.Flatten(),
    layers.Dense(len(dataset.classes), activation="softmax"),
])
model.summary()

optimizer = keras.optimizers.get({config.optimizer!r})
optimizer.learning_rate = {config.rate}
model.compile(optimizer, loss="categorical_crossentropy", metrics=["accuracy"])
for epoch in range({config.epochs}):
    order = np.random.default_rng([{config.seed}, epoch]).permutation(split.train)
    model.fit(dataset.images[order], labels[order], batch_size={config.batch_size}, shuffle=False)
print(model.evaluate(dataset.images[split.test], labels[split.test]))
"""


def evaluate(runs: str, run_id: str, true: str | None = None, predicted: str | None = None) -> str:
    """A finished run: accuracy with its interval, confusion matrix and answers.

    Args:
        runs: folder of the runs.
        run_id: of the run.
        true: the only true class of the answers; None shows all mistakes.
        predicted: likewise, the only predicted class.
    """
    wishes = (("true", true), ("predicted", predicted))
    chosen = ", ".join(f"{name}={wish!r}" for name, wish in wishes if wish)
    return f"""\
import asl_core as asl

run = asl.RunStore({runs!r}).load({run_id!r})
evaluation = asl.Evaluation.of(run)
print(evaluation.accuracy, evaluation.interval, run.results.train_accuracy)
print(evaluation.confusion)              # rows: true, columns: predicted
for score in evaluation.per_class:
    print(score)
classes = evaluation.classes
for i in evaluation.ranked(evaluation.rows({chosen})):
    true, predicted = classes[evaluation.labels[i]], classes[evaluation.predicted[i]]
    sure, file = evaluation.confidence[i], evaluation.files[i]
    print(f"{{true}} (pred: {{predicted}})", f"{{sure:.0%}}", file)
"""


def compare(runs: str, first: str | None = None, second: str | None = None) -> str:
    """A table of the runs, and the difference of two.

    Args:
        runs: folder of the runs.
        first: id of one of the two; None leaves the difference out.
        second: id of the other.
    """
    table = f"""\
import pandas as pd
import asl_core as asl
from asl_core.run_table import row

store = asl.RunStore({runs!r})
print(pd.DataFrame(row(run) for run in store.list()))
"""
    if first is None or second is None:
        return table
    return f"""\
{table}
comparison = asl.Comparison.of(store.load({first!r}), store.load({second!r}))
print(comparison.table)                  # rows: first right, wrong; columns: second
print(comparison.difference, comparison.interval, comparison.p_value)
print(comparison.in_words())
for photo in comparison.only_right(1):   # first right, second wrong
    print(photo)
"""


def predict(runs: str, run_id: str, file: str) -> str:
    """The letter of a photo."""
    return f"""\
from pathlib import Path
import asl_core as asl

run = asl.RunStore({runs!r}).load({run_id!r})
for prediction in asl.predict(run, [Path({file!r})]):
    print(prediction.label, prediction.probabilities)
"""
