"""Nothing that is sent waits for more: Streamlit binds its socket without naming its protocol, and
asyncio then leaves Nagle's algorithm on. With it the end of each run of a page reached the browser
40 ms late, when that acknowledged what came before."""

import os
import socket
import stat
from contextlib import suppress

MAX_DESCRIPTORS = 256
"""The socket that listens is among the first that a process opens."""


def send_at_once() -> None:
    """Have connections that this process accepts from now on send at once. They take after the
    socket that listens; where they don't (Windows), or it can't be found, nothing changes."""
    if os.name != "posix":
        return
    for number in range(MAX_DESCRIPTORS):
        with suppress(OSError):  # nothing is open there
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                _send_at_once(number)


def _send_at_once(number: int) -> None:
    with socket.socket(fileno=os.dup(number)) as found:
        internet = found.family in (socket.AF_INET, socket.AF_INET6)
        if internet and found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
