"""ASL Explorer: the entry point of Streamlit."""

from asl_core.ui.shared.frame import navigation, show

show(navigation())
