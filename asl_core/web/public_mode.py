"""What must not be so where strangers come: then the app does not let them in, and says why."""

import operator
from collections.abc import Callable, Mapping
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

OPTIONS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "server.enableXsrfProtection": (
        operator.not_,
        "is off: other web pages could upload in a visitor's name. Switch it on.",
    ),
    "server.enableCORS": (
        operator.not_,
        "is off: other web pages could read and steer the app. Switch it on.",
    ),
    "server.corsAllowedOrigins": (
        lambda origins: ANY_HOST in (origins or ()),
        "has *: any web page could steer the app. Name those that may.",
    ),
    "client.showErrorDetails": (
        lambda shown: str(shown).lower() in ("full", "stacktrace", "true"),
        "shows visitors code and paths of the server. Set it to none.",
    ),
    "server.trustedUserHeaders": (
        bool,
        "is set: whoever sends such a header would be whom they say. Take it out; people sign in "
        "by OpenID Connect.",
    ),
}
"""Streamlit's options, when one is unsafe, and what is said of it then."""

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
    wrong = [
        f"{name} {sentence}"
        for name, (is_unsafe, sentence) in OPTIONS.items()
        if is_unsafe(config.get_option(name))
    ]
    if ANY_HOST in told.own_hosts:
        wrong.append(
            "ASL_ALLOWED_HOSTS has *: any website could have its name lead to this server. List "
            "the server's names."
        )
    if ANY_HOST in told.frame_origins:
        wrong.append(
            "ASL_FRAME_ANCESTORS has *: any web page could frame the app, and have people press "
            "its buttons unseen. List the pages that may."
        )
    if 0 < len(str(get_secrets_auth_section().get("cookie_secret", ""))) < SHORTEST_SECRET:
        wrong.append(
            f"cookie_secret in secrets.toml is shorter than {SHORTEST_SECRET} characters: who is "
            "signed in could be forged. Make one: "
            "python -c 'import secrets; print(secrets.token_hex())'"
        )
    return tuple(wrong)


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
