"""A sweep's own file."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from batchgauge.core.scenario import JobShape, Scenario
from batchgauge.core.sweeps.record import SweepRecord
from batchgauge.core.sweeps.steps import SweepStep, steps_of
from batchgauge.errors import RunAmbiguousError, SweepError
from batchgauge.store.sweeps import find_sweep, save_sweep, sweep_of_run

FIRST, SECOND = "concurrent-test-20261122T101500-aaaa", "concurrent-test-20261122T101600-bbbb"


def sweep(name: str, *runs: str) -> SweepRecord:
    job = JobShape(job_queue="queue", job_definition="definition")
    return SweepRecord(
        sweep_id=name,
        steps=steps_of([2, 5]),
        pause_s=30.0,
        scenario=Scenario(job=job),
        region="us-west-2",
        runs=runs,
    )


def test_is_read_as_it_was_written_and_found_by_its_id_its_end_or_a_run(tmp_path: Path) -> None:
    written = sweep("sweep-20261122T101500-x7k2", FIRST)
    save_sweep(tmp_path, written)
    for wanted in (written.sweep_id, "x7k2", "sweep-2026"):
        assert find_sweep(tmp_path, wanted) == written
    assert sweep_of_run(tmp_path, FIRST) == written
    assert written.file_of(FIRST) == "test-case-1-baseline.json"
    assert find_sweep(tmp_path, "zzzz") is None
    assert sweep_of_run(tmp_path, SECOND) is None


def test_latest_is_the_sweep_that_the_newest_run_belongs_to(tmp_path: Path) -> None:
    written = sweep("sweep-20261122T101500-x7k2", FIRST)
    save_sweep(tmp_path, written)
    assert find_sweep(tmp_path, "latest") == written, "its run was about to begin, and has no folder yet"
    (tmp_path / "runs" / FIRST).mkdir(parents=True)
    assert find_sweep(tmp_path, "latest") == written
    (tmp_path / "runs" / SECOND).mkdir()
    assert find_sweep(tmp_path, "latest") is None, "a newer run is no level of it"


def test_several_that_are_meant_are_named(tmp_path: Path) -> None:
    for name in ("sweep-20261122T101500-x7k2", "sweep-20261122T101501-y7k2"):
        save_sweep(tmp_path, sweep(name, FIRST))
    with pytest.raises(RunAmbiguousError):
        find_sweep(tmp_path, "sweep-")


def test_a_record_of_the_first_version_is_read_as_steps(tmp_path: Path) -> None:
    now = sweep("sweep-20261122T101500-x7k2", FIRST)
    document = msgspec.to_builtins(now)
    steps = document.pop("steps")
    files = [step["file"] for step in steps]
    before = {**document, "version": 1, "levels": [step["level"] for step in steps], "files": files}
    (tmp_path / "sweeps").mkdir()
    (tmp_path / "sweeps" / f"{now.sweep_id}.json").write_bytes(msgspec.json.encode(before))
    assert find_sweep(tmp_path, "x7k2") == now


@pytest.mark.parametrize("content", [b"", b"{}", b'{"version": 99}'])
def test_a_file_that_is_none_is_said_to_be_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "sweeps").mkdir()
    (tmp_path / "sweeps" / "sweep-20261122T101500-x7k2.json").write_bytes(content)
    with pytest.raises(SweepError):
        find_sweep(tmp_path, "x7k2")


def test_a_level_that_was_about_to_begin_is_begun_anew() -> None:
    record = sweep("sweep-1", FIRST)
    assert record.with_run(1, SECOND).runs == (SECOND,)
    assert record.with_run(2, SECOND).runs == (FIRST, SECOND)


@pytest.mark.parametrize(
    "file",
    ["../evil.json", "/tmp/evil.json", "C:\\evil.json", "a/../../evil.json", "..", "runs/x.json", "a\x00b", " x"],
)
def test_a_sweep_that_names_files_elsewhere_is_not_read(tmp_path: Path, file: str) -> None:
    steps = (SweepStep(level=2, file="a.json"), SweepStep(level=5, file=file))
    save_sweep(tmp_path, msgspec.structs.replace(sweep("sweep-20261122T101500-x7k2"), steps=steps))
    with pytest.raises(SweepError, match="outside"):
        find_sweep(tmp_path, "x7k2")
    save_sweep(tmp_path, sweep("sweep-20261122T101500-x7k2", file))
    with pytest.raises(SweepError, match="outside"):
        find_sweep(tmp_path, "x7k2")
