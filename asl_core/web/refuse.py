"""A refusal in one sentence, over HTTP and where a websocket is asked for."""

from collections.abc import Mapping

from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send


async def refuse(
    scope: Scope,
    receive: Receive,
    send: Send,
    status: int,
    sentence: str,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Answer a request, or the asking for a websocket, with a refusal.

    Args:
        scope: of the request.
        receive: its channel.
        send: its channel.
        status: of HTTP, 400 or more.
        sentence: what whoever asks reads. It quotes nothing of the request.
        headers: more for the answer.
    """
    await PlainTextResponse(f"{sentence}\n", status, headers)(scope, receive, send)
