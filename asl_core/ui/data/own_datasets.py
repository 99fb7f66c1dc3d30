"""Images that visitors bring: dropped, taken in by a task, and listed for whoever brought them."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from asl_core.background_task import BackgroundTask
from asl_core.data.dataset_store import DatasetStore
from asl_core.data.own_dataset import OwnDataset
from asl_core.data.zip_stream import zip_stream
from asl_core.errors import AslError
from asl_core.images import SUFFIXES
from asl_core.jobs.imports import imports_under_way, new_import
from asl_core.settings import (
    MAX_ARCHIVE_ENTRIES,
    MAX_DROPPED_BYTES,
    MAX_SESSION_FILES,
    MAX_TITLE,
    MAX_UPLOAD_BYTES,
)
from asl_core.ui.shared.choose_dataset import current_source, show_default_set, show_own_set
from asl_core.ui.shared.errors import show_error
from asl_core.ui.shared.fold import lasting_fold
from asl_core.ui.shared.resources import run_store, visitor
from asl_core.ui.shared.tasks import show_task, start, tell_end
from asl_core.ui.shared.words import count_of, escape_markdown

ARCHIVES = ("zip", "tar", "gz", "tgz", "bz2", "tbz2", "xz", "txz", "csv")


def own_datasets() -> None:
    """What is being taken in, and a folded part to bring images and to choose, rename, download or
    delete what was brought."""
    store, owner = DatasetStore(run_store().root), visitor()
    for task in imports_under_way(run_store(), owner):
        _show_import(task)
    if current_source().own_id:
        st.button("Back to the default dataset", icon=":material/undo:", on_click=show_default_set,
                  key="leave_own_set")  # fmt: skip
    fold = lasting_fold("Bring your own images", ":material/upload_file:", "own_sets_open")
    if fold is None:
        return
    with fold:
        _drop(owner)
        for card in store.list(owner):
            _show(store, card, owner)


def _show_import(task: BackgroundTask) -> None:
    what = f":material/upload_file: Importing {escape_markdown(task.request.arguments['name'])}"
    state = task.state()
    if state.phase != "failed":
        show_task(task, what)
        return
    tell_end(state, what)
    st.button("Discard", icon=":material/close:", key=f"drop_{task.id}", on_click=task.dismiss)


def _drop(owner: str) -> None:
    kinds = ("Archive or table", "Folder")
    kind = st.segmented_control(
        "What you have", kinds, default=kinds[0], required=True, key="drop_kind"
    )
    st.caption(
        "One folder per class, with its images in it, or a table (CSV) of pixels. What can't be "
        "read is left out, and you are told. Who has the link to a dataset can open it; you alone "
        "can rename or delete it here, in this browser."
    )
    with st.form("bring_images", clear_on_submit=True, border=False):
        files = _upload(as_folder=kind == kinds[1])
        name = st.text_input("Name", placeholder="Name of the file", max_chars=MAX_TITLE)
        asked = st.form_submit_button("Import", icon=":material/upload_file:", type="primary")
    if asked and files:
        _start(files, name, owner)
    elif asked:
        st.warning("Drop a file first.", icon=":material/upload_file:")


def _upload(as_folder: bool) -> list[Any]:
    """What was dropped: one archive or table, or the images of a folder."""
    if as_folder:
        return st.file_uploader(
            f"Folder of up to {MAX_SESSION_FILES} images; make a larger one a zip",
            type=[suffix.removeprefix(".") for suffix in SUFFIXES],
            accept_multiple_files="directory",
            max_upload_size=MAX_UPLOAD_BYTES >> 20,
            key="dropped_folder",
        )
    file = st.file_uploader(
        f"zip, tar or CSV (up to {MAX_ARCHIVE_ENTRIES:,} images)",
        type=ARCHIVES,
        max_upload_size=MAX_DROPPED_BYTES >> 20,
        key="dropped_archive",
    )
    return [file] if file else []


def _start(files: list[Any], name: str, owner: str) -> None:
    first = files[0].name
    if "/" in first or len(files) > 1:
        file_name, content = "folder.zip", zip_stream((f.name, f.getvalue()) for f in files)
        usual = first.split("/")[0]
    else:
        file_name, content = first, iter([files[0].getvalue()])
        usual = first.split(".")[0]
    try:
        task = new_import(run_store(), file_name, content, name or usual[:MAX_TITLE], owner)
    except AslError as error:
        show_error(error)
        return
    if start(task):
        st.rerun()
    task.discard()


def _show(store: DatasetStore, card: OwnDataset, owner: str) -> None:
    shown = current_source().own_id == card.id
    st.markdown(
        f"**{escape_markdown(card.name)}**  \n{count_of(card.n_images, 'image')} in "
        f"{len(card.counts)} classes, {card.n_bytes / 10**6:.1f} MB"
    )
    if card.account:
        with st.popover("What was left out", icon=":material/info:"):
            st.markdown("\n".join(f"- {escape_markdown(sentence)}" for sentence in card.account))
    with st.container(horizontal=True):
        st.button(
            "In use" if shown else "Use this dataset",
            key=f"use_{card.id}",
            icon=":material/check:",
            type="secondary" if shown else "primary",
            disabled=shown,
            on_click=show_own_set,
            args=(card,),
        )
        too_large = card.n_bytes > MAX_DROPPED_BYTES
        st.download_button(
            "Download",
            lambda: b"".join(store.export(card.id)),
            f"{card.id}.zip",
            "application/zip",
            key=f"download_{card.id}",
            icon=":material/download:",
            on_click="ignore",
            disabled=too_large,
            help="Too large for a page: `python -m asl_core datasets export`"
            if too_large
            else None,
        )
        _change(store, card, owner)


def _change(store: DatasetStore, card: OwnDataset, owner: str) -> None:
    with st.popover("Rename", icon=":material/edit:"):
        key = f"name_{card.id}"
        st.text_input("Name", card.name, key=key, max_chars=MAX_TITLE)
        st.button(
            "Save",
            key=f"rename_{card.id}",
            on_click=_try(lambda: store.rename(card.id, st.session_state[key], owner)),
        )
    with st.popover("Delete", icon=":material/delete:"):
        st.markdown("Its images are removed for good; runs that were trained on it stay.")
        st.button(
            f"Delete {escape_markdown(card.name)}",
            key=f"delete_{card.id}",
            on_click=_try(lambda: _delete(store, card, owner)),
        )


def _delete(store: DatasetStore, card: OwnDataset, owner: str) -> None:
    store.delete(card.id, owner)
    if current_source().own_id == card.id:
        show_default_set()


def _try(action: Callable[[], object]) -> Callable[[], None]:
    """An action of a button, before the page is drawn: a refusal is told in a toast."""

    def act() -> None:
        try:
            action()
        except AslError as error:
            st.toast(escape_markdown(str(error)), icon=":material/error:")

    return act
