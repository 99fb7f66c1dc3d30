"""The parts of the page Sweep."""
