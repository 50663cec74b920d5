"""What must stand before a measurement."""
