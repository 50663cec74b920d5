"""What stands out in an analysis: the rules by which findings are found."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Final

from batchgauge.core.analysis.analysis import AnalysedRun, Analysis
from batchgauge.core.bound import exactly
from batchgauge.core.concurrency.over_time import concurrency_over_time
from batchgauge.core.findings.differences import differences_between
from batchgauge.core.findings.far_off import took_far_longer
from batchgauge.core.findings.kinds import (
    AllSucceeded,
    CapacityReached,
    ConditionsDiffer,
    Difference,
    Finding,
    HeldBackByWorkers,
    JobsFailed,
    JobsNotListed,
    JobsRefused,
    JobsTriedAgain,
    JobsUnanswered,
    JobsUnfinished,
    LogsMissing,
    NeverThrottled,
    NotMonitored,
    OfLevel,
    RanFewer,
    RanTogether,
    Reason,
    RepeatsDrifted,
    RunEndedEarly,
    RunTimeVaried,
    SentLate,
    Throttled,
    Weight,
)
from batchgauge.core.findings.repeat_drift import repeat_drifts
from batchgauge.core.findings.trends import CHANGE_FLOOR_MS, FOR_PLACES, find_trends, gives_way
from batchgauge.core.job import FAILED_TO_SUBMIT, JobState
from batchgauge.core.limits.judging import OF_SUBMISSION, judge_limits
from batchgauge.core.limits.of_run import EARLY_ENDS
from batchgauge.core.observed.job_result import JobResult
from batchgauge.core.scenario import Scenario
from batchgauge.core.submitting.submission import NO_ANSWER
from batchgauge.core.verdict import LevelVerdict, Verdicts

SEED: Final = 20_261_126
"""Of the resampling: the same folder gives the same findings, always."""
VARIATION_LIMIT: Final = 0.1
"""Run times vary notably where their standard deviation is over this part of their mean."""
MAX_REASONS: Final = 3
"""How many different reasons of failure a finding names."""
_ORDER: Final = tuple(Weight)


def find(analysis: Analysis) -> tuple[Finding, ...]:
    """All findings, the weightiest first."""
    # A change from level to level is told only of runs that nothing else tells apart.
    differences = tuple(differences_between(analysis.runs))
    chance = random.Random(SEED)  # noqa: S311  (resampling, not a secret)
    trends = () if differences else tuple(find_trends(analysis.runs, chance))
    verdicts = judge_limits(analysis) if trends else None
    found = [
        *_of_outcomes(analysis),
        *_of_concurrency(analysis, verdicts),
        *_of_throttles(analysis),
        *_of_conditions(analysis, differences),
        *(trend for trend in trends if verdicts is None or not gives_way(trend, verdicts)),
        *_of_own_doing(analysis),
        *_of_variation(analysis),
        *took_far_longer(analysis),
        *_of_drift(analysis),
    ]
    return tuple(sorted(_merged(found), key=lambda finding: _ORDER.index(finding.weight)))


def _merged(found: Iterable[Finding]) -> Iterable[Finding]:
    """What holds alike for several runs of a level is said once, of all of them."""
    merged: dict[Finding, Finding] = {}
    for finding in found:
        if not isinstance(finding, OfLevel):
            merged[finding] = finding
            continue
        key = replace(finding, repeats=())
        known = merged.get(key)
        before = known.repeats if isinstance(known, OfLevel) else ()
        merged[key] = replace(finding, repeats=(*before, *finding.repeats))
    return merged.values()


def _of_outcomes(analysis: Analysis) -> Iterator[Finding]:
    for run in analysis.runs:
        summary, repeats = run.summary, (run.repeat,)
        if run.result.outcome in EARLY_ENDS:
            yield RunEndedEarly(summary.level, run.file, run.result.outcome, repeats)
        yield from _of_submissions(run)
        if summary.failed:
            reasons = _reasons(run, lambda job: job.is_failed, lambda job: job.reason or job.status_reason, FAILED)
            yield JobsFailed(summary.level, summary.failed, summary.level, reasons, repeats)
        if summary.is_monitored and summary.unfinished:
            states = _reasons(run, _is_unfinished, lambda job: job.status, UNFINISHED)
            yield JobsUnfinished(summary.level, summary.unfinished, summary.level, states, repeats)
        if summary.retried and summary.attempts is not None:
            yield JobsTriedAgain(summary.level, summary.retried, summary.accepted, summary.attempts, repeats)
    watched = [run.summary for run in analysis.runs if run.summary.is_monitored]
    if watched and all(summary.succeeded == summary.level > 0 for summary in watched):
        yield AllSucceeded(sum(summary.succeeded for summary in watched))
    unwatched = [run for run in analysis.runs if not run.summary.is_monitored]
    if unwatched:
        yield NotMonitored(tuple(run.summary.level for run in unwatched), tuple(run.repeat for run in unwatched))


def _of_submissions(run: AnalysedRun) -> Iterator[Finding]:
    """What AWS did not take, and what nobody knows of."""
    summary, repeats = run.summary, (run.repeat,)
    unanswered, refused = summary.unanswered, summary.surely_refused
    if refused > 0:
        reasons = _reasons(run, lambda job: not job.is_accepted, lambda job: job.error, REFUSED)
        # Of both together, what stands for no answer is no reason of AWS's.
        said = tuple(reason for reason in reasons if not (unanswered and reason.text == NO_ANSWER))
        yield JobsRefused(summary.level, refused, summary.level, said, repeats)
    if unanswered:
        yield JobsUnanswered(summary.level, unanswered, summary.level, repeats)


def _of_concurrency(analysis: Analysis, verdicts: Verdicts | None) -> Iterator[Finding]:
    explained = set() if verdicts is None else {level.level for level in verdicts.levels if _keeps_few(level)}
    watched = [run for run in analysis.runs if run.summary.max_running is not None]
    full = [run for run in watched if _fills_capacity(run)]
    if full and full[0].summary.capacity_jobs is not None:
        yield CapacityReached(full[0].summary.level, full[0].summary.capacity_jobs)
    for run in watched:
        summary = run.summary
        expected = min(summary.accepted, summary.capacity_jobs or summary.accepted)
        # Where a limit kept them from running at once, they did not end too soon.
        if (
            summary.max_running
            and summary.max_running < expected
            and run not in full
            and summary.level not in explained
        ):
            yield RanFewer(summary.level, summary.max_running, expected, (run.repeat,))
    if watched and all(run.summary.max_running == run.summary.accepted for run in watched):
        yield RanTogether(max(run.summary.level for run in watched))


def _keeps_few(level: LevelVerdict) -> bool:
    return any(limit.code in KEEPING_FEW for limit in (level.held, *level.others))


def _fills_capacity(run: AnalysedRun) -> bool:
    capacity = run.summary.capacity_jobs
    return capacity is not None and run.summary.accepted > capacity and most_surely_held(run) == capacity


def most_surely_held(run: AnalysedRun) -> int:
    """The most places that its jobs surely held at one moment, be they records or columns."""
    if run.table is None:
        return surely_held(run.result.jobs)
    from batchgauge.core.findings.table_facts import most_surely_held as of_table  # noqa: PLC0415  (numpy, only for columns)

    return of_table(run.table)


def surely_held(jobs: Iterable[JobResult]) -> int:
    """The most places that jobs surely held at one moment: a place is held from STARTING, not only from RUNNING, to the end."""
    return concurrency_over_time(interval for job in jobs for interval in _surely_held(job)).maximum


def _surely_held(job: JobResult) -> Iterator[tuple[float, float | None]]:
    later = [(attempt.started_ms, attempt.stopped_ms) for attempt in job.attempts[1:] if attempt.started_ms is not None]
    yield from later
    if job.instants is None:
        return
    starting = job.instants.starting_ms
    begin = starting.latest if starting is not None and starting.latest is not None else job.instants.started_ms
    if begin is not None:
        yield begin, job.attempts[0].stopped_ms if job.attempts else job.instants.stopped_ms


def _of_throttles(analysis: Analysis) -> Iterator[Finding]:
    known = [run for run in analysis.runs if run.result.api is not None]
    for run in known:
        assert run.result.api is not None  # noqa: S101  (just selected)
        for operation, usage in run.result.api.operations.items():
            if usage.throttled:
                yield Throttled(run.summary.level, operation, usage.throttled, usage.calls, (run.repeat,))
    if known and len(known) == len(analysis.runs) and not any(run.summary.throttles for run in known):
        yield NeverThrottled(sum(run.result.api.calls for run in known if run.result.api is not None))


def _of_own_doing(analysis: Analysis) -> Iterator[Finding]:
    for run in analysis.runs:
        late = run.result.lateness
        if late is not None and (late.late or late.waited_for_connection):
            yield SentLate(
                run.summary.level,
                late.late,
                late.submissions,
                exactly(late.tolerance_ms),
                late.lateness_ms.maximum,
                late.waited_for_connection,
                (run.repeat,),
            )
    yield from _of_workers(analysis)


def _of_workers(analysis: Analysis) -> Iterator[Finding]:
    for run in reversed(analysis.runs):
        scenario, latency = run.result.scenario, run.summary.submit_latency
        if scenario is None or latency is None or run.summary.level <= scenario.max_workers or _is_open(scenario):
            continue
        slowest_call, last = run.summary.submit.maximum.latest, latency.maximum.earliest
        # What throttling and the waits after it may have cost is not ours: more in flight would only bring more of it.
        explained_ms = _submit_back_off_ms(run)
        if slowest_call is None or last is None or last - slowest_call - explained_ms < CHANGE_FLOOR_MS:
            continue
        submit = run.summary.submit.maximum
        yield HeldBackByWorkers(run.summary.level, scenario.max_workers, latency.maximum, submit, (run.repeat,))
        return


def _is_open(scenario: Scenario) -> bool:
    return scenario.load_shape.is_open


def _submit_back_off_ms(run: AnalysedRun) -> float:
    usage = run.result.api.operations.get("SubmitJob") if run.result.api is not None else None
    return usage.back_off_ms if usage is not None else 0.0


def _of_variation(analysis: Analysis) -> Iterator[Finding]:
    varied: dict[int, RunTimeVaried] = {}
    for run in analysis.runs:
        sample = run.summary.run
        if sample is None or sample.standard_deviation is None or not sample.mean.earliest:
            continue
        relative = sample.standard_deviation / sample.mean.earliest
        level, known = run.summary.level, varied.get(run.summary.level)
        # Of a level's repeats the one whose jobs varied most stands for all.
        if relative > max(VARIATION_LIMIT, known.relative if known is not None else 0.0):
            deviation = exactly(sample.standard_deviation)
            varied[level] = RunTimeVaried(level, deviation, relative, sample.minimum, sample.maximum, (run.repeat,))
    yield from varied.values()
    for run in analysis.runs:
        logs = run.summary.logs
        if logs is not None and logs.jobs_without_lines:
            yield LogsMissing(run.summary.level, logs.jobs_without_lines, logs.jobs, (run.repeat,))


def _of_conditions(analysis: Analysis, differences: tuple[Difference, ...]) -> Iterator[Finding]:
    for run in analysis.runs:
        if run.listed < run.summary.level:
            yield JobsNotListed(run.summary.level, run.file, run.listed)
    if differences:
        yield ConditionsDiffer(differences)


def _of_drift(analysis: Analysis) -> Iterator[Finding]:
    drifting = [drift for drift in repeat_drifts(analysis) if drift.is_drift]
    if drifting:
        yield RepeatsDrifted(tuple(drift.phase for drift in drifting), max(drift.repeats for drift in drifting))


KEEPING_FEW: Final = FOR_PLACES | OF_SUBMISSION
"""The limits that keep jobs from running at once."""
REFUSED: Final = ("error",)
FAILED: Final = ("reason", "status_reason")
UNFINISHED: Final = ("status",)
"""The columns that say why, or where, for jobs that are columns."""


def _is_unfinished(job: JobResult) -> bool:
    return job.is_accepted and not job.is_finished


def _reasons(
    run: AnalysedRun,
    is_one: Callable[[JobResult], bool],
    text: Callable[[JobResult], str | None],
    columns: tuple[str, ...],
) -> tuple[Reason, ...]:
    if run.table is None:
        return _of_jobs((job for job in run.result.jobs if is_one(job)), text)
    from batchgauge.core.findings.table_facts import reasons_of  # noqa: PLC0415  (as above)

    table = run.table
    refused, failed, succeeded = (
        table.has_status(name) for name in (FAILED_TO_SUBMIT, JobState.FAILED, JobState.SUCCEEDED)
    )
    chosen = {REFUSED: refused, FAILED: failed, UNFINISHED: ~(refused | failed | succeeded)}[columns]
    return reasons_of(table, chosen, *columns, most=MAX_REASONS)


def _of_jobs(jobs: Iterable[JobResult], text: Callable[[JobResult], str | None]) -> tuple[Reason, ...]:
    counted = Counter((text(job) or "", job.exit_code) for job in jobs)
    return tuple(Reason(words, exit_code, count) for (words, exit_code), count in counted.most_common(MAX_REASONS))
