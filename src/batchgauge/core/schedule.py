"""When each SubmitJob is meant to go out: pure functions from a job's index to its intended time."""

from __future__ import annotations

from collections.abc import Sequence


def all_at_once(num_jobs: int) -> Sequence[float]:
    """Every job is meant to go out at the start (offsets in milliseconds).

    This is what a concurrency level asks for. With a bound on the submissions in flight (``--max-workers``) most are sent later than
    meant; the latency from the intended time shows what that bound cost.
    """
    return [0.0] * num_jobs
