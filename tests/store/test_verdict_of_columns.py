"""The verdict of jobs.parquet is that of the documents it was made from."""

from __future__ import annotations

import dataclasses
import random
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest

from batchgauge import bootstrap
from batchgauge.core.analysis.analysis import Analysis, analyse
from batchgauge.core.bound import Bound
from batchgauge.core.columns.job_table import TASK_INSTANTS, table_of
from batchgauge.core.columns.placement import placements_of_table
from batchgauge.core.concurrency.placement import placements_of
from batchgauge.core.limits.job_evidence import RecordEvidence, coarse
from batchgauge.core.limits.judging import judge_limits
from batchgauge.core.limits.table_evidence import TableEvidence
from batchgauge.core.observed.job_result import JobResult
from batchgauge.core.observed.timeline import AttemptInstants
from batchgauge.core.stats.slowing import Company
from batchgauge.reports.job_files import jobs_parquet
from tests.core.cut_short import cut_short
from tests.core.test_table_concurrency import retried
from tests.core.test_table_summary import close
from tests.reports.runs import Setting, measured


def read_back(analysis: Analysis, folder: Path) -> Analysis:
    path = folder / "jobs.parquet"
    path.write_bytes(jobs_parquet(analysis))
    return bootstrap.read_analysis(path)


def plain(value: Any) -> Any:
    """With the names of the types, which two limits of one shape differ in alone."""
    if dataclasses.is_dataclass(value):
        return {
            "type": type(value).__name__,
            **{f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)},
        }
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    return msgspec.to_builtins(value)


SETTINGS = [
    Setting(),
    Setting(failing=4),
    Setting(refused=4),
    Setting(looks=1),
    Setting(looks=4),
    Setting(looks=12),
    Setting(is_monitored=False),
    Setting(knows_capacity=False),
]


@pytest.mark.parametrize("setting", SETTINGS)
def test_what_is_cut_off_refused_or_failed_gets_the_same_verdict(setting: Setting, tmp_path: Path) -> None:
    analysis = analyse([(f"{level}.json", measured(level, setting)) for level in (2, 20, 60)])
    assert close(plain(judge_limits(read_back(analysis, tmp_path))), plain(judge_limits(analysis)))


def test_a_run_that_was_ended_while_jobs_waited_gets_the_same_verdict(tmp_path: Path) -> None:
    analysis = analyse([("18.json", cut_short(18))])
    assert close(plain(judge_limits(read_back(analysis, tmp_path))), plain(judge_limits(analysis)))


def test_jobs_that_were_tried_again_get_the_same_verdict(tmp_path: Path) -> None:
    analysis = analyse([("a.json", retried(measured(20))), ("b.json", retried(measured(50)))])
    assert close(plain(judge_limits(read_back(analysis, tmp_path))), plain(judge_limits(analysis)))


def test_an_older_file_without_the_columns_of_tasks_and_log_lines_is_judged_by_what_it_has(tmp_path: Path) -> None:
    analysis = analyse([(f"{level}.json", measured(level)) for level in (5, 20, 40)])
    path = tmp_path / "jobs.parquet"
    path.write_bytes(jobs_parquet(analysis))
    metadata = pl.read_parquet_metadata(path)
    newer = [
        name for name in pl.read_parquet_schema(path) if any(part in name for part in (*TASK_INSTANTS, "log_delay"))
    ]
    assert len(newer) == 7
    pl.read_parquet(path).drop(newer).write_parquet(path, metadata={"batchgauge": metadata["batchgauge"]})
    assert close(plain(judge_limits(bootstrap.read_analysis(path))), plain(judge_limits(analysis)))


def untidy(seed: int) -> list[JobResult]:
    """Jobs of which some lost their end, their start, or the bound of STARTING, or wait for another attempt."""
    chance = random.Random(seed)
    jobs = []
    for job in measured(chance.choice((3, 40, 150)), Setting(looks=chance.choice((None, 3, 6)))).jobs:
        instants = job.instants
        if instants is not None and chance.random() < 0.3:
            changed: dict[str, Any] = {chance.choice(("starting_ms", "stopped_ms", "started_ms", "created_ms")): None}
            instants = msgspec.structs.replace(instants, **changed)
        if instants is not None and instants.started_ms is not None and chance.random() < 0.2:
            later = AttemptInstants(starting_ms=Bound(instants.started_ms + 5_000, None))
            first = AttemptInstants(starting_ms=instants.starting_ms, started_ms=instants.started_ms)
            jobs.append(
                msgspec.structs.replace(
                    job, instants=instants, attempts=job.attempts[:1], attempt_instants=(first, later)
                )
            )
        else:
            jobs.append(msgspec.structs.replace(job, instants=instants))
    return jobs


@pytest.mark.parametrize("seed", range(40))
def test_evidence_of_columns_is_that_of_records(seed: int) -> None:
    jobs = untidy(seed)
    records, columns = RecordEvidence(jobs), TableEvidence(table_of(jobs))
    for name in ("sends", "has_tasks"):
        assert close(getattr(records, name), getattr(columns, name)), name
    for name in (
        "provisioning",
        "image_pulls",
        "start_ups",
        "start_up_least",
        "start_up_most",
        "run_times",
        "log_delays",
    ):
        assert close(plain(getattr(records, name)()), plain(getattr(columns, name)())), name
    for name in ("ran", "pulled"):
        mine, theirs = getattr(columns, name)(), getattr(records, name)()
        assert (mine is None) == (theirs is None)
        if mine is not None:
            assert close(mine.company.times_ms, theirs.company.times_ms)
            assert mine.members == theirs.members
    placed, expected = placements_of_table(table_of(jobs)), placements_of(jobs)
    for name in ("number", "never_placed", "has_turns", "number_waited", "delay_ms", "held", "is_for_room", "bucket"):
        assert close(plain(getattr(placed, name)), plain(getattr(expected, name))), name


def test_very_many_numbers_of_companions_are_taken_together_and_the_highest_stays() -> None:
    times = Company(dict.fromkeys(range(1, 20001), 1.0))
    fewer = coarse(times)
    assert len(fewer.times_ms) < 700
    assert max(fewer.times_ms) == 20_000
    assert fewer.duration_ms == pytest.approx(times.duration_ms)
    assert fewer.work_ms(lambda number: 1 / (1 + 0.01 * number)) == pytest.approx(
        times.work_ms(lambda number: 1 / (1 + 0.01 * number)), rel=1e-3
    )
    assert coarse(Company({1: 2.0})).times_ms == {1: 2.0}
