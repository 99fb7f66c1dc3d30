"""Data: the pictures, how many of each letter, and what one-hot encoding makes of the labels."""

from math import ceil

import streamlit as st

from asl_core import Dataset, SyntheticSpec
from asl_core.config import SplitName
from asl_core.ui.data.alphabet import show_alphabet
from asl_core.ui.data.checks import check_data
from asl_core.ui.data.make_dataset import make_another_set
from asl_core.ui.data.samples import ENCODED, class_balance, one_hot_labels, preview_data
from asl_core.ui.shared import snippets
from asl_core.ui.shared.choose_split import WORDS, choose_split
from asl_core.ui.shared.frame import header, same_in_python
from asl_core.ui.shared.images import Picture, offer_download, sheet, source_note, warn_of_skipped
from asl_core.ui.shared.label_corrections import decisions_note
from asl_core.ui.shared.resources import current_set, jobs, split_of
from asl_core.ui.shared.words import pictures

PER_PAGE = 36
ALL = "All letters"


def choose_part(dataset: Dataset) -> tuple[str, str, SplitName]:
    """Controls for what is shown: training or test, the class and the split."""
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
    return part, letter, split_name


def browse(dataset: Dataset) -> str:
    """The samples of a dataset page by page, its balance and its labels. Returns its code."""
    noun = pictures(dataset.rendered)
    part, letter, split_name = choose_part(dataset)
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
                    dataset.images[i],
                    dataset.class_name(i),
                    f"{dataset.class_name(i)}, {dataset.files[i]}",
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
        dataset.source.name,
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
if isinstance(current, SyntheticSpec) or current.rendered:
    offer_download()
if isinstance(current, SyntheticSpec):
    preview_data(current)
    code = snippets.data(current.text, "rendered")
else:
    code = browse(current)
show_alphabet()
same_in_python(code)
if isinstance(current, Dataset):
    jobs().warm_up()  # the workers load TensorFlow while the visitor looks
