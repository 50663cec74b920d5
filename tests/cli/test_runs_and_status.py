"""``batchgauge runs`` and ``batchgauge status``: files only, no AWS."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from batchgauge import bootstrap
from batchgauge.cli.status import Followed, follow
from batchgauge.core.journal import Ended, RunOutcome
from batchgauge.core.progress.snapshot import ProgressSnapshot
from batchgauge.core.result.kept_run import SILENCE_LIMIT_S
from batchgauge.core.result.run_result import RunResult
from batchgauge.store.file_lock import lock_file
from batchgauge.store.journal import encode_line
from tests.core.journals import RUN, header, plan_of

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "test-results" / "runs" / RUN / "journal.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(encode_line(header(2)) + encode_line(plan_of(2)))
    return path


def end(journal: Path, outcome: RunOutcome = RunOutcome.COMPLETE) -> None:
    with journal.open("ab") as file:
        file.write(encode_line(Ended(at_ms=header().started_ms + 5000, outcome=outcome)))


def test_runs_are_listed(batchgauge: Command, journal: Path) -> None:
    shown = batchgauge("runs")
    assert shown.returncode == 0, shown.stderr
    assert "20261122T101500-x7k2" in shown.stdout
    assert "going on" in shown.stdout
    [run] = json.loads(batchgauge("runs", "--json").stdout)["runs"]
    assert (run["runId"], run["standing"], run["level"]) == (RUN, "going-on", 2)
    assert run["sizeBytes"] == journal.stat().st_size


def test_a_list_that_goes_to_no_terminal_is_as_wide_as_columns_says_and_else_whole(
    batchgauge: Command, journal: Path
) -> None:
    queue = "a-queue-with-a-name-that-is-longer-than-what-is-left-of-eighty-columns"
    of_queue = msgspec.structs.replace(header(2).scenario.job, job_queue=queue)
    scenario = msgspec.structs.replace(header(2).scenario, job=of_queue)
    changed = msgspec.structs.replace(header(2), scenario=scenario)
    journal.write_bytes(encode_line(changed) + encode_line(plan_of(2)))
    assert queue in batchgauge("runs").stdout
    narrow = batchgauge("runs", environ={"COLUMNS": "80"}).stdout
    assert max(map(len, narrow.splitlines())) <= 80
    for cell in ("20261122T101500-x7k2", "Level", "going on", "Size", "…"):
        assert cell in narrow
    assert queue in batchgauge("runs", environ={"COLUMNS": "wide"}).stdout


def test_a_broken_run_is_named(batchgauge: Command, journal: Path) -> None:
    journal.write_bytes(b"nonsense\n")
    shown = batchgauge("runs")
    assert shown.returncode == 0
    assert "line 1 is damaged" in shown.stderr
    assert RUN in shown.stderr


def test_an_empty_folder_is_no_error_and_a_missing_one_is(batchgauge: Command, tmp_path: Path) -> None:
    assert batchgauge("runs").returncode == 2
    (tmp_path / "test-results").mkdir()
    shown = batchgauge("runs")
    assert (shown.returncode, shown.stdout) == (0, "")
    assert "no runs" in shown.stderr


def test_a_status_is_shown_with_a_torn_last_line(batchgauge: Command, journal: Path) -> None:
    with journal.open("ab") as file:
        file.write(b'{"crc32":"89ab')
    shown = batchgauge("status", "x7k2")
    assert shown.returncode == 0, shown.stderr
    assert f"{RUN}: going on" in shown.stdout
    assert "; no process of this machine writes it" in shown.stdout
    with journal.open("r+b", buffering=0) as held:
        lock_file(held, journal, is_needed=True)
        document = json.loads(batchgauge("status", "latest", "--json").stdout)
        assert document["isWrittenHere"]
    assert (document["runId"], document["standing"], document["totalJobs"]) == (RUN, "going-on", 2)


def test_a_run_that_is_not_there_is_wrong_usage(batchgauge: Command, journal: Path) -> None:
    assert journal.exists()
    shown = batchgauge("status", "nothing")
    assert shown.returncode == 2
    assert "nothing" in shown.stderr


def test_following_an_ended_run_returns_at_once(batchgauge: Command, journal: Path) -> None:
    end(journal)
    shown = batchgauge("status", "latest", "--follow")
    assert shown.returncode == 0, shown.stderr
    assert f"{RUN}: complete" in shown.stdout


class Seen:
    """A view that remembers."""

    def __init__(self) -> None:
        self.snapshots: list[ProgressSnapshot] = []

    def begin_level(self, heading: str) -> None:
        del heading

    def update(self, snapshot: ProgressSnapshot) -> None:
        self.snapshots.append(snapshot)

    def pause(self, seconds: float, next_level: int) -> None:
        del seconds, next_level

    def end_level(self, result: RunResult, path: str) -> None:
        del result, path

    def say(self, text: str) -> None:
        del text


def test_following_shows_news_only_and_ends_with_the_run(journal: Path) -> None:
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            end(journal)

    followed = Followed(bootstrap.follow_journal(journal.parents[2], RUN), bootstrap.now_ms)
    followed.read()
    view = Seen()
    follow(followed, view, sleep, lambda: None)
    assert len(slept) == 3
    assert all(seconds > 0 for seconds in slept)
    assert len(view.snapshots) == 1
    assert followed.progress.outcome is RunOutcome.COMPLETE


def test_following_ends_when_the_journal_falls_silent(journal: Path) -> None:
    now_ms = bootstrap.now_ms()

    class Silent:
        run_id, path = RUN, journal
        silence_s = 0.0

        def new_records(self) -> object:
            return iter([header(2)] if self.silence_s == 0 else [])

        def silent_s(self) -> float:
            return self.silence_s

    silent = Silent()

    def sleep(seconds: float) -> None:
        del seconds
        silent.silence_s += 30

    followed = Followed(silent, lambda: now_ms)  # type: ignore[arg-type]
    followed.read()
    follow(followed, Seen(), sleep, lambda: None)
    assert SILENCE_LIMIT_S < silent.silence_s <= SILENCE_LIMIT_S + 30
