"""Several runs side by side, and two measurements beside each other."""
