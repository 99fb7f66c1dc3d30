"""Classes of different size: the note on them, and the control that makes them count alike."""

from collections.abc import Callable

import streamlit as st

from asl_core.config import ClassWeights, TrainConfig
from asl_core.data import Dataset
from asl_core.data.dataset import IMBALANCED
from asl_core.evaluation.confusion import MacroAverage
from asl_core.evaluation.evaluation import Evaluation
from asl_core.ui.shared.session_control import session_control
from asl_core.ui.shared.words import count_of, escape_markdown, percent

MOST_NAMED = 6
"""Classes that are named of those that are never predicted."""

HELP = (
    "Multiplies the loss of each image by images / (classes * images of its class), as Keras's "
    "`class_weight` does: a small class is then learned like a large one. Without it every image "
    "counts the same, and a network may do well by never naming the small classes."
)


def choose_class_weights(key: str = "class_weights") -> ClassWeights:
    """A switch that makes classes of different size count alike.

    Args:
        key: of the switch.
    """
    return (
        "balanced"
        if session_control(st.toggle, "Class weights (balanced)", key, False, help=HELP)
        else "none"
    )


def imbalance_note(dataset: Dataset) -> str:
    """How unlike the sizes of the classes are, where they are; else empty. In Markdown."""
    if dataset.imbalance < IMBALANCED:
        return ""
    counts = dataset.counts()
    most, least = (pick(counts, key=counts.__getitem__) for pick in (max, min))
    return (
        f":material/balance: The classes differ much in size: {escape_markdown(most)} has "
        f"{count_of(counts[most], 'image')}, {escape_markdown(least)} "
        f"{count_of(counts[least], 'image')}."
    )


def suggest_class_weights(dataset: Dataset, config: TrainConfig, use: Callable[[], None]) -> None:
    """A note where class weights may help and are not chosen, with a button that chooses them.

    Args:
        dataset: what will be trained on.
        config: the settings that are chosen.
        use: chooses them.
    """
    note = imbalance_note(dataset)
    if note and config.class_weights == "none":
        with st.container(horizontal=True, vertical_alignment="center", key="class_sizes"):
            st.caption(f"{note} Class weights make them count alike.", width="stretch")
            st.button(
                "Use class weights",
                key="use_class_weights",
                type="tertiary",
                icon=":material/balance:",
                on_click=use,
            )


def tell_balance(evaluation: Evaluation) -> None:
    """What the accuracy hides where classes differ much in size, and classes that are never named.

    Args:
        evaluation: of a run on its test images.
    """
    if evaluation.imbalance >= IMBALANCED:
        macro = MacroAverage.of(evaluation.per_class)
        st.markdown(
            f"**Balanced accuracy {percent(evaluation.balanced_accuracy)}** · macro average: "
            f"precision {percent(macro.precision)}, recall {percent(macro.recall)}, F1 "
            f"{percent(macro.f1)}",
            help="The classes differ much in size. The accuracy counts every image; here every "
            "class counts once, however few images it has. Balanced accuracy is the mean recall "
            "of the classes that have test images.",
        )
    if never := evaluation.never_predicted:
        more = len(never) - MOST_NAMED
        named = escape_markdown(", ".join(never[:MOST_NAMED])) + (
            f" and {more} more" if more > 0 else ""
        )
        st.markdown(
            f":material/visibility_off: **Never predicted**, though they have test images: {named}",
            help="More images of them, more epochs or class weights may help.",
        )
