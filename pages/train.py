"""Train: set the network up, start it, watch it."""

from dataclasses import replace

import streamlit as st

from asl_core.data.trainable import check_trainable
from asl_core.errors import DatasetError, NotRenderedError, UnreadError
from asl_core.runs.run import RunSpec
from asl_core.training.first_config import expectation
from asl_core.ui.shared import snippets
from asl_core.ui.shared.accuracy import CHECK
from asl_core.ui.shared.bring_into_view import bring_into_view, want_in_view
from asl_core.ui.shared.choose_features import EXPECTED, n_to_learn, tell_hands
from asl_core.ui.shared.frame import header, page_end
from asl_core.ui.shared.images import source_note
from asl_core.ui.shared.imbalance import suggest_class_weights
from asl_core.ui.shared.label_corrections import correct, use_corrections
from asl_core.ui.shared.leave_out import show_dataset_error, tell_left_out
from asl_core.ui.shared.permitted import change_button
from asl_core.ui.shared.resources import current_dataset, jobs, run_store, split_of
from asl_core.ui.shared.session_control import session_control
from asl_core.ui.shared.start_once import ask_to_start, asked_to_start, can_start, start_once
from asl_core.ui.train.lesson import mark_of, offer_to_make, open_lesson
from asl_core.ui.train.network import show_network, tell_network
from asl_core.ui.train.settings import choose_settings, show_settings
from asl_core.ui.train.watch import watch_trainings
from asl_core.web.visitor import visitor

ANSWER = "train_answer"  # key of the container in which a click is answered

header(
    "Train",
    "A small neural network is trained on the training images. Training happens in a separate "
    "process and continues if you leave or close this page.",
)
asked = asked_to_start()  # first, so that it is not kept for a later visit
try:
    dataset = current_dataset()
except (NotRenderedError, UnreadError):
    if asked:
        ask_to_start()  # as soon as the images are there
    raise
jobs().warm_up()
tell_left_out(dataset)
lesson = open_lesson()

controls, answer = st.columns([2, 3], gap="large")
with controls:
    usual, start, rarer = st.container(), st.container(), st.container()
with usual:
    config, split_name = choose_settings(dataset, rarer, lesson)
with start:
    try:
        split = split_of(dataset, dataset.fingerprint, split_name)
        corrected = correct(dataset, split)
    except DatasetError as error:
        show_dataset_error(error)
        st.stop()
    if use := use_corrections(corrected):
        split = corrected.split
    possible = can_start()
    try:
        check_trainable(corrected.dataset if use else dataset, split, config)
    except DatasetError as error:
        possible = False
        show_dataset_error(error)
    if config.features == "landmarks":
        possible &= tell_hands(dataset, split)
    wanted = change_button(
        "Train",
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        disabled=not possible,
    )
    n_train = round((1 - config.validation_fraction) * n_to_learn(config, dataset, split))
    tell_network(config, dataset, n_train, split_name)
    balanced = replace(config, class_weights="balanced")
    suggest_class_weights(dataset, config, lambda: show_settings(balanced))
    check = session_control(
        st.toggle,
        "Check the accuracy afterwards",
        CHECK,
        True,
        help="Trains the same settings five more times with other seeds and, on images of a video, "
        "five times without a block of it, and tests the run on the external test sets if there "
        "are any. It gives way to every other training.",
    )
with answer, st.container(key=ANSWER):
    if (wanted or asked) and possible:
        data = dataset.source
        spec = RunSpec(
            config,
            split_name,
            data.text,
            use_corrections=use,
            marked=data.marked,
            check_accuracy=check,
            lesson=mark_of(lesson),
        )
        want_in_view(ANSWER)
        start_once(spec, lambda: jobs().train(run_store(), spec, visitor()))
    watch_trainings(EXPECTED if config.features == "landmarks" else expectation(dataset))
    show_network(config, len(dataset.classes))
    if dataset.rendered:
        st.caption(source_note(dataset))
bring_into_view(ANSWER)

runs = run_store().root.name
sources = [snippets.train(dataset.source.public, split_name, config, runs, use_corrections=use)]
if snippets.is_plain(config):
    sources.append(
        snippets.keras(
            dataset.source.public, split_name, config, runs if use and corrected else None
        )
    )
offer_to_make(config)
page_end(*sources)
