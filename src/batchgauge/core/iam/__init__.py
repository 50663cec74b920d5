"""Which permissions each use of the tool needs."""
