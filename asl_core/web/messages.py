"""What a visitor may say over the websocket."""

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from asl_core.settings import MAX_SESSION_FILES
from asl_core.web.rates import TokenBucket

MESSAGES_PER_SECOND = 30.0
"""Of one websocket; a slider that is dragged sends about ten. What comes faster waits."""

MESSAGES_AT_ONCE = 300.0

SPOKEN = frozenset({"rerun_script", "stop_script", "file_urls_request", "app_heartbeat"})
"""Kinds of messages that the app needs. Others empty the caches of all visitors, write settings,
ask for the version of the code, or end the server."""

OPERATIONS = frozenset({"deferred_file", "dataframe_chunk"})
"""Operations that the app needs. Others write files to the server's disk."""

MAX_STATE_LETTERS = 65_536
"""Of what a component of a page keeps, as JSON: a session holds it as objects of Python, which take
25 times the memory, until it ends."""

MAX_TRIGGER_PARTS = 5_000
"""Of what a component tells once, as JSON: 100 frames of a camera are some 200 parts."""

MAX_RERUN_BYTES = 256 * 2**10
"""Of what a rerun asks for besides the values of widgets: an address, and what the browser has."""

DOWNLOAD_COST = 30
"""Messages that a file made to be downloaded counts for: ten at once, then one a second."""

WIDGET = "$$"
"""What Streamlit's names of widgets begin with; another one ends in a traceback in the log."""

_UNREADABLE = 1002
"""A protocol error, as websockets number it."""


class MessageFilter:
    """Drops what a visitor has no business to say, and slows down who says too much.

    Args:
        app: what gets the rest.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a websocket on; other requests as they are."""
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        bucket = TokenBucket(MESSAGES_PER_SECOND, MESSAGES_AT_ONCE)

        async def receive_less() -> Message:
            while True:
                message = await receive()
                if message["type"] != "websocket.receive":
                    return message
                told = _read(message.get("bytes"))
                await bucket.wait_for(_cost(told))
                if told is None:
                    await send({"type": "websocket.close", "code": _UNREADABLE})
                    return {"type": "websocket.disconnect", "code": _UNREADABLE}
                if _passes(told):
                    return message

        await self.app(scope, receive_less, send)


def _read(content: bytes | None) -> BackMsg | None:
    """A message; None if it is none."""
    if content is None:  # Streamlit speaks in bytes only
        return None
    told = BackMsg()
    try:
        told.ParseFromString(content)
    except DecodeError:
        return None
    return told


def _cost(told: BackMsg | None) -> int:
    operation = told.backend_operation_request.WhichOneof("payload") if told else None
    return DOWNLOAD_COST if operation == "deferred_file" else 1


def _passes(told: BackMsg) -> bool:
    """Whether a message may pass."""
    kind = told.WhichOneof("type")
    if kind == "backend_operation_request":
        return told.backend_operation_request.WhichOneof("payload") in OPERATIONS
    if kind == "file_urls_request":
        return len(told.file_urls_request.file_names) <= MAX_SESSION_FILES
    if kind == "rerun_script":
        states = told.rerun_script.widget_states
        if told.rerun_script.ByteSize() - states.ByteSize() > MAX_RERUN_BYTES:
            return False
        if not all(map(_is_modest, states.widgets)):
            return False
    return kind in SPOKEN


def _is_modest(state: WidgetState) -> bool:
    """Whether the value of a widget has a name that can be one, and takes no more memory than it
    needs to."""
    if not state.id.startswith(WIDGET) or len(state.json_value) > MAX_STATE_LETTERS:
        return False
    return sum(map(state.json_trigger_value.count, ",[{")) <= MAX_TRIGGER_PARTS
