"""Whether whoever asks may start, change or remove something.

The core asks this itself, wherever something is started, changed or removed, so that no page can
forget it. A program that uses the core (the command line, a worker, a notebook) may do everything.
A web server serves people it does not know: it says who asks, with `ask_by`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from asl_core.errors import NotAllowedError


@dataclass(frozen=True)
class Requester:
    """Who asks, and what they may do.

    Attributes:
        owner: who they are, as in `TaskRequest.owner`; empty: a program.
        may_change: whether they may start, change or remove anything.
        may_change_all: whether also what others own, or nobody.
        refusal: why they may not, and the way out.
    """

    owner: str = ""
    may_change: bool = True
    may_change_all: bool = True
    refusal: str = ""

    def may_change_what_is_of(self, owner: str) -> bool:
        """Whether they may stop, change or remove what somebody owns.

        Args:
            owner: as in `TaskRequest.owner`; empty: nobody, or it is not known who.
        """
        return self.may_change and (self.may_change_all or (bool(owner) and owner == self.owner))


A_PROGRAM = Requester()
"""What uses the core without a web server: it has the rights of whoever started it."""

_known_by: Callable[[], Requester] = lambda: A_PROGRAM  # noqa: E731  # replaced by `ask_by`
_instead: ContextVar[Requester | None] = ContextVar("requester", default=None)


def ask_by(find: Callable[[], Requester]) -> None:
    """Say how it is found out who asks, in this process.

    Args:
        find: called in the thread that does what was asked for.
    """
    global _known_by
    _known_by = find


def requester() -> Requester:
    """Who asks."""
    return _instead.get() or _known_by()


@contextmanager
def acting_as(who: Requester) -> Iterator[None]:
    """Ask as somebody else, in this thread: what a server does for all, it does as `A_PROGRAM`."""
    before = _instead.set(who)
    try:
        yield
    finally:
        _instead.reset(before)


def check_may_change() -> None:
    """Refuse to start or change anything for who may not.

    Raises:
        NotAllowedError: says why, and the way out.
    """
    asks = requester()
    if not asks.may_change:
        raise NotAllowedError(asks.refusal)


def check_owner(owner: str, what: str) -> None:
    """Refuse to stop, change or remove what is another's.

    Args:
        owner: of it, as in `TaskRequest.owner`; empty: nobody, or it is not known who.
        what: it is, as a sentence goes on: `this run`.

    Raises:
        NotAllowedError: says why, and the way out.
    """
    check_may_change()
    if not requester().may_change_what_is_of(owner):
        raise NotAllowedError(not_yours(what))


def not_yours(what: str) -> str:
    """That something is another's, and the way out."""
    return (
        f"Only whoever started {what}, in the same browser or signed in as the same person, can "
        "stop, change or remove it."
    )
