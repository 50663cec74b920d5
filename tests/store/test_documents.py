from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.journal import Record, Started
from batchgauge.core.result.builder import build_result
from batchgauge.core.result.run_result import to_document
from batchgauge.errors import FolderNotFoundError, NoResultsError
from batchgauge.store.documents import read_documents
from batchgauge.store.journal import encode_line
from tests.core.journals import header, plan_of
from tests.reports.runs import measured

SPECIFICATION = Path(__file__).parents[1] / "data" / "specification-result.json"
FOREIGN: dict[str, bytes] = {
    "binary": bytes(range(256)),
    "empty": b"",
    "nothing but a mark": b"\xef\xbb\xbf",
    "not a number": SPECIFICATION.read_bytes().replace(b"0.245", b"NaN"),
    "beyond floats": SPECIFICATION.read_bytes().replace(b"0.245", b"1e999"),
    "beyond sense": SPECIFICATION.read_bytes().replace(b"0.245", b"1e300"),
    "deeply nested": b'{"jobs":' * 100_000,
    "deeply nested besides": SPECIFICATION.read_bytes().strip()[:-1]
    + b',"x":'
    + b"[" * 100_000
    + b"]" * 100_000
    + b"}",
    "a list": b"[]",
    "another tool's": b'{"name": "package", "version": "1.0.0"}',
    "without jobs": json.dumps({**json.loads(SPECIFICATION.read_bytes()), "jobs": []}).encode(),
    "of the future": json.dumps({**json.loads(SPECIFICATION.read_bytes()), "schemaVersion": 999}).encode(),
    "half a surrogate": SPECIFICATION.read_bytes().replace(b"windows-batch-queue", rb"\ud800"),
    "cut off": SPECIFICATION.read_bytes()[:200],
    "half of UTF-16": b"\xff\xfe" + b"{\x00\x22",
}


def put(folder: Path, name: str = "good.json") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(SPECIFICATION.read_bytes())
    return path


def test_a_document_of_the_specification_is_read(tmp_path: Path) -> None:
    put(tmp_path)
    [(name, result)], skipped = read_documents(tmp_path)
    assert (name, result.total_jobs, result.schema_version, skipped) == ("good.json", 10, None, [])


def test_our_own_document_comes_back_as_it_was(tmp_path: Path) -> None:
    result = measured(5)
    (tmp_path / "run.json").write_bytes(to_document(result))
    assert read_documents(tmp_path) == ([("run.json", result)], [])


def test_documents_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b.json", "a.json", "c.json"):
        put(tmp_path, name)
    assert [name for name, _ in read_documents(tmp_path)[0]] == ["a.json", "b.json", "c.json"]


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_foreign_or_broken_file_is_named_and_skipped_and_the_rest_is_read(tmp_path: Path, kind: str) -> None:
    put(tmp_path)
    (tmp_path / "bad.json").write_bytes(FOREIGN[kind])
    documents, [skipped] = read_documents(tmp_path)
    assert [name for name, _ in documents] == ["good.json"]
    assert skipped.file == "bad.json"
    assert skipped.reason


@given(st.binary(max_size=300))
def test_no_bytes_at_all_stop_the_reading(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.mktemp("results")
    put(folder)
    (folder / "any.json").write_bytes(data)
    documents, skipped = read_documents(folder)
    assert len(documents) + len(skipped) == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
def test_the_encodings_that_powershell_writes_are_read(tmp_path: Path, encoding: str) -> None:
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    text = SPECIFICATION.read_text(encoding="utf-8").replace("windows-batch-queue", "キュー")
    (tmp_path / "a.json").write_bytes((mark + text).encode(encoding))
    [(_, result)], _ = read_documents(tmp_path)
    assert result.job_queue == "キュー"


def test_what_is_no_file_is_skipped(tmp_path: Path) -> None:
    put(tmp_path)
    (tmp_path / "folder.json").mkdir()
    _, skipped = read_documents(tmp_path)
    assert [entry.file for entry in skipped] == ["folder.json"]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX files")
def test_loops_pipes_and_dead_links_are_skipped(tmp_path: Path) -> None:
    put(tmp_path)
    (tmp_path / "loop.json").symlink_to(tmp_path / "loop.json")
    (tmp_path / "dead.json").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "pipe.json")
    documents, skipped = read_documents(tmp_path)
    assert [name for name, _ in documents] == ["good.json"]
    assert [entry.file for entry in skipped] == ["dead.json", "loop.json", "pipe.json"]


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_skipped(tmp_path: Path) -> None:
    put(tmp_path)
    put(tmp_path, "secret.json").chmod(0)
    _, [skipped] = read_documents(tmp_path)
    assert (skipped.file, skipped.reason) == ("secret.json", "Permission denied")


def test_single_runs_are_read_where_the_folder_has_no_document_of_its_own(tmp_path: Path) -> None:
    put(tmp_path, "runs/one/result.json")
    put(tmp_path, "runs/two/result.json")
    (tmp_path / "notes.json").write_text("{}")
    documents, skipped = read_documents(tmp_path)
    assert [name for name, _ in documents] == ["runs/one/result.json", "runs/two/result.json"]
    assert [entry.file for entry in skipped] == ["notes.json"]


def test_the_folder_of_the_runs_itself_can_be_read_too(tmp_path: Path) -> None:
    put(tmp_path, "one/result.json")
    assert [name for name, _ in read_documents(tmp_path)[0]] == ["one/result.json"]


def test_a_run_that_was_cut_off_is_read_from_its_journal(tmp_path: Path) -> None:
    put(tmp_path, "runs/one/result.json")
    records: list[Record] = [header(num_jobs=3), plan_of(3), Started(at_ms=1_000.0)]
    journal = tmp_path / "runs" / "two" / "journal.jsonl"
    journal.parent.mkdir(parents=True)
    journal.write_bytes(b"".join(map(encode_line, records)) + b'{"torn')
    documents, skipped = read_documents(tmp_path)
    assert [name for name, _ in documents] == ["runs/one/result.json", "runs/two/journal.jsonl"]
    assert documents[1][1] == build_result(records)
    assert not skipped


def test_a_journal_that_is_none_is_skipped_by_name(tmp_path: Path) -> None:
    put(tmp_path, "runs/one/result.json")
    (tmp_path / "runs" / "two").mkdir()
    (tmp_path / "runs" / "two" / "journal.jsonl").write_text("nonsense\n")
    assert [entry.file for entry in read_documents(tmp_path)[1]] == ["runs/two/journal.jsonl"]


def test_runs_are_left_alone_where_the_folder_has_documents(tmp_path: Path) -> None:
    put(tmp_path)
    put(tmp_path, "runs/one/result.json")
    assert [name for name, _ in read_documents(tmp_path)[0]] == ["good.json"]


@pytest.mark.parametrize("others", [{}, {"a.json": b"{}", "b.json": b"x"}])
def test_a_folder_without_a_result_is_an_error_that_counts_what_was_skipped(
    tmp_path: Path, others: dict[str, bytes]
) -> None:
    for name, data in others.items():
        (tmp_path / name).write_bytes(data)
    with pytest.raises(NoResultsError) as raised:
        read_documents(tmp_path)
    assert (raised.value.folder, raised.value.skipped) == (str(tmp_path), len(others))


@pytest.mark.parametrize("make", ["nothing", "file"])
def test_what_is_no_folder_is_an_error(tmp_path: Path, make: Any) -> None:
    path = tmp_path / "results"
    if make == "file":
        path.write_text("x")
    with pytest.raises(FolderNotFoundError):
        read_documents(path)
