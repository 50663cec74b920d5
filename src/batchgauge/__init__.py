"""Measures what concurrency does to jobs on AWS Batch, and says which limit was hit.

For notebooks: ``from batchgauge import load_results, analyze`` (docs/reference/python-api.md).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from batchgauge.notebooks import analyze, load_results

__version__ = "0.1.0"
__all__ = ["__version__", "analyze", "load_results"]


def __getattr__(name: str) -> Any:
    """What is for notebooks is imported when it is first asked for: the command must not wait for it."""
    if name in ("analyze", "load_results"):
        return getattr(import_module("batchgauge.notebooks"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
