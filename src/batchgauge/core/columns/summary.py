"""The statistics of one level from columns: the same numbers as `levels.summarise_level`, for any number of jobs."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from batchgauge.core.bound import UNKNOWN, Bound
from batchgauge.core.columns.concurrency import holding_spans, mean_of, peak_of, running_peaks, running_spans
from batchgauge.core.columns.job_table import JobTable, Numbers
from batchgauge.core.concurrency.occupancy import Occupancy, max_vcpus_of
from batchgauge.core.job import END_REASON, FAILED_TO_SUBMIT, JobState
from batchgauge.core.journal import EnvironmentFacts
from batchgauge.core.levels import LevelSummary, capacity_in_jobs
from batchgauge.core.observed.clock_offset import ClockOffset
from batchgauge.core.stats.summary import PERCENTILES, Percentile, Summary, sample_needed

Mask: TypeAlias = npt.NDArray[np.bool_]

MANY_JOBS: Final = 50_000
"""From here on the parts of a summary are computed side by side."""
THREADS: Final = 2
"""More of them hold more columns in memory at once, and new memory is what costs most."""


def summarise_table(
    table: JobTable,
    *,
    is_monitored: bool,
    environment: EnvironmentFacts | None,
    throttles: int | None,
    clock: ClockOffset | None = None,
    unanswered: int = 0,
) -> LevelSummary:
    """The statistics of one run's jobs; what logs, programs, tasks and attempts say is not in columns."""
    accepted = ~table.has_status(FAILED_TO_SUBMIT)
    succeeded = int(table.has_status(JobState.SUCCEEDED).sum())
    failed = int(table.has_status(JobState.FAILED).sum())
    array_index = table.numbers["array_index"]
    own = accepted & ~(array_index > 0)
    arrays = int((own & (array_index == 0)).sum())
    created = table.numbers["created_ms"]
    unseen = accepted & np.isnan(created)
    if unseen.any():
        unseen &= ~np.isnan(table.numbers["sent_ms"])
    watched = accepted & ~unseen
    count, taken = len(table), int(accepted.sum())
    unseen_count = int(unseen.sum()) if is_monitored else 0
    # Columns are read as they are asked for, and let go: what needs the same ones stands together.
    parts: dict[str, Callable[[], Any]] = {
        "held": lambda: _held(table, environment, clock, created, accepted, is_monitored=is_monitored),
        "submit": lambda: _submit(table, own),
        "submit_latency": lambda: _phase(table, "submit_latency", own),
        "submissions_per_s": lambda: _submissions_per_s(table, own),
        "to_runnable": lambda: _phase(table, "to_runnable", watched, unseen_count),
        "queue": lambda: _phase(table, "queue", watched, unseen_count),
        "start_up": lambda: _phase(table, "start_up", accepted),
        "wait": lambda: _phase(table, "wait", watched, unseen_count),
        "run": lambda: _phase(table, "run", accepted),
    }
    values = dict(zip(parts, _all_of(list(parts.values()), count), strict=True))
    held: _Held = values.pop("held")
    is_ours = taken < count or values["submit"].count or not np.isnan(table.numbers["submit_duration_s"]).all()
    return LevelSummary(
        level=count,
        accepted=taken,
        refused=count - taken,
        unanswered=unanswered,
        succeeded=succeeded,
        failed=failed,
        unfinished=taken - succeeded - failed,
        ended_by_us=_ended_by_us(table) if failed else 0,
        is_monitored=is_monitored,
        submission_success_rate=taken / count if is_ours else None,
        job_success_rate=succeeded / count if count and is_monitored else None,
        arrays=arrays,
        jobs_per_s=_per_second(succeeded, held.span_ms),
        makespan_ms=held.span_ms if succeeded + failed == taken else None,
        max_running=held.max_running,
        occupancy=held.occupancy,
        capacity_jobs=capacity_in_jobs(environment),
        throttles=throttles,
        **values,
    )


def _ended_by_us(table: JobTable) -> int:
    failed = np.flatnonzero(table.has_status(JobState.FAILED))
    return sum(reason == END_REASON for reason in table.texts("status_reason", failed))


def _all_of(parts: Sequence[Callable[[], Any]], jobs: int) -> list[Any]:
    """Side by side where it pays: numpy and polars let go of the interpreter while they compute."""
    if jobs < MANY_JOBS:
        return [part() for part in parts]
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  (late: few runs are that large)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda part: part(), parts))


def summarise_numbers(least: Numbers, most: Numbers) -> Summary:
    """As `stats.summary.summarise`, of bounds in two columns; not a number where an end is open."""
    count = len(least)
    if not count:
        refused = tuple(Percentile(percent=p, value=None, needed=sample_needed(p)) for p in PERCENTILES)
        return _nothing(refused)
    open_below = np.isnan(least)
    open_above = np.isnan(most)
    inexact = int((least != most).sum())
    is_same = not inexact
    lows = np.where(open_below, -np.inf, least) if open_below.any() else least
    highs = lows if is_same else np.where(open_above, np.inf, most) if open_above.any() else most
    low = _statistics(lows)
    high = low if is_same else _statistics(highs)
    middles = least if is_same else ((least + most) / 2)[~(open_below | open_above)]
    return Summary(
        count=count,
        censored=int(open_above.sum()),
        inexact=inexact,
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
    """Mean, minimum, maximum, and the percentiles by definition 7; only as much is put in order as these need."""
    rest, skipped = values.copy(), 0
    percentiles = []
    for percent in PERCENTILES:  # ascending
        position = (len(values) - 1) * percent / 100
        place = math.floor(position)
        if place >= skipped:
            below = place - skipped
            rest.partition(below)
            low, rest, skipped = float(rest[below]), rest[below + 1 :], place + 1
        above = float(rest.min()) if len(rest) and position > place else low
        percentiles.append(_between(low, above, position - place))
    return float(np.mean(values)), float(values.min()), float(values.max()), percentiles


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
    is_open = np.isnan(least)
    if is_open.any():  # a file of the specification's own shape
        seconds = table.numbers["submit_duration_s"]
        is_plain = is_open & ~np.isnan(seconds)
        least, most = np.where(is_plain, seconds * 1000, least), np.where(is_plain, seconds * 1000, most)
    chosen = own & ~np.isnan(least)
    return summarise_numbers(*((least, most) if chosen.all() else (least[chosen], most[chosen])))


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


@dataclass(frozen=True, slots=True)
class _Held:
    """What follows from when jobs held their places."""

    span_ms: float | None
    """From the first createdAt to the last stoppedAt."""
    max_running: int | None
    occupancy: Occupancy | None


def _held(
    table: JobTable,
    environment: EnvironmentFacts | None,
    clock: ClockOffset | None,
    created: Numbers,
    accepted: Mask,
    *,
    is_monitored: bool,
) -> _Held:
    made, stopped = created[accepted], table.numbers["stopped_ms"][accepted]
    has_span = not (np.isnan(made).all() or np.isnan(stopped).all())
    span_ms = float(np.nanmax(stopped) - np.nanmin(made)) if has_span else None
    if not is_monitored:
        return _Held(span_ms, None, None)
    vcpus = environment.job_vcpus if environment is not None else None
    window = _window(created, table.numbers["started_ms"], table.numbers["stopped_ms"])
    running = running_spans(table, clock)
    running_mean = mean_of(*running, window)
    peaks = running_peaks(table, running)
    held = holding_spans(table, clock) if vcpus is not None else None
    occupancy = Occupancy(
        running=peaks.bracket,
        running_mean=running_mean,
        reserved_vcpus=_times(peak_of(*held), vcpus) if held is not None else None,
        reserved_vcpus_mean=_times(mean_of(*held, window), vcpus) if held is not None else None,
        max_vcpus=max_vcpus_of(environment),
    )
    return _Held(span_ms, peaks.by_stamps, occupancy)


def _times(bound: Bound | None, factor: float | None) -> Bound | None:
    if bound is None or bound.earliest is None or bound.latest is None or factor is None:
        return None
    return Bound(bound.earliest * factor, bound.latest * factor)


def _window(*columns: Numbers) -> Bound:
    known = [column for column in columns if not np.isnan(column).all()]
    if not known:
        return Bound(0.0, 0.0)
    return Bound(float(min(np.nanmin(c) for c in known)), float(max(np.nanmax(c) for c in known)))
