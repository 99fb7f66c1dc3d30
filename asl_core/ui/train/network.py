"""The network that the settings make, and how it is compiled, as the page Train tells it."""

import pandas as pd
import streamlit as st

from asl_core.config import BASELINE, DEFAULT_LEARNING_RATES, OptimizerName, TrainConfig
from asl_core.data import Dataset
from asl_core.runs.describe import name_images
from asl_core.training.architecture import Layer, layers
from asl_core.ui.shared.words import escape_markdown

KERAS_CLASSES: dict[OptimizerName, str] = {"rmsprop": "RMSprop", "adam": "Adam", "sgd": "SGD"}
"""What Keras calls each optimizer that is made with a learning rate."""


def tell_network(config: TrainConfig, dataset: Dataset, n_train: int, split_name: str) -> None:
    """The size of what is trained, in a sentence.

    Args:
        config: the settings.
        dataset: what it is trained on.
        n_train: images of that.
        split_name: whose training images they are.
    """
    n_params = sum(layer.params for layer in layers(config.architecture, len(dataset.classes)))
    st.markdown(
        f"**{n_params:,} parameters**, trained on **{n_train:,} images** of "
        f"{escape_markdown(name_images(dataset.source, dataset.fingerprint))} (split "
        f"'{split_name}') in batches of {config.batch_size}."
    )


def show_network(config: TrainConfig, n_classes: int) -> None:
    """How the network is compiled; its layers are folded below."""
    st.code(compile_call(config), language="python", wrap_lines=True)
    with st.expander("Layers and parameters", icon=":material/layers:"):
        _table(layers(config.architecture, n_classes))


def compile_call(config: TrainConfig) -> str:
    """The call of Keras that compiles such a network: optimizer, loss, metrics, learning rate."""
    optimizer = f'"{config.optimizer}"'
    rate = f"{config.rate:g}, constant"
    if config.rate != DEFAULT_LEARNING_RATES[config.optimizer]:
        optimizer = f"{KERAS_CLASSES[config.optimizer]}(learning_rate={config.rate:g})"
    if config.schedule != BASELINE.schedule:
        rate = f"warms up to {config.rate:g}, then anneals to 0"
    return (
        f"# learning rate: {rate}\n"
        "model.compile(\n"
        f"    optimizer={optimizer},\n"
        '    loss="categorical_crossentropy",\n'
        '    metrics=["accuracy"],\n'
        ")"
    )


def _table(network: tuple[Layer, ...]) -> None:
    st.dataframe(
        pd.DataFrame(
            {
                "Layer": [layer.name for layer in network],
                "Output shape": [str((None, *layer.output_shape)) for layer in network],
                "Parameters": [layer.params for layer in network],
            }
        ),
        hide_index=True,
        height="content",
        column_config={"Parameters": st.column_config.NumberColumn(format="localized")},
    )
