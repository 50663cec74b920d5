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


@pytest.mark.parametrize("language", ["en", "ja"])
def test_more_jobs_than_a_call_shows_are_said_to_be_known_less_well_while_they_are_spread(language: str) -> None:
    [line] = said(language, num_jobs=1_000)
    assert line.count("1 – 10") == 3
    [line] = said(language, num_jobs=100)
    assert " – " not in line


def test_a_given_interval_beyond_the_budget_is_warned_of() -> None:
    _, warning = said(num_jobs=2_000, is_interval_planned=False, monitor_interval_s=0.1)
    assert warning.startswith("warning")
    assert "400.0%" in warning
    assert "(20.0%)" in warning


def test_an_array_is_listed_by_its_parent_and_split_as_it_is_submitted() -> None:
    [line] = said(num_jobs=20_000, is_array=True)
    assert "ListJobs every 10 – 20 s" in line
    assert "calls a look: 20 – 200," in line


@pytest.mark.parametrize("language", ["en", "ja"])
def test_with_events_the_looks_are_said_to_be_besides(language: str) -> None:
    [line] = said(language, num_jobs=20, watches_events=True)
    assert "60" in line
    assert "DescribeJobs" not in line


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
