"""Who is on the list of those who may change things."""

from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from streamlit import config
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from asl_core.settings import Settings
from asl_core.web.signed_out import FOLDER, claims_of, end_sign_in, has_signed_out
from asl_core.web.visitor import is_listed

ANNA = {"sub": "anna-1", "email": "anna@school.example", "email_verified": True}


@pytest.mark.parametrize(
    ("claims", "editors", "listed"),
    [
        (ANNA, "anna@school.example", True),
        (ANNA, " ben@school.example ,, Anna@School.Example ", True),
        (ANNA, "*@school.example", True),
        (ANNA, "*@SCHOOL.example", True),
        (ANNA, "anna-1", True),
        (ANNA, "", False),
        (ANNA, " , ,", False),
        (ANNA, "ANNA-1", False),
        (ANNA, "*@example", False),
        (ANNA, "*@other.example", False),
        (ANNA, "*", False),
        (ANNA, "*@", False),
        (ANNA, "@school.example", False),
        (ANNA, "ben@school.example", False),
        ({**ANNA, "email": "ANNA@school.example"}, "anna@school.example", True),
        ({**ANNA, "email": "anna@sub.school.example"}, "*@school.example", False),
        ({**ANNA, "email": "anna@evilschool.example"}, "*@school.example", False),
        ({**ANNA, "email": "x@school.example@evil.example"}, "*@school.example", False),
        ({**ANNA, "email": "school.example"}, "*@school.example", False),
        ({**ANNA, "email": ["anna@school.example"]}, "anna@school.example", False),
        ({**ANNA, "email": None}, "*@school.example", False),
        ({**ANNA, "email": ""}, "*@", False),
        ({**ANNA, "email_verified": False}, "anna@school.example", False),
        ({**ANNA, "email_verified": None}, "*@school.example", False),
        ({**ANNA, "email_verified": "true"}, "anna@school.example", False),
        ({**ANNA, "email_verified": "false"}, "anna@school.example", False),
        ({**ANNA, "email_verified": 1}, "anna@school.example", False),
        ({**ANNA, "email_verified": False}, "anna-1", True),
        ({"sub": "anna-1", "email": "anna@school.example"}, "*@school.example", False),
        ({**ANNA, "sub": "anna@school.example", "email": "x@y.example"}, ANNA["email"], False),
        ({**ANNA, "sub": ["anna-1"]}, "anna-1", False),
        # The Kelvin sign, which becomes k in small letters; a Cyrillic a; one with combining dot.
        ({**ANNA, "email": "\u212aim@school.example"}, "kim@school.example", False),
        ({**ANNA, "email": "kim@s\u212ay.example"}, "*@sky.example", False),
        ({**ANNA, "email": "\u0430nna@school.example"}, "anna@school.example", False),
        ({**ANNA, "email": "jos\u00e9@school.example"}, "jos\u00e9@school.example", True),
    ],
)
def test_who_is_listed(claims: dict[str, Any], editors: Any, listed: bool) -> None:
    assert is_listed(claims, Settings(editors=editors).listed_editors) is listed


def request_with(cookies: dict[str, str]) -> Request:
    """A request of a browser that has these cookies."""
    sent = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return Request({"type": "http", "headers": [(b"cookie", sent.encode())]})


def signed(payload: str, secret: str = "") -> dict[str, str]:
    """Streamlit's cookie."""
    key = secret or config.get_option("server.cookieSecret")
    return {USER_COOKIE_NAME: create_signed_value(key, USER_COOKIE_NAME, payload).decode()}


def test_who_signs_out_ends_one_sign_in_alone(tmp_path: Path) -> None:
    here, there = signed('{"sub": "anna", "nonce": "1"}'), {"sub": "anna", "nonce": "2"}
    claims = claims_of(here)
    assert claims == {"sub": "anna", "nonce": "1"}
    assert not has_signed_out(tmp_path, claims)
    end_sign_in(tmp_path, request_with(here))
    assert has_signed_out(tmp_path, {**claims, "provider": "school", "is_logged_in": True})
    assert not has_signed_out(tmp_path, there)
    (mark,) = (tmp_path / FOLDER).iterdir()
    assert mark.read_bytes() == b""


@pytest.mark.parametrize(
    "cookies",
    [
        {},
        {USER_COOKIE_NAME: "x"},
        {USER_COOKIE_NAME: ""},
        signed('{"sub": "anna"}', "another secret of some 40 characters ...."),
        signed("[1]"),
    ],
)
def test_a_cookie_that_is_nobody_s_leaves_nothing(tmp_path: Path, cookies: dict[str, str]) -> None:
    assert claims_of(cookies) == {}
    end_sign_in(tmp_path, request_with(cookies))
    assert not (tmp_path / FOLDER).exists()
