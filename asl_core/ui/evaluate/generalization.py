"""Generalization: the accuracy of a run under ever more honest tests."""

from collections.abc import Mapping
from pathlib import Path
from statistics import median

import pandas as pd
import streamlit as st

from asl_core.data import Dataset
from asl_core.data.splits import has_frames
from asl_core.errors import AslError
from asl_core.evaluation.accuracy_summary import percent_range
from asl_core.evaluation.by_group import NOT_LETTERS, accuracy_on_new_people, scores_by_group
from asl_core.evaluation.evaluation import Evaluation, Score
from asl_core.evaluation.generalization import load_external_test
from asl_core.evaluation.repeats import RepeatKind, Repeats, load_repeats
from asl_core.jobs.tasks import external_test_task
from asl_core.runs.run import Run
from asl_core.settings import ANY_HAND, MISSION_FINGERPRINT, settings
from asl_core.ui.evaluate.gallery import warn_no_images
from asl_core.ui.evaluate.run_values import near_duplicates_of
from asl_core.ui.shared.errors import show_error
from asl_core.ui.shared.frame import metric_card
from asl_core.ui.shared.resources import dataset_of
from asl_core.ui.shared.tasks import offer_task
from asl_core.ui.shared.words import percent
from asl_core.web.visitor import visitor


def show_generalization(run: Run, evaluation: Evaluation) -> None:
    """The accuracy on all test images, on new ones, across frame blocks, and on external sets."""
    if run.spec.data == ANY_HAND:
        _show_people_held_out(run, evaluation)
        return
    st.markdown(
        "A test is only as hard as its images are new. From left to right they are less and "
        "less like the training images."
    )
    everything, seeds, fresh, blocks = st.columns(4)
    with seeds:
        _show_repeats("With other seeds", load_repeats(run, "seeds"))
    with everything:
        _score("On all test images", Score(evaluation.n_correct, len(evaluation)))
    dataset = dataset_of(run)
    if dataset is None:
        warn_no_images(run)
    else:
        with fresh:
            _without_near_duplicates(run, evaluation, dataset)
        with blocks:
            _across_frame_blocks(run, dataset)
    if scores := scores_by_group(run, evaluation, dataset):
        st.header("By group")
        _list_groups("Group", scores)
        st.caption(
            f"Median of the {len(scores)} groups: "
            f"{percent(median(score.accuracy for score in scores.values()))}. Groups are what "
            "the images come in, such as people; how far their accuracies lie apart says more "
            "about the next group than the interval of all images."
        )
    _on_others(run)
    st.markdown(_doubts(run))


def _show_people_held_out(run: Run, evaluation: Evaluation) -> None:
    """The accuracy on each photo set, none of which its network had learned from."""
    scores = scores_by_group(run, evaluation, None)
    n_people = len(scores.keys() - {NOT_LETTERS})
    st.markdown(
        f"**{percent(accuracy_on_new_people(run))} of the letters of a person it has never seen**: "
        f"the median of {n_people} photo sets, each answered by a network that had learned from "
        "the others."
    )
    _list_groups("Photo set held out", scores)
    st.caption(
        f"How far they lie apart says more about the next person than the interval of all images. "
        f"'{NOT_LETTERS}' are hands that sign no letter; right is to say so. It is no part of the "
        "median."
    )
    _on_others(run)


def _list_groups(heading: str, scores: Mapping[str, Score]) -> None:
    st.dataframe(
        pd.DataFrame(
            {
                heading: list(scores),
                "Test images": [score.n for score in scores.values()],
                "Accuracy": [percent(score.accuracy) for score in scores.values()],
                "95 % interval": [str(score.interval) for score in scores.values()],
            }
        ),
        hide_index=True,
        height="content",
    )


def _score(label: str, score: Score) -> None:
    metric_card(
        label,
        percent(score.accuracy),
        f"of {score.n:,}; 95 % interval {score.interval}",
    )


def _without_near_duplicates(run: Run, evaluation: Evaluation, dataset: Dataset) -> None:
    label = "Excluding near-duplicates of training images"
    leakage = near_duplicates_of(run, dataset)
    if leakage is None:
        metric_card(label, "not computed yet", "all training images must be compared")
        return
    score = Score.of(evaluation, ~leakage.near)
    if score:
        _score(label, score)
    else:
        metric_card(label, "no images left", f"all {len(evaluation):,} have one")
    st.caption(
        f"**{percent(leakage.share)}** of the test images have a near-duplicate among the "
        f"training images (a mean absolute pixel difference of at most {leakage.threshold:g}; 1 is "
        f"black versus white); exact duplicates: {int(leakage.exact.sum()):,}. A network that "
        "memorized the duplicates gets these right; this accuracy leaves them out."
    )


def _across_frame_blocks(run: Run, dataset: Dataset) -> None:
    label = "Across frame blocks"
    if not has_frames(dataset):
        why = "rendered, no recording" if run.spec.rendered else "no numbers in the file names"
        metric_card(label, "not applicable", why)
        return
    _show_repeats(label, load_repeats(run, "blocked_cv"))


_REPEATS: dict[RepeatKind, str] = {
    "seeds": "The same settings with other seeds, on the same test images: what of the accuracy is "
    "luck of the first weights and the order of the images.",
    "blocked_cv": "The images of each class, by the numbers in their file names, are cut into five "
    "blocks. Each network is trained on four of them and tested on the fifth, of which it can have "
    "seen no neighbors: in a video, these are near-duplicates. This is the accuracy to quote for "
    "these images; it says nothing about others.",
}
"""What the trainings of each kind say."""


def _show_repeats(label: str, repeats: Repeats) -> None:
    if repeats.done:
        metric_card(
            label,
            percent(repeats.median),
            f"median of {len(repeats.done)}: {percent_range(repeats.accuracies)}",
        )
        each = ", ".join(f"{percent(one.accuracy)} ({one.interval})" for one in repeats.done)
        st.caption(f"{_REPEATS[repeats.kind]} {each}.")
    else:
        metric_card(label, "not computed yet", "five networks must be trained")
        st.caption(_REPEATS[repeats.kind])


def _on_others(run: Run) -> None:
    st.header("External test sets")
    folders = settings().elsewhere
    if not folders:
        st.caption(
            "People and rooms that the network has never seen. Whoever runs this server can name "
            "folders of other people's photos (`ASL_ALSO_DIRS`); then the run can be tested on "
            "them here."
        )
        return
    st.caption("People and rooms that the network has never seen.")
    columns = st.columns(3)
    for number, folder in enumerate(folders):
        with columns[number % 3]:
            _on_one_folder(run, folder)


def _on_one_folder(run: Run, folder: Path) -> None:
    try:
        task = external_test_task(run, folder, visitor())
        if not offer_task(
            task,
            f"Testing on '{folder.name}'",
            f"Test on '{folder.name}'",
            ":material/groups:",
        ):
            return
        found = load_external_test(run, task.request.arguments["name"])
    except AslError as error:  # the other folders can be tested all the same
        show_error(error)
        return
    if found is None:  # deleted meanwhile
        st.rerun()
    _score(folder.name, found.score)
    st.caption(
        f"Mean confidence {percent(found.confidence, 0)}, to compare with the accuracy. Only "
        "images of the run's classes are counted."
    )


def _doubts(run: Run) -> str:
    """What else to keep in mind, as a list."""
    points = [
        "The interval (Wilson, 95 %) says how far chance can move the accuracy with this many test "
        "images."
    ]
    if run.spec.rendered:
        points.append(
            "All images are rendered by one program, training and test alike. Real hands, cameras "
            "and rooms differ in ways that it does not render, so expect less on photos."
        )
    if run.results.fingerprint == MISSION_FINGERPRINT:
        points += [
            "**One epoch is luck.** The mission's text reports 90.25 % on the test images after "
            "its one epoch (loss 0.8927, accuracy 71.63 %), with an old Keras. With today's Keras "
            "and the same settings, ten seeds gave a median of 73 % (62 to 88 %) after 1 epoch, "
            "87.5 % after 2, 97 % after 5 and 100 % after 20.",
            "All images show one signer in one room. This accuracy says nothing about other "
            "people.",
        ]
    if run.spec.split not in ("frames", "groups") and not run.spec.rendered:
        points.append(
            "If the images are frames of a video, as the mission's are, a shuffled split tests on "
            "near-duplicates of the training images. Train with the split 'frames' to see the "
            "difference."
        )
    return "\n".join(f"- {point}" for point in points)
