"""Documents for programs, and what is left out of those that are shared."""
