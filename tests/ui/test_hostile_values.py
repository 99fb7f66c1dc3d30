"""Values of an address that are made to harm: shown as text and cut, on every page."""

import re

import pytest

from asl_core.runs.run import Run
from asl_core.ui.shared.words import escape_markdown
from tests.ui.pages import opened

PARAMETERS = {
    "home": ("data",),
    "data": ("data", "class", "set", "check", "page"),
    "train": ("data", "settings"),
    "sweep": ("data", "sweep", "settings"),
    "evaluate": ("run", "part", "true", "predicted", "sort", "image", "map"),
    "compare": ("runs",),
    "predict": ("run",),
}
IN_A_HURRY = ("data", "evaluate")
"""The pages with the most parameters."""

HOSTILE = (
    "http://x.example/y",
    ":material/delete:",
    "[a](javascript:alert(1)) ![](//x.example) <img src=x onerror=alert(1)> $\\pi$ `a` **b**",
    "../../../../etc/passwd",
    "rendered:ABC:99999999:N",
    "\0\n\r\t\u202e",
    "x" * 100_000,
    ",".join(["y" * 90] * 1_000),
)
MARKUP = (
    "http://x.example/y and https://x.example",
    "www.x.example",
    "someone@x.example",
    ":material/delete: :smile: :+1: :streamlit:",
    ":red[word] [a](http://b.example) **b** _c_ `d` $e$ ~f~ <b>g</b> | # h",
)
MAX_ECHOED = 600
"""Characters of all that a page may say of a value."""


def said(app: object) -> list[str]:
    boxes = (app.warning, app.error, app.info, app.success)  # type: ignore[attr-defined]
    return [str(box.value) for kind in boxes for box in kind]


def is_text_and_cut(page: str, /, **query: str) -> None:
    """What a page says of an address has no markup in it, and an end."""
    for words in said(opened(page, **query)):
        assert len(words) < MAX_ECHOED, (query.keys(), words[:200])
        assert not re.search(r"https?:\\?//x|:material/delete:|(?<!\\)<img", words), words
        assert not re.search(r"(?<!\\)\[a(?<!\\)\]", words), words


@pytest.mark.parametrize("page", IN_A_HURRY)
def test_hostile_values_are_text_and_cut(with_run: Run, page: str) -> None:
    all_hostile_values_are_text_and_cut(with_run, page)


@pytest.mark.slow  # tests/web/test_hostile_values.py has a sample of all pages, in a real server
@pytest.mark.parametrize("page", [page for page in PARAMETERS if page not in IN_A_HURRY])
def test_hostile_values_are_text_and_cut_on_the_other_pages(with_run: Run, page: str) -> None:
    all_hostile_values_are_text_and_cut(with_run, page)


def all_hostile_values_are_text_and_cut(with_run: Run, page: str) -> None:
    """Each value for all parameters of a page at once."""
    assert with_run
    for value in HOSTILE:
        is_text_and_cut(page, **dict.fromkeys(PARAMETERS[page], value))


@pytest.mark.slow
@pytest.mark.parametrize("page", PARAMETERS)
def test_a_hostile_value_alone_is_text_and_cut(with_run: Run, page: str) -> None:
    assert with_run
    for parameter in PARAMETERS[page]:
        for value in HOSTILE:
            is_text_and_cut(page, **{parameter: value})


@pytest.mark.parametrize("text", MARKUP)
def test_escaped_text_reads_as_it_was(text: str) -> None:
    escaped = escape_markdown(text)
    assert escaped.replace("\u2060", "").replace("\\", "") == text
    found = r"https?\\?:/|www\.|@x|:[a-z+/\d]+\\?:|(?<!\\)[*_`$~<|#\[]"
    assert not re.search(found, escaped), escaped


def test_ordinary_text_has_nothing_put_in() -> None:
    for text in ("12 Mar 2026 10:30 UTC · 93.0 %", "A/1.png", "Class: A, B", "a/b (1 of 2)",
                 "rendered:ABC:300:1"):  # fmt: skip
        assert "\u2060" not in escape_markdown(text)
