"""Pagination of the lists that are short enough to be walked: describe and list calls of everything but jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from batchgauge.batchmodel.refusals import client_error

T = TypeVar("T")
TOKEN_PREFIX: Final = "page-"  # noqa: S105 - not a password


def page_of(items: Sequence[T], parameters: Mapping[str, Any], most: int = 100) -> tuple[Sequence[T], str | None]:
    """The asked page by ``maxResults`` and ``nextToken``, and the token of the next one."""
    size = page_size(parameters, most)
    start = position_in(parameters.get("nextToken"))
    end = start + size
    return items[start:end], token_of(end) if end < len(items) else None


def page_size(parameters: Mapping[str, Any], most: int) -> int:
    """``maxResults``, at least 1 and at most what AWS gives at once."""
    size = parameters.get("maxResults")
    if size is None:
        return most
    if size < 1:
        raise client_error("maxResults must be greater than or equal to 1")
    return int(min(size, most))


def token_of(position: int) -> str:
    """An opaque token for a position."""
    return f"{TOKEN_PREFIX}{position:x}"


def position_in(token: str | None) -> int:
    """The position that a token of ours stands for; 0 where there is none."""
    if not token:
        return 0
    try:
        position = int(token.removeprefix(TOKEN_PREFIX), 16) if token.startswith(TOKEN_PREFIX) else -1
    except ValueError:
        position = -1
    if position < 0:
        raise client_error("Invalid nextToken")
    return position


def with_token(body: dict[str, Any], token: str | None) -> dict[str, Any]:
    """The body of a page; the last one has no token."""
    if token is not None:
        body["nextToken"] = token
    return body
