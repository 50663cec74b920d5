"""How far a run is, and why jobs wait."""
