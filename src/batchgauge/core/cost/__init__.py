"""Prices by dated tables, and what was billed."""
