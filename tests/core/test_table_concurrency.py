from __future__ import annotations

import msgspec
import numpy as np
import pytest

from batchgauge.core.bound import Bound
from batchgauge.core.columns.concurrency import Bracket, holding_of, running_of
from batchgauge.core.columns.job_table import NUMBER_COLUMNS, number_row, table_of
from batchgauge.core.concurrency.occupancy import reserved_bracket, running_bracket
from batchgauge.core.concurrency.over_time import ConcurrencyBracket
from batchgauge.core.findings.rules import surely_held
from batchgauge.core.findings.table_facts import most_surely_held
from batchgauge.core.journal import Attempt
from batchgauge.core.observed.clock_offset import NOT_KNOWN
from batchgauge.core.observed.timeline import AttemptInstants
from batchgauge.core.result.run_result import RunResult
from tests.reports.runs import Setting, measured

SETTINGS = [Setting(), Setting(failing=3), Setting(refused=4), Setting(looks=4), Setting(is_monitored=False)]


def assert_same(bracket: Bracket, expected: ConcurrencyBracket) -> None:
    """As step functions: a time at which nothing changes may stand in one and not in the other."""
    moments = np.unique(np.concatenate([bracket.times_ms, np.array(expected.times_ms, dtype=float)]))
    for mine, theirs in ((bracket.surely, expected.surely), (bracket.possibly, expected.possibly)):
        assert at(moments, bracket.times_ms, mine) == at(moments, np.array(expected.times_ms, dtype=float), theirs)


def at(moments: object, times: object, values: object) -> list[float]:
    steps = np.concatenate([[0.0], np.asarray(values, dtype=float)])
    found: list[float] = steps[np.searchsorted(np.asarray(times), np.asarray(moments), side="right")].tolist()
    return found


def retried(result: RunResult) -> RunResult:
    """Every third job had an attempt before."""
    jobs = list(result.jobs)
    for row in range(0, len(jobs), 3):
        instants = jobs[row].instants
        assert instants is not None and instants.started_ms is not None and instants.stopped_ms is not None
        first = Attempt(started_ms=instants.started_ms, stopped_ms=instants.started_ms + 900)
        second = Attempt(started_ms=instants.started_ms + 4_000, stopped_ms=instants.stopped_ms)
        told = (
            AttemptInstants(starting_ms=instants.starting_ms, started_ms=first.started_ms, stopped_ms=first.stopped_ms),
            AttemptInstants(
                starting_ms=Bound(instants.started_ms + 1_000, instants.started_ms + 3_000),
                started_ms=second.started_ms,
                stopped_ms=second.stopped_ms,
            ),
        )
        known = told if row % 2 else ()
        jobs[row] = msgspec.structs.replace(jobs[row], attempts=(first, second), attempt_instants=known)
    return msgspec.structs.replace(result, jobs=tuple(jobs))


@pytest.mark.parametrize("setting", SETTINGS)
def test_columns_give_the_same_brackets_as_records(setting: Setting) -> None:
    result = measured(40, setting)
    clock = result.clock or NOT_KNOWN
    table = table_of(result.jobs)
    assert_same(running_of(table, result.clock), running_bracket(result.jobs, clock))
    assert_same(holding_of(table, result.clock), reserved_bracket(result.jobs, clock, 1.0))


def test_each_attempt_counts() -> None:
    result = retried(measured(20))
    table = table_of(result.jobs)
    assert len(table.attempt_rows) == 14
    assert_same(running_of(table, result.clock), running_bracket(result.jobs, result.clock or NOT_KNOWN))
    assert_same(holding_of(table, result.clock), reserved_bracket(result.jobs, result.clock or NOT_KNOWN, 1.0))
    assert most_surely_held(table) == surely_held(result.jobs)


def test_a_row_has_every_column() -> None:
    assert len(number_row(measured(1).jobs[0])) == len(NUMBER_COLUMNS)


def test_no_jobs_make_an_empty_table() -> None:
    table = table_of([])
    assert len(table) == 0
    assert len(running_of(table, None).times_ms) == 0
