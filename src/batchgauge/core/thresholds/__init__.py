"""Numbers of a level by name, and what is demanded of them."""
