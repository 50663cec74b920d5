"""Measures what concurrency does to jobs on AWS Batch, and says which limit was hit."""

__version__ = "0.1.0"
