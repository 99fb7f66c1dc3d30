"""How many pages are drawn at once: a few, and the others wait for a slot.

A page is Python, of which one thread runs at a time. Where thirty threads draw, the one that sends
what they have drawn gets a thirtieth of the time, and all pages come seconds later; where two do,
each page is there as soon as its turn comes (`python -m benchmarks.load`).
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE = 2
"""Pages: one is drawn while another waits for a file or for compiled code."""

HELD_SECONDS = 0.5
"""After which a page that is still being drawn, as it computes for long, holds no slot any more."""

PATIENCE_SECONDS = 1.0
"""After which a page is drawn whether a slot is free or not."""


class Slots:
    """A semaphore whose slots expire, so that what takes long keeps nobody out.

    Args:
        at_once: number of slots.
        held: seconds until a slot that was taken is free again.
        patience: seconds that anybody waits for one at most.
    """

    def __init__(
        self,
        at_once: int = AT_ONCE,
        held: float = HELD_SECONDS,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._at_once, self._held, self._patience = at_once, held, patience
        self._ends: dict[int, float] = {}
        self._freed = threading.Condition()

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait for a slot, and hold it; a thread that has one gets on with it."""
        me = threading.get_ident()
        if me in self._ends:
            yield
            return
        self._take(me)
        try:
            yield
        finally:
            with self._freed:
                del self._ends[me]
                self._freed.notify()

    def _take(self, me: int) -> None:
        with self._freed:
            latest = time.monotonic() + self._patience
            while (now := time.monotonic()) < latest:
                held = sorted(end for end in self._ends.values() if end > now)
                if len(held) < self._at_once:
                    break
                self._freed.wait(min(held[-self._at_once], latest) - now)
            self._ends[me] = time.monotonic() + self._held


page_slots = Slots()
"""Of this server."""
