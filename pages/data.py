"""Data: the images, the class balance, one-hot labels, and the quality of images and labels."""

import streamlit as st

from asl_core import Dataset, SyntheticSpec
from asl_core.config import SplitName
from asl_core.errors import DatasetError
from asl_core.ui.data.alphabet import show_alphabet
from asl_core.ui.data.checks import check_data
from asl_core.ui.data.make_dataset import make_synthetic_dataset
from asl_core.ui.data.new_dataset import SHOWN
from asl_core.ui.data.own_datasets import OTHER, own_datasets, to_own_images
from asl_core.ui.data.samples import ENCODED, class_balance, one_hot_labels, preview_data
from asl_core.ui.data.teach import teach_with_camera
from asl_core.ui.shared import snippets
from asl_core.ui.shared.about_data import shows_letters
from asl_core.ui.shared.bring_into_view import bring_into_view
from asl_core.ui.shared.choose_split import WORDS, choose_split, split_advice
from asl_core.ui.shared.frame import header, page_end
from asl_core.ui.shared.images import Picture, offer_download, sheet, source_note, warn_of_skipped
from asl_core.ui.shared.imbalance import imbalance_note
from asl_core.ui.shared.label_corrections import corrections_note
from asl_core.ui.shared.leave_out import choose_left_out, show_dataset_error, tell_left_out
from asl_core.ui.shared.paginate import paginate
from asl_core.ui.shared.resources import current_set, jobs, split_of
from asl_core.ui.shared.url import choose

PER_PAGE = 36
PARTS = {"training": "Training", "test": "Test"}


def choose_part(dataset: Dataset) -> tuple[str, str | None, SplitName]:
    """Controls for what is shown: training or test, the class (None: all) and the split."""
    with st.container(horizontal=True, vertical_alignment="bottom", key=SHOWN):
        part = choose(
            st.segmented_control,
            "Set",
            tuple(PARTS),
            "set",
            format_func=PARTS.__getitem__,
            required=True,
        )
        name = choose(
            st.selectbox,
            "Class",
            (None, *dataset.classes),
            "class",
            format_func=lambda name: name or "All classes",
            width=180,
        )
        split_name = choose_split(dataset, width=140)
        choose_left_out(dataset)
        to_own_images()
    return part, name, split_name


def browse(dataset: Dataset) -> str:
    """The samples of a dataset page by page, its balance and its labels. Returns its code."""
    part, name, split_name = choose_part(dataset)
    split = split_of(dataset, dataset.fingerprint, split_name)
    chosen = split.train if part == "training" else split.test
    if name is not None:
        chosen = chosen[dataset.labels[chosen] == dataset.classes.index(name)]
    with paginate(len(chosen), PER_PAGE, f"page_{part}_{name}_{split_name}") as window:
        shown = chosen[window]
        st.header(f"{len(chosen):,} {part} image{'' if len(chosen) == 1 else 's'}")
        sheet(
            [
                Picture(
                    dataset.images[i],
                    dataset.class_name(i),
                    f"{dataset.class_name(i)}, {dataset.files[i]}",
                    rendered=dataset.rendered,
                )
                for i in shown
            ]
        )
    st.caption(f"{source_note(dataset)} {WORDS[split_name]} {split_advice(dataset, split_name)}")

    class_balance(dataset.counts(split.train), dataset.counts(split.test))
    if note := imbalance_note(dataset):
        st.caption(note)
    corrections_note(dataset, split)
    examples = shown[:ENCODED]
    one_hot_labels(dataset.images[examples], dataset.labels[examples], dataset.classes)
    check_data(dataset, split)
    return snippets.data(
        dataset.source.public,
        split_name,
        "train" if part == "training" else "test",
        name,
        window.start,
    )


def show_current(current: Dataset | SyntheticSpec) -> str:
    """What the pages show, be it there or still to be rendered. Returns its code."""
    if isinstance(current, SyntheticSpec):
        preview_data(current)
        st.caption(source_note(current))
        return snippets.data(current.text, "rendered")
    warn_of_skipped(current)
    tell_left_out(current)
    return browse(current)


header("Data", "What the network is trained on, and what it is tested on.")
current, sources = None, []
try:
    current = current_set()
    sources = [show_current(current)]
except DatasetError as error:  # the way to other images is below
    show_dataset_error(error, to_default=False)
with st.container(key=OTHER):
    st.header("Other images")
own_datasets()
teach_with_camera()
make_synthetic_dataset(current)
if isinstance(current, SyntheticSpec) or (current and current.rendered):
    offer_download()
if shows_letters():
    show_alphabet()
bring_into_view(SHOWN)
bring_into_view(OTHER)
page_end(*sources)
if isinstance(current, Dataset):
    jobs().warm_up()  # the workers get ready while the visitor looks
