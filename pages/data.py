"""Data: the pictures, how many of each letter, and what one-hot encoding makes of the labels."""

from math import ceil

import streamlit as st

from asl_core import Dataset, Recipe, snippets
from asl_core.ui.alphabet import show_alphabet
from asl_core.ui.choose_split import WORDS, choose_split
from asl_core.ui.core import current_set, jobs, split_of
from asl_core.ui.data_checks import check_data
from asl_core.ui.decided import decisions_note
from asl_core.ui.frame import header, same_in_python
from asl_core.ui.make_set import make_another_set
from asl_core.ui.photos import Picture, offer_photos, sheet, source_note, warn_of_skipped
from asl_core.ui.samples import ENCODED, class_balance, one_hot_labels, preview_data
from asl_core.ui.words import pictures

PER_PAGE = 36
ALL = "All letters"


def browse(dataset: Dataset) -> str:
    """The samples of a dataset page by page, its balance and its labels. Returns its code."""
    noun = pictures(dataset.rendered)
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
        st.subheader(f"{len(chosen):,} {part.lower()} {noun}")
        sheet(
            [
                Picture(
                    dataset.images[i], dataset.letter(i), f"{dataset.letter(i)}, {dataset.files[i]}"
                )
                for i in shown
            ]
        )

    class_balance(dataset.counts(split.train), dataset.counts(split.test), noun)
    decisions_note(dataset, split)
    examples = shown[:ENCODED]
    one_hot_labels(dataset.images[examples], dataset.labels[examples], dataset.classes)
    check_data(dataset, split)
    return snippets.data(
        dataset.source,
        split_name,
        "train" if part == "Training" else "test",
        None if letter == ALL else letter,
        (page - 1) * PER_PAGE,
    )


header("Data", "What the network learns from, and what it is tested on.")
current = current_set()
if isinstance(current, Dataset):
    warn_of_skipped(current)
st.caption(source_note(current))
make_another_set(current)
if isinstance(current, Recipe) or current.rendered:
    offer_photos()
if isinstance(current, Recipe):
    preview_data(current)
    code = snippets.data(current.text, "drawn")
else:
    code = browse(current)
show_alphabet()
same_in_python(code)
if isinstance(current, Dataset):
    jobs().warm_up()  # the workers load TensorFlow while the visitor looks
