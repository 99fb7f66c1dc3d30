"""The files of visitors that pages go on showing: in memory, and counted with their uploads.

Streamlit's session state would hold them, uncounted, for minutes after the visitor has left.
"""

import threading
from dataclasses import dataclass


@dataclass(frozen=True)
class Amount:
    """How much is held.

    Attributes:
        files: how many.
        n_bytes: of all of them.
    """

    files: int = 0
    n_bytes: int = 0


class KeptFiles:
    """Contents by session and id. May be shared by threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._contents: dict[str, dict[str, bytes]] = {}

    def keep(self, session: str, file_id: str, content: bytes) -> None:
        """Hold a file, instead of one with the same id.

        Args:
            session: id of the page that shows it.
            file_id: any text.
            content: of the file.
        """
        with self._lock:
            self._contents.setdefault(session, {})[file_id] = content

    def content(self, session: str, file_id: str) -> bytes | None:
        """The content of a file; None if it is not held (any more)."""
        with self._lock:
            return self._contents.get(session, {}).get(file_id)

    def drop(self, session: str, file_id: str) -> None:
        """Hold a file no longer, if it is."""
        with self._lock:
            if (files := self._contents.get(session)) and files.pop(file_id, None) and not files:
                del self._contents[session]

    def drop_session(self, session: str) -> None:
        """Hold nothing of a page any more."""
        with self._lock:
            self._contents.pop(session, None)

    def sessions(self) -> list[str]:
        """Ids of the pages of which something is held."""
        with self._lock:
            return list(self._contents)

    def amount(self, session: str | None = None) -> Amount:
        """What is held of one page, or of all."""
        with self._lock:
            pages = self._contents.values() if session is None else [self._contents.get(session)]
            sizes = [len(content) for page in pages if page for content in page.values()]
        return Amount(len(sizes), sum(sizes))


KEPT = KeptFiles()
"""Those of this server."""
