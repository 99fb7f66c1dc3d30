"""What is around every page: navigation, the notice of a training, words for errors."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import streamlit as st
from streamlit.navigation.page import Page

from asl_core.data import SyntheticSpec
from asl_core.errors import AslError, DatasetError, NotRenderedError
from asl_core.settings import settings
from asl_core.ui.shared.charts import choose_saved_format, mode
from asl_core.ui.shared.errors import show_error
from asl_core.ui.shared.leave_out import show_dataset_error
from asl_core.ui.shared.notice import task_notice
from asl_core.ui.shared.permitted import tell_read_only
from asl_core.ui.shared.rendering import preview
from asl_core.ui.shared.share_view import share_view
from asl_core.ui.shared.sign_in import go_back, note_page, tell_who_is_signed_in

_FRAMED = "page_is_framed"

_STYLE = Path(__file__).with_name("page.css")

_DARK_ON_PAPER = Path(__file__).with_name("dark_on_paper.css")

_ICON = "🤟"
"""An emoji is drawn by the browser; a Material icon as the icon of a page would be fetched."""

_PAGES = (
    ("home", "Home", "home"),
    ("data", "Data", "photo_library"),
    ("train", "Train", "model_training"),
    ("sweep", "Sweep", "tune"),
    ("evaluate", "Evaluate", "fact_check"),
    ("compare", "Compare", "compare_arrows"),
    ("predict", "Predict", "sign_language"),
)
"""File below `pages/` (and path of the URL), title and Material icon."""


def navigation() -> Page:
    """Declare the pages. Returns the one that the visitor asks for."""
    st.set_page_config(page_icon=_ICON, layout="wide")  # first, else the icon of the page counts
    pages = [
        st.Page(f"pages/{name}.py", title=title, icon=f":material/{icon}:", default=name == "home")
        for name, title, icon in _PAGES
    ]
    return st.navigation(pages, position="top")


def show(page: Page) -> None:
    """Run a page. An error of the core becomes a sentence on the page."""
    st.set_page_config(
        page_title="ASL Explorer" if page.title == "Home" else f"{page.title} · ASL Explorer"
    )
    st.html(_STYLE)
    if mode() == "dark":
        st.html(_DARK_ON_PAPER)
    _narrow_navigation()
    st.session_state[_FRAMED] = True
    note_page(page)
    go_back()
    try:
        settings()  # what is wrong there is wrong on every page, and told once
        task_notice(page.url_path)
        page.run()
        share_view()
        tell_who_is_signed_in()
    except NotRenderedError as error:
        st.markdown("The page opens by itself as soon as its images are rendered. The first ones:")
        preview(SyntheticSpec.parse(error.source), 12)
    except DatasetError as error:
        show_dataset_error(error)
    except AslError as error:
        show_error(error)
    finally:
        del st.session_state[_FRAMED]


def _narrow_navigation() -> None:
    """The pages in a row, which `page.css` shows on a narrow screen only.

    There Streamlit has them in a sidebar that covers the page, and closes it by itself only where
    the browser calls itself a phone's.
    """
    with st.container(key="narrow_navigation", horizontal=True, gap=None):
        for name, title, _ in _PAGES:
            st.page_link(f"pages/{name}.py", label=title)


def header(title: str, lead: str | Callable[[], str]) -> None:
    """Title of a page, and the words below it. Every page starts with it.

    Args:
        title: of the page.
        lead: the words, or what gives them.
    """
    if _FRAMED not in st.session_state:
        # A fresh server whose first visitor opens a link into `pages/` runs that file without
        # `app.py`, as old multipage apps did, until the pages are declared.
        show(navigation())
        st.stop()
    st.title(title)
    st.markdown(lead if isinstance(lead, str) else lead())
    tell_read_only()


def metric_card(
    label: str,
    value: str,
    note: str,
    border: bool = True,
    height: Literal["content", "stretch"] = "stretch",
) -> None:
    """A figure with what it is, and a note that says how to take it.

    Args:
        label: what it is.
        value: the figure.
        note: below it.
        border: whether it is a card.
        height: as high as the cards beside it, or, where their row wraps, as its content.
    """
    st.metric(
        label,
        value,
        border=border,
        delta=note,
        delta_color="off",
        delta_arrow="off",
        height=height,
    )


def page_end(*sources: str) -> None:
    """The folded end of a page: code that does what it shows, and how to take figures along."""
    with st.expander("The same in Python", icon=":material/code:"):
        for source in sources:
            st.code(source, language="python")
    with st.expander("Save figures and tables", icon=":material/download:"):
        choose_saved_format()
