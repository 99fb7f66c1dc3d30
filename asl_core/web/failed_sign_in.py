"""Whoever wants to sign in at a provider that does not answer comes back to the app, which says so,
in place of two words on an empty page."""

import logging

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config
from streamlit.url_util import make_url_path
from streamlit.user_info import AUTH_LOGIN_ENDPOINT

_logger = logging.getLogger(__name__)

_REFUSED = 400
"""Status of HTTP, and all above."""


class FailedSignIn:
    """Answers with the way back where Streamlit can't lead to the provider, and logs why.

    Args:
        app: what answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http" or not scope["path"].endswith(AUTH_LOGIN_ENDPOINT):
            await self.app(scope, receive, send)
            return
        has_failed = has_begun = False

        async def send_unless_failed(message: Message) -> None:
            nonlocal has_failed, has_begun
            if message["type"] == "http.response.start" and message["status"] >= _REFUSED:
                has_failed = True
            if not has_failed:
                has_begun = True
                await send(message)

        try:
            await self.app(scope, receive, send_unless_failed)
        except Exception:
            if has_begun:
                raise
            _logger.exception("Signing in failed.")
            has_failed = True
        if has_failed:
            base = str(config.get_option("server.baseUrlPath"))
            await RedirectResponse(make_url_path(base, "/"), 302)(scope, receive, send)
