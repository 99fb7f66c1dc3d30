"""What came of an import: what was taken in, what was left out, and how it is split."""

import streamlit as st

from asl_core.background_task import BackgroundTask
from asl_core.config import SplitName
from asl_core.data import Dataset, possible_splits
from asl_core.data.dataset import Source
from asl_core.data.dataset_store import DatasetStore
from asl_core.data.own_dataset import OwnDataset
from asl_core.errors import DatasetError, StoreError
from asl_core.ui.shared.bring_into_view import want_in_view
from asl_core.ui.shared.choose_dataset import show_own_set
from asl_core.ui.shared.choose_split import WORDS, split_advice
from asl_core.ui.shared.resources import dataset_at
from asl_core.ui.shared.url import keep
from asl_core.ui.shared.words import count_of, escape_markdown, name_classes

SHOWN = "shown_images"
"""Key of the first container about the images that are shown."""

_WATCHED, _NEW = "imports_watched", "imports_new"


def note_imports(tasks: list[BackgroundTask]) -> None:
    """Remember which imports this visitor sees under way, so that what came of them is shown.

    Args:
        tasks: that are under way now.
    """
    now = {task.request.arguments["set"] for task in tasks}
    ended = st.session_state.get(_WATCHED, set()) - now
    st.session_state[_WATCHED] = now
    st.session_state[_NEW] = [*ended, *st.session_state.get(_NEW, [])]


def watch_import(task: BackgroundTask) -> None:
    """The same of one that this visitor has just begun, and that may be over in a moment."""
    st.session_state.setdefault(_WATCHED, set()).add(task.request.arguments["set"])


def show_new(store: DatasetStore) -> None:
    """Datasets whose import ended while this visitor was here, until they are used or put away."""
    for set_id in st.session_state.get(_NEW, []):
        try:
            card = store.load(set_id)
        except StoreError:  # it failed, which is told, or was deleted
            continue
        with st.container(border=True, key=f"new_{card.id}"):
            _show(card)


def tell_left_out(card: OwnDataset) -> None:
    """The account of an import: what was left out and why, folded; nothing if all was taken."""
    if card.account:
        with st.popover("What was left out", icon=":material/info:"):
            st.markdown("\n".join(f"- {escape_markdown(sentence)}" for sentence in card.account))


def _show(card: OwnDataset) -> None:
    st.markdown(
        f":material/check_circle: **{escape_markdown(card.name)}** is here: "
        f"{count_of(card.n_images, 'image')} in {len(card.counts)} classes "
        f"({escape_markdown(name_classes(tuple(card.counts)))})."
    )
    tell_left_out(card)
    split, usual = None, None
    try:
        dataset = dataset_at(Source(card.text))
    except DatasetError:  # told as soon as it is used
        dataset = None
    if dataset:
        usual, split = _choose_split(card, dataset)
    with st.container(horizontal=True):
        st.button(
            "Use it now",
            key=f"use_new_{card.id}",
            icon=":material/check:",
            type="primary",
            on_click=_use,
            args=(card, None if split == usual else split),
        )
        st.button("Later", key=f"later_{card.id}", on_click=_put_away, args=(card.id,))


def _choose_split(card: OwnDataset, dataset: Dataset) -> tuple[SplitName, SplitName]:
    """The usual split of a dataset, and the one that is chosen."""
    splits = possible_splits(dataset)
    split: SplitName = st.selectbox(
        "Split",
        splits,
        key=f"split_{card.id}",
        format_func=lambda name: f"{name} (recommended)" if name == splits[0] else name,
        width=260,
    )
    st.caption(" ".join(filter(None, (WORDS[split], split_advice(dataset, split)))))
    return splits[0], split


def _use(card: OwnDataset, split: SplitName | None) -> None:
    show_own_set(card)
    want_in_view(SHOWN)
    keep("split", split)
    _put_away(card.id)


def _put_away(set_id: str) -> None:
    st.session_state[_NEW] = [each for each in st.session_state.get(_NEW, []) if each != set_id]
