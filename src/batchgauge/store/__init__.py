"""The results folder: journals and documents on disk."""
