"""The same for the trainings that check the accuracy of a run: they go on to the same scores."""

import random
import time
from pathlib import Path
from typing import Any

from asl_core.evaluation.repeats import KINDS, load_repeats
from asl_core.jobs.checks import Checks
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore
from benchmarks.faults.app import App
from benchmarks.faults.kills import END_SECONDS, STATE_SECONDS
from tests.processes import holder, wait_for

LONGEST_PAUSE = 3.0
"""Seconds between two kills, at most."""

APP_SHARE = 0.3
"""Kills that are of the app, with its workers; the others are of a worker that checks."""


def measure(
    store: RunStore, data: Path, kills: int, epochs: int, rng: random.Random
) -> dict[str, Any]:
    """Kill workers and apps while the accuracy of a run is being checked.

    Args:
        store: an empty folder of runs.
        data: folder of photos.
        kills: how many.
        epochs: of each training.
        rng: chooses the moments.

    Returns:
        How many were killed; checks that got stuck; rounds of ten checks that came to their end,
        and those whose scores are not the ones of an undisturbed round.
    """
    app = App(store, data, epochs, "checks")
    app.ask("submit")
    run_id = app.answer()
    wait_for(lambda: (store.root / run_id / "manifest.json").exists(), END_SECONDS)
    run = store.load(run_id)
    app.ask(f"check {run_id}")
    _wait_for_all(run)
    undisturbed = _scores(run)
    found = {"check_kills": 0, "check_app_kills": 0, "check_stuck": 0}
    rounds = others = 0
    while found["check_kills"] + found["check_app_kills"] < kills:
        _forget(run)
        app.ask(f"check {run_id}")
        while not Checks.of(run).complete:
            time.sleep(rng.uniform(0, LONGEST_PAUSE))
            if rng.random() < APP_SHARE:
                app.kill(whole_group=True)
                found["check_app_kills"] += 1
                found["check_stuck"] += not _settles(run)
                app = App(store, data, epochs, "checks")
                app.ask(f"check {run_id}")
            elif worker := _worker(store, run, app):
                worker.kill()
                found["check_kills"] += 1
            if found["check_kills"] + found["check_app_kills"] >= kills:
                _wait_for_all(run)
        rounds += 1
        others += _scores(run) != undisturbed
    app.close()
    return {**found, "check_rounds": rounds, "check_rounds_with_other_scores": others}


def _scores(run: Run) -> list[Any]:
    return [load_repeats(run, kind) for kind in KINDS]


def _forget(run: Run) -> None:
    """Remove what was found, so that it is found again."""
    for kind in KINDS:
        for file in run.folder.glob(f"{kind}-*.json"):
            file.unlink()


def _wait_for_all(run: Run) -> None:
    wait_for(lambda: Checks.of(run).complete and not Checks.of(run).states, END_SECONDS)


def _settles(run: Run) -> bool:
    """Whether all that is left of the checks soon shows that nobody is at it."""
    try:
        wait_for(lambda: not Checks.of(run).active, STATE_SECONDS)
    except TimeoutError:
        return False
    return True


def _worker(store: RunStore, run: Run, app: App) -> Any:
    """A process that is at one of the checks; None if there is none."""
    for task in Checks.of(run).states:
        if found := holder(store, task.id, app.processes()):
            return found
    return None
