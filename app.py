"""ASL Explorer: the entry point of Streamlit."""

import streamlit as st

from asl_core.ui.frame import navigation, show

page = navigation()
st.set_page_config(
    page_title="ASL Explorer" if page.title == "Home" else f"{page.title} · ASL Explorer",
    page_icon=":material/sign_language:",
    layout="wide",
)
show(page)
