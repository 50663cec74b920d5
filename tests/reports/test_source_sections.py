"""What other sources told: shown where there is something, in both languages, and absent where there is nothing."""

from __future__ import annotations

from io import StringIO

import msgspec
import pytest
from rich.cells import cell_len
from rich.console import Console

from batchgauge.core.analysis.analysis import analyse
from batchgauge.core.bound import Bound, exactly
from batchgauge.core.journal import EventRouteStage, ProgramEnd, ProgramLines, TaskSighting
from batchgauge.core.observed.container_insights import ClusterUse
from batchgauge.core.observed.event_usage import EventUsage
from batchgauge.core.observed.program_report import program_report
from batchgauge.core.observed.task_times import TaskUsage, task_times
from batchgauge.core.program_load import ProgramLoad
from batchgauge.core.result.run_result import RunResult
from batchgauge.core.stats.summary import summarise
from batchgauge.messages import Language, translator
from batchgauge.reports.markdown import markdown_report
from batchgauge.reports.terminal import run_table
from tests.reports.runs import measured

LANGUAGES: tuple[Language, ...] = ("en", "ja")
SECTIONS = ("report.split", "report.programs", "report.events", "report.insights")


def told(level: int = 4) -> RunResult:
    """A run of which every other source told something."""
    result = measured(level)
    said = ProgramLines(
        ticks=((0, 1000.0), (2, 3000.0), (1, 2000.0)),
        end=ProgramEnd(
            seconds=4.0, elapsed_ms=4000.2, drift_ms=0.2, worst_tick_ms=0.3, cpu_ms=12.0, peak_memory_kib=20480
        ),
    )
    jobs = []
    for job in result.jobs:
        created = (job.instants.created_ms if job.instants else None) or 0.0
        task = TaskSighting(
            task_arn="arn:task/c/1",
            job=job.index or 0,
            attempt=1,
            created_ms=created + 1_500,
            pull_started_ms=created + 21_500,
            pull_stopped_ms=created + 33_500,
            started_ms=created + 37_500,
        )
        jobs.append(
            msgspec.structs.replace(
                job, tasks=task_times([task], created), program=program_report(said, is_truncated=False)
            )
        )
    return msgspec.structs.replace(
        result,
        jobs=tuple(jobs),
        tasks=TaskUsage(found=level),
        events=EventUsage(
            events=level * 4,
            duplicates=1,
            disordered=2,
            jobs=level,
            delay=summarise([Bound(100.0, 900.0)] * level),
            route=EventRouteStage.TAKEN_AWAY,
        ),
        container_insights=(
            ClusterUse(
                cluster="with|pipe",
                minutes=3,
                cpu_units_mean=256.0,
                cpu_units_max=1024.0,
                memory_mib_mean=300.4,
                memory_mib_max=1500.0,
            ),
            ClusterUse(cluster="without"),
            ClusterUse(cluster="denied", error="AccessDenied"),
        ),
    )


def report(result: RunResult, language: Language = "en") -> str:
    return markdown_report(analyse([("a.json", result)]), translator(language))


def table_of(result: RunResult, language: Language = "en", width: int = 200) -> str:
    [run] = analyse([("a.json", result)]).runs
    console = Console(file=StringIO(), width=width, highlight=False)
    console.print(run_table(run.result, run.summary, translator(language)))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_shows_each_source_that_told_something_and_no_other(language: Language) -> None:
    translate = translator(language)
    without, with_all = report(measured(4), language), report(told(), language)
    for section in SECTIONS:
        assert f"### {translate(section)}\n" not in without
        assert with_all.count(f"### {translate(section)}\n") == 1


def test_the_split_is_shown_step_by_step() -> None:
    text = report(told())
    for row in ("until its task | 4 | 4 | 1.50 s", "provisioning | 4 | 4 | 20.0 s", "image pull | 4 | 4 | 12.0 s"):
        assert row in text
    assert "container start | 4 | 4 | 4.00 s" in text


def test_the_programs_words_are_counted_and_measured() -> None:
    text = report(told())
    assert "| 4 | 4 | 12 | 4 | 0 | 4 | 0 |" in text, "three of four lines a job, one of them out of order"
    assert "20.0 MiB" in text
    assert "12 ms" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_became_of_the_load_is_shown_where_there_was_one(language: Language) -> None:
    heading = translator(language)("column.cpu-share-mean")
    assert heading not in report(told(), language)
    result = told()
    load = ProgramLoad(cpu_wanted_s=4.0, cpu_used_s=3.0, cpu_rounds=6000.0, io_written_bytes=2.0**21, io_busy_ms=500.0)
    jobs = [
        msgspec.structs.replace(job, program=msgspec.structs.replace(job.program, load=load))
        for job in result.jobs
        if job.program is not None
    ]
    text = report(msgspec.structs.replace(result, jobs=tuple(jobs)), language)
    assert heading in text
    assert "| 4 | 75.0 % | 75.0 % | 2,000 /s | — | — | 4.0 MiB/s | — | 0 |" in text


def test_clusters_without_metrics_and_those_that_may_not_be_read_are_told_apart() -> None:
    text = report(told())
    assert "`with|pipe`" in text.replace("\\|", "|")
    assert "| 3 | 0.25 vCPU | 1.00 vCPU | 300 MiB | 1,500 MiB |" in text
    assert "| `without` | no metrics | — | — | — | — |" in text
    assert "| `denied` | not readable: `AccessDenied` | — | — | — | — |" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_permission_for_tasks_is_said_in_report_and_table(language: Language) -> None:
    result = msgspec.structs.replace(measured(4), tasks=TaskUsage(found=0, error="AccessDeniedException"))
    assert "AccessDeniedException" in report(result, language)
    assert "AccessDeniedException" in table_of(result, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_of_a_run_still_fits_into_80_columns(language: Language) -> None:
    lines = table_of(told(), language, width=80).splitlines()
    assert max(cell_len(line) for line in lines) <= 80
    translate = translator(language)
    for step in ("dispatch", "provisioning", "image-pull", "container-start"):
        assert any(line.strip().startswith(translate(f"phase.{step}")) for line in lines)


def test_the_table_says_how_events_came_and_what_programs_said() -> None:
    text = table_of(told())
    assert "16, 1 doubled, typically 100 – 900 ms late" in text
    assert "12 numbered, 4 missing, 4 out of order; CPU time 12 ms a job" in text


def test_what_is_only_bounded_stays_a_bound() -> None:
    result = told()
    assert result.events is not None
    assert result.events.delay.mean == Bound(100.0, 900.0)
    assert result.jobs[0].tasks[0].dispatch_ms == exactly(1500.0)
