"""What must not be so where strangers come: then the app does not let them in, and says why."""

from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config
from streamlit.auth_util import get_secrets_auth_section

from asl_core.settings import Settings
from asl_core.web.hosts import ANY_HOST
from asl_core.web.local import is_local
from asl_core.web.refuse import refuse

SHORTEST_SECRET = 32
"""Characters of the secret with which Streamlit signs who somebody is."""

_TELLING = ("full", "stacktrace", "true")
"""Values of `client.showErrorDetails` with which a visitor sees the server's code and paths."""

_UNAVAILABLE = 503

NOT_OPEN = (
    "This app is not open to other machines: a setting that protects it is off. Whoever runs it "
    "finds which one in its log."
)


def unsafe_settings(told: Settings) -> tuple[str, ...]:
    """What a public server must not have, each as a sentence that names the setting.

    Args:
        told: from the environment; Streamlit's options and secrets are looked at beside it.
    """
    option: Callable[[str], Any] = config.get_option
    secret = str(get_secrets_auth_section().get("cookie_secret", ""))
    checks = (
        (
            not option("server.enableXsrfProtection"),
            "server.enableXsrfProtection is off: other web pages could upload in a visitor's name. "
            "Switch it on.",
        ),
        (
            not option("server.enableCORS"),
            "server.enableCORS is off: other web pages could read and steer the app. Switch it on.",
        ),
        (
            ANY_HOST in (option("server.corsAllowedOrigins") or ()),
            "server.corsAllowedOrigins has *: any web page could steer the app. Name those that "
            "may.",
        ),
        (
            str(option("client.showErrorDetails")).lower() in _TELLING,
            "client.showErrorDetails shows visitors code and paths of the server. Set it to none.",
        ),
        (
            bool(option("server.trustedUserHeaders")),
            "server.trustedUserHeaders is set: whoever sends such a header would be whom they say. "
            "Take it out; people sign in by OpenID Connect.",
        ),
        (
            ANY_HOST in told.own_hosts,
            "ASL_ALLOWED_HOSTS has *: any website could have its name lead to this server. List "
            "the server's names.",
        ),
        (
            ANY_HOST in told.frame_origins,
            "ASL_FRAME_ANCESTORS has *: any web page could frame the app, and have people press "
            "its buttons unseen. List the pages that may.",
        ),
        (
            0 < len(secret) < SHORTEST_SECRET,
            f"cookie_secret in secrets.toml is shorter than {SHORTEST_SECRET} characters: who is "
            "signed in could be forged. Make one: "
            "python -c 'import secrets; print(secrets.token_hex())'",
        ),
    )
    return tuple(sentence for is_so, sentence in checks if is_so)


def check_public(told: Settings) -> None:
    """Refuse to start a public server (`ASL_PUBLIC=1`) with a setting that is unsafe.

    Raises:
        SystemExit: says which, and the way out.
    """
    if told.public and (wrong := unsafe_settings(told)):
        listed = "".join(f"\n- {sentence}" for sentence in wrong)
        raise SystemExit(
            f"ASL Explorer does not start: with ASL_PUBLIC=1 strangers come, and{listed}\n"
            "Among people whom you trust, ASL_PUBLIC=0 leaves it to you."
        )


class SafeForStrangers:
    """Refuses what comes from other machines while a setting is unsafe, where the app has not been
    told whether it is public.

    Args:
        app: what gets the others.
        is_unsafe: whether one is.
    """

    def __init__(self, app: ASGIApp, is_unsafe: bool) -> None:
        self.app = app
        self._is_unsafe = is_unsafe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or refuse it."""
        if self._is_unsafe and scope["type"] != "lifespan" and not is_local(scope):
            await refuse(scope, receive, send, _UNAVAILABLE, NOT_OPEN)
        else:
            await self.app(scope, receive, send)
