"""What is known about a run's accuracy: the figure to believe first, and how far its checks are."""

import streamlit as st

from asl_core.errors import AslError, RunError
from asl_core.evaluation.accuracy_summary import AccuracySummary, percent_range
from asl_core.evaluation.repeats import Repeats
from asl_core.jobs.checks import Checks, stop_checks
from asl_core.runs.run import Run
from asl_core.settings import MISSION_FINGERPRINT, settings
from asl_core.ui.shared.errors import show_error, without_paths
from asl_core.ui.shared.frame import metric_card
from asl_core.ui.shared.permitted import change_button
from asl_core.ui.shared.resources import dataset_of, jobs
from asl_core.ui.shared.tasks import duration, show_progress, told_in_toast
from asl_core.ui.shared.watch import watch
from asl_core.ui.shared.words import count_of, escape_markdown, percent
from asl_core.web.visitor import visitor

CHECK = "check_accuracy"
"""Key of the switch whether the accuracy of the next run is checked, in `st.session_state`."""

MOST_BESIDE = 2
"""Cards that have room for their checks beside them."""

NOT_YET = "–", "being checked"
"""Value and note of a card that is still to come."""


def show_accuracy(run: Run) -> None:
    """The cards of a run's accuracy and its checks, which are drawn as they come in."""
    watch(lambda: checks_of(run), lambda seen: draw_accuracy(run, seen), _is_active)


def checks_of(run: Run) -> Checks | None:
    """How far the checks of a run are; None if what is kept with it can't be read, which is told
    where it is drawn."""
    try:
        return Checks.of(run)
    except RunError:
        return None


def _is_active(checks: Checks | None) -> bool:
    return checks is not None and checks.active


def draw_accuracy(run: Run, checks: Checks | None) -> None:
    """Cards from the hardest test to the easiest, and below them how far the checks are."""
    cards = _known(run, checks)
    if not cards:
        return
    beside = len(cards) <= MOST_BESIDE
    with st.container(key=f"cards_of_{run.id}", gap="xsmall"):
        columns = st.columns(len(cards) + beside)
        for column, (label, known) in zip(columns, cards.items(), strict=False):
            with column:
                metric_card(label, *(known or NOT_YET))
        if checks:
            with columns[-1] if beside else st.container():
                draw_checks(run, checks)


def draw_cards(run: Run, checks: Checks | None) -> None:
    """The cards alone, in a row that wraps where it is narrow.

    Args:
        run: whose accuracy is shown.
        checks: how far its checks are (see `checks_of`).
    """
    with st.container(horizontal=True, gap="small", key=f"card_row_{run.id}"):
        for label, known in _known(run, checks).items():
            metric_card(label, *(known or NOT_YET), height="content")


def _known(run: Run, checks: Checks | None) -> dict[str, tuple[str, str] | None]:
    """As `_cards`; empty, which is told, if what is kept with a run can't be read."""
    try:
        return _cards(run, AccuracySummary.of(run), _is_active(checks))
    except RunError as error:  # the rest of the page is as good without it
        show_error(error)
        return {}


def _cards(run: Run, summary: AccuracySummary, active: bool) -> dict[str, tuple[str, str] | None]:
    """Value and note of each card by its label, from the figure to believe first to the mission's;
    None where it is being found."""
    blocks, seeds = summary.blocks, summary.seeds
    others = [test.score.accuracy for test in summary.external_tests]
    n_others = count_of(len(others), "external test set")
    cards = {
        _stretches(run): _of_repeats(blocks) if blocks else None,
        "On other people": (percent_range(others), n_others) if others else None,
        "With other seeds": _of_repeats(seeds),
        "Test accuracy": (
            percent(summary.test.accuracy),
            f"of {summary.test.n:,}; 95 % interval {summary.test.interval}",
        ),
    }
    expected = (active and blocks, active and settings().elsewhere, active, True)
    pairs = zip(cards.items(), expected, strict=True)
    return {label: known for (label, known), wanted in pairs if known or wanted}


def _stretches(run: Run) -> str:
    """What blocks of images are; numbers in file names alone don't make a video."""
    video = run.results.fingerprint == MISSION_FINGERPRINT
    return "On new stretches of video" if video else "On new stretches of images"


def _of_repeats(repeats: Repeats) -> tuple[str, str] | None:
    if not repeats.done:
        return None
    median, spread = percent(repeats.median), percent_range(repeats.accuracies)
    if repeats.complete:
        return median, f"median of {len(repeats.done)}: {spread}"
    return median, f"{len(repeats.done)} of {len(repeats.scores)} so far: {spread}"


def draw_checks(run: Run, checks: Checks) -> None:
    """How far they are, and what can be done about them."""
    if checks.active:
        show_progress(checks.fraction_done, _headline(run, checks))
        if any(task.stop_requested() for task in checks.states):
            st.caption("Stopping.")
        elif checks.states:
            change_button(
                "Stop checking",
                key=f"stop_checks_{run.id}",
                icon=":material/stop_circle:",
                on_click=told_in_toast(lambda: stop_checks(run)),
            )
    elif checks.failed:
        told = checks.failed.error or "The process that did it ended."
        st.warning(
            f"The accuracy could not be checked to the end: {escape_markdown(without_paths(told))}",
            icon=":material/error:",
        )
        with st.container(horizontal=True):
            _offer(run, "Try again" if checks.failed.error else "Go on checking")
            change_button(
                "Discard",
                key=f"drop_checks_{run.id}",
                icon=":material/close:",
                on_click=told_in_toast(lambda: stop_checks(run)),
            )
    elif not checks.complete and dataset_of(run):
        _offer(run, "Go on checking" if checks.n_done else "Check the accuracy")


def _headline(run: Run, checks: Checks) -> str:
    if not checks.states:
        return "Checking the accuracy comes next"
    told = f"Checking the accuracy: {checks.n_done} of {checks.n} done"
    if checks.waiting:
        return f"{told}. Everything else goes first"
    left = checks.seconds_left(run, settings().worker_count)
    return f"{told}, about {duration(left)} left. It continues if you leave this page"


def _offer(run: Run, label: str) -> None:
    if change_button(
        label,
        key=f"check_{run.id}",
        icon=":material/verified:",
        help="Trains these settings five more times with other seeds and, where "
        "file names have numbers, five times without a block of images, and tests the run on the "
        "external test sets. It gives way to everything else.",
    ):
        dataset = dataset_of(run)
        try:
            jobs().check(run, dataset.source.text if dataset else "", visitor())
        except AslError as error:
            show_error(error)
        else:
            st.rerun()
