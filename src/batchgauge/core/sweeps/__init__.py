"""What a sweep is asked to do, and how far it has come."""
