"""What a results folder keeps, and which run is meant."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from batchgauge.core.journal import Ended, Record, RunOutcome, Started
from batchgauge.core.result.builder import build_result
from batchgauge.core.result.kept_run import Standing
from batchgauge.core.result.run_result import to_document
from batchgauge.errors import FolderNotFoundError, RunAmbiguousError, RunNotFoundError
from batchgauge.store.file_lock import lock_file
from batchgauge.store.journal import encode_line
from batchgauge.store.kept_runs import find_run, kept_runs, runs_being_measured
from batchgauge.store.results import DOCUMENT_NAME, JOURNAL_NAME
from tests.core.journals import header, plan_of

NOW_MS = 2e12


def keep(
    folder: Path, run_id: str, *, began_ms: float, has_document: bool = False, outcome: RunOutcome | None = None
) -> None:
    run = folder / "runs" / run_id
    run.mkdir(parents=True)
    first = msgspec.structs.replace(header(2), run_id=run_id, started_ms=began_ms)
    records: list[Record] = [first, plan_of(2)]
    if outcome is not None:
        records.append(Ended(at_ms=began_ms + 1, outcome=outcome))
    (run / JOURNAL_NAME).write_bytes(b"".join(encode_line(record) for record in records))
    os.utime(run / JOURNAL_NAME, (NOW_MS / 1000, NOW_MS / 1000))
    if has_document:
        (run / DOCUMENT_NAME).write_bytes(to_document(build_result(records)))
        os.utime(run / DOCUMENT_NAME, (NOW_MS / 1000, NOW_MS / 1000))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    keep(tmp_path, "test-1-aaaa", began_ms=1e12, has_document=True, outcome=RunOutcome.COMPLETE)
    keep(tmp_path, "test-2-aabb", began_ms=3e12)
    keep(tmp_path, "test-3-cccc", began_ms=2e12, outcome=RunOutcome.INTERRUPTED)
    broken = tmp_path / "runs" / "test-9-dddd"
    broken.mkdir()
    (broken / JOURNAL_NAME).write_bytes(b"nonsense\n")
    return tmp_path


def test_runs_are_listed_newest_first_and_broken_ones_last(folder: Path) -> None:
    listed = kept_runs(folder, NOW_MS)
    assert [(run.run_id, run.standing) for run in listed] == [
        ("test-2-aabb", Standing.GOING_ON),
        ("test-3-cccc", Standing.INTERRUPTED),
        ("test-1-aaaa", Standing.COMPLETE),
        ("test-9-dddd", Standing.BROKEN),
    ]
    assert listed[-1].reason == "line 1 is damaged"
    assert all(run.size_bytes > 0 for run in listed)
    assert {run.level for run in listed[:-1]} == {2}


def test_a_run_whose_journal_is_silent_was_cut_off(folder: Path) -> None:
    assert kept_runs(folder, NOW_MS + 3_600_000)[0].standing is Standing.CUT_OFF


def test_a_broken_document_is_made_up_for_by_the_journal(folder: Path) -> None:
    (folder / "runs" / "test-1-aaaa" / DOCUMENT_NAME).write_bytes(b"{")
    assert kept_runs(folder, NOW_MS)[2].standing is Standing.COMPLETE


def test_a_run_that_was_taken_up_again_is_read_from_its_journal(folder: Path) -> None:
    journal = folder / "runs" / "test-1-aaaa" / JOURNAL_NAME
    with journal.open("ab") as file:
        file.write(encode_line(Started(at_ms=1e12)))
    os.utime(journal, (NOW_MS / 1000 + 60, NOW_MS / 1000 + 60))
    assert kept_runs(folder, NOW_MS + 60_000)[2].standing is Standing.GOING_ON


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("test-1-aaaa", "test-1-aaaa"),
        ("test-3", "test-3-cccc"),
        ("aabb", "test-2-aabb"),
        ("latest", "test-2-aabb"),
    ],
)
def test_a_run_is_found_by_its_id_or_an_end_of_it(folder: Path, wanted: str, found: str) -> None:
    assert find_run(folder, wanted, NOW_MS).name == found


def test_an_end_that_several_have_is_ambiguous(folder: Path) -> None:
    with pytest.raises(RunAmbiguousError) as caught:
        find_run(folder, "test", NOW_MS)
    assert "test-2-aabb" in caught.value.runs


@pytest.mark.parametrize("wanted", ["", "nothing", "../runs/test-1-aaaa"])
def test_what_no_run_is_called_is_not_found(folder: Path, wanted: str) -> None:
    with pytest.raises(RunNotFoundError):
        find_run(folder, wanted, NOW_MS)


def test_a_folder_without_runs_keeps_none(tmp_path: Path) -> None:
    assert kept_runs(tmp_path, NOW_MS) == ()
    with pytest.raises(RunNotFoundError):
        find_run(tmp_path, "latest", NOW_MS)
    with pytest.raises(FolderNotFoundError):
        kept_runs(tmp_path / "nowhere", NOW_MS)


def test_latest_does_not_pass_over_a_newer_run_that_cannot_be_read(tmp_path: Path) -> None:
    old, new, newest = (f"concurrent-test-2026112{day}T101500-aaaa" for day in (2, 3, 4))
    keep(tmp_path, new, began_ms=1.7955e12)
    for run in (old, newest):
        broken = tmp_path / "runs" / run
        broken.mkdir()
        (broken / JOURNAL_NAME).write_bytes(b"nonsense\n")
    (tmp_path / "runs" / "concurrent-test-20261125T101500-aaaa").mkdir()  # no journal: nothing was begun
    assert find_run(tmp_path, "latest", NOW_MS).name == newest
    (tmp_path / "runs" / newest / JOURNAL_NAME).unlink()
    assert find_run(tmp_path, "latest", NOW_MS).name == new


def test_the_runs_that_are_being_measured_are_those_whose_journals_are_locked(tmp_path: Path) -> None:
    going, over = "concurrent-test-20261122T101500-aaaa", "concurrent-test-20261122T101500-bbbb"
    assert runs_being_measured(tmp_path / "nowhere") == frozenset()
    for run in (going, over):
        (tmp_path / "runs" / run).mkdir(parents=True)
        (tmp_path / "runs" / run / "journal.jsonl").touch()
    (tmp_path / "runs" / over / "journal.jsonl").chmod(0o400)
    (tmp_path / "runs" / "without-a-journal").mkdir()
    path = tmp_path / "runs" / going / "journal.jsonl"
    with path.open("r+b", buffering=0) as file:
        lock_file(file, path, is_needed=True)
        assert runs_being_measured(tmp_path) == {going}
    assert runs_being_measured(tmp_path) == frozenset()
