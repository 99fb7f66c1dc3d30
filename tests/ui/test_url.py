"""A choice in the address: what a link opens, what a wrong one does, what a page change keeps."""

import pytest
from streamlit.testing.v1 import AppTest

SCRIPT = """
import streamlit as st
from asl_core.ui.shared.url import choose
st.text(f"shown: {choose(st.selectbox, 'Class', [None, 'A', 'B'], 'class')}")
st.text(f"set: {choose(st.segmented_control, 'Set', ['training', 'test'], 'set', required=True)}")
checks = ["images", "corrections"]
st.text(f"check: {choose(st.segmented_control, 'Check', checks, 'check', optional=True)}")
"""


def opened(**query: str) -> AppTest:
    app = AppTest.from_string(SCRIPT, default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def shown(app: AppTest) -> list[str]:
    return [element.value.split(": ")[1] for element in app.text]


def test_without_a_link_the_usual_choice_is_shown() -> None:
    app = opened()
    assert shown(app) == ["None", "training", "None"]
    assert not app.query_params


def test_a_link_opens_its_view() -> None:
    app = opened(**{"class": "B", "set": "test", "check": "corrections"})
    assert shown(app) == ["B", "test", "corrections"]
    assert not app.warning


def test_links_of_earlier_versions_open_the_same_view() -> None:
    app = opened(letter="B", set="Test", check="Decisions")
    assert shown(app) == ["B", "test", "corrections"]
    assert not app.warning
    assert shown(opened(letter="All letters")) == ["None", "training", "None"]


@pytest.mark.parametrize("value", ["", "nothing of the kind", "x" * 5_000, "<b>$x$</b> **a**"])
def test_a_wrong_value_is_told_once_and_the_usual_choice_is_shown(value: str) -> None:
    app = opened(**{"class": value, "set": value, "check": value})
    assert shown(app) == ["None", "training", "None"]
    assert len(app.warning) == (3 if value else 0)
    assert all(len(warning.value) < 250 for warning in app.warning)
    assert not app.query_params
    assert not app.run().warning


def test_a_choice_is_in_the_address_until_it_is_the_usual_one_again() -> None:
    app = opened()
    app.selectbox(key="class").select("A").run()
    app.button_group(key="set").set_value("test").run()
    assert shown(app) == ["A", "test", "None"]
    assert {k: str(v[-1]) if isinstance(v, list) else v for k, v in app.query_params.items()} == {
        "class": "A",
        "set": "test",
    }
    app.button_group(key="set").set_value("training").run()
    assert "set" not in app.query_params
    assert shown(app) == ["A", "training", "None"]


def test_a_choice_survives_an_address_that_says_nothing() -> None:
    app = opened(**{"class": "A"})
    app.query_params.clear()  # as a browser does on the way to another page and back
    app.run()
    assert shown(app)[0] == "A"
    assert "class" in app.query_params


def test_what_does_not_last_ends_where_the_address_says_nothing() -> None:
    script = """
import streamlit as st
from asl_core.ui.shared.url import asked_for
st.text(f"shown: {asked_for('image', lasting=False)}")
"""
    app = AppTest.from_string(script, default_timeout=60)
    app.query_params["image"] = "A/1.png"
    assert shown(app.run()) == ["A/1.png"]
    app.query_params.clear()  # as the browser's way back does
    assert shown(app.run()) == ["None"]
    assert not app.query_params


def test_another_link_in_the_same_browser_is_followed() -> None:
    app = opened(**{"class": "A"})
    app.query_params["class"] = "B"
    app.run()
    assert shown(app)[0] == "B"
    assert app.selectbox(key="class").value == "B"


def test_an_outdated_address_does_not_undo_a_click() -> None:
    """A browser sends the address that it has, also while a newer one is on its way."""
    app = opened(**{"class": "A"})
    app.selectbox(key="class").select("B").run()
    app.query_params["class"] = "A"
    app.run()
    assert shown(app)[0] == "B"
