"""The door of the web server: what a request must be before Streamlit gets it (ASGI middleware)."""
