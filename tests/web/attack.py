"""Broken images and bombs through the upload endpoint and the page of a real server, while another
visitor looks at other pages."""

import asyncio
import math
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from asl_core.settings import MAX_SESSION_BYTES, MAX_UPLOAD_BYTES
from tests.web.bombs import all_bombs
from tests.web.mutations import mutated
from tests.web.viewer import Told, Viewer

AT_ONCE = 20
"""Images of a drop."""

VISITORS = 2
"""Who drop images, side by side."""

DROPS = 5
"""Of a visitor; then another one comes."""

ACTION_SECONDS = 0.5
"""Between two actions of the visitor who is watched."""

MAX_P95_SECONDS, MAX_GROWTH_MB, MAX_REFUSED_GROWTH_MB = 1.0, 100, 20
"""What is wanted."""

RETURN_SECONDS = 150.0
"""Within which memory is to come back; Streamlit keeps a closed page for 120 s."""

REFUSED = 413

File = tuple[str, bytes]
Figures = dict[str, object]


@dataclass(frozen=True)
class Target:
    """A server.

    Attributes:
        url: of it.
        pid: of its process.
        log: what it prints.
    """

    url: str
    pid: int
    log: Path

    @property
    def megabytes(self) -> float:
        """Resident memory of the web process alone."""
        return float(psutil.Process(self.pid).memory_info().rss) / 2**20

    @property
    def lines(self) -> list[str]:
        """Of its log."""
        return self.log.read_text().splitlines()


async def attack(
    target: Target, n: int, with_quota: bool = True, rounds_before: int = 0
) -> Figures:
    """Drop images and bombs while somebody else looks at pages.

    Args:
        target: the server.
        n: broken images.
        with_quota: whether to upload beyond the quota, too.
        rounds_before: that the one who looks makes before it begins, as they make them afterwards,
            so that what they are the first to open (t-SNE loads scikit-learn) is not taken for
            memory that the images take.
    """
    other = Told()
    await _warm_up(target)
    await _look_around(target, Told(), 0, rounds_before)
    memory, lines = target.megabytes, len(target.lines)
    watched = asyncio.create_task(_look_around(target, other, ACTION_SECONDS, math.inf))
    began = time.monotonic()
    files = [*mutated(n)]
    for number, bomb in enumerate(all_bombs()):  # spread over all
        files.insert((number + 1) * len(files) // 7, bomb)
    drops = [files[i : i + AT_ONCE] for i in range(0, len(files), AT_ONCE)]
    told = await _drop_all(target, drops)
    seconds = time.monotonic() - began
    watched.cancel()
    added = target.lines[lines:]
    actions = other.seconds["page"] + other.seconds["rerun"]
    peak, back = target.megabytes, await _memory_back(target, memory)
    p95 = float(np.percentile(actions, 95))
    figures: Figures = {
        "files": len(files),
        "seconds": round(seconds),
        "actions_of_another_visitor": len(actions),
        "their_p95_seconds": round(p95, 3),
        "their_longest_seconds": round(max(actions), 3),
        "memory_before_mb": round(memory),
        "memory_after_the_last_image_mb": round(peak),
        "memory_in_the_end_mb": round(back),
        "lines_in_the_log": len(added),
        "tracebacks": sum("Traceback" in line for line in added),
        "images_refused_on_the_page": len(told.errors) - len(_failures(told)),
        "errors": sorted(set(_failures(told) + other.errors))[:5],
    }
    fine = p95 <= MAX_P95_SECONDS and back - memory <= MAX_GROWTH_MB and not figures["errors"]
    fine = fine and len(added) <= len(files) and not figures["tracebacks"]
    if with_quota:
        refused = await _fill(target)
        figures |= refused
        fine = fine and float(str(refused["refused_growth_mb"])) <= MAX_REFUSED_GROWTH_MB
    return figures | {"as_wanted": bool(fine)}


def _failures(told: Told) -> list[str]:
    """Errors but for the sentences that the page has for an image that it can't read."""
    return [error for error in told.errors if not error.startswith("error: ")]


async def _warm_up(target: Target) -> None:
    """All pages once, and an image, so that what is loaded late is loaded."""
    visitor = Dropper(target.url, 1, Told())
    await visitor.first_load("predict")
    await visitor.drop([*mutated(3)])
    for page in ("data", "compare", "evaluate", "home"):
        await visitor.go_to(page)
    await visitor.close()


async def _look_around(target: Target, told: Told, pause: float, rounds: float) -> None:
    """Open a page and do three things there, so many times, with seconds in between."""
    visitor = Viewer(target.url, 2, told)
    await visitor.first_load()
    while rounds > 0:
        await visitor.go_to(visitor.random.choice(("home", "data", "compare", "evaluate")))
        await asyncio.sleep(pause)
        for _ in range(3):
            await visitor.act()
            await asyncio.sleep(pause)
        rounds -= 1
    await visitor.close()


async def _drop_all(target: Target, drops: Sequence[Sequence[File]]) -> Told:
    """Some visitors side by side, each of whom drops some, and leaves."""
    told, left = Told(), list(reversed(drops))

    async def drop_some(number: int) -> None:
        while left:
            number += VISITORS
            visitor = Dropper(target.url, number, told)
            await visitor.first_load("predict")
            for _ in range(DROPS):
                if left:
                    await visitor.drop(left.pop())
            await visitor.close()

    await asyncio.gather(*(drop_some(100 + number) for number in range(VISITORS)))
    return told


async def _memory_back(target: Target, before: float) -> float:
    """Megabytes as soon as they are as before, within what is wanted, or when the time is over."""
    end = time.monotonic() + RETURN_SECONDS
    while target.megabytes - before > MAX_GROWTH_MB and time.monotonic() < end:
        await asyncio.sleep(1)
    return target.megabytes


async def _fill(target: Target) -> Figures:
    """Upload until the server refuses, and then as much again."""
    visitor = Dropper(target.url, 3, Told())
    await visitor.first_load("predict")
    size = MAX_UPLOAD_BYTES - 2**16
    most = MAX_SESSION_BYTES // size
    before = target.megabytes
    first = [await visitor.put(uuid.uuid4().hex, "zeros.png", bytes(size)) for _ in range(most)]
    full = target.megabytes
    more = [await visitor.put(uuid.uuid4().hex, "zeros.png", bytes(size)) for _ in range(most)]
    after = target.megabytes
    await visitor.close()
    return {
        "uploads_of_10_mb": len(first) + len(more),
        "uploads_refused": (first + more).count(REFUSED),
        "quota_growth_mb": round(full - before),
        "refused_growth_mb": round(after - full),
    }


class Dropper(Viewer):
    """A tab with *Predict* open, on which images are dropped."""

    async def drop(self, files: Sequence[File]) -> None:
        """Drop images on the page, and wait until it has answered.

        Args:
            files: name and content of each.
        """
        places = await self._places([name for name, _ in files])
        for (name, content), place in zip(files, places, strict=True):
            status = await self.put(place.file_id, name, content)
            if status not in (204, REFUSED):
                self.told.errors.append(f"upload: {status}")
        widget = next(
            name
            for name, delta in self.elements.items()
            if delta.new_element.WhichOneof("type") == "file_uploader"
        )
        state = WidgetState(id=widget)
        for (name, content), place in zip(files, places, strict=True):
            state.file_uploader_state_value.uploaded_file_info.add(
                file_id=place.file_id, name=name, size=len(content), file_urls=place
            )
        self.states[widget] = state
        await self._timed("drop", self._run())

    async def put(self, file_id: str, name: str, content: bytes) -> int:
        """Upload a file. Returns the status of HTTP."""
        head = (
            f'--edge\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        answer = await self.ask(
            f"/_stcore/upload_file/{self.session}/{file_id}",
            "PUT",
            head.encode() + content + b"\r\n--edge--\r\n",
            Content_Type="multipart/form-data; boundary=edge",
            X_Xsrftoken=self.token,
        )
        return answer.status

    async def _places(self, names: Sequence[str]) -> Sequence[FileURLs]:
        self._told_places: asyncio.Future[Sequence[FileURLs]]
        self._told_places = asyncio.get_running_loop().create_future()
        message = BackMsg()
        message.file_urls_request.request_id = uuid.uuid4().hex
        message.file_urls_request.session_id = self.session
        message.file_urls_request.file_names.extend(names)
        await self.send(message)
        return await asyncio.wait_for(self._told_places, 60)

    def _hear_file_urls_response(self, message: ForwardMsg) -> None:
        copy = ForwardMsg()
        copy.CopyFrom(message)
        self._told_places.set_result(list(copy.file_urls_response.file_urls))
