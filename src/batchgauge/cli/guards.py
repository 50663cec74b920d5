"""The flags that stand between a command and a measurement: what may be started, and whether it is asked about."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

from batchgauge.cli.durations import parse_duration_s
from batchgauge.cli.options import require
from batchgauge.core.planning.measurement_plan import Limits

NO_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Guards:
    """What the flags say."""

    is_dry_run: bool = False
    limits: Limits = NO_LIMITS
    assumed_run_s: float | None = None
    billing_minimum_s: float | None = None
    shares_queue: bool = False
    """Whether others' jobs in the queue are known of."""
    is_confirmed: bool = False
    """Whether everything is said to be meant."""
    as_json: bool = False
    checks_first: bool = True
    """Whether to look first at what would make every job fail."""


def guards(given: dict[str, Any]) -> Guards:
    """What the flags say.

    Raises:
        InvalidOptionError: one is out of its range.
    """
    max_cost, max_jobs = given["max_cost"], given["max_jobs"]
    require(max_cost is None or 0 <= max_cost < math.inf, "--max-cost", max_cost, "not-negative")
    require(max_jobs is None or max_jobs >= 1, "--max-jobs", max_jobs, "at-least-one")
    return Guards(
        is_dry_run=given["dry_run"],
        limits=Limits(max_jobs, max_cost),
        assumed_run_s=_duration_s(given, "assumed_run"),
        billing_minimum_s=_duration_s(given, "billing_minimum"),
        shares_queue=given["shared_queue"] == "ok",
        is_confirmed=given["yes"],
        as_json=given["as_json"],
        checks_first=not given["no_check"],
    )


def _duration_s(given: dict[str, Any], name: str) -> float | None:
    flag = "--" + name.replace("_", "-")
    return None if given[name] is None else parse_duration_s(flag, given[name])
