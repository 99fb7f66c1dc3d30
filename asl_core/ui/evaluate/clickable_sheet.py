"""A sheet of images of which one can be chosen, by mouse, finger or keyboard, as one element."""

from collections.abc import Callable, Sequence
from urllib.parse import urlencode

import streamlit as st

from asl_core.ui.shared.images import Picture, sheet_html

_CHOOSE = """
export default function({ data, parentElement, setTriggerValue }) {
  const box = parentElement.querySelector(".asl-clickable");
  if (box.shown !== data) box.innerHTML = box.shown = data;  // else the focus would be lost
  box.onclick = (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    setTriggerValue("chosen", Number(link.dataset.number));
  };
}
"""
"""A link that is followed starts a new session, which takes a second; so a plain click is told to
the page instead. With a key held down it opens a new tab, as everywhere."""

_component = st.components.v2.component(
    "asl_clickable_sheet",
    html='<div class="asl-clickable"></div>',
    js=_CHOOSE,
    isolate_styles=False,
)


def clickable_sheet(
    pictures: Sequence[Picture],
    names: Sequence[str],
    query: str,
    key: str,
    on_choose: Callable[[str], None],
    columns: int = 12,
) -> None:
    """Show images, each of them a link to the same page with its name in the URL.

    Args:
        pictures: to be shown.
        names: of each.
        query: parameter of the URL that takes the name.
        key: of the element.
        on_choose: told the name of an image when it is clicked, before the page runs again.
        columns: on a wide screen.
    """
    here = {name: value for name, value in st.query_params.to_dict().items() if name != query}
    links = [f"?{urlencode({**here, query: name})}" for name in names]

    def choose() -> None:
        number = st.session_state[key]["chosen"]
        if isinstance(number, int | float) and 0 <= number < len(names):
            on_choose(names[int(number)])

    _component(key=key, data=sheet_html(pictures, columns, links), on_chosen_change=choose)
