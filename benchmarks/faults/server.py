"""The same with the real server: a visitor in Chromium starts a training, then the server dies."""

import os
import random
import signal
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from asl_core.runs.pending import list_pending
from asl_core.runs.store import RunStore
from benchmarks.faults.kills import END_SECONDS, Lane, Tally
from benchmarks.web import chromium, start
from tests.processes import children, wait_for

PAGE_MILLISECONDS = 180_000


def measure(store: RunStore, data: Path, base: Path, kills: int, rng: random.Random) -> Tally:
    """Kill servers, every other one with its workers; another app resumes what they leave.

    Args:
        store: the runs.
        data: folder of photos.
        base: a folder for the cache and the log.
        kills: how many.
        rng: chooses the moments.
    """
    lane = Lane(store, data, 1, "server", rng)
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        for number in range(kills):
            page = browser.new_page()
            kill_server(lane, page, data, base, whole_group=number % 2 == 0)
            page.close()
        browser.close()
    lane.finish()
    return lane.tally


def kill_server(lane: Lane, page: Page, data: Path, base: Path, whole_group: bool) -> None:
    """Start a server, a training on its page, and kill the server at a random moment."""
    server, url = start(
        base / "server.log",
        ASL_DATA_DIR=str(data),
        ASL_RUNS_DIR=str(lane.store.root),
        ASL_CACHE_DIR=str(base / "cache"),
    )
    run_id = click_train(page, url, lane.store)
    lane.confirmed.add(run_id)
    lane.await_moment(run_id, lane.cold_seconds)
    witnesses = children(server.pid)
    if whole_group:
        os.killpg(server.pid, signal.SIGKILL)
    else:
        server.kill()
    server.wait()
    lane.note("streamlit with workers" if whole_group else "streamlit alone", [run_id])
    lane.check([run_id], witnesses, settled=True)
    if not lane.is_finished(run_id):
        lane.app.ask(f"resume {run_id}")
        wait_for(lambda: lane.is_finished(run_id), END_SECONDS)


def click_train(page: Page, url: str, store: RunStore) -> str:
    """Start a training as a visitor does, and find its id."""
    before = ids(store)
    page.set_default_timeout(PAGE_MILLISECONDS)
    page.goto(f"{url}/train")
    page.get_by_role("button", name="Train", exact=True).click()
    wait_for(lambda: bool(ids(store) - before), END_SECONDS)
    (run_id,) = ids(store) - before
    return run_id


def ids(store: RunStore) -> set[str]:
    """All runs, finished or not."""
    return {run.id for run in store.list()} | {staged.id for staged in list_pending(store)}
