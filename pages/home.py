"""Home: what this is, where to start, how good the newest run is."""

from contextlib import suppress

import streamlit as st

from asl_core import Dataset, SyntheticSpec
from asl_core.errors import RunError
from asl_core.evaluation.accuracy_summary import AccuracySummary
from asl_core.figures.confusion import confusion_thumbnail
from asl_core.runs.intervals import wilson_interval
from asl_core.runs.run import Run
from asl_core.synthetic.folder import part_counts
from asl_core.ui.shared.about_data import lead_of_home, shows_letters
from asl_core.ui.shared.charts import chart, drawn_once, in_numbers, mode, run_curve
from asl_core.ui.shared.choose_run import newest_run
from asl_core.ui.shared.errors import show_error
from asl_core.ui.shared.frame import header, metric_card
from asl_core.ui.shared.images import Picture, offer_download, sheet, source_note
from asl_core.ui.shared.permitted import change_button, may_change
from asl_core.ui.shared.rendering import preview
from asl_core.ui.shared.resources import current_set, evaluation_of, jobs, run_store, split_of
from asl_core.ui.shared.start_once import ask_to_start
from asl_core.ui.shared.url import to_mistakes
from asl_core.ui.shared.words import RENDERED_RUN, describe, escape_markdown, percent

STEPS = (
    ("data", "Data", "look at the images, and at the class balance"),
    ("train", "Train", "set up a small network and watch it learn"),
    ("evaluate", "Evaluate", "see how accurate it is, and its mistakes"),
    ("predict", "Predict", "show it a photo of your own"),
)

SHOWN, IN_A_ROW = 12, 6

CURVE_HEIGHT = 180  # pixels, as of the matrix beside it


def show_images(current: Dataset | SyntheticSpec) -> None:
    """The first training images, and where they come from."""
    if isinstance(current, SyntheticSpec):
        preview(current, SHOWN, IN_A_ROW)
        counts, _ = part_counts(current.letters, current.count)
        st.caption(
            f"{source_note(current)} Training images: "
            f"{escape_markdown(', '.join(f'{n:,} {c}' for c, n in counts.items()))}."
        )
        return
    first = split_of(current, current.fingerprint, None).train[:SHOWN]
    names = [current.class_name(i) for i in first]
    sheet(
        [
            Picture(current.images[i], name, f"Image of class {name}", rendered=current.rendered)
            for i, name in zip(first, names, strict=True)
        ],
        IN_A_ROW,
    )
    st.caption(source_note(current))


def show_steps() -> None:
    """The button to begin with, and the way through the pages."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if change_button("Train now", type="primary", icon=":material/play_arrow:"):
            ask_to_start()
            st.switch_page("pages/train.py")
        if may_change():
            st.page_link(
                "pages/data.py",
                label="Or teach it with your camera",
                icon=":material/videocam:",
                query_params={"teach": "new"},
            )
        else:
            st.page_link("pages/predict.py", label="Show it your hand", icon=":material/back_hand:")
    with st.container(gap="xsmall"):
        for number, (page, name, text) in enumerate(STEPS, start=1):
            st.page_link(f"pages/{page}.py", label=f"**{number}. {name}:** {text}")


def show_newest(run: Run) -> None:
    """The newest run: its accuracy, its curve and its confusion matrix, and the way to both."""
    results, evaluation = run.results, evaluation_of(run, run.id)
    figure, curve, matrix = st.columns([4, 5, 3], gap="medium")
    with figure:
        metric_card(
            "Newest run: test accuracy",
            percent(results.test_accuracy),
            f"95 % interval {wilson_interval(results.test_correct, results.n_test)}",
            border=False,
        )
        with suppress(RunError):  # told where the run is opened
            if (known := AccuracySummary.of(run)).is_checked:
                st.markdown(known.in_words())
        st.page_link(
            "pages/evaluate.py",
            label="See its mistakes",
            icon=":material/arrow_forward:",
            query_params=to_mistakes(run.id),
        )
    with curve:
        history = run.history()
        chart(
            run_curve(run, "accuracy", CURVE_HEIGHT),
            in_numbers(history, "accuracy"),
            key="newest_curve",
        )
    with matrix:
        drawn_in = mode()
        chart(
            drawn_once(
                lambda: confusion_thumbnail(evaluation, drawn_in), "thumbnail", run.id, drawn_in
            ),
            f"Confusion matrix: {len(evaluation.mistakes)} of {len(evaluation)} test images are "
            "misclassified.",
            key="newest_matrix",
        )
    st.caption(escape_markdown(describe(run)) + (f" {RENDERED_RUN}" if run.spec.rendered else ""))


header("ASL Explorer", lead_of_home)
current = current_set()
rendered = isinstance(current, SyntheticSpec) or current.rendered
words, images = st.columns([4, 5], gap="large")
with words:
    show_steps()
with images:
    show_images(current)
if run := newest_run(run_store().list()):
    with st.container(border=True):
        try:
            show_newest(run)
        except RunError as error:  # the rest of the page is as good without it
            show_error(error)
with words:
    if shows_letters():
        st.caption(
            "These are single handshapes, not American Sign Language itself, which is a whole "
            "language with a grammar of its own."
        )
    if rendered:
        offer_download()
        jobs().warm_up()  # a newcomer trains on these: to get ready takes long on a new machine
