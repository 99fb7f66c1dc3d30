"""How many viewers one web process serves at once, while a training runs through the app.

Usage: [ASL_DATA_DIR=...] python -m benchmarks.load [--viewers 50 100] [--seconds 30] [--json]
       [--parts idle crowd most memory two]

A real server, and viewers in this process over raw websockets (`tests.web.viewer`), which do what
browsers do: the files of a first visit as Chromium asked for them just before, the websocket, the
first run of the script, then an action every 3.5 s on average (three of four change a widget, one
opens another page), and besides that the reruns of fragments that a browser's timers ask for. Each
viewer stays a while; then another one comes, with an empty cache. Each has a network address of
their own, as behind a proxy, and may look and predict. One real training, started by a click on the
server's own machine, runs all the time.

Targets: 0.03 s of the processor for an idle rerun; of 50 viewers the 95th percentile of reruns
0.4 s and of first loads 1 s, of 100 viewers 1 s; no error; 200 sessions grow the memory by less
than 30 MB. It takes five minutes on a quiet machine.

Parts: `idle` (processor time of a rerun that changes nothing), `crowd` (so many viewers), `most`
(more and more, until the 95th percentile of reruns passes a second: there one process ends),
`memory` (200 sessions one after another), `two` (two web processes that share the runs, viewers
split between them).
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import psutil
from playwright.sync_api import Request, sync_playwright

from asl_core.config import TrainConfig
from asl_core.data import find_source
from asl_core.runs.pending import list_pending
from asl_core.runs.store import RunStore
from asl_core.settings import MAX_EPOCHS, MAX_FILTERS, ROOT
from asl_core.ui.shared.settings_link import to_text
from benchmarks.web import chromium, show, start
from tests.web.viewer import Told, Viewer

PAGES = ("home", "data", "train", "sweep", "evaluate", "compare", "predict")
TRAIN = "Train"
"""The button."""

ACTION_SECONDS = 3.5
PAGE_SHARE = 0.25
"""Of actions that open another page; the others change a widget."""

STAY_SECONDS = 60.0
"""Mean stay of a viewer; then another one comes, whose cache is empty."""

FIRST_STAY, LATER_STAY = (0.1, 1.5), (0.5, 1.5)
"""Shortest and longest stay, in means, of the first viewer in a place and of the later ones."""

ARRIVALS_PER_SECOND = 5.0
"""At first, when nobody is there yet."""

SETTLE_SECONDS = 3.0
IDLE_RERUNS = 40
WARM_UP_SESSIONS, SESSIONS = 250, 200
MAX_MEMORY_SECONDS = 180.0
"""After which no more sessions come."""

STEP_VIEWERS, MOST_VIEWERS, STEP_SECONDS = 25, 400, 12.0
PASSED_SECONDS = 1.0
"""A 95th percentile that is no longer fine."""

START_SECONDS = 120.0
"""Within which a training begins, on any machine."""

LONGEST = TrainConfig(epochs=MAX_EPOCHS, filters=(MAX_FILTERS, MAX_FILTERS))
"""A training that lasts minutes; when it ends, the next one begins."""

PARTS = ("idle", "crowd", "most", "memory", "two")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--viewers", type=int, nargs="+", default=[50, 100])
    parser.add_argument("--seconds", type=float, default=30.0, help="of each crowd")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), options.parts, options.viewers, options.seconds)
    figures = {"data": find_source().text, "load_before": round(before, 2), **figures}
    print(
        json.dumps(figures) if options.json else "\n".join(f"{k}: {v}" for k, v in figures.items())
    )


Figures = dict[str, object]


def measure(folder: Path, parts: Sequence[str], crowds: Sequence[int], seconds: float) -> Figures:
    """All that is asked for.

    Args:
        folder: for runs, cache and log.
        parts: of `PARTS`.
        crowds: numbers of viewers.
        seconds: of each.
    """
    runs = folder / "runs"
    subprocess.run(["cp", "-r", str(ROOT / "models"), str(runs)], check=True)
    environment = {"ASL_RUNS_DIR": str(runs), "ASL_CACHE_DIR": str(folder / "cache")}
    environment["ASL_LOCKS_DIR"] = str(folder / "locks")  # another program may be training, too
    log = folder / "server.log"
    servers = [start(log, **environment) for _ in range(2 if "two" in parts else 1)]
    pids = [server.pid for server, _ in servers]
    urls = [url for _, url in servers]
    try:
        files = first_visits(urls[0])
        place = Place(urls, pids, files, RunStore(runs))
        figures = asyncio.run(_measure(place, parts, crowds, seconds))
    finally:
        for server, _ in servers:
            server.terminate()
        for server, _ in servers:
            server.wait()
    figures["tracebacks_in_the_log"] = log.read_text().count("Traceback")
    return figures


@dataclass(frozen=True)
class Place:
    """What is measured.

    Attributes:
        urls: of the servers.
        pids: of the servers.
        files: by page, what a first visit asks for.
        store: the runs.
    """

    urls: Sequence[str]
    pids: Sequence[int]
    files: dict[str, tuple[str, ...]]
    store: RunStore


def first_visits(url: str) -> dict[str, tuple[str, ...]]:
    """The static files that Chromium asks for when a page is opened with an empty cache."""
    found = {}
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        for name in PAGES:
            context = browser.new_context()
            page = context.new_page()
            asked: list[str] = []
            page.on("request", partial(_note_address, asked))
            show(page, f"{url}/{'' if name == 'home' else name}")
            page.wait_for_timeout(500)  # what draws figures is asked for last
            paths = [urlsplit(address).path for address in asked if address.startswith(url)]
            found[name] = tuple(dict.fromkeys(p for p in paths if "/static/" in p or ".png" in p))
            context.close()
        browser.close()
    return found


def _note_address(asked: list[str], request: Request) -> None:
    asked.append(request.url)


async def _measure(
    place: Place, parts: Sequence[str], crowds: Sequence[int], seconds: float
) -> Figures:
    figures = _Told()
    figures["files_of_a_first_visit"] = {name: len(files) for name, files in place.files.items()}
    if "idle" in parts:
        figures["cpu_seconds_of_an_idle_rerun"] = await idle(place)
    trainer = Trainer(place)
    await trainer.begin()
    if "crowd" in parts or "most" in parts:
        one = Crowd(place, [0])
        for n in crowds:
            figures[f"{n}_viewers"] = await watched(one, n, seconds)
        if "most" in parts:
            figures["where_one_process_ends"] = await most(one)
        await one.leave()
    if "two" in parts:
        two = Crowd(place, [0, 1])
        name = f"{max(crowds)}_viewers_of_two_processes"
        figures[name] = await watched(two, max(crowds), seconds)
        await two.leave()
    if "memory" in parts:
        figures["memory"] = await sessions(place)
    figures["epochs_trained_meanwhile"] = await trainer.end()
    return figures


class _Told(dict[str, object]):
    """Figures, each of which is told as soon as it is there: the whole takes minutes."""

    def __setitem__(self, name: str, value: object) -> None:
        print(f"{name}: {value}", file=sys.stderr, flush=True)
        super().__setitem__(name, value)


async def idle(place: Place) -> dict[str, float]:
    """Processor seconds of the web process for each whole rerun that changes nothing."""
    told, server = Told(), psutil.Process(place.pids[0])
    viewer = Viewer(place.urls[0], 1, told)
    await viewer.first_load()
    found = {}
    for page in PAGES:
        await viewer.go_to(page)
        for _ in range(5):
            await viewer.rerun()
        await asyncio.sleep(1)
        before = _processor_seconds(server)
        for _ in range(IDLE_RERUNS):
            await viewer.rerun()
        found[page] = round((_processor_seconds(server) - before) / IDLE_RERUNS, 4)
    await viewer.close()
    return found


class Trainer:
    """Trains by clicks, one network after another, so that one is always under way.

    Args:
        place: where.
    """

    def __init__(self, place: Place) -> None:
        self._store = place.store
        self._viewer = Viewer(place.urls[0], 2, Told(), local=True)
        self._begun: list[str] = []
        self._going_on: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Press *Train*, and wait until the first batches are done."""
        await self._viewer.first_load(f"train?settings={to_text(LONGEST)}")
        end = time.monotonic() + START_SECONDS
        while not self._viewer.has_button(TRAIN):  # the dataset is being rendered
            assert time.monotonic() < end, f"there is no button: {self._viewer.told.errors}"
            await asyncio.sleep(1)
            await self._viewer.rerun()
        await self._press()
        while not any(pending.state().progress for pending in list_pending(self._store)):
            assert time.monotonic() < end, f"it does not begin: {self._viewer.told.errors}"
            await asyncio.sleep(0.2)
        self._going_on = asyncio.create_task(self._go_on())

    async def end(self) -> int:
        """Leave. Returns how many epochs were trained."""
        assert self._going_on
        self._going_on.cancel()
        await self._viewer.close()
        under_way = [pending.state().progress for pending in list_pending(self._store)]
        done = [run for run in self._store.list() if run.id in self._begun]
        return sum(p.epoch for p in under_way if p) + len(done) * LONGEST.epochs

    async def _go_on(self) -> None:
        while True:
            await asyncio.sleep(1)
            if not any(pending.id in self._begun for pending in list_pending(self._store)):
                await self._press()

    async def _press(self) -> None:
        await self._viewer.press(TRAIN)
        self._begun += [pending.id for pending in list_pending(self._store)]


async def sessions(place: Place) -> Figures:
    """Memory of the web process over sessions one after another: open, look at two pages, close.

    Streamlit keeps some of those that are closed for a while, for browsers that come back: the
    warm-up fills that place.
    """
    server = psutil.Process(place.pids[0])
    told, grown = Told(), [_megabytes(server)]
    end = time.monotonic() + MAX_MEMORY_SECONDS
    for n in range(WARM_UP_SESSIONS + SESSIONS):
        viewer = Viewer(place.urls[0], 1_000 + n, told)
        await viewer.first_load(PAGES[n % len(PAGES)].replace("home", ""))
        await viewer.act()
        await viewer.go_to(PAGES[(n + 3) % len(PAGES)])
        await viewer.close()
        if (n + 1 - WARM_UP_SESSIONS) % 50 == 0:
            grown.append(_megabytes(server))
            if time.monotonic() > end:  # the machine is busy
                break
    first = WARM_UP_SESSIONS // 50
    return {
        "mb_every_50_sessions": [round(mb) for mb in grown],
        "sessions_before": WARM_UP_SESSIONS,
        "sessions_after": 50 * (len(grown) - 1 - first),
        "mb_grown": round(grown[-1] - grown[min(first, len(grown) - 1)]),
        "errors": sorted(set(told.errors)),
    }


async def watched(crowd: "Crowd", n: int, seconds: float) -> Figures:
    """So many viewers for so long: seconds of what they do, and errors."""
    await crowd.grow_to(n)
    await asyncio.sleep(SETTLE_SECONDS)
    watch = Watch(crowd.place.pids)
    crowd.told.forget()
    await asyncio.sleep(seconds)
    return {**_summary(crowd.told), **watch.figures()}


async def most(crowd: "Crowd") -> Figures:
    """More and more viewers, until the 95th percentile of their reruns passes a second."""
    found: dict[int, float] = {}
    for n in range(len(crowd) + STEP_VIEWERS, MOST_VIEWERS + 1, STEP_VIEWERS):
        await crowd.grow_to(n)
        await asyncio.sleep(SETTLE_SECONDS)
        crowd.told.forget()
        await asyncio.sleep(STEP_SECONDS)
        found[n] = _percentile(crowd.told.seconds.get("rerun", []), 95)
        if found[n] > PASSED_SECONDS:
            break
    return {"rerun_p95_by_viewers": found, "errors": len(crowd.told.errors)}


@dataclass
class Crowd:
    """Viewers that come, act and go.

    Attributes:
        place: where.
        servers: which of its servers they are spread over.
        told: what they note.
    """

    place: Place
    servers: Sequence[int]
    told: Told = field(default_factory=Told)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _is_over: bool = False

    def __len__(self) -> int:
        return len(self._tasks)

    async def grow_to(self, n: int) -> None:
        """Let more come, one after another."""
        while len(self._tasks) < n:
            self._tasks.append(asyncio.create_task(self._seat(len(self._tasks))))
            await asyncio.sleep(1 / ARRIVALS_PER_SECOND)

    async def leave(self) -> None:
        """Let all go."""
        self._is_over = True  # also for those who are just closing their tab
        for task in self._tasks:
            task.cancel()
        for result in await asyncio.gather(*self._tasks, return_exceptions=True):
            if isinstance(result, Exception):
                raise result
        await asyncio.sleep(1)

    async def _seat(self, number: int) -> None:
        """One place, which one viewer after another takes."""
        url = self.place.urls[self.servers[number % len(self.servers)]]
        turn, stay = 0, FIRST_STAY  # so that they don't all leave at the same time
        while not self._is_over:
            name = 10_000 + 1_000 * turn + number
            page = PAGES[name % len(PAGES)]
            viewer = Viewer(url, name, self.told, self.place.files[page])
            try:
                await self._stay(viewer, page, viewer.random.uniform(*stay) * STAY_SECONDS)
            except OSError as error:
                self.told.errors.append(f"{type(error).__name__} {error}")
            finally:
                with suppress(OSError):
                    await viewer.close()
            turn, stay = turn + 1, LATER_STAY

    async def _stay(self, viewer: Viewer, page: str, seconds: float) -> None:
        end = time.monotonic() + seconds
        await viewer.first_load("" if page == "home" else page)
        while time.monotonic() < end:
            await asyncio.sleep(viewer.random.uniform(0.5, 1.5) * ACTION_SECONDS)
            if viewer.random.random() < PAGE_SHARE:
                await viewer.go_to(viewer.random.choice(PAGES))
            else:
                await viewer.act()


class Watch:
    """How busy the servers, this process and the rest of the machine are from now on.

    Args:
        pids: of the servers.
    """

    def __init__(self, pids: Sequence[int]) -> None:
        self._servers = [psutil.Process(pid) for pid in pids]
        self._began, self._before = time.monotonic(), self._now()

    def _now(self) -> tuple[float, float, float, float]:
        """Processor seconds of the servers, of what they started, of this process, and of all."""
        started = [child for one in self._servers for child in one.children(recursive=True)]
        machine = psutil.cpu_times()
        idle = machine.idle + getattr(machine, "iowait", 0.0)
        return (
            sum(map(_processor_seconds, self._servers)),
            sum(map(_processor_seconds, started)),
            _processor_seconds(psutil.Process()),
            sum(machine[:8]) - idle,
        )

    def figures(self) -> Figures:
        """Cores that each took."""
        passed = time.monotonic() - self._began
        web, work, own, machine = (
            (now - before) / passed for now, before in zip(self._now(), self._before, strict=True)
        )
        return {
            "cores_web": round(web, 2),
            "cores_training": round(work, 2),
            "cores_viewers": round(own, 2),
            "cores_others": round(max(0.0, machine - web - work - own), 2),
            "load": round(os.getloadavg()[0], 2),
        }


def _summary(told: Told) -> Figures:
    found: Figures = {}
    for kind, seconds in sorted(told.seconds.items()):
        found[kind] = {
            "n": len(seconds),
            "median": round(float(np.median(seconds)), 3),
            "p95": _percentile(seconds, 95),
            "most": round(max(seconds), 3),
        }
    found["errors"] = len(told.errors)
    if told.errors:
        found["error_words"] = sorted(set(told.errors))[:5]
    return found


def _percentile(seconds: Sequence[float], share: float) -> float:
    return round(float(np.percentile(seconds, share)), 3) if seconds else float("inf")


def _processor_seconds(process: psutil.Process) -> float:
    try:
        spent = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(spent.user + spent.system)


def _megabytes(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 2**20


if __name__ == "__main__":
    main()
