"""Background tasks on a page: how far one is, and what can be done about it."""

from collections.abc import Callable

import streamlit as st

from asl_core.background_task import BackgroundTask
from asl_core.errors import AslError, JobError, NotAllowedError
from asl_core.jobs.machine import WAITS_FOR_MACHINE
from asl_core.runs.pending import PendingRun
from asl_core.task_state import TaskState
from asl_core.ui.shared.errors import show_error, without_paths
from asl_core.ui.shared.permitted import change_button
from asl_core.ui.shared.resources import jobs
from asl_core.ui.shared.watch import watch
from asl_core.ui.shared.words import count_of, escape_markdown

STEPS = {
    WAITS_FOR_MACHINE: "waits for another program's task on this machine",
    "starting": "starting",
    "downloading": "downloading",
    "finding hands": "finding the hand in each image",
    "training": "training",
    "evaluating": "evaluating on the test images",
}
"""What a visitor reads for what a worker is at."""


def duration(seconds: float) -> str:
    """Seconds as a person says them."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def headline(state: TaskState, n: int | None = None) -> str:
    """How far a task is, in one line, such as `43 %, about 12 s left`.

    Args:
        state: of the task.
        n: images that it goes through, to tell how many are done; None: that is not told.
    """
    if state.phase == "queued":
        return STEPS.get(state.step, "queued")
    parts = []
    if state.progress and state.step == "training":
        progress = state.progress
        parts.append(f"epoch {progress.epoch_under_way} of {progress.epochs}")
        parts.append(f"batch {progress.batch} of {progress.batches}")
    elif state.step and not state.fraction_done:
        return STEPS.get(state.step, state.step)
    else:
        parts += [STEPS.get(state.step, state.step)] if state.step else []
        if n:
            parts.append(f"{round(n * state.fraction_done):,} of {n:,}")
        parts.append(f"{100 * state.fraction_done:.0f} %")
    if state.seconds_left is not None:
        parts.append(f"about {duration(state.seconds_left)} left")
    return ", ".join(parts)


def show_progress(fraction_done: float, words: str) -> None:
    """The bar of everything that is under way.

    Args:
        fraction_done: 0 to 1.
        words: Markdown above it.
    """
    st.progress(min(1.0, max(0.0, fraction_done)), words)


def start(task: BackgroundTask) -> bool:
    """Queue a task, also one that has failed or was interrupted. A refusal is told.

    Returns:
        Whether it is under way now.
    """
    try:
        if jobs().submit(task) or task.state().phase != "none":
            return True
        show_error(JobError("It was canceled just now. Try again in a moment."))
    except AslError as error:
        show_error(error, ":material/hourglass_disabled:")
    return False


def show_task(
    task: BackgroundTask, what: str, stop: bool = True, n: int | None = None
) -> TaskState:
    """Show how far a task is, while it is under way, and how it ended, if it came to nothing; the
    whole page runs again when it ends.

    Args:
        task: the task.
        what: is being done, as a sentence begins.
        stop: whether it can be stopped here.
        n: as for `headline`.

    Returns:
        Its state, as it is drawn.
    """
    state = task.state()
    if state.active:
        seen_here = [
            state
        ]  # if it ends before the first look, the page must run again all the same
        watch(
            lambda: seen_here.pop() if seen_here else task.state(),
            lambda seen: _draw(task, what, seen, stop, n),
            lambda seen: seen.active,
        )
    elif state.resumable:
        tell_end(state, what)
        resume_buttons(task, state)
    return state


def offer_task(
    task: BackgroundTask, what: str, label: str, icon: str, primary: bool = False
) -> bool:
    """Show a task, or the button that asks for it.

    Args:
        task: the task.
        what: is done by it, as a sentence begins.
        label: of the button.
        icon: of the button.
        primary: whether it is what the page is for.

    Returns:
        Whether its result is there.
    """
    state = show_task(task, what)
    if (
        state.phase == "none"
        and change_button(
            label,
            icon=icon,
            type="primary" if primary else "secondary",
            key=f"start_{task.id}",
        )
        and start(task)
    ):
        st.rerun()
    return state.phase == "done"


def stop_button(
    task: BackgroundTask,
    state: TaskState,
    label: str = "Stop",
    stopping: str = "Stopping.",
    help: str | None = None,
) -> None:
    """What ends an active task: it is dropped if nobody is at work on it, else asked to stop.

    Args:
        task: the task.
        state: how far it is.
        label: of the button that asks it to stop.
        stopping: is said once it was asked.
        help: what comes of it, beside the button.
    """
    if state.phase == "queued":
        change_button(
            "Cancel",
            whose_task(task),
            key=f"cancel_{task.id}",
            icon=":material/close:",
            on_click=told_in_toast(task.cancel),
        )
    elif task.stop_requested():
        st.caption(stopping)
    else:
        change_button(
            label,
            whose_task(task),
            key=f"stop_{task.id}",
            icon=":material/stop_circle:",
            help=help,
            on_click=told_in_toast(task.request_stop),
        )


def tell_end(state: TaskState, what: str) -> None:
    """How a task ended that came to nothing."""
    if state.phase == "failed":
        told = escape_markdown(without_paths(state.error))
        st.error(f"{what} failed: {told}", icon=":material/error:")
        return
    saved = ""
    if state.progress:
        saved = f" after {count_of(state.progress.epoch, 'epoch')}"
    st.warning(
        f"{what} was interrupted{saved} because its process ended. You can resume it.",
        icon=":material/power_off:",
    )


def resume_buttons(task: BackgroundTask, state: TaskState) -> None:
    """What can be done about a task that came to nothing."""
    with st.container(horizontal=True):
        change_button(
            "Resume" if state.phase == "interrupted" else "Try again",
            whose_task(task) if isinstance(task, PendingRun) else "",
            key=f"resume_{task.id}",
            icon=":material/resume:",
            type="primary",
            on_click=told_in_toast(lambda: jobs().submit(task)),
        )
        change_button(
            "Discard",
            whose_task(task),
            key=f"dismiss_{task.id}",
            icon=":material/close:",
            on_click=told_in_toast(task.dismiss),
        )


def whose_task(task: BackgroundTask) -> str:
    """What a button about a task is told where the task is another's (see `change_button`)."""
    try:
        task.check_owner()
    except NotAllowedError:
        return "this task"
    return ""


def _draw(task: BackgroundTask, what: str, state: TaskState, stop: bool, n: int | None) -> None:
    show_progress(
        state.fraction_done, f"{what}: {headline(state, n)}. It continues if you leave this page."
    )
    if stop:
        stop_button(task, state)


def told_in_toast(action: Callable[[], object]) -> Callable[[], None]:
    """An action of a button, before the page is drawn: a refusal is told in a toast."""

    def act() -> None:
        try:
            action()
        except AslError as error:
            st.toast(escape_markdown(str(error)), icon=":material/error:")
        except OSError as error:
            st.toast(f"That can't be written: {error.strerror}.", icon=":material/error:")

    return act
