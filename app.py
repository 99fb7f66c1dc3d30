"""ASL Explorer: the entry point of Streamlit, for its server and for each visitor."""

if __name__ == "__main__":  # what Streamlit runs for a visitor
    from asl_core.ui.shared.frame import navigation, show
    from asl_core.ui.shared.slots import page_slots

    with page_slots.slot():
        show(navigation())
else:  # what `streamlit run app.py` serves
    from streamlit.starlette import App

    from asl_core.web.door import at_start, internal_error, middleware

    app = App(
        __file__,
        middleware=middleware(),
        exception_handlers={Exception: internal_error},
        lifespan=at_start,
    )
