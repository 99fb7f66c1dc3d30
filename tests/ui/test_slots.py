"""How many pages are drawn at once."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from asl_core.ui.shared.slots import Slots

LONG = 60.0
"""Seconds that no test lasts."""


def test_no_more_than_a_few_are_drawn_at_once_and_each_gets_its_turn() -> None:
    slots, drawn, lock = Slots(at_once=2, held=LONG, patience=LONG), [0, 0, 0], threading.Lock()

    def draw(_: int) -> None:
        with slots.slot():
            with lock:
                drawn[0] += 1
                drawn[1] = max(drawn[:2])
            time.sleep(0.002)
            with lock:
                drawn[0] -= 1
                drawn[2] += 1

    with ThreadPoolExecutor(30) as threads:
        list(threads.map(draw, range(60)))
    assert drawn == [0, 2, 60]


@pytest.mark.parametrize(
    "slots",
    [
        Slots(at_once=1, held=0.05, patience=LONG),  # what computes for long keeps nobody out
        Slots(at_once=1, held=LONG, patience=0.05),  # nobody waits for longer than the patience
    ],
)
def test_a_page_is_drawn_beside_one_that_takes_long(slots: Slots) -> None:
    has_slot, goes_on = threading.Event(), threading.Event()

    def compute() -> None:
        with slots.slot():
            has_slot.set()
            goes_on.wait(LONG)

    slow = threading.Thread(target=compute)
    slow.start()
    assert has_slot.wait(LONG)
    began = time.monotonic()
    with slots.slot():
        waited = time.monotonic() - began
    goes_on.set()
    slow.join()
    assert 0.04 < waited < LONG / 4


def test_a_part_of_a_page_that_is_being_drawn_waits_for_no_second_slot() -> None:
    slots, began = Slots(at_once=1, held=LONG, patience=LONG), time.monotonic()
    with slots.slot(), slots.slot():
        assert time.monotonic() - began < LONG / 4


class Ended(BaseException):
    """As Streamlit ends a script."""


def test_a_page_that_is_ended_gives_its_slot_back() -> None:
    slots = Slots(at_once=1, held=LONG, patience=LONG)
    with pytest.raises(Ended), slots.slot():
        raise Ended
    with ThreadPoolExecutor(1) as threads:  # another thread

        def draw() -> bool:
            with slots.slot():
                return True

        assert threads.submit(draw).result(LONG / 4)
