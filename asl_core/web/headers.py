"""What a browser is told to refuse, with every answer."""

import base64
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def content_security_policy(frame_ancestors: Sequence[str]) -> str:
    """What a page may load, and who may frame it.

    Streamlit and Plotly put styles into elements, images into `data:` addresses, and own components
    into `blob:` ones; nothing comes from another address, and no script from within a page but the
    one of Streamlit's own `index.html`, by its hash.

    Args:
        frame_ancestors: origins whose pages may frame the app, besides its own.
    """
    index = Path(streamlit.__file__).with_name("static") / "index.html"
    scripts = [f"'sha256-{_sha256(code)}'" for code in _INLINE_SCRIPT.findall(index.read_text())]
    rules = {
        "default-src": ["'self'"],
        "script-src": ["'self'", "blob:", "'wasm-unsafe-eval'", *scripts],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'", "data:"],
        "media-src": ["'self'", "data:", "blob:"],
        "connect-src": ["'self'", "data:"],  # st.camera_input fetches what it has taken
        "worker-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'self'", *frame_ancestors],
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in rules.items())


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def security_headers(frame_ancestors: Sequence[str]) -> dict[str, str]:
    """Headers of every answer.

    Args:
        frame_ancestors: as for `content_security_policy`.
    """
    return {
        "Content-Security-Policy": content_security_policy(frame_ancestors),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    }


class SecurityHeaders:
    """Adds headers to every answer.

    A cookie that pages of other sites may send as they frame the app (`server.xsrfCookieSameSite`)
    is kept apart for each of them: browsers take no other ones there.

    Args:
        app: what answers.
        headers: from `security_headers`.
    """

    def __init__(self, app: ASGIApp, headers: dict[str, str]) -> None:
        self.app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add to its answer."""

        async def send_more(message: Message) -> None:
            if message["type"].endswith("http.response.start"):  # also in place of a websocket
                MutableHeaders(scope=message).update(self._headers)
                message["headers"] = [
                    (name, value + b"; Partitioned" if _is_of_a_frame(name, value) else value)
                    for name, value in message["headers"]
                ]
            await send(message)

        await self.app(scope, receive, send_more)


def _is_of_a_frame(name: bytes, value: bytes) -> bool:
    return name.lower() == b"set-cookie" and b"; samesite=none" in value.lower()
