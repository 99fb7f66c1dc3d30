"""The log of a server stays readable, whatever strangers send.

An error is told in full once a minute for each place where it arises; else whoever sends nonsense
fills the disk with tracebacks.
"""

import logging
import time
from traceback import walk_tb

LOGGERS = (
    "streamlit.error_util",
    "streamlit.components.v2.bidi_component.serialization",
    "streamlit.web.server.starlette.starlette_websocket",
    "uvicorn.error",
    "asyncio",
)
"""Those that tell of what a visitor has sent, with a traceback."""

SILENT_SECONDS = 60.0


class OncePerMinute(logging.Filter):
    """Lets the first error of a place pass, and the next one a minute later, which tells how many
    there were."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[tuple[str, str, int], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is written; one without a traceback always is."""
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return True
        frames = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
        place = (type(error).__name__, *(frames[-1] if frames else ("", 0)))
        when, left_out = self._seen.get(place, (-SILENT_SECONDS, 0))
        now = time.monotonic()
        if now - when < SILENT_SECONDS:
            self._seen[place] = when, left_out + 1
            return False
        self._seen[place] = now, 0
        if left_out:
            record.msg = f"{record.msg} (and {left_out} more times)"
        return True


def limit_log() -> None:
    """Limit what is written of the errors that visitors cause."""
    for name in LOGGERS:
        logging.getLogger(name).addFilter(OncePerMinute())
