"""Requests and websockets as no browser would send them, to a real server."""

import http.client
import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets import Origin, Subprotocol
from websockets.sync.client import ClientConnection, connect

SECONDS = 30.0
"""How long a test waits for an answer."""


@dataclass(frozen=True)
class Answer:
    """What came back.

    Attributes:
        status: of HTTP.
        headers: by their names in small letters.
        text: the body.
    """

    status: int
    headers: Mapping[str, str]
    text: str


def ask(
    url: str, path: str, host: str | None = None, method: str = "GET", **headers: str
) -> Answer:
    """Send one request.

    Args:
        url: of the server.
        path: what is asked for.
        host: for the header; None: the server's own.
        method: of HTTP.
        headers: more of them.
    """
    address = urlsplit(url).netloc
    connection = http.client.HTTPConnection(address, timeout=SECONDS)
    try:
        connection.request(method, path, headers={"Host": host or address, **headers})
        got = connection.getresponse()
        told = {name.lower(): value for name, value in got.getheaders()}
        return Answer(got.status, told, got.read().decode(errors="replace"))
    finally:
        connection.close()


@contextmanager
def websocket(
    url: str, host: str | None = None, origin: str | None = None
) -> Iterator[ClientConnection]:
    """A websocket of the app, open, over which nothing has been said yet.

    Args:
        url: of the server.
        host: that is asked for; None: the server's own.
        origin: of the page that asks; None: one of the server itself.
    """
    address = urlsplit(url)
    plain = socket.create_connection((address.hostname, address.port), timeout=SECONDS)
    with connect(
        f"ws://{host or address.netloc}/_stcore/stream",
        sock=plain,
        origin=Origin(origin or url),
        subprotocols=[Subprotocol("streamlit")],
        max_size=None,
        open_timeout=SECONDS,
        proxy=None,
    ) as opened:
        yield opened


def rerun(opened: ClientConnection, query: str = "") -> None:
    """Ask for a page, as a browser does first.

    Args:
        opened: the websocket.
        query: of the address.
    """
    message = BackMsg()
    message.rerun_script.query_string = query
    opened.send(message.SerializeToString())


def hear_until(opened: ClientConnection, kind: str) -> ForwardMsg:
    """The next message of a kind, such as `script_finished`."""
    while True:
        message = ForwardMsg()
        message.ParseFromString(opened.recv(timeout=SECONDS))
        if message.WhichOneof("type") == kind:
            return message


def as_json(answer: Answer) -> dict[str, object]:
    """The body, which is JSON."""
    found: dict[str, object] = json.loads(answer.text)
    return found
