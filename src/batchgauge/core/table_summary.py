"""The statistics of one level from columns: the same numbers as `levels.summarise_level`, for any number of jobs."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from batchgauge.core.bound import UNKNOWN, Bound
from batchgauge.core.clock_offset import ClockOffset
from batchgauge.core.job import FAILED_TO_SUBMIT, JobState
from batchgauge.core.job_table import JobTable, Numbers
from batchgauge.core.journal import EnvironmentFacts
from batchgauge.core.levels import LevelSummary, capacity_in_jobs
from batchgauge.core.occupancy import Occupancy, max_vcpus_of
from batchgauge.core.stats.summary import PERCENTILES, Percentile, Summary, sample_needed
from batchgauge.core.table_concurrency import holding_spans, mean_of, peak_of, running_spans

Mask: TypeAlias = npt.NDArray[np.bool_]


def summarise_table(
    table: JobTable,
    *,
    is_monitored: bool,
    environment: EnvironmentFacts | None,
    throttles: int | None,
    clock: ClockOffset | None = None,
) -> LevelSummary:
    """The statistics of one run's jobs; what logs, programs, tasks and attempts say is not in columns."""
    accepted = ~table.has_status(FAILED_TO_SUBMIT)
    succeeded = int(table.has_status(JobState.SUCCEEDED).sum())
    failed = int(table.has_status(JobState.FAILED).sum())
    own = accepted & ~(table.numbers["array_index"] > 0)
    unseen = accepted & np.isnan(table.numbers["created_ms"]) & ~np.isnan(table.numbers["sent_ms"])
    watched = accepted & ~unseen
    count, taken = len(table), int(accepted.sum())
    unseen_count = int(unseen.sum()) if is_monitored else 0
    created, stopped = table.numbers["created_ms"][accepted], table.numbers["stopped_ms"][accepted]
    has_span = not (np.isnan(created).all() or np.isnan(stopped).all())
    span_ms = float(np.nanmax(stopped) - np.nanmin(created)) if has_span else None
    is_ours = bool((~accepted).any() or not np.isnan(table.numbers["submit_duration_s"]).all())
    return LevelSummary(
        level=count,
        accepted=taken,
        refused=count - taken,
        succeeded=succeeded,
        failed=failed,
        unfinished=taken - succeeded - failed,
        is_monitored=is_monitored,
        submission_success_rate=taken / count if is_ours else None,
        job_success_rate=succeeded / count if count and is_monitored else None,
        submit=_submit(table, own),
        submit_latency=_phase(table, "submit_latency", own),
        submissions_per_s=_submissions_per_s(table, own),
        arrays=int((own & (table.numbers["array_index"] == 0)).sum()),
        to_runnable=_phase(table, "to_runnable", watched, unseen_count),
        queue=_phase(table, "queue", watched, unseen_count),
        start_up=_phase(table, "start_up", accepted),
        wait=_phase(table, "wait", watched, unseen_count),
        run=_phase(table, "run", accepted),
        jobs_per_s=_per_second(succeeded, span_ms),
        makespan_ms=span_ms if succeeded + failed == taken else None,
        max_running=_most_running(table) if is_monitored else None,
        occupancy=_occupancy(table, environment, clock) if is_monitored else None,
        capacity_jobs=capacity_in_jobs(environment),
        throttles=throttles,
    )


def summarise_numbers(least: Numbers, most: Numbers) -> Summary:
    """As `stats.summary.summarise`, of bounds in two columns; not a number where an end is open."""
    count = len(least)
    if not count:
        refused = tuple(Percentile(percent=p, value=None, needed=sample_needed(p)) for p in PERCENTILES)
        return _nothing(refused)
    open_below, open_above = np.isnan(least), np.isnan(most)
    is_same = bool((least == most).all())
    lows = np.where(open_below, -np.inf, least) if open_below.any() else least
    highs = lows if is_same else np.where(open_above, np.inf, most) if open_above.any() else most
    low = _statistics(lows)
    high = low if is_same else _statistics(highs)
    middles = least if is_same else ((least + most) / 2)[~(open_below | open_above)]
    return Summary(
        count=count,
        censored=int(open_above.sum()),
        inexact=0 if is_same else int((least != most).sum()),
        mean=_bound(low[0], high[0]),
        minimum=_bound(low[1], high[1]),
        maximum=_bound(low[2], high[2]),
        standard_deviation=float(np.std(middles, ddof=1)) if len(middles) > 1 else None,
        percentiles=tuple(
            Percentile(
                percent=percent,
                value=_bound(low[3][place], high[3][place]) if count >= sample_needed(percent) else None,
                needed=sample_needed(percent),
            )
            for place, percent in enumerate(PERCENTILES)
        ),
    )


def _nothing(refused: tuple[Percentile, ...]) -> Summary:
    return Summary(
        count=0,
        censored=0,
        inexact=0,
        mean=UNKNOWN,
        minimum=UNKNOWN,
        maximum=UNKNOWN,
        standard_deviation=None,
        percentiles=refused,
    )


def _statistics(values: Numbers) -> tuple[float, float, float, list[float]]:
    """Mean, minimum, maximum, and the percentiles by definition 7; only as much is sorted as these need."""
    positions = [(len(values) - 1) * percent / 100 for percent in PERCENTILES]
    below = [math.floor(position) for position in positions]
    above = [min(len(values) - 1, place + 1) for place in below]
    ordered = np.partition(values, sorted({0, len(values) - 1, *below, *above}))
    percentiles = [
        _between(float(ordered[low]), float(ordered[high]), position - low)
        for position, low, high in zip(positions, below, above, strict=True)
    ]
    return float(np.mean(values)), float(ordered[0]), float(ordered[-1]), percentiles


def _between(low: float, high: float, fraction: float) -> float:
    if fraction == 0 or low == high:
        return low
    if math.isinf(low) or math.isinf(high):
        return high if math.isinf(high) else low
    return low + fraction * (high - low)


def _bound(low: float, high: float) -> Bound:
    return Bound(None if math.isinf(low) else low, None if math.isinf(high) else high)


def _submit(table: JobTable, own: Mask) -> Summary:
    least, most = table.numbers["submit_least_ms"], table.numbers["submit_most_ms"]
    seconds = table.numbers["submit_duration_s"]
    is_plain = np.isnan(least) & ~np.isnan(seconds)
    if is_plain.any():  # a file of the specification's own shape
        least, most = np.where(is_plain, seconds * 1000, least), np.where(is_plain, seconds * 1000, most)
    chosen = own & ~np.isnan(least)
    return summarise_numbers(least[chosen], most[chosen])


def _phase(table: JobTable, name: str, chosen: Mask, unseen: int = 0) -> Summary | None:
    least, most = table.numbers[f"{name}_least_ms"], table.numbers[f"{name}_most_ms"]
    known = chosen & ~(np.isnan(least) & np.isnan(most))
    if not known.any() and not unseen:
        return None
    if known.all() and not unseen:
        return summarise_numbers(least, most)
    more, open_ends = np.zeros(unseen), np.full(unseen, np.nan)
    return summarise_numbers(np.concatenate([least[known], more]), np.concatenate([most[known], open_ends]))


def _submissions_per_s(table: JobTable, own: Mask) -> float | None:
    sent, accepted = table.numbers["sent_ms"], table.numbers["accepted_ms"]
    known = own & ~np.isnan(sent) & ~np.isnan(accepted)
    if known.sum() < 2:
        return None
    return _per_second(int(known.sum()), float(accepted[known].max() - sent[known].min()))


def _per_second(count: int, span_ms: float | None) -> float | None:
    return count * 1000 / span_ms if span_ms is not None and span_ms > 0 else None


def _most_running(table: JobTable) -> int:
    """As `concurrency_over_time`: what stopped in the millisecond in which another started is gone."""
    single = table.is_single()
    started = np.concatenate([table.numbers["started_ms"][single], table.attempts["started_ms"]])
    stopped = np.concatenate([table.numbers["stopped_ms"][single], table.attempts["stopped_ms"]])
    counts = ~np.isnan(started) & ~(stopped <= started)
    begins, ends = np.sort(started[counts]), np.sort(stopped[counts & ~np.isnan(stopped)])
    if not len(begins):
        return 0
    return int((np.arange(1, len(begins) + 1) - np.searchsorted(ends, begins, side="right")).max())


def _occupancy(table: JobTable, environment: EnvironmentFacts | None, clock: ClockOffset | None) -> Occupancy:
    window = _window(table)
    vcpus = environment.job_vcpus if environment is not None else None
    running = running_spans(table, clock)
    held = holding_spans(table, clock) if vcpus is not None else None
    return Occupancy(
        running=peak_of(*running),
        running_mean=mean_of(*running, window),
        reserved_vcpus=_times(peak_of(*held), vcpus) if held is not None else None,
        reserved_vcpus_mean=_times(mean_of(*held, window), vcpus) if held is not None else None,
        max_vcpus=max_vcpus_of(environment),
    )


def _times(bound: Bound | None, factor: float | None) -> Bound | None:
    if bound is None or bound.earliest is None or bound.latest is None or factor is None:
        return None
    return Bound(bound.earliest * factor, bound.latest * factor)


def _window(table: JobTable) -> Bound:
    columns = [table.numbers[f"{name}_ms"] for name in ("created", "started", "stopped")]
    known = [column for column in columns if not np.isnan(column).all()]
    if not known:
        return Bound(0.0, 0.0)
    return Bound(float(min(np.nanmin(c) for c in known)), float(max(np.nanmax(c) for c in known)))
