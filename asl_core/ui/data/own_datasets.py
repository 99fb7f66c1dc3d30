"""Images that visitors bring: dropped, taken in by a task, and listed for whoever brought them."""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from asl_core.background_task import BackgroundTask
from asl_core.data.dataset_store import DatasetStore
from asl_core.data.own_dataset import OwnDataset
from asl_core.errors import AslError, FullStoreError
from asl_core.jobs.imports import imports_under_way, new_import
from asl_core.settings import (
    MAX_ARCHIVE_ENTRIES,
    MAX_DROPPED_BYTES,
    MAX_TITLE,
)
from asl_core.ui.data.new_dataset import note_imports, show_new, tell_left_out, watch_import
from asl_core.ui.data.pack_folder import pack_folder
from asl_core.ui.shared.bring_into_view import want_in_view
from asl_core.ui.shared.choose_dataset import current_source, show_default_set, show_own_set
from asl_core.ui.shared.errors import show_error
from asl_core.ui.shared.fold import lasting_fold
from asl_core.ui.shared.permitted import (
    OFF,
    change_button,
    change_form_button,
    may_change,
)
from asl_core.ui.shared.resources import run_store
from asl_core.ui.shared.tasks import show_task, start, tell_end, told_in_toast
from asl_core.ui.shared.words import count_of, escape_markdown
from asl_core.web.visitor import visitor

UPLOADER = "dropped_archive"
"""Key of the control that takes what is dropped."""

_TURN = "imports_begun"
"""How many imports this visitor has begun."""

ARCHIVES = ("zip", "tar", "gz", "tgz", "bz2", "tbz2", "xz", "txz", "csv")


OTHER = "other_images"
"""Key of the container above all the ways to other images, at the end of the page."""

_FOLD = "own_sets_open"


def to_own_images() -> None:
    """A button that leads down to where images are brought or taken, and unfolds it."""

    def unfold() -> None:
        st.session_state[_FOLD] = True
        want_in_view(OTHER)

    st.button("Your own images", icon=":material/add_photo_alternate:", on_click=unfold)


def own_datasets() -> None:
    """What is being taken in, and a folded part to bring images and to choose, rename, download or
    delete what was brought."""
    store, owner = DatasetStore(run_store().root), visitor()
    under_way = [task for task in imports_under_way(run_store(), owner) if _is_open(task)]
    note_imports(under_way)
    show_new(store)
    for task in under_way:
        _show_import(task)
    if current_source().own_id:
        st.button("Back to the default dataset", icon=":material/undo:", on_click=show_default_set,
                  key="leave_own_set")  # fmt: skip
    fold = lasting_fold("Bring your own images", ":material/upload_file:", _FOLD)
    if fold is None:
        return
    with fold:
        _drop(store, owner)
        for card in store.list(owner):
            _show(store, card, owner)


def _is_open(task: BackgroundTask) -> bool:
    """Whether there is still something to say of a task: not of one whose dataset is just there,
    and whose folder is about to be cleared."""
    state = task.state()
    return state.active or state.resumable


def _show_import(task: BackgroundTask) -> None:
    what = f":material/upload_file: Importing {escape_markdown(task.request.arguments['name'])}"
    state = task.state()
    if state.phase != "failed":
        show_task(task, what)
        return
    tell_end(state, what)
    change_button(
        "Discard",
        icon=":material/close:",
        key=f"drop_{task.id}",
        on_click=told_in_toast(task.dismiss),
    )


def _drop(store: DatasetStore, owner: str) -> None:
    if not may_change():
        st.caption(OFF)
        return
    try:
        store.room(owner)
    except FullStoreError as error:
        _offer_room(store, error, owner)
        return
    st.caption(
        "One folder per class, with its images in it, or a table (CSV) of pixels or of paths. What "
        "can't be read is left out, and you are told. Who has the link to a dataset can open it; "
        "you alone can rename or delete it here, in this browser."
    )
    with st.form("bring_images", clear_on_submit=True, border=False):
        file = st.file_uploader(
            f"zip, tar or CSV (up to {MAX_ARCHIVE_ENTRIES:,} images)",
            type=ARCHIVES,
            max_upload_size=MAX_DROPPED_BYTES >> 20,
            key=UPLOADER,
        )
        pack_folder(UPLOADER, turn=st.session_state.get(_TURN, 0))
        name = st.text_input("Name", placeholder="Name of the file", max_chars=MAX_TITLE)
        asked = change_form_button("Import", icon=":material/upload_file:", type="primary")
    if asked and file:
        _start(file, name, owner)
    elif asked:
        st.warning("Drop a file first.", icon=":material/upload_file:")


def _offer_room(store: DatasetStore, error: FullStoreError, owner: str) -> None:
    """Say that no more are kept, and offer to delete the one that was not used for longest."""
    show_error(error, ":material/inventory_2:")
    if error.oldest:
        oldest = store.load(error.oldest)
        change_button(
            f"Delete {escape_markdown(oldest.name)}",
            key="delete_oldest",
            icon=":material/delete:",
            on_click=told_in_toast(lambda: _delete(store, oldest, owner)),
        )


def _start(file: UploadedFile, name: str, owner: str) -> None:
    content, usual = iter([file.getvalue()]), file.name.split(".")[0]
    try:
        task = new_import(run_store(), file.name, content, name or usual[:MAX_TITLE], owner)
    except AslError as error:
        show_error(error)
        return
    if start(task):
        watch_import(task)
        st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
        st.rerun()
    task.discard()


def _show(store: DatasetStore, card: OwnDataset, owner: str) -> None:
    shown = current_source().own_id == card.id
    st.markdown(
        f"**{escape_markdown(card.name)}**  \n{count_of(card.n_images, 'image')} in "
        f"{len(card.counts)} classes, {card.n_bytes / 10**6:.1f} MB"
    )
    tell_left_out(card)
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
    with st.popover("Rename", icon=":material/edit:", key=f"ask_name_{card.id}"):
        key = f"name_{card.id}"
        st.text_input("Name", card.name, key=key, max_chars=MAX_TITLE)
        change_button(
            "Save",
            key=f"rename_{card.id}",
            on_click=told_in_toast(lambda: store.rename(card.id, st.session_state[key], owner)),
        )
    with st.popover("Delete", icon=":material/delete:", key=f"ask_delete_{card.id}"):
        st.markdown("Its images are removed for good; runs that were trained on it stay.")
        change_button(
            f"Delete {escape_markdown(card.name)}",
            key=f"delete_{card.id}",
            on_click=told_in_toast(lambda: _delete(store, card, owner)),
        )


def _delete(store: DatasetStore, card: OwnDataset, owner: str) -> None:
    store.delete(card.id, owner)
    if current_source().own_id == card.id:
        show_default_set()
