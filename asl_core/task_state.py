"""What is asked for by a background task, and how far it is: values."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from asl_core.progress import Progress

Phase = Literal["none", "queued", "working", "failed", "interrupted", "done"]


@dataclass(frozen=True)
class TaskRequest:
    """What is asked for.

    Attributes:
        kind: of the task: which function a worker calls (see `asl_core.jobs.worker`).
        result: path of the file or folder that is there when it is done.
        arguments: of that function, by name.
        owner: who asked for it; empty: nobody in particular.
        group: the sweep, or the run whose checks, it is a part of; empty: none.
        asked: when (seconds since 1970).
        steps_aside: whether it gives its worker back as soon as anybody asks for anything else,
            and goes on when nothing else is under way.
    """

    kind: str
    result: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    owner: str = ""
    group: str = ""
    asked: float = 0.0
    steps_aside: bool = False


@dataclass(frozen=True)
class TaskState:
    """How far a task is.

    Attributes:
        phase: `none` (nobody has asked, or it was called off), `queued` (waits for a worker),
            `working`, `failed` (see `error`), `interrupted` (its process is gone), `done`.
        step: what the worker is at, such as `starting`, in a word.
        fraction_done: 0 to 1.
        seconds_left: at the pace so far; None: unknown yet.
        progress: of a training, once its fit has begun.
        error: why it failed, in words.
    """

    phase: Phase
    step: str = ""
    fraction_done: float = 0.0
    seconds_left: float | None = None
    progress: Progress | None = None
    error: str = ""

    @property
    def active(self) -> bool:
        """Whether something is being done, or will be."""
        return self.phase in ("queued", "working")

    @property
    def resumable(self) -> bool:
        """Whether it has ended without a result, and can be taken up again."""
        return self.phase in ("failed", "interrupted")


def new_request(
    kind: str,
    result: Path,
    owner: str = "",
    group: str = "",
    steps_aside: bool = False,
    **arguments: str,
) -> TaskRequest:
    """A request of now.

    Args:
        kind: of the task.
        result: where it will be.
        owner: who asks for it.
        group: the sweep, or the run whose checks, it is a part of.
        steps_aside: whether everything else goes first.
        **arguments: what the kind needs to know.
    """
    return TaskRequest(kind, str(result), arguments, owner, group, time.time(), steps_aside)
