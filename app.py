"""ASL Explorer: the entry point of Streamlit."""

from asl_core.ui.frame import navigation, show

show(navigation())
