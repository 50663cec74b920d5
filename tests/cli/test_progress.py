"""What a measurement shows while it goes on."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from rich.console import Console

from batchgauge.cli.progress import LiveView, PlainView, level_heading, level_line
from batchgauge.core.job import JobState
from batchgauge.core.journal import RunOutcome
from batchgauge.core.levels import summarise_level
from batchgauge.core.observed.job_result import JobResult
from batchgauge.core.progress.snapshot import ProgressSnapshot, RunStage
from batchgauge.core.result.run_result import RunResult

RUN = "concurrent-test-20261122T101500-x7k2"


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATCHGAUGE_LANG", "en")


def snapshot(elapsed_s: float, stage: RunStage = RunStage.OBSERVING, **changed: Any) -> ProgressSnapshot:
    return ProgressSnapshot(
        run_id=RUN, stage=stage, total=5, elapsed_s=elapsed_s, **{"accepted": 5, "refused": 0, **changed}
    )


def result(*statuses: str, is_monitored: bool = True) -> RunResult:
    jobs = tuple(
        JobResult(
            job_id=None if status == "FAILED_TO_SUBMIT" else f"id-{number}",
            job_name=f"job-{number}",
            submission_time="2026-11-22T10:15:00",
            submit_duration=0.1,
            status=status,
        )
        for number, status in enumerate(statuses)
    )
    return RunResult(
        timestamp="2026-11-22T10:15:00",
        job_queue="queue",
        job_definition="definition",
        total_jobs=len(jobs),
        successful_jobs=len(jobs),
        failed_jobs=0,
        jobs=jobs,
        levels=(summarise_level(jobs, is_monitored=is_monitored, environment=None, throttles=None),),
    )


class TestPlainView:
    @pytest.fixture
    def lines(self) -> list[str]:
        return []

    @pytest.fixture
    def view(self, lines: list[str]) -> PlainView:
        return PlainView(lines.append)

    def test_names_the_level_and_the_run(self, view: PlainView, lines: list[str]) -> None:
        view.begin_level(level_heading(5, RUN, position=2, levels=2))
        assert lines == [f"Level 2 of 2: 5 jobs at once ({RUN})"]

    def test_shows_every_stage(self, view: PlainView, lines: list[str]) -> None:
        for stage in (RunStage.SUBMITTING, RunStage.OBSERVING, RunStage.READING_LOGS):
            view.update(snapshot(0.1, stage))
        assert len(lines) == 3

    def test_within_a_stage_shows_changes_and_not_too_often(self, view: PlainView, lines: list[str]) -> None:
        view.update(snapshot(0.0, states={JobState.RUNNABLE: 5}))
        view.update(snapshot(1.0, states={JobState.STARTING: 5}))
        view.update(snapshot(6.0, states={JobState.RUNNABLE: 5}))
        view.update(snapshot(70.0, states={JobState.RUNNING: 5}, remaining_s=65.0, throttles=3))
        assert lines == [
            "  0:00, watching, RUNNABLE 5",
            "  1:10, watching, RUNNING 5, throttled calls: 3, about 1:05 left",
        ]

    def test_has_nothing_to_say_of_the_end(self, view: PlainView, lines: list[str]) -> None:
        view.update(snapshot(9.0, RunStage.DONE))
        assert lines == []


class TestLevelHeading:
    def test_of_a_search_does_not_say_how_many_there_will_be(self) -> None:
        heading = level_heading(8, RUN, position=3, levels=None)
        assert heading == f"Level 3, chosen by what came before: 8 jobs at once ({RUN})"

    def test_of_a_variant_begins_with_its_name(self) -> None:
        assert level_heading(5, RUN, 2, 4, "large") == f"large · Level 2 of 4: 5 jobs at once ({RUN})"


class TestLevelLine:
    def test_of_a_finished_level(self) -> None:
        line = level_line(result("SUCCEEDED", "FAILED", "FAILED_TO_SUBMIT"), "results/a.json")
        assert line == "3 jobs: 1 succeeded, 1 failed, 1 not submitted -> results/a.json"

    def test_of_one_that_did_not_finish(self) -> None:
        assert "1 not finished" in level_line(result("SUCCEEDED", "RUNNING"), "a.json")

    def test_of_one_that_was_interrupted(self) -> None:
        interrupted = result("SUCCEEDED", "FAILED")
        interrupted.outcome = RunOutcome.INTERRUPTED
        assert level_line(interrupted, "a.json").startswith("interrupted")

    def test_of_one_that_was_not_watched(self) -> None:
        line = level_line(result("SUBMITTED", "FAILED_TO_SUBMIT", is_monitored=False), "a.json")
        assert line == "2 jobs: 1 submitted, 1 not submitted, not watched -> a.json"


class TestLiveView:
    def test_shows_states_progress_and_estimate_and_leaves_a_line_a_level(self) -> None:
        screen = io.StringIO()
        console = Console(file=screen, force_terminal=True, width=120, _environ={})
        now_s = [0.0]
        with LiveView(console, lambda: now_s[0]) as view:
            view.begin_level(level_heading(5, RUN))
            view.update(
                snapshot(30.0, states={JobState.RUNNING: 3, JobState.SUCCEEDED: 2}, remaining_s=20.0, throttles=1)
            )
            now_s[0] = 5.0
            view.refresh()
            view.end_level(result(*["SUCCEEDED"] * 5), "results/a.json")
        shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue())
        assert "RUNNABLE 0  STARTING 0  RUNNING 3  SUCCEEDED 2  FAILED 0" in shown
        assert "SUBMITTED" not in shown, "a line of 80 columns holds the others"
        assert "2/5" in shown
        assert "0:35" in shown
        assert "about 0:15 left" in shown
        assert "throttled calls: 1" in shown
        assert "5 jobs: 5 succeeded, 0 failed, 0 not submitted -> results/a.json" in shown
