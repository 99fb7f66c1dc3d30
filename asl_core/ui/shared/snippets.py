"""'The same in Python': the few lines that do what a page shows. A test runs them all."""

from dataclasses import fields

from asl_core.config import Architecture, SplitName, TrainConfig
from asl_core.sweeps.search import Search
from asl_core.sweeps.sweep import Grid
from asl_core.training.architecture import blocks


def data(
    source: str, split: SplitName, part: str = "train", name: str | None = None, start: int = 0
) -> str:
    """Images, split, counts and one-hot labels.

    Args:
        source: of the images: a folder, or `rendered:...`.
        split: its name.
        part: `train` or `test`.
        name: the only class to show; None shows all.
        start: first sample to show.
    """
    condition = f" if dataset.class_name(i) == {name!r}" if name else ""
    return f"""\
import asl_core as asl

dataset = asl.open_dataset({source!r})   # images: uint8 (n, 50, 50, 3)
split = asl.make_split(dataset, {split!r})
print(dataset.counts(split.train), dataset.counts(split.test))

shown = [i for i in split.{part}{condition}][{start}:{start + 36}]
print([dataset.class_name(i) for i in shown])
print(asl.one_hot(dataset.labels[shown], len(dataset.classes)))
"""


def train(
    source: str, split: SplitName, config: TrainConfig, runs: str, use_corrections: bool = True
) -> str:
    """A training, from images to a published run.

    Args:
        source: what opens the dataset.
        split: its name.
        config: the settings.
        runs: folder of the runs.
        use_corrections: whether label corrections count.
    """
    without = "" if use_corrections else ", use_corrections=False"
    return f"""\
import asl_core as asl

config = asl.TrainConfig({_changed(config)})
run = asl.train({source!r}, config, split={split!r}, runs={runs!r}{without})
print(run.id, run.results.test_accuracy)
"""


def sweep(folder: str, split: SplitName, grid: Grid, runs: str) -> str:
    """A grid of runs, and the results of each configuration."""
    return f"""\
import asl_core as asl

grid = asl.Grid(
    {_network_axis(grid)},
    epochs={grid.epochs!r},
    learning_rates={grid.learning_rates!r},
    seeds={grid.seeds!r},
    base=asl.TrainConfig({_changed(grid.base)}),
)
sweep = asl.train_grid({folder!r}, grid, split={split!r}, runs={runs!r})
for result in sweep.results:            # one configuration, all its seeds
    print(result.config, result.median, result.low, result.high)
print(sweep.best.config, sweep.best.test_accuracy)
"""


def _network_axis(grid: Grid) -> str:
    if grid.base.features == "landmarks":
        return f"hidden={grid.hidden!r}"
    return f"filters={grid.filters!r}"


def search(folder: str, split: SplitName, search: Search, runs: str) -> str:
    """A search for good settings."""
    return f"""\
import asl_core as asl
from asl_core.jobs.local import run_sequentially
from asl_core.sweeps.search import Search, prepare

store, source = asl.RunStore({runs!r}), asl.Source({folder!r})
search = {search!r}
sweep = run_sequentially(store, prepare(store, search, {split!r}, source))
for result in sweep.results:
    print(result.config, result.median)
if sweep.best:                          # None if the time was too short for one run
    print(sweep.best.config, sweep.best.test_accuracy)
"""


def is_plain(config: TrainConfig) -> bool:
    """Whether a few lines of plain Keras do the same: with nothing but the baseline's controls."""
    usual = TrainConfig()
    others = ("schedule", "augmentation", "validation_fraction", "patience", "class_weights")
    return all(getattr(config, name) == getattr(usual, name) for name in ("features", *others))


def keras(
    source: str, split: SplitName, config: TrainConfig, corrections: str | None = None
) -> str:
    """The same training in plain Keras; the images and their order come from the core.

    Args:
        source: what opens the dataset.
        split: its name.
        config: settings that are plain (see `is_plain`).
        corrections: folder of runs whose label corrections count; None: none do.
    """
    corrected = f"""
from asl_core.data.label_corrections import apply_label_corrections, load_label_corrections
dataset, split = apply_label_corrections(load_label_corrections({corrections!r}), dataset, split)"""
    usual = config.image_size == TrainConfig().image_size
    size = "" if usual else f", size={config.image_size}"
    return f"""\
import keras
import numpy as np
from keras import layers
import asl_core as asl

dataset = asl.open_dataset({source!r}{size})
split = asl.make_split(dataset, {split!r}){corrected if corrections else ""}
labels = keras.utils.to_categorical(dataset.labels)

keras.utils.set_random_seed({config.seed})
model = keras.Sequential([
    {_keras_layers(config.architecture)}
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


def _keras_layers(architecture: Architecture) -> str:
    """The network in plain Keras, a line for each layer."""
    size, kernel = architecture.image_size, architecture.kernel_size
    lines = [f'layers.Input(({size}, {size}, 3), dtype="uint8")', "layers.Rescaling(1 / 255)"]
    for block in blocks(architecture):
        convolution = f'layers.Conv2D({block.filters}, {kernel}, padding="same"'
        if architecture.batch_norm:
            lines += [f"{convolution}, use_bias=False)", "layers.BatchNormalization()"]
            lines += ["layers.ReLU()"]
        else:
            lines += [f'{convolution}, activation="relu")']
        lines += [f"layers.MaxPooling2D({block.pool})"]
    lines += ["layers.Flatten()"]
    if architecture.dropout:
        lines += [f"layers.Dropout({architecture.dropout})"]
    lines += ['layers.Dense(len(dataset.classes), activation="softmax")']
    return ",\n    ".join(lines) + ","


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
    confidence, file = evaluation.confidence[i], evaluation.files[i]
    print(f"{{true}} (pred: {{predicted}})", f"{{confidence:.0%}}", file)
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
from asl_core.runs.describe import run_json

store = asl.RunStore({runs!r})
print(pd.DataFrame(run_json(run) for run in store.list()))
"""
    if first is None or second is None:
        return table
    return f"""\
{table}
comparison = asl.Comparison.of(store.load({first!r}), store.load({second!r}))
print(comparison.table)                  # rows: first right, wrong; columns: second
print(comparison.difference, comparison.interval, comparison.p_value)
print(comparison.in_words())
for image in comparison.only_right(1):   # first right, second wrong
    print(image)
"""


def predict(runs: str, run_id: str, file: str) -> str:
    """The class of a photo."""
    return f"""\
from pathlib import Path
import asl_core as asl

run = asl.RunStore({runs!r}).load({run_id!r})
for prediction in asl.predict(run, [Path({file!r})]):
    print(prediction.label, prediction.probabilities)
"""


def _changed(config: TrainConfig) -> str:
    """Arguments for what differs from the defaults."""
    usual = TrainConfig()
    return ", ".join(
        f"{field.name}={getattr(config, field.name)!r}"
        for field in fields(config)
        if getattr(config, field.name) != getattr(usual, field.name)
    ).replace("Augmentation(", "asl.Augmentation(")
