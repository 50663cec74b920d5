"""Container images and their names."""
