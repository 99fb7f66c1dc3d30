"""Train: set the network up, start it, watch it."""

import pandas as pd
import streamlit as st

from asl_core import layers
from asl_core.data.trainable import check_trainable
from asl_core.errors import DatasetError
from asl_core.runs.run import RunSpec
from asl_core.training.first_config import expectation
from asl_core.ui.shared import snippets
from asl_core.ui.shared.accuracy import CHECK
from asl_core.ui.shared.errors import show_error
from asl_core.ui.shared.frame import header, page_end
from asl_core.ui.shared.images import source_note
from asl_core.ui.shared.label_corrections import correct, use_corrections
from asl_core.ui.shared.resources import current_dataset, jobs, run_store, split_of, visitor
from asl_core.ui.shared.session_control import session_control
from asl_core.ui.shared.start_once import asked_to_start, can_start, start_once
from asl_core.ui.train.settings import choose_settings
from asl_core.ui.train.watch import watch_trainings

header(
    "Train",
    "A small convolutional network is trained on the training images. Training happens in a "
    "separate process and continues if you leave or close this page.",
)
dataset = current_dataset()
jobs().warm_up()

controls, summary = st.columns([2, 3], gap="large")
with controls:
    config, split_name = choose_settings(dataset)
split = split_of(dataset, dataset.fingerprint, split_name)
corrected = correct(dataset, split)
with controls:
    use = use_corrections(corrected)
if use:
    split = corrected.split
with summary:
    network = layers(config.architecture, len(dataset.classes))
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
    n_train = round((1 - config.validation_fraction) * len(split.train))
    st.markdown(
        f"**{sum(layer.params for layer in network):,} parameters**, trained on "
        f"**{n_train:,} images** (split '{split_name}') with {config.optimizer}, learning rate "
        f"{config.rate:g} and batch size {config.batch_size}."
    )
    if dataset.rendered:
        st.caption(source_note(dataset))
    st.caption(f"What to expect: {expectation(dataset)}")

with controls:
    possible = can_start()
    try:
        check_trainable(corrected.dataset if use else dataset, split, config)
    except DatasetError as error:
        possible = False
        show_error(error)
    wanted = st.button(
        "Train",
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        disabled=not possible,
    )
    check = session_control(
        st.toggle,
        "Check the accuracy afterwards",
        CHECK,
        True,
        help="Trains the same settings five more times with other seeds and, on images of a video, "
        "five times without a block of it, and tests the run on the external test sets if there "
        "are any. It gives way to every other training.",
    )
if (wanted or asked_to_start()) and possible:
    data = dataset.source
    spec = RunSpec(
        config,
        split_name,
        data.text,
        use_corrections=use,
        marked=data.marked,
        check_accuracy=check,
    )
    start_once(spec, lambda: jobs().train(run_store(), spec, visitor()))

watch_trainings()
runs = run_store().root.name
sources = [snippets.train(dataset.source.name, split_name, config, runs, use_corrections=use)]
if snippets.is_plain(config):
    sources.append(
        snippets.keras(dataset.source.name, split_name, config, runs if use and corrected else None)
    )
page_end(*sources)
