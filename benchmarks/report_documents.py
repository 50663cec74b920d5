"""What the JSON document of a run costs, beside its `jobs.parquet`: size, and the time and memory that writing and reading take.

    .venv/bin/python benchmarks/report_documents.py 100000

Writing and reading are processes of their own. `report.py` calls it with a tenth of its jobs: all of it grows with their number.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec
from report import EPOCH_MS, memory_mib, run_of

from batchgauge.core.analysis.analysis import analyse
from batchgauge.core.bound import Bound
from batchgauge.core.journal import Attempt
from batchgauge.core.observed.job_result import JobResult
from batchgauge.core.observed.task_times import TaskTimes
from batchgauge.core.observed.timeline import Instants, Phases
from batchgauge.core.result.run_result import RunResult, from_document, to_document


def write_document(path: Path) -> dict[str, float]:
    """The JSON document of as many jobs as the name says: the jobs as they are in memory, and what it takes to write them."""
    result = _whole(int(path.stem))
    held_mib = memory_mib()
    begun_s = time.perf_counter()
    document = to_document(result)
    path.write_bytes(document)
    return {"held_mib": held_mib, "part_s": time.perf_counter() - begun_s, "size_mib": len(document) / 1024**2}


def read_document(path: Path) -> dict[str, float]:
    """The document read back; then the statistics, as `analyze` makes them of documents."""
    begun_s = time.perf_counter()
    result = from_document(path.read_bytes())
    read_s = time.perf_counter() - begun_s
    read_mib = memory_mib()
    [run] = analyse([(path.name, result)]).runs
    assert run.summary.level == int(path.stem)
    return {"part_s": read_s, "read_mib": read_mib, "summary_s": time.perf_counter() - begun_s - read_s}


def _whole(jobs: int) -> RunResult:
    """A run with its jobs as records."""
    instants = [EPOCH_MS + 0.5 * number for number in range(jobs)]
    records = tuple(_job(number, intended) for number, intended in enumerate(instants, start=1))
    return msgspec.structs.replace(run_of(jobs, 0), jobs=records)


def _job(number: int, intended: float) -> JobResult:
    sent, created, started, stopped = (
        intended + 2.125,
        intended // 1 + 30,
        intended // 1 + 60_000,
        intended // 1 + 90_250,
    )
    starting, name = (
        Bound(created + 9_812.345, created + 14_812.345),
        f"concurrent-test-20261122T101500-x7k2-job{number:07d}",
    )
    task = f"{number:032x}"
    return JobResult(
        job_id=f"{number:08x}-0000-4000-8000-{number:012x}",
        job_name=name,
        submission_time="2026-11-22T10:15:00.000000",
        submit_duration=0.0341,
        countdown_seconds=30,
        status="SUCCEEDED",
        index=number,
        submit_tries=1,
        status_reason="Essential container in task exited",
        exit_code=0,
        log_group="/aws/batch/windows-jobs",
        log_stream=f"windows-countdown-job/default/{task}",
        instants=Instants(
            intended_ms=intended,
            sent_ms=sent,
            accepted_ms=sent + 34.1,
            created_ms=created,
            runnable_ms=Bound(created, created + 312.5),
            starting_ms=starting,
            started_ms=started,
            stopped_ms=stopped,
            seen_done_ms=stopped + 4_000.5,
            last_seen_ms=stopped + 4_000.5,
        ),
        phases=Phases(
            submit_ms=Bound(34.1, 34.1),
            submit_latency_ms=Bound(36.225, 36.225),
            to_runnable_ms=Bound(0.0, 312.5),
            queue_ms=Bound(9_812.345, 14_812.345),
            start_up_ms=Bound(45_000.0, 50_000.0),
            wait_ms=Bound(started - created, started - created),
            run_ms=Bound(stopped - started, stopped - started),
        ),
        attempts=(
            Attempt(
                started_ms=started,
                stopped_ms=stopped,
                exit_code=0,
                status_reason="Essential container in task exited",
                log_stream=f"windows-countdown-job/default/{task}",
                task_arn=f"arn:aws:ecs:us-west-2:123456789012:task/cluster/{task}",
            ),
        ),
        tasks=(
            TaskTimes(
                attempt=1,
                task_arn=f"arn:aws:ecs:us-west-2:123456789012:task/cluster/{task}",
                created_ms=created + 10_000,
                pull_started_ms=created + 30_000,
                pull_stopped_ms=created + 50_000,
                started_ms=started,
                stopped_ms=stopped,
                provisioning_ms=Bound(20_000.0, 20_000.0),
                image_pull_ms=Bound(20_000.0, 20_000.0),
            ),
        ),
    )


PARTS = {"write": write_document, "read": read_document}


def _part(name: str, path: Path) -> dict[str, float]:
    command = [sys.executable, __file__, name, str(path)]
    figures: dict[str, float] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return figures


def main(arguments: list[str]) -> None:
    """Both parts, or (in a process of its own) one."""
    if arguments[0] in PARTS:
        figures = PARTS[arguments[0]](Path(arguments[1]))
        print(json.dumps({**figures, "memory_mib": memory_mib()}))
        return
    jobs = int(arguments[0])
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / f"{jobs}.json"
        written, read = _part("write", path), _part("read", path)
    size_mib = written["size_mib"]
    print(f"{jobs:,} jobs as a JSON document: {size_mib:,.0f} MiB, {size_mib * 1024**2 / jobs:,.0f} bytes a job")
    print(
        f"to write: {written['part_s']:.1f} s, {written['memory_mib']:,.0f} MiB"
        f" ({written['held_mib']:,.0f} of it the jobs themselves)"
    )
    print(
        f"to read: {read['part_s']:.1f} s, {read['read_mib']:,.0f} MiB;"
        f" its statistics: {read['summary_s']:.1f} s, {read['memory_mib']:,.0f} MiB"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
