"""Data: the photos, how many of each letter, and what one-hot encoding makes of the labels."""

from math import ceil

import numpy as np
import pandas as pd
import streamlit as st

from asl_core import figures, one_hot, snippets
from asl_core.settings import IMAGE_SIZE
from asl_core.ui.charts import chart, mode
from asl_core.ui.choose_split import WORDS, choose_split
from asl_core.ui.core import current_dataset, split_of
from asl_core.ui.frame import header, same_in_python
from asl_core.ui.photos import Picture, data_url, sheet, source_note, warn_of_skipped

PER_PAGE = 36
ALL = "All letters"
ENCODED = 6

header("Data", "What the network learns from, and what it is tested on.")
dataset = current_dataset()
warn_of_skipped(dataset)
st.caption(source_note(dataset))

with st.container(horizontal=True, vertical_alignment="bottom"):
    part = st.segmented_control(
        "Set",
        ["Training", "Test"],
        default="Training",
        required=True,
        key="set",
        bind="query-params",
    )
    letter = st.selectbox(
        "Letter", [ALL, *dataset.classes], key="letter", bind="query-params", width=160
    )
    split_name = choose_split(dataset, key="split", bind="query-params", width=160)
st.caption(WORDS[split_name])
split = split_of(dataset, dataset.fingerprint, split_name)
chosen = split.train if part == "Training" else split.test
if letter != ALL:
    chosen = chosen[dataset.labels[chosen] == dataset.classes.index(letter)]
n_pages = max(1, ceil(len(chosen) / PER_PAGE))

shown_slot = st.container()
page = st.pagination(n_pages, key=f"page_{part}_{letter}_{split_name}") if n_pages > 1 else 1
shown = chosen[(page - 1) * PER_PAGE : page * PER_PAGE]
with shown_slot:
    st.subheader(f"{len(chosen):,} {part.lower()} photos")
    sheet(
        [
            Picture(
                dataset.images[i], dataset.letter(i), f"{dataset.letter(i)}, {dataset.files[i]}"
            )
            for i in shown
        ]
    )

st.subheader("How many of each letter")
train_counts, test_counts = dataset.counts(split.train), dataset.counts(split.test)
table, balance = st.columns([2, 3])
table.dataframe(
    pd.DataFrame({"Training": train_counts, "Test": test_counts}).rename_axis("Letter"),
    height="content" if len(dataset.classes) <= 12 else 460,
)
table.caption(
    f"{len(split.train):,} training and {len(split.test):,} test photos, each "
    f"{IMAGE_SIZE}x{IMAGE_SIZE} pixels in 3 colours, as uint8 from 0 to 255."
)
counts_in_words = ", ".join(
    f"{name}: {train_counts[name]} training, {test_counts[name]} test" for name in train_counts
)
with balance:
    chart(
        figures.class_balance(train_counts, test_counts, mode()),
        f"Bars of the photos of each letter. {counts_in_words}",
    )

st.subheader("One-hot labels")
st.markdown(
    "The network has one output per letter. So each label becomes a row with a **1** in the "
    "column of its letter and **0** elsewhere; the loss (categorical cross-entropy) compares that "
    "row with the network's probabilities."
)
examples = shown[:ENCODED]
st.dataframe(
    pd.DataFrame(
        {
            "Photo": [data_url(dataset.images[i]) for i in examples],
            "Letter": [dataset.letter(i) for i in examples],
            "Label": dataset.labels[examples],
        }
    ).join(
        pd.DataFrame(
            one_hot(dataset.labels[examples], len(dataset.classes)).astype(np.uint8),
            columns=[f"is {name}" for name in dataset.classes],
        )
    ),
    hide_index=True,
    row_height=56,
    column_config={"Photo": st.column_config.ImageColumn(width="small")},
)
same_in_python(
    snippets.data(
        str(dataset.folder),
        split_name,
        "train" if part == "Training" else "test",
        None if letter == ALL else letter,
        (page - 1) * PER_PAGE,
    )
)
