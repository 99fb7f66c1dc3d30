"""Labels that may be wrong, on a page: the search for them, and the queue to decide about."""

from collections.abc import Mapping

import numpy as np
import streamlit as st

from asl_core.data import Dataset
from asl_core.data.label_corrections import LabelCorrection, decide, decision, undo
from asl_core.evaluation.label_issues import (
    ENOUGH_AGREEMENT,
    FOLDS,
    LabelIssues,
    load_label_issues,
)
from asl_core.jobs.tasks import label_issues_task
from asl_core.ui.shared.images import Picture, sheet
from asl_core.ui.shared.label_corrections import about, describe
from asl_core.ui.shared.permitted import change_button
from asl_core.ui.shared.resources import run_store
from asl_core.ui.shared.tasks import offer_task
from asl_core.ui.shared.words import escape_markdown, percent
from asl_core.web.visitor import visitor

EXAMPLES = 4
NEXT = 12


def show_label_issues(dataset: Dataset) -> None:
    """What is known about wrong labels in a dataset; the search is started by a button."""
    task = label_issues_task(run_store(), dataset, visitor())
    if task.state().phase == "none":
        st.markdown(
            f"{FOLDS}-fold cross-validation: each network predicts the images that it was not "
            "trained on. Where a prediction contradicts a label with high confidence, the label "
            "may be wrong (confident learning). This takes about as long as a short run; longer "
            "trainings follow if short ones agree with too few of the labels."
        )
    if offer_task(
        task, "Finding label errors", "Find label errors", ":material/search:", primary=True
    ):
        _show_queue(dataset, load_label_issues(task.result))


def _show_queue(dataset: Dataset, suspects: LabelIssues) -> None:
    taken = about(dataset)
    waiting = [int(i) for i in suspects.queue if int(i) not in taken]
    _tell_how_far(dataset, suspects, taken)
    if waiting:
        current = waiting[0]
        picture, words = st.columns([1, 2], gap="large")
        with picture:
            st.image(dataset.content(current), width=280, alt=dataset.files[current])
        with words:
            _show_case(dataset, suspects, current)
            likely = current in suspects.queue[: suspects.n_issues]
            _show_buttons(dataset, int(suspects.suggested[current]), current, taken, likely)
        _show_examples(dataset, suspects, current)
        st.caption("Next in the queue: the label, and the prediction with its confidence")
        sheet([_thumbnail(dataset, suspects, i) for i in waiting[1 : NEXT + 1]])
    elif taken:
        _undo_button(dataset, taken)


def _tell_how_far(
    dataset: Dataset, suspects: LabelIssues, taken: Mapping[int, LabelCorrection]
) -> None:
    likely = suspects.queue[: suspects.n_issues]
    left = sum(int(i) not in taken for i in likely)
    agreement = suspects.agreement(dataset.labels)
    if agreement < ENOUGH_AGREEMENT:
        st.warning(
            f"The networks agree with only **{percent(agreement, 0)} of the labels**, and "
            f"contradict {suspects.n_issues:,} of {len(dataset):,} with high confidence. Either "
            "many labels are wrong, or the networks know too little of these images to judge them. "
            "Look at the first ones before you trust the rest.",
            icon=":material/warning:",
        )
        return
    if not suspects.n_issues:
        st.success(
            f"None of the {len(dataset):,} labels looks wrong. The least certain come first below.",
            icon=":material/check_circle:",
        )
    elif left:
        st.markdown(
            f"An estimated **{suspects.n_issues:,} of {len(dataset):,} labels are wrong** (the "
            f"networks agree with {percent(agreement)}); {left:,} left to review, the most "
            "suspicious first."
        )
    else:
        st.success(
            "All labels that are likely to be wrong have been reviewed: "
            f"{suspects.n_issues:,}. The rest follow, less and less suspicious.",
            icon=":material/check_circle:",
        )


def _show_case(dataset: Dataset, suspects: LabelIssues, index: int) -> None:
    given, said = dataset.class_name(index), dataset.classes[suspects.suggested[index]]
    confidence = percent(suspects.confidence[index], 0)
    st.header(f"Is this {escape_markdown(given)}?")
    if said == given:
        answer = (
            f"A network that was not trained on it predicts **{escape_markdown(said)}**, too, but "
            f"with a confidence of only {confidence}."
        )
    else:
        answer = (
            f"A network that was not trained on it predicts **{escape_markdown(said)}** with a "
            f"confidence of {confidence}."
        )
    st.markdown(f"{answer}  \n{escape_markdown(dataset.files[index])}")


def _show_buttons(
    dataset: Dataset, suggested: int, index: int, taken: Mapping[int, LabelCorrection], likely: bool
) -> None:
    """Each button has the image in its key, so a second click never reaches the next one."""
    given = dataset.class_name(index)
    others = [name for name in dataset.classes if name != given]
    said = dataset.classes[suggested]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if change_button(
            f"Keep {escape_markdown(given)}",
            key=f"keep_{index}",
            shortcut="k",
            icon=":material/check:",
        ):
            _take(decision(dataset, index, "keep"))
        if change_button("Exclude", key=f"exclude_{index}", shortcut="x", icon=":material/block:"):
            _take(decision(dataset, index, "exclude"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        letter = st.selectbox(
            "Correct class",
            others,
            index=others.index(said) if said in others else 0,
            key=f"letter_{index}",
            width=240,
        )
        if change_button(
            f"Relabel as {escape_markdown(letter)}",
            key=f"relabel_{index}",
            shortcut="l",
            icon=":material/edit:",
            type="primary" if likely else "secondary",
        ):
            _take(decision(dataset, index, "relabel", letter))
    _undo_button(dataset, taken)


def _undo_button(dataset: Dataset, taken: Mapping[int, LabelCorrection]) -> None:
    if not taken:
        return
    index, last = list(taken.items())[-1]
    if change_button(
        f"Undo: {describe(last, dataset.class_name(index))}",
        key=f"take_back_{index}",
        shortcut="u",
        icon=":material/undo:",
        type="tertiary",
    ):
        undo(run_store().root, last)
        st.rerun()


def _take(taken: LabelCorrection) -> None:
    decide(run_store().root, taken)
    st.rerun()


def _show_examples(dataset: Dataset, suspects: LabelIssues, index: int) -> None:
    """What the two classes look like where the labels are beyond doubt."""
    letters = dict.fromkeys((int(dataset.labels[index]), int(suspects.suggested[index])))
    for column, label in zip(st.columns(2), letters, strict=False):
        with column:
            st.caption(f"Confident examples of {escape_markdown(dataset.classes[label])}")
            shown = _surest(dataset, suspects, label)
            sheet([_plain_picture(dataset, i) for i in shown], columns=EXAMPLES)


def _surest(dataset: Dataset, suspects: LabelIssues, label: int) -> np.ndarray:
    """Some of the more convincing half of a class, spread over it: neighbors look the same."""
    members = np.flatnonzero(dataset.labels == label)
    surest = members[suspects.quality[members] >= np.median(suspects.quality[members])]
    chosen: np.ndarray = surest[
        np.linspace(0, len(surest) - 1, min(EXAMPLES, len(surest)), dtype=int)
    ]
    return chosen


def _plain_picture(dataset: Dataset, index: int) -> Picture:
    return Picture(
        dataset.images[index],
        "",
        f"{dataset.class_name(index)}, {dataset.files[index]}",
        rendered=dataset.rendered,
    )


def _thumbnail(dataset: Dataset, suspects: LabelIssues, index: int) -> Picture:
    said = dataset.classes[suspects.suggested[index]]
    note = f"{said}, {percent(suspects.confidence[index], 0)}"
    return Picture(
        dataset.images[index],
        dataset.class_name(index),
        dataset.files[index],
        note,
        dataset.rendered,
    )
