"""A dataset that a visitor makes by hand: name a class, hold the button, train."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from asl_core.data.class_names import checked_class_name
from asl_core.data.dataset_store import DatasetStore
from asl_core.data.grow_dataset import GrowingDataset, new_by_hand
from asl_core.data.new_images import FILES, RECORDING, Added, NewImage, Removed
from asl_core.data.own_dataset import OwnDataset, new_set_id
from asl_core.errors import AslError
from asl_core.images import SUFFIXES
from asl_core.jobs.tasks import combine_task
from asl_core.settings import MAX_ADDED_IMAGES, MAX_CLASS_NAME, MAX_TITLE, MAX_UPLOAD_BYTES
from asl_core.ui.data.thumbnails import thumbnails
from asl_core.ui.shared.bring_into_view import bring_into_view, want_in_view
from asl_core.ui.shared.camera import record_button
from asl_core.ui.shared.choose_dataset import current_source, show_own_set
from asl_core.ui.shared.errors import show_error
from asl_core.ui.shared.fold import lasting_fold
from asl_core.ui.shared.permitted import OFF, change_form_button, may_change
from asl_core.ui.shared.resources import get_ready_to_decode, read_upload, run_store
from asl_core.ui.shared.tasks import start
from asl_core.ui.shared.url import asked_for, keep
from asl_core.ui.shared.words import count_of, escape_markdown
from asl_core.web.visitor import visitor

NAME = "Taught with the camera"
"""Of a dataset until its maker calls it otherwise."""

ENOUGH = 5
"""Images of a class from which on a training makes sense; the page asks for more."""

ADVICE = (
    "Two classes are enough to train: 20 to 100 images for each, and **each twice, a little "
    "differently** (nearer, turned, elsewhere): frames of one recording are nearly the same, so "
    "whole recordings are held out to test on as soon as every class has two."
)

_QUERY, _NEW = "teach", "new"
_CLASS, _REMOVED, _TOLD = "teach_class", "teach_removed", "teach_told"
_NOTHING = Removed("", {})


def teach_with_camera() -> None:
    """A folded part in which a visitor makes a dataset class by class, and goes on to train."""
    asked = asked_for(_QUERY)
    if asked is not None and "teach_open_once" not in st.session_state:
        st.session_state["teach_open"] = True
        want_in_view("teach")  # far below what the page shows
    fold = lasting_fold("Teach it with the camera", ":material/videocam:", "teach_open")
    if fold is None:
        return
    if not may_change():
        with fold:
            st.caption(OFF)
        return
    get_ready_to_decode()
    with fold, st.container(key="teach"):
        try:
            _teach(DatasetStore(run_store().root), visitor(), asked)
        except AslError as error:
            show_error(error)
    bring_into_view("teach")


def _teach(store: DatasetStore, owner: str, asked: str | None) -> None:
    cards = [card for card in store.list(owner) if card.by_hand]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        card = _choose_set(cards, asked)
        made = GrowingDataset(store, card.id, owner) if card else None
        _name_a_class(store, owner, made)
    name = _choose_class(card)
    if told := st.session_state.pop(_TOLD, ""):
        st.warning(escape_markdown(told), icon=":material/error:")
    if not (card and made and name):
        st.caption("Name a class, hold the button, name the next one, train.")
        if made:
            _offer_undo(made)
        return
    target = f"{card.id}/{name}"
    record_button(f"Hold to record {name}", "teach_camera", target, _recorder(store, owner))
    with st.container(horizontal=True):
        asked_to_train = _train_button(card)
        _change_class(made, name)
        _offer_both(store, card)
        _offer_undo(made)
    st.caption(ADVICE)
    if files := made.files(name):
        thumbnails(made, card.id, files, _remover(made))
    if asked_to_train:
        show_own_set(card)
        st.switch_page("pages/train.py")


def _choose_set(cards: list[OwnDataset], asked: str | None) -> OwnDataset | None:
    """The dataset that is being made; None: a new one, once it has a class."""
    by_id = {card.id: card for card in cards}
    if not by_id:
        return None
    own = current_source().own_id
    usual = own if own in by_id else cards[0].id
    chosen = asked if asked in (*by_id, _NEW) else usual

    def take() -> None:
        keep(_QUERY, st.session_state["teach_set"])
        st.session_state.pop(_CLASS, None)

    st.session_state["teach_set"] = chosen
    st.selectbox(
        "Dataset",
        (*by_id, _NEW),
        format_func=lambda text: by_id[text].name if text in by_id else "A new dataset",
        key="teach_set",
        on_change=take,
        width=320,
    )
    return by_id.get(str(chosen))


def _choose_class(card: OwnDataset | None) -> str | None:
    if not card or not card.counts:
        return None
    names = tuple(card.counts)
    if st.session_state.get(_CLASS) not in names:
        st.session_state[_CLASS] = names[-1]
    return st.segmented_control(
        "Class",
        names,
        format_func=lambda name: f"{escape_markdown(name)} · {card.counts[name]}",
        required=True,
        key=_CLASS,
    )


def _name_a_class(store: DatasetStore, owner: str, made: GrowingDataset | None) -> None:
    def add() -> None:
        text = st.session_state["teach_name"]
        name = checked_class_name(text)  # before a dataset is made for it
        growing = made
        if growing is None:
            card = new_by_hand(store, NAME, owner)
            keep(_QUERY, card.id)
            growing = GrowingDataset(store, card.id, owner)
        growing.add_class(text)
        st.session_state[_CLASS] = name

    form = st.form("teach_new_class", clear_on_submit=True, border=False)
    with form, st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "New class",
            placeholder="Such as A, or thumb up",
            max_chars=MAX_CLASS_NAME,
            key="teach_name",
            width=240,
        )
        change_form_button("Add class", icon=":material/add:", on_click=_telling(add))


def _recorder(store: DatasetStore, owner: str) -> Callable[[str, list[bytes]], str]:
    def keep_frames(target: str, frames: list[bytes]) -> str:
        images = [NewImage(frame, f"Frame {i}") for i, frame in enumerate(frames, 1)]
        set_id, _, name = target.partition("/")
        made = GrowingDataset(store, set_id, owner)
        return _told(made.add_images(name, images, RECORDING, read_upload))

    return keep_frames


def _remover(made: GrowingDataset) -> Callable[[list[str]], None]:
    def remove(files: list[str]) -> None:
        st.session_state[_REMOVED] = made.id, made.remove_images(files)

    return lambda files: _telling(lambda: remove(files))()


def _offer_undo(made: GrowingDataset) -> None:
    of, removed = st.session_state.get(_REMOVED, ("", _NOTHING))
    if of != made.id or not (removed.files or removed.classes):
        return

    def undo() -> None:
        made.put_back(removed)
        del st.session_state[_REMOVED]

    n = count_of(len(removed.files), "image")
    st.button(f"Put {n} back", icon=":material/undo:", key="teach_undo", on_click=_telling(undo))


def _change_class(made: GrowingDataset, name: str) -> None:
    shown = escape_markdown(name)
    with st.popover("Add files", icon=":material/upload_file:"):
        _drop(made, name)
    with st.popover("Rename class", icon=":material/edit:", key=f"teach_rename_of_{name}"):
        st.text_input("Name", name, key=f"teach_rename_{name}", max_chars=MAX_CLASS_NAME)
        st.button("Save", key="teach_rename", on_click=_telling(lambda: _rename(made, name)))
    with st.popover("Delete class", icon=":material/delete:", key=f"teach_delete_{name}"):
        st.markdown(f"All images of {shown} are removed.")
        st.button(
            f"Delete {shown}",
            key="delete_class",
            on_click=_telling(lambda: _delete(made, name)),
        )


def _rename(made: GrowingDataset, name: str) -> None:
    text = st.session_state[f"teach_rename_{name}"]
    made.rename_class(name, text)
    new = st.session_state[_CLASS] = checked_class_name(text)
    of, removed = st.session_state.get(_REMOVED, ("", _NOTHING))
    if of == made.id and not removed.classes:  # what was taken out goes back to where it belongs
        files = {
            f"{new}/{file.removeprefix(f'{name}/')}" if file.startswith(f"{name}/") else file: was
            for file, was in removed.files.items()
        }
        st.session_state[_REMOVED] = of, Removed(removed.id, files)


def _delete(made: GrowingDataset, name: str) -> None:
    st.session_state[_REMOVED] = made.id, made.remove_class(name)


def _drop(made: GrowingDataset, name: str) -> None:
    def add() -> None:
        images = [NewImage(file.getvalue(), file.name) for file in st.session_state["teach_files"]]
        added = made.add_images(name, images, FILES, read_upload)
        if added.left_out:
            st.session_state[_TOLD] = _told(added)

    with st.form("teach_drop", clear_on_submit=True, border=False):
        st.file_uploader(
            f"Up to {MAX_ADDED_IMAGES} images of {escape_markdown(name)}",
            type=[Path(f"x{suffix}").suffix[1:] for suffix in SUFFIXES],
            accept_multiple_files=True,
            max_upload_size=MAX_UPLOAD_BYTES >> 20,
            key="teach_files",
        )
        st.form_submit_button("Add", icon=":material/add:", on_click=_telling(add))


def _train_button(card: OwnDataset) -> bool:
    ready = [name for name, count in card.counts.items() if count >= ENOUGH]
    missing = f"Two classes with {ENOUGH} images each are needed." if len(ready) < 2 else None
    return st.button(
        "Train on it",
        icon=":material/model_training:",
        type="primary",
        key="teach_train",
        disabled=bool(missing),
        help=missing,
    )


def _offer_both(store: DatasetStore, card: OwnDataset) -> None:
    """A new dataset of this one and of what the pages show, where that is another."""
    shown = current_source()
    if shown.own_id == card.id or not card.n_images:
        return
    with st.popover("Combine", icon=":material/merge:"):
        st.markdown(
            f"A new dataset with all images of {escape_markdown(card.name)} and of "
            f"{escape_markdown(shown.name)}. Classes of the same name become one."
        )
        if st.button("Make one of both", key="teach_combine", icon=":material/merge:"):
            name = f"{card.name} and {shown.name}"[:MAX_TITLE]
            both = (shown.text, card.text)
            store.room(card.owner)
            if start(combine_task(run_store(), new_set_id(), both, name, card.owner)):
                st.rerun()


def _told(added: Added) -> str:
    told = f"{count_of(added.n_images, 'image')} saved."
    if added.left_out:
        told += f" {count_of(len(added.left_out), 'image')} left out: {added.left_out[0]}"
    return told


def _telling(action: Callable[[], object]) -> Callable[[], None]:
    """An action before the page is drawn; a refusal is told in its place on the page."""

    def act() -> None:
        try:
            action()
        except AslError as error:
            st.session_state[_TOLD] = str(error)

    return act
