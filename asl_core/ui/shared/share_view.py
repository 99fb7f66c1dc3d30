"""Copy a link to what a page shows, or print it: at the end of every page.

What a visitor looks at is in the address, and a run that was chosen for them, as the newest one, is
there by its id: whoever opens the link sees the same run when others are newer.
"""

from pathlib import Path

import streamlit as st

_HTML = """
<div class="asl-share">
  <button type="button" data-does="copy">Copy link to this view</button>
  <button type="button" data-does="print">Print / save as PDF</button>
  <span role="status"></span>
  <input readonly hidden aria-label="Link to this view">
</div>
"""

_component = st.components.v2.component(
    "asl_share_view",
    html=_HTML,
    js=Path(__file__).with_suffix(".js").read_text(),
    isolate_styles=False,
)


def share_view() -> None:
    """Both buttons. Browsers give pages the clipboard over HTTPS and on localhost alone: elsewhere
    the link is shown, selected."""
    _component(key="asl_share")
