"""What a request asks for, and what an app would answer, for whoever changes it or keeps it."""

import asyncio

from starlette.types import ASGIApp, Message, Scope
from streamlit import config


async def answer_of(app: ASGIApp, scope: Scope) -> tuple[Message, bytes]:
    """The start of an app's answer, and all of its body, also if whoever asks leaves meanwhile: it
    may be kept for others.

    Args:
        app: that answers.
        scope: of the request, which has no body.
    """

    async def receive_nothing() -> Message:
        await asyncio.Event().wait()  # an app that hears of a departure ends its answer where it is
        raise AssertionError

    starts: list[Message] = []
    body = bytearray()

    async def keep(message: Message) -> None:
        if message["type"] == "http.response.start":
            starts.append(message)
        elif message["type"] == "http.response.body":
            body.extend(message.get("body", b""))

    await app(scope, receive_nothing, keep)
    return starts[0], bytes(body)


def below_base(path: str) -> str | None:
    """A path without that of the app, and without slashes around it; None if it is not below."""
    base = str(config.get_option("server.baseUrlPath")).strip("/")
    inner = path.strip("/")
    if path.startswith("//") or (inner and path.endswith("/")):  # refused, or led elsewhere
        return None
    if not base:
        return inner
    if inner == base:
        return ""
    return inner.removeprefix(f"{base}/") if inner.startswith(f"{base}/") else None
