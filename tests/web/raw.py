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
    url: str,
    path: str,
    host: str | None = None,
    method: str = "GET",
    body: bytes | Iterator[bytes] | None = None,
    **headers: str,
) -> Answer:
    """Send one request.

    Args:
        url: of the server.
        path: what is asked for.
        host: for the header; None: the server's own.
        method: of HTTP.
        body: what is sent; parts are sent without telling how long they are in all.
        headers: more of them.
    """
    address = urlsplit(url).netloc
    connection = http.client.HTTPConnection(address, timeout=SECONDS)
    try:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, {"Host": host or address, **sent})
        got = connection.getresponse()
        told = {name.lower(): value for name, value in got.getheaders()}
        return Answer(got.status, told, got.read().decode(errors="replace"))
    finally:
        connection.close()


@contextmanager
def websocket(
    url: str, host: str | None = None, origin: str | None = None, cookie: str = "", **headers: str
) -> Iterator[ClientConnection]:
    """A websocket of the app, open, over which nothing has been said yet.

    Args:
        url: of the server.
        host: that is asked for; None: the server's own.
        origin: of the page that asks; None: one of the server itself.
        cookie: header of the browser; empty: none.
        **headers: more of them.
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
        additional_headers={
            **({"Cookie": cookie} if cookie else {}),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        },
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


def hear(opened: ClientConnection) -> ForwardMsg:
    """The next message."""
    content = opened.recv(timeout=SECONDS)
    assert isinstance(content, bytes)
    message = ForwardMsg()
    message.ParseFromString(content)
    return message


def hear_until(opened: ClientConnection, kind: str) -> ForwardMsg:
    """The next message of a kind, such as `script_finished`."""
    while (message := hear(opened)).WhichOneof("type") != kind:
        pass
    return message


def as_json(answer: Answer) -> dict[str, object]:
    """The body, which is JSON."""
    found: dict[str, object] = json.loads(answer.text)
    return found


@dataclass(frozen=True)
class Visitor:
    """A page that is open, and may upload.

    Attributes:
        url: of the server.
        session: its id.
        token: which the server gave against requests that other pages forge.
        address: that a proxy says it comes from; empty: there is no proxy.
    """

    url: str
    session: str
    token: str
    address: str = ""

    def upload(self, file: str, n_bytes: int, in_parts: bool = False) -> Answer:
        """Send a file.

        Args:
            file: id of it.
            n_bytes: of zeros.
            in_parts: as a stream, of which no length is told.
        """
        head = (
            b'--edge\r\nContent-Disposition: form-data; name="f"; filename="hand.jpg"\r\n'
            b"Content-Type: image/jpeg\r\n\r\n"
        )
        body = head + bytes(n_bytes) + b"\r\n--edge--\r\n"
        parts = (body[i : i + 2**16] for i in range(0, len(body), 2**16))
        return ask(
            self.url,
            f"/_stcore/upload_file/{self.session}/{file}",
            method="PUT",
            body=parts if in_parts else body,
            Content_Type="multipart/form-data; boundary=edge",
            X_Xsrftoken=self.token,
            **forwarded(self.address),
            Cookie=f"_streamlit_xsrf={self.token}",
        )


def forwarded(address: str) -> dict[str, str]:
    """The header of a proxy about whom it asks for; none for nobody."""
    return {"X_Forwarded_For": address} if address else {}


@contextmanager
def visitor(url: str, address: str = "") -> Iterator[Visitor]:
    """A page of a server, open as long as this lasts.

    Args:
        url: of the server.
        address: that a proxy says it comes from; empty: there is no proxy.
    """
    cookie = ask(url, "/_stcore/health", None, "GET", None, **forwarded(address)).headers[
        "set-cookie"
    ]
    token = cookie.split("_streamlit_xsrf=")[1].split(";")[0]
    with websocket(url, **forwarded(address)) as opened:
        rerun(opened)
        told = hear_until(opened, "new_session").new_session
        yield Visitor(url, told.initialize.session_id, token, address)
