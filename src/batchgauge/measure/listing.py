"""Listing jobs of a queue, page after page; how each page is asked for, and what becomes of a refusal, is for the caller to say."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from batchgauge.ports import BatchGateway, JobPage, ObservedJob, Reply

MOST_PAGES: Final = 10_000

Ask: TypeAlias = Callable[[Callable[[], Awaitable[Reply[JobPage]]]], Awaitable[JobPage | None]]
"""Makes a request, again where that helps: the page, or None where AWS would not answer now."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Jobs of a queue as AWS lists them, the newest first."""

    jobs: tuple[ObservedJob, ...]
    is_whole: bool
    """False where a page was not to be had: there may be more."""


async def list_named(gateway: BatchGateway, queue: str, name_prefix: str, ask: Ask) -> Listing:
    """The jobs whose names begin so; AWS's own search takes capitals for small letters."""
    return await _list(lambda token: gateway.list_jobs_by_name(queue, name_prefix, token), ask)


async def list_created_after(gateway: BatchGateway, queue: str, after_ms: float, ask: Ask) -> Listing:
    """The jobs of every name that were made since."""
    return await _list(lambda token: gateway.list_jobs_created_after(queue, after_ms, token), ask)


async def _list(request: Callable[[str | None], Awaitable[Reply[JobPage]]], ask: Ask) -> Listing:
    jobs: list[ObservedJob] = []
    token: str | None = None
    for _ in range(MOST_PAGES):
        page = await ask(lambda token=token: request(token))  # type: ignore[misc]
        if page is None:
            return Listing(tuple(jobs), is_whole=False)
        jobs += page.jobs
        token = page.next_token
        if token is None:
            return Listing(tuple(jobs), is_whole=True)
    return Listing(tuple(jobs), is_whole=False)
