"""Home: what this is, where to start, how good the newest run is."""

from contextlib import suppress

import streamlit as st

from asl_core import SyntheticSpec
from asl_core.errors import RunError
from asl_core.evaluation.accuracy_summary import AccuracySummary
from asl_core.runs.intervals import wilson_interval
from asl_core.runs.run import Run
from asl_core.synthetic.folder import part_counts
from asl_core.ui.shared.choose_run import shown_here, usual_run
from asl_core.ui.shared.frame import header, metric_card
from asl_core.ui.shared.images import Picture, offer_download, sheet, source_note
from asl_core.ui.shared.rendering import preview
from asl_core.ui.shared.resources import current_set, jobs, run_store, split_of
from asl_core.ui.shared.words import RENDERED_RUN, describe, escape_markdown

STEPS = (
    ("pages/data.py", "Data", "photo_library", "Look at the images, and at the class balance."),
    ("pages/train.py", "Train", "model_training", "Set up a small network and watch it learn."),
    ("pages/evaluate.py", "Evaluate", "fact_check", "See how accurate it is, and its mistakes."),
    ("pages/predict.py", "Predict", "sign_language", "Show it a photo of your own hand."),
)

SHOWN = 36


def steps() -> None:
    """The way through the pages."""
    for number, (column, (page, name, icon, text)) in enumerate(
        zip(st.columns(len(STEPS)), STEPS, strict=True), start=1
    ):
        with column.container(border=True, height="stretch"):
            st.page_link(page, label=f"**{number}. {name}**", icon=f":material/{icon}:")
            st.caption(text)


def newest_run(run: Run) -> None:
    """The test accuracy of a run, and the way to its mistakes."""
    results = run.results
    with st.container(border=True):
        metric_card(
            "Newest run: test accuracy",
            f"{100 * results.test_accuracy:.1f} %",
            f"95 % interval {wilson_interval(results.test_correct, results.n_test)}",
            border=False,
        )
        with suppress(RunError):  # told where the run is opened
            st.markdown(AccuracySummary.of(run).in_words())
        st.caption(escape_markdown(describe(run)))
        if run.spec.rendered:
            st.caption(RENDERED_RUN)
        st.page_link(
            "pages/evaluate.py",
            label="See its mistakes",
            icon=":material/arrow_forward:",
            query_params={"run": run.id},
        )


header(
    "ASL Explorer",
    "Teach a small neural network to read letters of the **ASL manual alphabet** "
    "(fingerspelling) from images. Look at them, train the network from your browser, and find out "
    "where and why it is wrong. These are single handshapes, not American Sign Language itself, "
    "which is a whole language with a grammar of its own.",
)
steps()
if run := usual_run(run_store().list(), shown_here):
    newest_run(run)

current = current_set()
st.header("The images")
if isinstance(current, SyntheticSpec):
    st.caption(source_note(current))
    preview(current, SHOWN)
    counts, _ = part_counts(current.letters, current.count)
    st.caption(
        f"Training images: {escape_markdown(', '.join(f'{n:,} {c}' for c, n in counts.items()))}."
    )
else:
    split = split_of(current, current.fingerprint, None)
    sheet(
        [
            Picture(
                current.images[i], current.class_name(i), f"Image of class {current.class_name(i)}"
            )
            for i in split.train[:SHOWN]
        ]
    )
    st.caption(source_note(current))
if isinstance(current, SyntheticSpec) or current.rendered:
    offer_download()
    jobs().warm_up()  # a newcomer trains on these: to get ready takes long on a new machine
