"""Label corrections on a page: what they change, and the way back."""

from dataclasses import dataclass

import streamlit as st

from asl_core.data import Dataset, Split
from asl_core.data.label_corrections import (
    LabelCorrection,
    LabelCorrections,
    apply_label_corrections,
    load_label_corrections,
    undo,
)
from asl_core.errors import DatasetError
from asl_core.runs.run import Run
from asl_core.ui.shared.errors import show_error
from asl_core.ui.shared.images import data_url
from asl_core.ui.shared.paginate import paginate
from asl_core.ui.shared.permitted import change_button
from asl_core.ui.shared.resources import run_store
from asl_core.ui.shared.words import count_of, escape_markdown

PER_PAGE = 10


@dataclass(frozen=True, eq=False)
class Corrected:
    """A dataset and its split as the next run gets them.

    Attributes:
        dataset: with the corrected labels.
        split: without the images that are excluded.
        excluded: number of images of the split that are excluded.
        relabeled: number of images of the split that were relabeled.
    """

    dataset: Dataset
    split: Split
    excluded: int
    relabeled: int

    def __bool__(self) -> bool:
        return bool(self.excluded or self.relabeled)

    @property
    def in_words(self) -> str:
        """What the corrections change, as `2 images excluded, 1 relabeled`."""
        return _in_words(self.excluded, self.relabeled)


def correct(dataset: Dataset, split: Split) -> Corrected:
    """The label corrections of this server applied to a dataset and its split.

    Raises:
        DatasetError: they can't be read or applied.
    """
    history = load_label_corrections(run_store().root).history
    return _apply(dataset, split, dataset.fingerprint, split.name, history)


def corrections_of(run: Run) -> str:
    """What label corrections changed in a run's images; empty if there were none."""
    actions = [correction.action for correction in run.results.corrections.history]
    return _in_words(actions.count("exclude"), actions.count("relabel"))


def _in_words(excluded: int, relabeled: int) -> str:
    if not excluded:
        return f"{count_of(relabeled, 'image')} relabeled" if relabeled else ""
    more = f", {relabeled:,} relabeled" if relabeled else ""
    return f"{count_of(excluded, 'image')} excluded{more}"


@st.cache_resource(max_entries=8, show_spinner=False)
def _apply(
    _dataset: Dataset,
    _split: Split,
    fingerprint: str,
    split_name: str,
    history: tuple[LabelCorrection, ...],
) -> Corrected:
    """`fingerprint` and `split_name` are those of the arguments before, and in the cache's key."""
    changed, left = apply_label_corrections(LabelCorrections(history), _dataset, _split)
    before, after = ((len(split.train) + len(split.test)) for split in (_split, left))
    relabeled = sum(
        int((changed.labels[part] != _dataset.labels[part]).sum())
        for part in (left.train, left.test)
    )
    return Corrected(changed, left, before - after, relabeled)


@st.cache_resource(max_entries=8, show_spinner=False)
def _about(
    _dataset: Dataset, fingerprint: str, history: tuple[LabelCorrection, ...]
) -> dict[int, LabelCorrection]:
    return LabelCorrections(history).about(_dataset)


def about(dataset: Dataset) -> dict[int, LabelCorrection]:
    """The corrections that count for the images of a dataset, by index, the last one last."""
    history = load_label_corrections(run_store().root).history
    found = _about(dataset, dataset.fingerprint, history)
    place = {entry: at for at, entry in enumerate(history)}
    return dict(sorted(found.items(), key=lambda item: place[item[1]]))


def corrections_note(dataset: Dataset, split: Split) -> None:
    """One line about what the next run will exclude or relabel, if anything."""
    try:
        corrected = correct(dataset, split)
    except DatasetError as error:  # told here, since the way to undo is further down
        show_error(error)
        return
    if corrected:
        st.caption(
            f":material/rule: Label corrections: {corrected.in_words}. The next run "
            f"is trained on {len(corrected.split.train):,} images and tested on "
            f"{len(corrected.split.test):,}."
        )


def use_corrections(corrected: Corrected) -> bool:
    """A switch to train without the label corrections; none where they change nothing.

    Args:
        corrected: what they make of the split that is trained on.

    Returns:
        Whether they count.
    """
    if not corrected:
        return True
    use = st.toggle(
        "Use label corrections",
        value=True,
        key="use_corrections",
        persist_state="session",
        help="Made on the page Data, under Data quality. Without them, every image "
        "keeps its original label.",
    )
    st.caption(f"In this split: {corrected.in_words}.")
    return use


def list_corrections(dataset: Dataset) -> None:
    """All corrections of a dataset, the last one first, each with its undo."""
    taken = list(reversed(about(dataset).items()))
    if not taken:
        st.info(
            "No corrections yet. Find label errors, and review them one by one.",
            icon=":material/rule:",
        )
        return
    st.caption(
        f"Corrections: {len(taken):,}, newest first. They are stored with the runs, for everybody "
        "who uses this server, and apply to the next run; no image file is changed."
    )
    with paginate(len(taken), PER_PAGE, "corrections_page") as shown:
        for index, entry in taken[shown]:
            _row(dataset, index, entry)


def _row(dataset: Dataset, index: int, entry: LabelCorrection) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.image(data_url(dataset.images[index]), width=48, alt=dataset.files[index])
        st.markdown(f"{describe(entry, dataset.class_name(index))} · {escape_markdown(entry.file)}")
        if change_button("Undo", key=f"undo_{index}", icon=":material/undo:"):
            undo(run_store().root, entry)
            st.rerun()


def describe(entry: LabelCorrection, given: str) -> str:
    """What was corrected, such as `A relabeled as B`, in Markdown.

    Args:
        entry: the correction.
        given: the class that the image came with.
    """
    name = f"**{escape_markdown(given)}**"
    if entry.action == "relabel":
        return f"{name} relabeled as **{escape_markdown(str(entry.label))}**"
    return f"{name} {'excluded' if entry.action == 'exclude' else 'confirmed'}"
