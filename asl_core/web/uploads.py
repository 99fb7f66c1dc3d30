"""How much visitors may upload: bytes and files, of one session and of all.

Streamlit keeps uploads in memory, takes them for any id, whether a widget asked for it or not, and
bounds one file, not their number.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from asl_core.settings import MAX_FILES_IN_ALL, MAX_SESSION_BYTES, MAX_SESSION_FILES
from asl_core.web.kept_files import KEPT, Amount
from asl_core.web.rates import network_of
from asl_core.web.refuse import refuse

ENDPOINT = "/_stcore/upload_file/"

_NOT_FOUND = 404
_TOO_LARGE = 413

NO_SESSION = "No open page of the app asks for this file. Load the page again."
SESSION_IS_FULL = (
    "You have uploaded as much as one page may hold. Remove some files, or load it again."
)
NETWORK_SHARE = 0.5
"""Of the room for all, what visitors from one network address may take."""

NETWORK_IS_FULL = (
    "Visitors from your network have uploaded as much as the server holds of one. Try again later."
)
SERVER_IS_FULL = "Other visitors have uploaded as much as the server holds. Try again later."


@dataclass
class _Count:
    files: int = 0
    n_bytes: int = 0


class UploadQuota:
    """Refuses uploads to sessions that are not there, and beyond what one or all may hold.

    Bytes are counted as they come: what a request says of its length is not believed.

    Args:
        app: what takes the others.
        max_bytes: of the files that the server holds in all.
    """

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self.app = app
        self._max_bytes = max_bytes
        self._coming: dict[str, _Count] = {}
        self._networks: dict[str, str] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take an upload, or refuse it; pass other requests on."""
        _, is_upload, rest = scope.get("path", "").partition(ENDPOINT)
        if scope["type"] != "http" or scope["method"] != "PUT" or not is_upload:
            await self.app(scope, receive, send)
            return
        session = rest.partition("/")[0]
        if not runtime.get_instance().is_active_session(session):
            await refuse(scope, receive, send, _NOT_FOUND, NO_SESSION)
            return
        self._note_network(session, network_of(scope))
        with self._one_more(session) as coming:
            if reason := self._full(session):
                await refuse(scope, receive, send, _TOO_LARGE, reason)
                return

            async def receive_counted() -> Message:
                message = await receive()
                coming(len(message.get("body", b"")))
                if reason := self._full(session):
                    raise HTTPException(_TOO_LARGE, reason)  # within Streamlit's own handler
                return message

            await self.app(scope, receive_counted, send)

    @contextmanager
    def _one_more(self, session: str) -> "Iterator[_Coming]":
        """Count a file while it comes in."""
        count = self._coming.setdefault(session, _Count())
        coming = _Coming(count)
        try:
            yield coming
        finally:
            coming.end()
            if not count.files:
                self._coming.pop(session, None)

    def _full(self, session: str) -> str:
        """Why no more may come; empty if more may."""
        there, coming = held(session), self._coming[session]
        if (
            there.files + coming.files > MAX_SESSION_FILES
            or there.n_bytes + coming.n_bytes > MAX_SESSION_BYTES
        ):
            return SESSION_IS_FULL
        network = [each for each, of in self._networks.items() if of == self._networks[session]]
        for reason, share, sessions in (
            (SERVER_IS_FULL, 1.0, None),
            (NETWORK_IS_FULL, NETWORK_SHARE, network),
        ):
            if self._exceed(share, sessions):
                _forget_those_who_left()
                if self._exceed(share, sessions):
                    return reason
        return ""

    def _exceed(self, share: float, sessions: Sequence[str] | None) -> bool:
        """Whether some sessions, or all, take more than a share of the server's room."""
        there = [held()] if sessions is None else [held(each) for each in sessions]
        coming = [
            count for each, count in self._coming.items() if sessions is None or each in sessions
        ]
        counts: list[Amount | _Count] = [*there, *coming]
        return (
            sum(count.files for count in counts) > share * MAX_FILES_IN_ALL
            or sum(count.n_bytes for count in counts) > share * self._max_bytes
        )

    def _note_network(self, session: str, network: str) -> None:
        """Remember where a session is, and forget those of which nothing is here."""
        here = {each for each in self._networks if each in self._coming or held(each).files}
        self._networks = {each: self._networks[each] for each in here} | {session: network}


class _Coming:
    """One file that comes in: called with the bytes of each part."""

    def __init__(self, count: _Count) -> None:
        self._count, self._n_bytes = count, 0
        count.files += 1

    def __call__(self, n_bytes: int) -> None:
        self._n_bytes += n_bytes
        self._count.n_bytes += n_bytes

    def end(self) -> None:
        """It is there, or was refused."""
        self._count.files -= 1
        self._count.n_bytes -= self._n_bytes


def _manager() -> MemoryUploadedFileManager:
    manager = runtime.get_instance().uploaded_file_mgr
    assert isinstance(manager, MemoryUploadedFileManager)
    return manager


def held(session: str | None = None) -> Amount:
    """What Streamlit and the pages hold of one session, or of all."""
    storage, kept = _manager().file_storage, KEPT.amount(session)
    sessions = list(storage.values()) if session is None else [storage.get(session, {})]
    files = [file for one in sessions for file in list(one.values())]
    n_bytes = sum(len(file.data) for file in files)
    return Amount(len(files) + kept.files, n_bytes + kept.n_bytes)


def _forget_those_who_left() -> None:
    """Drop files whose page has no connection, also if it may come back."""
    for session in {*_manager().file_storage, *KEPT.sessions()}:
        if not runtime.get_instance().is_active_session(session):
            _manager().remove_session_files(session)
            KEPT.drop_session(session)
