"""'Wrong? Say the right label': a photo goes into the visitor's own dataset, if they want it."""

import streamlit as st

from asl_core.data.class_names import checked_class_name
from asl_core.data.dataset_store import DatasetStore
from asl_core.data.grow_dataset import GrowingDataset, new_by_hand
from asl_core.data.new_images import PHOTO, NewImage
from asl_core.data.own_dataset import OwnDataset
from asl_core.errors import StoreError
from asl_core.runs.run import Run
from asl_core.ui.predict.photos import Photo
from asl_core.ui.shared.permitted import change_button
from asl_core.ui.shared.resources import read_upload, run_store
from asl_core.ui.shared.tasks import told_in_toast
from asl_core.ui.shared.words import escape_markdown
from asl_core.web.visitor import visitor

MINE = "My images"
"""What the dataset is called that such photos go into."""

_TOLD = "right_labels"


def offer_right_label(run: Run, photo: Photo) -> None:
    """Below the answer to a photo, folded: its right class, and to keep it with that.

    Args:
        run: that gave the answer.
        photo: that it was asked of.
    """
    told: dict[str, str] = st.session_state.setdefault(_TOLD, {})
    if kept := told.get(photo.id):
        st.page_link(
            "pages/data.py",
            label=kept,
            icon=":material/check:",
            query_params={"teach": st.session_state[f"{_TOLD}_set"]},
        )
        return
    fold = st.expander(
        "Wrong? Say the right label",
        icon=":material/edit:",
        key=f"right_label_{photo.id}",
        on_change="rerun",
    )
    if fold.open:
        with fold:
            _ask(run, photo)


def _ask(run: Run, photo: Photo) -> None:
    key = f"right_class_{photo.id}"
    st.selectbox(
        "Right class",
        run.results.classes,
        index=None,
        placeholder="Choose one, or write a new one",
        accept_new_options=True,
        key=key,
    )
    st.caption(
        f"The photo is kept on this server in your own dataset '{MINE}' until you delete it. "
        "Whoever has the link to that dataset can see it."
    )

    def keep() -> None:
        card, label = _keep(st.session_state[key], NewImage(photo.content, photo.name))
        st.session_state[f"{_TOLD}_set"] = card.id
        st.session_state[_TOLD][photo.id] = (
            f"Kept as {escape_markdown(label)} in '{escape_markdown(card.name)}': "
            "add more, and train on it"
        )

    change_button(
        "Keep it with this label",
        type="primary",
        key=f"keep_{photo.id}",
        disabled=not st.session_state.get(key),
        on_click=told_in_toast(keep),
    )


def _keep(text: str, image: NewImage) -> tuple[OwnDataset, str]:
    """Add an image to the visitor's own dataset, which is made if there is none.

    Raises:
        AslError: the class can't be called so, there is no room, or the image can't be read.
    """
    store, owner = DatasetStore(run_store().root), visitor()
    mine = [card for card in store.list(owner) if card.by_hand and card.name == MINE]
    label = checked_class_name(text)
    card = mine[0] if mine else new_by_hand(store, MINE, owner)
    made = GrowingDataset(store, card.id, owner)
    if label not in card.counts:
        made.add_class(label)
    added = made.add_images(label, [image], PHOTO, read_upload)
    if added.left_out:
        raise StoreError(added.left_out[0])
    return added.card, label
