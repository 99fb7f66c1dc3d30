"""A run as a file to pass on: a report (HTML) and a model card (Markdown)."""
