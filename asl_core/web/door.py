"""All that stands between the network and Streamlit, in the order in which a request meets it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import cli_util, config
from streamlit.runtime.secrets import secrets_singleton
from streamlit.starlette import App
from streamlit.web.server import server_util

from asl_core.errors import SettingsError
from asl_core.permissions import ask_by
from asl_core.private import keep_private
from asl_core.settings import Settings, settings
from asl_core.web.departed import forget_departed
from asl_core.web.failed_sign_in import FailedSignIn
from asl_core.web.headers import SecurityHeaders, security_headers
from asl_core.web.hosts import KnownHosts
from asl_core.web.link_preview import LinkPreview
from asl_core.web.local import MarkLocal
from asl_core.web.log_limit import limit_log
from asl_core.web.messages import MessageFilter
from asl_core.web.promptness import send_at_once
from asl_core.web.public_mode import SafeForStrangers, check_public, unsafe_settings
from asl_core.web.rates import RequestLimit
from asl_core.web.refuse import refuse
from asl_core.web.signed_out import SignOut
from asl_core.web.static_files import StaticFiles
from asl_core.web.tidying import tidy_runs
from asl_core.web.uploads import UploadQuota
from asl_core.web.visitor import find_requester
from asl_core.web.visitor_cookie import VisitorCookie

CLOSED = ("/_stcore/metrics", "/_stcore/agent/")
"""Ends, or beginnings, of Streamlit's paths that are nobody's business: figures of its memory and
sessions, and the interface for programs, which would go around what a page checks."""

_NOT_FOUND = 404
_BROKEN = 500


def middleware() -> list[Middleware]:
    """What `streamlit.App` is to put before Streamlit's own, the outermost first."""
    told = _settings()
    hide_error_details()
    check_public(told)
    ask_by(find_requester)
    limit_log()
    return [
        Middleware(SecurityHeaders, headers=security_headers(told.frame_origins)),
        Middleware(KnownHosts, names=told.own_hosts),
        Middleware(SafeForStrangers, is_unsafe=told.public is None and bool(unsafe_settings(told))),
        Middleware(MarkLocal, is_shared=bool(told.own_hosts or told.public_url)),
        Middleware(RequestLimit, per_second=told.requests_per_second),
        Middleware(ClosedPaths),
        Middleware(UploadQuota, max_bytes=int(told.uploads_max_gb * 10**9)),
        Middleware(MessageFilter),
        Middleware(VisitorCookie, runs_dir=told.runs_dir),
        Middleware(SignOut, runs_dir=told.runs_dir),
        Middleware(FailedSignIn),
        Middleware(LinkPreview, public_url=told.public_url.rstrip("/")),
        Middleware(StaticFiles),
    ]


def _settings() -> Settings:
    """The settings; the strict ones if one can't be used, which is all that a page then shows.

    Streamlit's secrets are read before: it puts those at their root into the environment, where a
    cloud has no other way to set a variable, but later than this module is loaded.
    """
    secrets_singleton.load_if_toml_exists()
    try:
        return settings()
    except SettingsError:
        return Settings.model_construct()


def hide_error_details() -> None:
    """Show a visitor nothing of an error where the option is `false`, which Streamlit's cloud sets
    over what the project says, and which is Streamlit's old word for the whole traceback."""
    option = "client.showErrorDetails"
    if str(config.get_option(option)).lower() == "false":
        config.set_option(option, "none")


class ClosedPaths:
    """Refuses what Streamlit offers to programs, and this app does not.

    Args:
        app: what gets the other requests.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or refuse it."""
        path = scope.get("path", "")
        if scope["type"] == "http" and any(closed in path for closed in CLOSED):
            await refuse(scope, receive, send, _NOT_FOUND, "There is nothing here.")
        else:
            await self.app(scope, receive, send)


async def internal_error(request: Request, error: Exception) -> PlainTextResponse:
    """The answer to a request that failed: a sentence. Starlette logs the error.

    Args:
        request: that failed.
        error: why.
    """
    return PlainTextResponse(
        "This did not work; the reason is in the log of the app.\n",
        _BROKEN,
        security_headers(_settings().frame_origins),
    )


@asynccontextmanager
async def at_start(app: App) -> AsyncIterator[None]:
    """Have answers sent at once, and show the app in the browser of whoever starts it at a desk, as
    Streamlit does of others; drop what visitors leave for as long as it serves.

    Args:
        app: that starts.
    """
    keep_private()
    send_at_once()
    if not config.get_option("server.headless"):
        asyncio.get_running_loop().call_soon(_open_browser)
    looking = [asyncio.create_task(look()) for look in (forget_departed, tidy_runs)]
    yield
    for each in looking:
        each.cancel()


def _open_browser() -> None:
    option = "browser.serverAddress"
    address = config.get_option(option if config.is_manually_set(option) else "server.address")
    shown = server_util.get_display_address(address or "localhost")
    cli_util.open_browser(server_util.get_url(shown))
