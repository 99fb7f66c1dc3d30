"""Classes that are left out, as one with a single image: how, and the way back."""

from collections.abc import Sequence
from contextlib import suppress

import streamlit as st

from asl_core.data import Dataset
from asl_core.errors import DatasetError, SmallClassError, UnreadError
from asl_core.ui.shared.choose_dataset import (
    current_source,
    has_chosen,
    leave_out,
    show_default_set,
)
from asl_core.ui.shared.errors import show_error
from asl_core.ui.shared.reading import watch_reading
from asl_core.ui.shared.words import and_all, shown_value

MOST_NAMED = 6
"""Classes that a button names."""


def show_dataset_error(error: DatasetError, to_default: bool = True) -> None:
    """Say why the dataset can't be used as it is, or not yet, with the ways out as buttons.

    Args:
        error: of the dataset that the pages show, or of its split.
        to_default: whether the server's own dataset is offered instead of a chosen one.
    """
    if isinstance(error, UnreadError):
        watch_reading(error)
    else:
        show_error(error)
    left_out: tuple[str, ...] = ()
    with suppress(DatasetError):  # which was just told
        left_out = current_source().left_out
    with st.container(horizontal=True):
        if isinstance(error, SmallClassError):
            st.button(
                f"Leave out {_named(error.classes)}",
                key="leave_out_small",
                icon=":material/filter_alt:",
                type="primary",
                on_click=leave_out,
                args=((*left_out, *error.classes),),
            )
        elif left_out:
            _offer_all(left_out, "use_all_classes_instead")
        if to_default and has_chosen():
            st.button(
                "Back to the default dataset",
                key="leave_dataset",
                icon=":material/undo:",
                on_click=show_default_set,
            )


def tell_left_out(dataset: Dataset) -> None:
    """Which classes are left out, as a button that brings them back; nothing if none are."""
    if left_out := dataset.source.left_out:
        _offer_all(left_out, "use_all_classes")


def choose_left_out(dataset: Dataset) -> None:
    """A folded control for the classes to leave out, of any dataset but of one whose letters are
    chosen as it is rendered."""
    if dataset.source.spec:
        return
    left_out = dataset.source.left_out
    with (
        st.popover("Leave out classes", icon=":material/filter_alt:", key="choose_left_out"),
        st.form("leave_out_classes", border=False),
    ):
        chosen = st.multiselect(
            "Classes to leave out",
            sorted({*dataset.classes, *left_out}),
            left_out,
            key=f"left_out_{dataset.fingerprint}",
            help="Training and test then go on as if their images were not there. The address of "
            "the page keeps the choice.",
        )
        if st.form_submit_button("Apply", type="primary"):
            leave_out(chosen)
            st.rerun()


def _offer_all(left_out: Sequence[str], key: str) -> None:
    st.button(
        f"Left out: {_named(left_out)}. Put {'it' if len(left_out) == 1 else 'them'} back",
        key=key,
        icon=":material/undo:",
        on_click=leave_out,
        args=((),),
    )


def _named(classes: Sequence[str]) -> str:
    if len(classes) > MOST_NAMED:
        return f"{len(classes)} classes"
    return and_all([shown_value(name) for name in classes])
