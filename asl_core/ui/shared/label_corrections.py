"""What was decided about doubtful photos, on a page: what it changes, and the way back."""

from dataclasses import dataclass
from math import ceil

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
from asl_core.ui.shared.images import data_url
from asl_core.ui.shared.resources import run_store
from asl_core.ui.shared.words import escape_markdown, pictures

PER_PAGE = 10


@dataclass(frozen=True, eq=False)
class Decided:
    """A dataset and its split as the next training meets them.

    Attributes:
        dataset: with the decided labels.
        split: without the photos that are excluded.
        excluded: photos of the split that are left out.
        relabelled: photos of the split that have another label than their folder's.
    """

    dataset: Dataset
    split: Split
    excluded: int
    relabelled: int

    def __bool__(self) -> bool:
        return bool(self.excluded or self.relabelled)

    @property
    def in_words(self) -> str:
        """What the decisions change, as `2 are left out, 1 has another label`."""
        return _in_words(self.excluded, self.relabelled)


def decided(dataset: Dataset, split: Split) -> Decided:
    """The decisions of this server applied to a dataset and its split.

    Raises:
        DatasetError: they can't be read or applied.
    """
    history = load_label_corrections(run_store().root).history
    return _apply(dataset, split, dataset.fingerprint, split.name, history)


def decided_for(run: Run) -> str:
    """What the decisions changed in a run's photos; empty if there were none."""
    actions = [decision.action for decision in run.results.corrections.history]
    return _in_words(actions.count("exclude"), actions.count("relabel"))


def _in_words(excluded: int, relabelled: int) -> str:
    parts = []
    if excluded:
        parts.append(f"{excluded:,} {'is' if excluded == 1 else 'are'} left out")
    if relabelled:
        verb = "has" if relabelled == 1 else "have"
        parts.append(f"{relabelled:,} {verb} another label than their folder's name")
    return ", ".join(parts)


@st.cache_resource(max_entries=8, show_spinner=False)
def _apply(
    _dataset: Dataset,
    _split: Split,
    fingerprint: str,
    split_name: str,
    history: tuple[LabelCorrection, ...],
) -> Decided:
    """`fingerprint` and `split_name` are those of the arguments before, and in the cache's key."""
    changed, left = apply_label_corrections(LabelCorrections(history), _dataset, _split)
    before, after = ((len(split.train) + len(split.test)) for split in (_split, left))
    relabelled = sum(
        int((changed.labels[part] != _dataset.labels[part]).sum())
        for part in (left.train, left.test)
    )
    return Decided(changed, left, before - after, relabelled)


@st.cache_resource(max_entries=8, show_spinner=False)
def _about(
    _dataset: Dataset, fingerprint: str, history: tuple[LabelCorrection, ...]
) -> dict[int, LabelCorrection]:
    return LabelCorrections(history).about(_dataset)


def about(dataset: Dataset) -> dict[int, LabelCorrection]:
    """The decisions that count for the photos of a dataset, by index, the last one last."""
    history = load_label_corrections(run_store().root).history
    found = _about(dataset, dataset.fingerprint, history)
    place = {entry: at for at, entry in enumerate(history)}
    return dict(sorted(found.items(), key=lambda item: place[item[1]]))


def decisions_note(dataset: Dataset, split: Split) -> None:
    """One line about what the next training will leave out or relabel, if anything."""
    try:
        changed = decided(dataset, split)
    except DatasetError as error:  # told here, since the way to undo is further down
        st.error(escape_markdown(str(error)), icon=":material/error:")
        return
    if changed:
        st.caption(
            f":material/rule: After what was decided below: {changed.in_words}. The next training "
            f"learns from {len(changed.split.train):,} and is tested on "
            f"{len(changed.split.test):,}."
        )


def use_decisions(changed: Decided) -> bool:
    """A switch to train without the decisions; none where they change nothing.

    Args:
        changed: what they make of the split that is trained on.

    Returns:
        Whether they count.
    """
    if not changed:
        return True
    noun = pictures(changed.dataset.rendered)
    use = st.toggle(
        f"Use what was decided about doubtful {noun}",
        value=True,
        key="use_decisions",
        persist_state="session",
        help="At the end of the page Data. Without it, every picture counts with the label that it "
        "came with.",
    )
    st.caption(f"Of the {noun} of this split, {changed.in_words}.")
    return use


def list_decisions(dataset: Dataset) -> None:
    """All decisions about a dataset, the last one first, each with its undo."""
    taken = list(reversed(about(dataset).items()))
    if not taken:
        st.info(
            "Nothing is decided yet. Look for wrong labels, and decide about them one by one.",
            icon=":material/rule:",
        )
        return
    st.caption(
        f"Decided: {len(taken):,}, the last one first. It is kept beside the runs, for everybody "
        "who uses this server, and counts in the next training; no photo is changed."
    )
    slot = st.container()
    n_pages = ceil(len(taken) / PER_PAGE)
    page = st.pagination(n_pages, key="decisions_page") if n_pages > 1 else 1
    with slot:
        for index, entry in taken[(page - 1) * PER_PAGE :][:PER_PAGE]:
            _row(dataset, index, entry)


def _row(dataset: Dataset, index: int, entry: LabelCorrection) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.image(data_url(dataset.images[index]), width=48, alt=dataset.files[index])
        st.markdown(f"{describe(entry, dataset.class_name(index))} · {escape_markdown(entry.file)}")
        if st.button("Undo", key=f"undo_{index}", icon=":material/undo:"):
            undo(run_store().root, entry)
            st.rerun()


def describe(entry: LabelCorrection, letter: str) -> str:
    """What was decided, such as `A becomes B`.

    Args:
        entry: the decision.
        letter: the label that the photo came with.
    """
    if entry.action == "relabel":
        return f"**{escape_markdown(letter)}** becomes **{escape_markdown(str(entry.label))}**"
    if entry.action == "exclude":
        return f"**{escape_markdown(letter)}** is left out"
    return f"**{escape_markdown(letter)}** is right"
