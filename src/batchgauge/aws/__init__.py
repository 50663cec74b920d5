"""Adapters for whatever speaks AWS's protocol; the only importer of botocore."""
