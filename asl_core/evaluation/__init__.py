"""How good a run is, and how far that can be believed."""
