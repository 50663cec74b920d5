"""Whether an endpoint is an embedded AWS of ours: a result must never pass a model's figures off as AWS's."""

from __future__ import annotations

from typing import Final

HEALTH_PATH: Final = "/_batchgauge/health"
PATIENCE_S: Final = 3.0


async def embedded_time_scale(endpoint_url: str | None) -> float | None:
    """The time scale of the embedded AWS at an endpoint; None where there is none, or the endpoint is something else."""
    if endpoint_url is None:
        return None
    import aiohttp  # noqa: PLC0415  (slow to import, and only needed for an endpoint of one's own)

    timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(endpoint_url.rstrip("/") + HEALTH_PATH) as answer,
        ):
            said = await answer.json(content_type=None)
            return float(said["timeScale"])
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, TypeError, KeyError):
        return None
