"""What jobs stand on, and what of it is missing: the judgments of `check`."""
