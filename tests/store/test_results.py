"""The results folder: whole files or none, and nobody's earlier work written over."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from batchgauge.core.journal import Started
from batchgauge.core.result.builder import build_result
from batchgauge.core.result.run_result import RunResult, from_document, to_document
from batchgauge.errors import OutputNotWritableError, ResultsExistError, SweepError
from batchgauge.store.results import (
    ResultsFolder,
    may_be_asked_for,
    require_writable_file,
    require_writable_folder,
    write_whole,
)
from tests.core.journals import RUN, header, plan_of

ON_POSIX = pytest.mark.skipif(
    os.name == "nt", reason="permissions, links, pipes and files that are open, as POSIX has them"
)


@pytest.fixture
def result() -> RunResult:
    return build_result([header(1), plan_of(1), Started(at_ms=1)])


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_runs_document_and_journal_stand_together(tmp_path: Path, result: RunResult) -> None:
    folder = ResultsFolder(tmp_path)
    path = folder.save_run(result)
    assert Path(path) == tmp_path / "runs" / RUN / "result.json"
    assert from_document(Path(path).read_bytes()) == result
    assert folder.run_folder(RUN) == Path(path).parent


def test_a_runs_document_is_read_for_the_sweep_that_goes_by_it(tmp_path: Path, result: RunResult) -> None:
    folder = ResultsFolder(tmp_path)
    path = Path(folder.save_run(result))
    assert folder.read_run(RUN) == result
    path.write_bytes(b"{")
    with pytest.raises(SweepError):
        folder.read_run(RUN)
    path.unlink()
    with pytest.raises(SweepError):
        folder.read_run(RUN)


def test_a_document_goes_to_the_folder_or_wherever_an_absolute_path_says(tmp_path: Path, result: RunResult) -> None:
    folder = ResultsFolder(tmp_path / "results")
    assert folder.save_document("test-case-1-baseline.json", result) == str(
        tmp_path / "results" / "test-case-1-baseline.json"
    )
    elsewhere = tmp_path / "elsewhere" / "out.json"
    assert folder.save_document(str(elsewhere), result) == str(elsewhere)
    assert elsewhere.read_bytes() == to_document(result)


def test_a_document_that_cannot_be_written_is_an_error_of_ours(tmp_path: Path, result: RunResult) -> None:
    (tmp_path / "runs").write_text("a file where the folder was to be")
    with pytest.raises(OutputNotWritableError) as caught:
        ResultsFolder(tmp_path).save_run(result)
    assert caught.value.flag == "--results"
    with pytest.raises(OutputNotWritableError) as caught:
        ResultsFolder(tmp_path).save_document(str(tmp_path / "runs" / "out.json"), result)
    assert caught.value.flag == "--output"


@ON_POSIX
def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    write_whole(path, b"old")
    with path.open("rb") as reader:
        write_whole(path, b"new and longer")
        assert reader.read() == b"old", "who has it open still reads the old one"
    assert path.read_bytes() == b"new and longer"
    assert names(tmp_path) == ["file.json"]


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file.json"
    write_whole(path, b"old")

    def no_space(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file.json"]


@ON_POSIX
def test_a_new_file_has_the_permissions_that_the_user_gives_to_new_files(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "file.json", b"")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file.json").stat().st_mode) == 0o640


@ON_POSIX
def test_a_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    target = tmp_path / "target.json"
    target.write_bytes(b"old")
    link = tmp_path / "link.json"
    link.symlink_to(target)
    write_whole(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


@ON_POSIX
def test_a_link_that_leads_nowhere_gives_way_to_the_file(tmp_path: Path) -> None:
    link = tmp_path / "loop.json"
    link.symlink_to(link)
    require_writable_file("--output", link)
    write_whole(link, b"data")
    assert link.read_bytes() == b"data"


@ON_POSIX
def test_what_is_no_file_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        require_writable_file("--output", pipe)
        write_whole(pipe, b"data")
        assert os.read(reader, 100) == b"data"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_the_longest_name_that_the_system_takes_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 250 + ".json")
    require_writable_file("--output", path)
    write_whole(path, b"data")
    assert path.read_bytes() == b"data"


def test_a_folder_is_made_where_it_is_not_there_and_left_as_clean_as_it_was(tmp_path: Path) -> None:
    require_writable_folder("--results", tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    assert names(tmp_path / "a" / "b") == []


@ON_POSIX
def test_a_folder_under_a_file_is_not_writable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputNotWritableError) as caught:
        require_writable_folder("--results", tmp_path / "file" / "results")
    assert caught.value.arguments == {
        "flag": "--results",
        "path": str(tmp_path / "file" / "results"),
        "reason": os.strerror(20),
    }
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("name", ["folder", "file/out.json", "n" * 300, "null\0character"])
def test_a_file_that_cannot_be_written_is_refused_before_anything_starts(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputNotWritableError) as caught:
        require_writable_file("--output", tmp_path / name)
    assert caught.value.flag == "--output"
    assert caught.value.path == str(tmp_path / name)
    assert caught.value.reason


def test_finding_out_whether_a_file_can_be_written_does_not_touch_it(tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    require_writable_file("--output", path)
    assert not path.exists()
    path.write_bytes(b"old")
    require_writable_file("--output", path)
    assert path.read_bytes() == b"old"


def test_an_earlier_sweep_is_guarded(tmp_path: Path) -> None:
    folder = ResultsFolder(tmp_path)
    assert folder.make_room_for_sweep(is_forced=False) is None
    (tmp_path / "test-case-2-medium.json").write_text("{}")
    with pytest.raises(ResultsExistError) as caught:
        folder.make_room_for_sweep(is_forced=False)
    assert caught.value.file == "test-case-2-medium.json"


def test_an_earlier_sweep_that_may_go_is_set_aside_and_not_lost(tmp_path: Path) -> None:
    folder = ResultsFolder(tmp_path)
    (tmp_path / "runs").mkdir()
    for turn in ("first", "second"):
        for name in ("test-case-1-baseline.json", "performance-report.md", "notes.txt"):
            (tmp_path / name).write_text(turn)
        aside = folder.make_room_for_sweep(is_forced=True)
        assert aside is not None
        assert (aside / "test-case-1-baseline.json").read_text() == turn
        assert (aside / "performance-report.md").read_text() == turn
    assert names(tmp_path) == ["notes.txt", "runs", "superseded"]
    assert len(list((tmp_path / "superseded").iterdir())) == 2


@pytest.mark.parametrize(
    ("name", "is_allowed"),
    [
        ("new.json", True),
        ("empty.json", True),
        ("result.json", True),
        ("settings.json", False),
        (".bashrc", False),
        ("no-such-folder/new.json", False),
        ("folder.json", False),
        ("link.json", False),
        ("null\x00.json", False),
    ],
)
def test_a_file_that_only_a_journal_names_is_a_new_one_or_a_result(tmp_path: Path, name: str, is_allowed: bool) -> None:
    specification = Path(__file__).parents[1] / "data" / "specification-result.json"
    (tmp_path / "empty.json").touch()
    (tmp_path / "result.json").write_bytes(specification.read_bytes())
    (tmp_path / "settings.json").write_text('{"theirs": true}')
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "link.json").symlink_to(tmp_path / ".bashrc")
    assert may_be_asked_for(tmp_path / name) is is_allowed
