"""Train: set the network up, start it, watch it."""

import pandas as pd
import streamlit as st

from asl_core import TrainConfig, layers, snippets
from asl_core.config import DEFAULT_LEARNING_RATES, OPTIMIZERS
from asl_core.runs import RunSpec
from asl_core.settings import MAX_BATCH_SIZE, MAX_EPOCHS, MAX_FILTERS, MISSION_FINGERPRINT
from asl_core.ui.choose_split import WORDS, choose_split
from asl_core.ui.core import current_dataset, jobs, run_store, split_of
from asl_core.ui.frame import header, same_in_python
from asl_core.ui.live import submit_once, watch_trainings
from asl_core.ui.photos import source_note
from asl_core.ui.words import pictures

header(
    "Train",
    "A small convolutional network learns from the training pictures. Training runs in a process "
    "of its own: leave this page, or close it, and it goes on.",
)
dataset = current_dataset()
noun = pictures(dataset.rendered)
jobs().warm_up()

controls, summary = st.columns([2, 3], gap="large")
with controls:
    epochs = st.slider(
        "Epochs",
        1,
        MAX_EPOCHS,
        5,
        key="epochs",
        persist_state="session",
        help="How many times the network sees every training picture.",
    )
    first = st.slider(
        "Filters of the first convolution", 1, MAX_FILTERS, 5, key="first", persist_state="session"
    )
    second = st.slider(
        "Filters of the second convolution",
        1,
        MAX_FILTERS,
        15,
        key="second",
        persist_state="session",
    )
    with st.expander("Advanced", icon=":material/tune:"):
        batch_size = st.number_input(
            "Batch size", 1, MAX_BATCH_SIZE, 32, key="batch", persist_state="session"
        )
        optimizer = st.selectbox("Optimizer", OPTIMIZERS, key="optimizer", persist_state="session")
        rate = st.number_input(
            "Learning rate",
            min_value=1e-6,
            max_value=1.0,
            value=None,
            format="%g",
            placeholder=f"{DEFAULT_LEARNING_RATES[optimizer]:g} (Keras's own)",
            key="rate",
            persist_state="session",
        )
        seed = st.number_input(
            "Seed",
            0,
            2**32 - 1,
            2,
            key="seed",
            persist_state="session",
            help="The same settings with the same seed give the same network on one machine.",
        )
        split_name = choose_split(dataset, key="train_split", persist_state="session")
        st.caption(WORDS[split_name])

config = TrainConfig(epochs, (first, second), batch_size, optimizer, rate, seed)
split = split_of(dataset, dataset.fingerprint, split_name)
with summary:
    network = layers(config.filters, len(dataset.classes))
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
    st.markdown(
        f"**{sum(layer.params for layer in network):,} parameters** to learn from "
        f"**{len(split.train):,} {noun}**, by {optimizer} at {config.rate:g}, "
        f"{batch_size} {noun} at a time."
    )
    if dataset.rendered:
        st.caption(source_note(dataset))
    if dataset.fingerprint == MISSION_FINGERPRINT:
        st.caption(
            "What to expect on the mission's photos: about 73 % of the test photos right after one "
            "epoch, 97 % after five, with the settings that the page starts with."
        )

if controls.button("Train", type="primary", icon=":material/play_arrow:", width="stretch"):
    submit_once(RunSpec(config, split_name, dataset.source))

watch_trainings()
same_in_python(
    snippets.train(dataset.source, split_name, config, str(run_store().root)),
    snippets.keras(dataset.source, split_name, config),
)
