"""Kills at random moments, and what is found after each."""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import psutil

from asl_core.runs.manifest import MANIFEST
from asl_core.runs.pending import PendingRun, list_pending
from asl_core.runs.store import RunStore
from benchmarks.faults.app import App, spec_of
from tests.processes import holder, wait_for

STATE_SECONDS = 10.0
"""Time within which the true state of each run must be shown."""

END_SECONDS = 600.0
"""Time after which a training is taken to have got stuck."""

PUBLISHING_SHARE = 0.6
"""Kills that are aimed at the publishing of a run; some of them come too late."""

COLD_SHARE = 0.3
"""Kills of an app whose workers may still be loading TensorFlow."""

PUBLISHED = ""
"""Last stage of publishing: the files are in their place, what is left of the staged run is not."""

STAGES = {
    "model.keras": 4,
    "model.tflite": 3,
    "predictions.npz": 2,
    "results.json": 2,
    MANIFEST: 2,
    PUBLISHED: 1,
}
"""Files by which the stages of publishing are told, in the order in which they come, each with how
often it is aimed at: the later ones are over within milliseconds, and often missed."""


@dataclass
class Tally:
    """What was done, and what was found.

    Attributes:
        kills: how many of each kind.
        publishing: kills that came while a run was being published, as its files tell.
        interrupted: runs that were not finished when a process that they needed was killed.
        finished: runs that are finished in the end.
        lost: runs that are neither finished nor on their way, although their start was confirmed.
        stuck: runs whose true state was not shown in time.
        state_seconds: how long it took until it was.
        difference: largest difference of a probability from what an undisturbed run says.
    """

    kills: Counter[str] = field(default_factory=Counter)
    publishing: int = 0
    interrupted: set[str] = field(default_factory=set)
    finished: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    stuck: list[str] = field(default_factory=list)
    state_seconds: list[float] = field(default_factory=list)
    difference: float = 0.0


class Lane:
    """One app after the other, with what they have started.

    Args:
        store: may be shared with other lanes.
        data: folder of photos.
        epochs: of each training.
        name: the visitor.
        rng: chooses the moments.
    """

    def __init__(
        self, store: RunStore, data: Path, epochs: int, name: str, rng: random.Random
    ) -> None:
        self.store, self.data, self.epochs, self.name, self.rng = store, data, epochs, name, rng
        self.tally = Tally()
        self.confirmed: set[str] = set()
        started = time.monotonic()
        self.app = self._new_app()
        self.reference = self._undisturbed()
        self.cold_seconds = time.monotonic() - started
        started = time.monotonic()
        self._undisturbed()
        self.warm_seconds = time.monotonic() - started

    def kill_worker(self) -> None:
        """Kill the process that trains a run. Another one must go on by itself."""
        run_id = self._submit()
        victims: list[psutil.Process] = []

        def working() -> bool:
            found = holder(self.store, run_id, self.app.processes())
            victims.extend([found] if found else [])
            return bool(found) or self.is_finished(run_id)

        wait_for(working, END_SECONDS, 0.002)
        if not victims:
            return self.kill_worker()  # it was over before it could be seen
        self.await_moment(run_id, self.warm_seconds)
        victims[0].kill()
        victims[0].wait()
        self.note("worker", [run_id])
        self.check([run_id], [], settled=False)
        try:
            wait_for(lambda: self.is_finished(run_id), END_SECONDS)
        except TimeoutError as error:
            workers = len(self.app.processes())
            state = f"{self._shown(run_id)}, of {workers} processes of the app"
            raise TimeoutError(
                f"{error}: run {run_id} is {state}, its worker was killed"
            ) from error
        return None

    def kill_app(self) -> None:
        """Kill an app, alone or with its workers. The next one goes on with what it leaves."""
        cold = self.rng.random() < COLD_SHARE
        if cold:
            self.app.ask("submit")
            time.sleep(self.rng.uniform(0, self.cold_seconds))
        else:
            wait_for(lambda: not self._unfinished(), END_SECONDS)
            run_id = self._submit()
            self.await_moment(run_id, self.warm_seconds)
        witnesses, whole_group = self.app.processes(), self.rng.random() < 0.5
        left = self._unfinished()
        self.app.kill(whole_group)
        self.confirmed |= {line for line in self.app.rest() if "-" in line}
        self.note("app with workers" if whole_group else "app alone", left)
        self.check(self._unfinished(), witnesses, settled=True)
        self.go_on()

    def go_on(self) -> None:
        """Start an app that resumes what is interrupted."""
        self.app = self._new_app()
        for run_id in self._unfinished():
            self.app.ask(f"resume {run_id}")

    def finish(self) -> None:
        """Wait for the end of all that is under way, and look at all that was done."""
        wait_for(lambda: not self._unfinished(), END_SECONDS)
        self.app.close()
        for run_id in self.confirmed:
            if not self.is_finished(run_id):
                continue
            run = self.store.load(run_id)
            self.tally.finished.add(run_id)
            if run.spec != spec_of(self.data, self.epochs):
                continue  # started on the page
            distance = np.abs(run.predictions().probabilities - self.reference).max()
            self.tally.difference = max(self.tally.difference, float(distance))

    def _new_app(self) -> App:
        return App(self.store, self.data, self.epochs, self.name)

    def _undisturbed(self) -> np.ndarray:
        run_id = self._submit()
        wait_for(lambda: self.is_finished(run_id), END_SECONDS)
        return self.store.load(run_id).predictions().probabilities

    def _submit(self) -> str:
        self.app.ask("submit")
        while (line := self.app.answer()) in ("True", "False"):
            pass  # of a run that was resumed
        if not line:
            raise RuntimeError(f"the app of {self.name} ended by itself")
        self.confirmed.add(line)
        return line

    def await_moment(self, run_id: str, seconds: float) -> None:
        """Wait for a random time, or for a random stage of the run's publishing."""
        if self.rng.random() < PUBLISHING_SHARE:
            (stage,) = self.rng.choices(list(STAGES), list(STAGES.values()))
            file = PendingRun(self.store, run_id).files / stage
            wait_for(
                lambda: self.is_finished(run_id) or (stage != PUBLISHED and file.exists()),
                END_SECONDS,
                0.001,
            )
        else:
            time.sleep(self.rng.uniform(0, seconds))

    def note(self, kind: str, left: list[str]) -> None:
        """Count a kill that has just been done, by what is on the disk."""
        self.tally.kills[kind] += 1
        staged = [PendingRun(self.store, run_id) for run_id in left]
        self.tally.publishing += any(is_publishing(run) for run in staged)
        self.tally.interrupted |= {run.id for run in staged if not self.is_finished(run.id)}

    def check(self, left: list[str], witnesses: list[psutil.Process], settled: bool) -> None:
        """See that all runs are there, and that these soon show their true state.

        Args:
            left: runs that were not finished.
            witnesses: processes that may be at work on them.
            settled: nobody is left who could go on with them.
        """
        for run_id in left:
            started = time.monotonic()
            if not wait_for_truth(partial(self._is_true, run_id, witnesses, settled)):
                self.tally.stuck.append(f"{run_id}: {self._shown(run_id)}")
            self.tally.state_seconds.append(time.monotonic() - started)
        on_their_way = {staged.id for staged in list_pending(self.store)}
        finished = {run.id for run in self.store.list()}
        self.tally.lost |= self.confirmed - finished - on_their_way

    def _is_true(self, run_id: str, witnesses: list[psutil.Process], settled: bool) -> bool:
        shown = self._shown(run_id)
        if shown == "finished":
            return True
        worker = holder(self.store, run_id, [*witnesses, *self.app.processes()])
        if shown == "interrupted":
            return worker is None
        if settled or shown in ("failed", "gone"):
            return False
        return self.app.process.poll() is None if shown == "queued" else worker is not None

    def _shown(self, run_id: str) -> str:
        """What every page says of a run."""
        phase = PendingRun(self.store, run_id).state().phase
        return {"done": "finished", "none": "gone"}.get(phase, phase)

    def is_finished(self, run_id: str) -> bool:
        """Whether a run is in its place."""
        return (self.store.root / run_id).exists()  # whether it is whole, the reader tells

    def _unfinished(self) -> list[str]:
        return [run.id for run in list_pending(self.store) if run.request.owner == self.name]


def is_publishing(staged: PendingRun) -> bool:
    """Whether files of the finished run are there, but not all is done."""
    try:
        begun = any(staged.files.iterdir())
    except FileNotFoundError:  # it is in its place already
        begun = (staged.store.root / staged.id).exists() and staged.folder.exists()
    return begun


def wait_for_truth(is_true: Callable[[], bool]) -> bool:
    """Whether something becomes true within the time allowed for it."""
    try:
        wait_for(is_true, STATE_SECONDS)
    except TimeoutError:
        return False
    return True
