"""Home: what this is, where to start, how good the newest run is."""

import streamlit as st

from asl_core.evaluation import wilson_interval
from asl_core.ui.core import current_dataset, run_store, split_of
from asl_core.ui.frame import fact, header
from asl_core.ui.photos import Picture, sheet, source_note
from asl_core.ui.words import describe, plain

STEPS = (
    ("pages/data.py", "Data", "photo_library", "Look at the photos, and at how many of each."),
    ("pages/train.py", "Train", "model_training", "Set a small network up and watch it learn."),
    ("pages/evaluate.py", "Evaluate", "fact_check", "See how good it is, and where it errs."),
    ("pages/predict.py", "Predict", "sign_language", "Show it a photo of your own hand."),
)

header(
    "ASL Explorer",
    "Teach a small neural network to read letters of the **ASL manual alphabet** "
    "(fingerspelling) from photos. See the photos, train the network from your browser, and find "
    "out where and why it errs. These are single handshapes, not American Sign Language itself, "
    "which is a whole language with a grammar of its own.",
)
for number, (column, (page, name, icon, text)) in enumerate(
    zip(st.columns(len(STEPS)), STEPS, strict=True), start=1
):
    with column.container(border=True, height="stretch"):
        st.page_link(page, label=f"**{number}. {name}**", icon=f":material/{icon}:")
        st.caption(text)

runs = run_store().list()
if runs:
    results = runs[0].results
    interval = wilson_interval(results.test_correct, results.n_test)
    with st.container(border=True):
        fact(
            "Newest run: accuracy on the test photos",
            f"{100 * results.test_accuracy:.1f} %",
            f"95 % interval {interval}",
            border=False,
        )
        st.caption(plain(describe(runs[0])))
        st.page_link(
            "pages/evaluate.py",
            label="See where it errs",
            icon=":material/arrow_forward:",
            query_params={"run": runs[0].id},
        )

st.subheader("The photos")
dataset = current_dataset()
split = split_of(dataset, dataset.fingerprint, None)
sheet(
    [
        Picture(dataset.images[i], dataset.letter(i), f"A hand signing {dataset.letter(i)}")
        for i in split.train[:12]
    ]
)
st.caption(source_note(dataset))
