"""How many files and connections this process may have open at once."""

from __future__ import annotations

from typing import Final

WHERE_UNKNOWN: Final = 1024
"""Windows has no such limit for connections; more than this nobody wants there either."""


def open_file_limit() -> int:
    """The limit that holds now, for files and connections together."""
    try:
        import resource  # noqa: PLC0415  (not on Windows)
    except ModuleNotFoundError:
        return WHERE_UNKNOWN
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return WHERE_UNKNOWN if soft == resource.RLIM_INFINITY else soft
