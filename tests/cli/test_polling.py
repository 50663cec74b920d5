"""What is said of watching before a run."""

from __future__ import annotations

import pytest

from batchgauge.cli.polling import watching_lines
from batchgauge.core.scenario import JobShape, Scenario
from batchgauge.messages import Translator, translator


def said(language: str = "en", **changed: object) -> list[str]:
    settings = {"is_monitored": True, "is_interval_planned": True, **changed}
    job = JobShape(job_queue="queue", job_definition="definition")
    return list(watching_lines(Scenario(job=job, **settings), _translator(language)))  # type: ignore[arg-type]


def _translator(language: str) -> Translator:
    return translator(language)


def test_few_jobs_are_described_each_second() -> None:
    [line] = said(num_jobs=20)
    assert "DescribeJobs every 1 s" in line
    assert "at most 60 a minute (2.0% of AWS's 50/s)" in line


def test_many_jobs_are_listed_and_their_details_counted() -> None:
    [line] = said(num_jobs=10_000)
    assert "ListJobs every 10 s" in line
    assert "100 DescribeJobs" in line


def test_a_given_interval_beyond_the_budget_is_warned_of() -> None:
    _, warning = said(num_jobs=2_000, is_interval_planned=False, monitor_interval_s=0.1)
    assert warning.startswith("warning")
    assert "40.0%" in warning
    assert "(20.0%)" in warning


@pytest.mark.parametrize("jobs", [5, 5_000])
def test_the_same_is_said_in_japanese(jobs: int) -> None:
    [line] = said("ja", num_jobs=jobs)
    assert "監視" in line
    assert "{" not in line


@pytest.mark.parametrize("language", ["en", "ja"])
def test_events_are_said_to_do_the_work_with_a_look_a_minute(language: str) -> None:
    [line] = said(language, num_jobs=10_000, watches_events=True)
    assert "60" in line
    assert "ListJobs" not in line
