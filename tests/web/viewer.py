"""A browser's tab, as far as a server can tell: what it asks for, what it says, and when.

It loads the files of a first visit over six connections, opens the websocket, keeps the values of
widgets and the messages that a browser keeps, and asks again for each fragment that looks by
itself, as often as the server told it to (`AutoRerun`), whether the last answer has come or not.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets import ConnectionClosed, Origin, Subprotocol
from websockets.asyncio.client import ClientConnection, connect

from tests.web.widgets import changed, is_changeable, usual_state

CONNECTIONS = 6
"""A browser's, to one server."""

PATIENCE_SECONDS = 60.0
"""An answer that takes longer is counted as an error."""


@dataclass
class Told:
    """What a number of viewers noted.

    Attributes:
        seconds: by kind (`first load`, `page`, `rerun`, `fragment`), each time that it took.
        errors: in words.
    """

    seconds: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def forget(self) -> None:
        """Begin anew with the times; errors stay."""
        self.seconds.clear()

    def note(self, kind: str, seconds: float) -> None:
        """One more."""
        self.seconds.setdefault(kind, []).append(seconds)


@dataclass(frozen=True)
class Response:
    """What came back.

    Attributes:
        status: of HTTP.
        cookies: that are set, value by name.
        body: of it.
    """

    status: int
    cookies: dict[str, str]
    body: bytes


class Viewer:
    """One tab.

    Args:
        url: of the server.
        number: of the viewer, which makes its network address and its choices.
        told: what it notes.
        files: paths that a first visit asks for before the page's script can run.
        local: whether it is on the server's own machine, and may start work; else it comes from a
            network address of its own by a proxy, and may look and predict.
    """

    def __init__(
        self,
        url: str,
        number: int,
        told: Told,
        files: Sequence[str] = (),
        local: bool = False,
    ) -> None:
        self.url, self.told, self._files = url, told, files
        self.random = random.Random(number)
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        self._from = {} if local else {"X-Forwarded-For": address}
        self._cookies: dict[str, str] = {}
        self._socket: ClientConnection | None = None
        self._listening: asyncio.Task[None] | None = None
        self._looking: dict[str, tuple[float, asyncio.Task[None]]] = {}
        self._full_run: asyncio.Future[None] | None = None
        self._full_run_has_begun = False
        self._fragment_runs: dict[str, asyncio.Future[None]] = {}
        self._cached: dict[str, None] = {}
        self._query, self._page, self._name, self.session = "", "", "", ""
        self.pages: dict[str, str] = {}
        self.states: dict[str, WidgetState] = {}
        self.elements: dict[str, Delta] = {}

    async def first_load(self, page: str = "") -> float:
        """Open a page with an empty cache. Returns the seconds until its script has ended and all
        files are there.

        Args:
            page: its name in the address, perhaps with a query; empty: the first one.
        """
        began = time.perf_counter()
        path = f"/{page}"
        await self._ask_all([path])
        await self._ask_all(self._files)
        await self._ask_all(["/_stcore/health", "/_stcore/host-config"])
        self._name, _, self._query = page.partition("?")
        await self._connect()
        await self._run()
        seconds = time.perf_counter() - began
        self.told.note("first load", seconds)
        return seconds

    async def go_to(self, page: str) -> float:
        """Click another page in the navigation."""
        self._stop_looking()
        self.states.clear()
        self._query, self._page = "", self.pages["" if page == "home" else page]
        return await self._timed("page", self._run())

    async def rerun(self) -> float:
        """Run the page again as it is, as the key R does."""
        return await self._timed("rerun", self._run())

    async def act(self) -> float:
        """Change a widget that does no more than show something else."""
        names = [name for name, delta in self.elements.items() if is_changeable(delta)]
        if not names:
            return await self.rerun()
        name = self.random.choice(sorted(names))
        delta = self.elements[name]
        self.states[name] = changed(delta, self.states[name], self.random)
        return await self._timed("rerun", self._run(delta.fragment_id))

    def has_button(self, label: str) -> bool:
        """Whether there is a button with these words, which can be pressed."""
        return any(self._is_button(delta, label) for delta in self.elements.values())

    async def press(self, label: str) -> float:
        """Press a button by its words."""
        name, delta = next(
            (name, delta) for name, delta in self.elements.items() if self._is_button(delta, label)
        )
        self.states[name] = WidgetState(id=name, trigger_value=True)
        running = asyncio.create_task(self._run(delta.fragment_id))
        await asyncio.sleep(0)  # it is said, and a press is over at once
        del self.states[name]
        return await self._timed("rerun", running)

    def _is_button(self, delta: Delta, label: str) -> bool:
        button = delta.new_element.button
        is_one = delta.new_element.WhichOneof("type") == "button"
        return is_one and button.label == label and not button.disabled

    async def close(self) -> None:
        """Close the tab."""
        self._stop_looking()
        if self._listening:
            self._listening.cancel()
            await asyncio.wait([self._listening])  # whoever cancels this ends it all the same
        if self._socket:
            await self._socket.close()

    async def _timed(self, kind: str, running: Awaitable[None]) -> float:
        began = time.perf_counter()
        await running
        seconds = time.perf_counter() - began
        self.told.note(kind, seconds)
        return seconds

    async def ask(
        self, path: str, method: str = "GET", body: bytes = b"", **headers: str
    ) -> Response:
        """Ask for one thing, over a connection of its own."""
        host = urlsplit(self.url)
        reader, writer = await asyncio.open_connection(host.hostname, host.port)
        try:
            return await self._exchange(reader, writer, path, method, body, headers)
        finally:
            writer.close()

    async def _ask_all(self, paths: Sequence[str]) -> None:
        """Ask for files over as many connections as a browser has."""
        left = list(reversed(paths))
        host = urlsplit(self.url)

        async def one_connection() -> None:
            reader, writer = await asyncio.open_connection(host.hostname, host.port)
            while left:
                path = left.pop()
                answer = await self._exchange(reader, writer, path, "GET", b"", {})
                self._cookies |= answer.cookies
                if answer.status != 200:
                    self.told.errors.append(f"{path.partition('?')[0]}: {answer.status}")
            writer.close()

        await asyncio.gather(*(one_connection() for _ in range(min(CONNECTIONS, len(paths)))))

    async def _exchange(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        path: str,
        method: str,
        body: bytes,
        headers: dict[str, str],
    ) -> Response:
        sent = {
            "Host": urlsplit(self.url).netloc,
            "Accept": "text/html,*/*",
            "Accept-Encoding": "gzip",
            **self._from,
            "Cookie": self._cookie(),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        if body:
            sent["Content-Length"] = str(len(body))
        head = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        writer.write(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
        status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
        fields = [line.partition(":") for line in lines if line]
        n_bytes, cookies = 0, SimpleCookie()
        for name, _, value in fields:
            if name.lower() == "content-length":
                n_bytes = int(value)
            elif name.lower() == "set-cookie":
                cookies.load(value)
        content = await reader.readexactly(n_bytes)
        return Response(int(status.split()[1]), {k: v.value for k, v in cookies.items()}, content)

    def _cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    @property
    def token(self) -> str:
        """Of Streamlit, against requests that other pages forge."""
        return self._cookies["_streamlit_xsrf"]

    async def _connect(self) -> None:
        self._socket = await connect(
            f"ws://{urlsplit(self.url).netloc}/_stcore/stream",
            origin=Origin(self.url),
            subprotocols=[Subprotocol("streamlit"), Subprotocol("PLACEHOLDER_AUTH_TOKEN")],
            additional_headers={"Cookie": self._cookie(), **self._from},
            max_size=None,
            open_timeout=PATIENCE_SECONDS,
            proxy=None,
        )
        self._listening = asyncio.create_task(self._listen(self._socket))

    async def _run(self, fragment: str = "") -> None:
        """Ask for a run, and wait for its end."""
        ended = asyncio.get_running_loop().create_future()
        if fragment:
            self._fragment_runs[fragment] = ended
        else:
            self._full_run, self._full_run_has_begun = ended, False
        await self._say(fragment)
        try:
            await asyncio.wait_for(ended, PATIENCE_SECONDS)
        except TimeoutError:
            self.told.errors.append("a run took too long")

    async def _say(self, fragment: str = "", by_itself: bool = False) -> None:
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.page_script_hash = self._query, self._page
        asked.page_name = self._name if not self._page else ""
        asked.fragment_id, asked.is_auto_rerun = fragment, by_itself
        asked.widget_states.widgets.extend(self.states.values())
        asked.cached_message_hashes.extend(self._cached)
        context = asked.context_info
        context.timezone, context.locale, context.color_scheme = "UTC", "en-US", "light"
        context.url = f"{self.url}/{self._name}"
        await self.send(message)

    async def send(self, message: BackMsg) -> None:
        """Say something over the websocket."""
        assert self._socket
        await self._socket.send(message.SerializeToString())

    async def _listen(self, socket: ClientConnection) -> None:
        message = ForwardMsg()
        try:
            async for content in socket:
                assert isinstance(content, bytes)
                message.ParseFromString(content)
                self._hear(message)
        except ConnectionClosed:
            pass
        self.told.errors.append(f"the server closed a websocket ({socket.close_code})")
        for waits in (self._full_run, *self._fragment_runs.values()):
            if waits and not waits.done():
                waits.set_result(None)

    def _hear(self, message: ForwardMsg) -> None:
        if message.metadata.cacheable:
            self._cached[message.hash] = None
        kind = message.WhichOneof("type")
        hears: Callable[[ForwardMsg], None] | None = getattr(self, f"_hear_{kind}", None)
        if hears:
            hears(message)

    def _hear_new_session(self, message: ForwardMsg) -> None:
        told = message.new_session
        self.session, self._page = told.initialize.session_id, told.page_script_hash
        if not message.metadata.run.fragment_ids:
            self._full_run_has_begun = True
            self._stop_looking()
            self.elements.clear()
        elif self._full_run and self._full_run_has_begun:
            # The page has been drawn: Streamlit does not say so where a fragment is asked for
            # between the end of its thread and the word of it (streamlit/streamlit#9921).
            waits, self._full_run = self._full_run, None
            if not waits.done():
                waits.set_result(None)

    def _hear_navigation(self, message: ForwardMsg) -> None:
        self._page, pages = message.navigation.page_script_hash, message.navigation.app_pages
        self.pages = {"" if p.is_default else p.url_pathname: p.page_script_hash for p in pages}

    def _hear_page_info_changed(self, message: ForwardMsg) -> None:
        self._query = message.page_info_changed.query_string

    def _hear_delta(self, message: ForwardMsg) -> None:
        delta = message.delta
        element = delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.told.errors.append(f"exception: {element.exception.message[:200]}")
        elif kind == "alert" and element.alert.format == element.alert.ERROR:
            self.told.errors.append(f"error: {element.alert.body[:200]}")
        state = usual_state(element)
        if state:
            kept = Delta()
            kept.CopyFrom(delta)
            self.elements[state.id] = kept
            if kind != "button" and (state.id not in self.states or _is_set(element)):
                self.states[state.id] = state

    def _hear_auto_rerun(self, message: ForwardMsg) -> None:
        name, seconds = message.auto_rerun.fragment_id, message.auto_rerun.interval
        if name in self._looking:
            before, task = self._looking[name]
            if before == seconds:
                return
            task.cancel()
        self._looking[name] = (seconds, asyncio.create_task(self._look(name, seconds)))

    def _hear_stop_auto_rerun(self, message: ForwardMsg) -> None:
        for name in message.stop_auto_rerun.fragment_ids:
            if name in self._looking:
                self._looking.pop(name)[1].cancel()

    def _hear_script_finished(self, message: ForwardMsg) -> None:
        if message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            return
        fragments = message.metadata.run.fragment_ids
        waiting = [self._fragment_runs.pop(name, None) for name in fragments]
        if not fragments:  # whatever was asked of a fragment is answered with the page
            waiting, self._full_run = [self._full_run, *self._fragment_runs.values()], None
            self._fragment_runs.clear()
            self.states = {name: s for name, s in self.states.items() if name in self.elements}
        for waits in waiting:
            if waits and not waits.done():
                waits.set_result(None)

    async def _look(self, fragment: str, seconds: float) -> None:
        """Ask for a fragment every so often, as a browser's timer does."""
        while True:
            await asyncio.sleep(seconds)
            if fragment not in self._fragment_runs:
                ended = asyncio.get_running_loop().create_future()
                ended.add_done_callback(partial(self._note_look, time.perf_counter()))
                self._fragment_runs[fragment] = ended
            with suppress(ConnectionClosed):
                await self._say(fragment, by_itself=True)

    def _note_look(self, began: float, _: asyncio.Future[None]) -> None:
        self.told.note("fragment", time.perf_counter() - began)

    def _stop_looking(self) -> None:
        for _, task in self._looking.values():
            task.cancel()
        self._looking.clear()


def _is_set(element: object) -> bool:
    """Whether the server sets the value of a widget itself."""
    kind = element.WhichOneof("type")  # type: ignore[attr-defined]
    return bool(getattr(getattr(element, kind), "set_value", False))
