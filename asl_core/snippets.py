"""'The same in Python': the few lines that do what a page shows. A test runs them all."""

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
    return f"""\
import asl_core as asl

config = {config!r}
run = asl.train({source!r}, config, split={split!r}, runs={runs!r})
print(run.id, run.results.test_accuracy)
""".replace("TrainConfig(", "asl.TrainConfig(")


def keras(source: str, split: SplitName, config: TrainConfig) -> str:
    """The same training in plain Keras; only the photos come from the core."""
    first, second = config.filters
    return f"""\
import keras
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
model.fit(dataset.images[split.train], labels[split.train],
          batch_size={config.batch_size}, epochs={config.epochs})
print(model.evaluate(dataset.images[split.test], labels[split.test]))
"""


def evaluate(runs: str, run_id: str, true: str | None = None, predicted: str | None = None) -> str:
    """A finished run: accuracy with its interval, confusion matrix and mistakes.

    Args:
        runs: folder of the runs.
        run_id: of the run.
        true: the only true class of the mistakes; None shows all.
        predicted: likewise, the only predicted class.
    """
    wishes = (("true", true), ("predicted", predicted))
    conditions = " and ".join(f"mistake.{name} == {wish!r}" for name, wish in wishes if wish)
    indent, condition = ("    ", f"\n    if {conditions}:") if conditions else ("", "")
    return f"""\
import asl_core as asl

run = asl.RunStore({runs!r}).load({run_id!r})
evaluation = asl.Evaluation.of(run)
print(evaluation.accuracy, evaluation.interval, run.results.train_accuracy)
print(evaluation.confusion)              # rows: true, columns: predicted
for score in evaluation.per_class:
    print(score)
for mistake in evaluation.mistakes:{condition}
{indent}    print(mistake.caption, f"{{mistake.confidence:.0%}}", mistake.file)
"""


def compare(runs: str) -> str:
    """A table of the runs."""
    return f"""\
import pandas as pd
import asl_core as asl

print(pd.DataFrame(
    {{"run": run.id, **run.spec.config.to_json(), "test accuracy": run.results.test_accuracy}}
    for run in asl.RunStore({runs!r}).list()
))
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
