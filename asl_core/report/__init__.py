"""A run to pass on: a report (HTML), a model card (Markdown), tables (CSV), and its model."""
