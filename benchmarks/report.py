"""From jobs.parquet to everything that is shown: a million jobs, and twenty.

    .venv/bin/python benchmarks/report.py            1,000,000 jobs, and 20
    .venv/bin/python benchmarks/report.py 100000     another number

Each part runs in a process of its own, so that memory is its own; what it imports is imported before its time begins.

The comparison with pandas: both read the same file, only the columns that they need, and compute of each of seven phases the mean, least,
most, four percentiles of both ends of the bounds, the standard deviation and how many are inexact; the most jobs and places that were held
at once, surely, possibly and by stamps; the means of these over time; the counts by status and the rate of submissions. pandas does so as
one would write it (pyarrow reads, on its threads); how many were held at once by sorting the changes and adding them up, which takes
as long as grouping them.
"""

from __future__ import annotations

import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl

from batchgauge import bootstrap
from batchgauge.core.columns.job_table import ATTEMPT_COLUMNS, COUNTS, NUMBER_COLUMNS, PHASES, TEXTS
from batchgauge.core.journal import ComputeEnvironmentFacts, EnvironmentFacts
from batchgauge.core.result.run_result import SCHEMA_VERSION, RunResult
from batchgauge.core.scenario import JobShape, Scenario
from batchgauge.messages import translator
from batchgauge.store.job_tables import METADATA_KEY

PLACES = 20_000
EPOCH_MS = 1_790_000_000_000.0
WANTED = {"seconds": 15.0, "memory_mib": 1536, "times_pandas": 5.0, "small_seconds": 2.5}


def write_jobs(path: Path, jobs: int) -> None:
    """A run of so many jobs in batches of `PLACES`; the looks leave bounds of up to ten seconds; one in a thousand failed."""
    chance = np.random.default_rng(1)
    index = np.arange(1, jobs + 1)
    intended = EPOCH_MS + np.floor(index * 0.5)
    sent = intended + chance.exponential(2, jobs)
    accepted = sent + 20 + chance.exponential(15, jobs)
    created = np.floor(accepted - 5)
    starting = created + np.floor((index // PLACES) * 60_000 + chance.uniform(200, 900, jobs))
    low, high = starting - chance.integers(0, 5_000, jobs), starting + chance.integers(0, 5_000, jobs)
    low, runnable = np.maximum(low, created), created + 300
    started = np.maximum(high, starting + chance.integers(15_000, 30_000, jobs))
    stopped = started + chance.integers(30_000, 31_000, jobs)
    has_failed = index % 1000 == 0
    numbers: dict[str, Any] = dict.fromkeys(NUMBER_COLUMNS)
    numbers |= {
        "index": index,
        "submit_tries": 1,
        "exit_code": has_failed.astype(int),
        "submit_duration_s": (accepted - sent) / 1000,
    }
    numbers |= {
        "attempts": 1,
        "is_contradicted": False,
        "intended_ms": intended,
        "sent_ms": sent,
        "accepted_ms": accepted,
    }
    numbers |= {"created_ms": created, "started_ms": started, "stopped_ms": stopped, "last_seen_ms": stopped + 4_000}
    numbers |= {
        "runnable_earliest_ms": created,
        "runnable_latest_ms": runnable,
        "starting_earliest_ms": low,
        "starting_latest_ms": high,
    }
    ends = {
        "submit": (accepted - sent, accepted - sent),
        "submit_latency": (accepted - intended, accepted - intended),
        "to_runnable": (created * 0, runnable - created),
        "queue": (low - created, high - created),
        "start_up": (started - high, started - low),
        "wait": (started - created, started - created),
        "run": (stopped - started, np.where(has_failed, np.nan, stopped - started)),
    }
    for name in PHASES:
        numbers[f"{name}_least_ms"], numbers[f"{name}_most_ms"] = ends[name]
    tasks = {
        "task_created": starting + 100,
        "pull_started": starting + np.floor((started - starting) * 0.55),
        "pull_stopped": starting + np.floor((started - starting) * 0.9),
    }
    numbers |= {f"{name}_ms": moment for name, moment in tasks.items()}
    status = pl.Series(np.where(has_failed, "FAILED", "SUCCEEDED"))
    texts: dict[str, Any] = dict.fromkeys(TEXTS)
    texts |= {
        "job_id": pl.Series(index).cast(pl.String).str.zfill(36),
        "job_name": pl.Series(index).cast(pl.String),
        "status": status,
    }
    texts["status_reason"] = pl.Series(
        np.where(has_failed, "Host EC2 terminated", "Essential container in task exited")
    )
    columns = {"run_id": "concurrent-test-x", "file": "test-case-1.json", "level": jobs, **texts, **numbers}
    series = [_column(name, value, jobs) for name, value in columns.items()]
    series += [pl.Series(f"attempt_{name}", [None] * jobs, dtype=pl.List(pl.Float64)) for name in ATTEMPT_COLUMNS]
    head = [{"file": "test-case-1.json", "result": run_of(jobs, int(has_failed.sum()))}]
    pl.DataFrame(series).write_parquet(
        path, compression="lz4", metadata={METADATA_KEY: msgspec.json.encode(head).decode()}
    )


def _column(name: str, value: Any, jobs: int) -> pl.Series:
    if name in TEXTS or name in ("run_id", "file"):
        series = value if isinstance(value, pl.Series) else pl.Series([value]).new_from_index(0, jobs)
        return series.cast(pl.String).alias(name)
    if not isinstance(value, np.ndarray):
        series = pl.Series(name, [value], dtype=pl.Float64).new_from_index(0, jobs)
    else:
        series = pl.Series(name, value.astype(float), nan_to_null=True)
    if name == "is_contradicted":
        return series.cast(pl.Boolean)
    return series.cast(pl.Int64) if name in {*COUNTS, "attempts", "level"} else series


def run_of(jobs: int, failed: int) -> RunResult:
    """Without its jobs."""
    environment = EnvironmentFacts(
        region="us-west-2",
        tool_version="0",
        job_vcpus=1.0,
        job_memory_mib=2048,
        compute_environments=(ComputeEnvironmentFacts(name="e", type="FARGATE", max_vcpus=PLACES),),
    )
    return RunResult(
        timestamp="2026-11-22T10:15:00.000000",
        job_queue="queue",
        job_definition="definition",
        total_jobs=jobs,
        successful_jobs=jobs - failed,
        failed_jobs=failed,
        jobs=(),
        schema_version=SCHEMA_VERSION,
        run_id="concurrent-test-x",
        scenario=Scenario(
            job=JobShape(job_queue="queue", job_definition="definition"), num_jobs=jobs, is_monitored=True
        ),
        environment=environment,
    )


def everything(path: Path) -> dict[str, float]:
    """Summary, report, charts, page and summary.json; the page's size too."""
    from batchgauge.core.documents.summary import summary_json
    from batchgauge.reports.charts import performance_charts
    from batchgauge.reports.markdown import markdown_report
    from batchgauge.reports.page import report_page

    words = translator("en")
    analysis = bootstrap.read_analysis(path)
    markdown_report(analysis, words)
    summary_json(analysis)
    performance_charts(analysis, words)
    return {"page_kib": len(report_page(analysis, words)) / 1024}


def summary(path: Path) -> dict[str, float]:
    """The statistics alone."""
    run = bootstrap.read_analysis(path).runs[0].summary
    assert run.queue is not None and run.occupancy is not None
    return {"queue": run.queue.mean.earliest or 0.0, "running": run.occupancy.running.latest or 0.0}


def with_pandas(path: Path) -> dict[str, float]:
    """The same statistics, as one would write them with pandas; only the columns that they need are read."""
    import pandas as pd

    names = [f"{phase}_{end}_ms" for phase in PHASES for end in ("least", "most")]
    times = [
        "sent_ms",
        "accepted_ms",
        "created_ms",
        "started_ms",
        "stopped_ms",
        "starting_earliest_ms",
        "starting_latest_ms",
    ]
    frame = pd.read_parquet(path, columns=["status", *names, *times])
    counts = frame["status"].value_counts()
    assert counts.sum() == len(frame)
    for phase in PHASES:
        least, most = frame[f"{phase}_least_ms"], frame[f"{phase}_most_ms"].fillna(np.inf)
        for values in (least, most):
            values.agg(["mean", "min", "max"])
            values.quantile([0.5, 0.9, 0.95, 0.99])
        ((least + most) / 2).replace(np.inf, np.nan).std()
        (least != most).sum()
    running = (
        _held(pd, frame["started_ms"] + 1, frame["stopped_ms"]),
        _held(pd, frame["started_ms"], frame["stopped_ms"] + 1),
    )
    holding = (
        _held(pd, frame["starting_latest_ms"] + 1, frame["stopped_ms"]),
        _held(pd, frame["starting_earliest_ms"], frame["stopped_ms"] + 1),
    )
    for held in (*running, *holding):
        (held.to_numpy()[:-1] * np.diff(held.index.to_numpy())).sum()  # for the mean over time
    _held(pd, frame["started_ms"], frame["stopped_ms"]).max()
    assert frame["accepted_ms"].max() - frame["sent_ms"].min() > 0
    return {"queue": float(frame["queue_least_ms"].mean()), "running": float(running[1].max())}


def _held(pd: Any, begun: Any, ended: Any) -> Any:
    """How many at once over time."""
    changes = pd.concat([pd.Series(1, index=begun), pd.Series(-1, index=ended)]).sort_index().cumsum()
    return changes[~changes.index.duplicated(keep="last")]


def memory_mib() -> float:
    """The most that this process held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


PARTS: dict[str, Callable[[Path], dict[str, float]]] = {
    "everything": everything,
    "summary": summary,
    "pandas": with_pandas,
}
IMPORTS = {
    "pandas": ("pandas", "pyarrow.parquet"),
    "summary": ("batchgauge.core.analysis.of_tables", "batchgauge.store.job_tables", "concurrent.futures.thread"),
}
"""So that they are not counted."""


def part(name: str, path: Path) -> dict[str, float]:
    """One part in a process of its own: its figures, seconds without the imports of this file, and the most memory that it held."""
    done = subprocess.run([sys.executable, __file__, name, str(path)], capture_output=True, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def small_report(folder: Path) -> float:
    """`batchgauge analyze` of 20 jobs as a new process, the second time."""
    folder.mkdir()
    write_jobs(folder / "jobs.parquet", 20)
    command = [sys.executable, "-m", "batchgauge", "analyze", str(folder / "jobs.parquet"), "--quiet"]
    subprocess.run(command, check=True)
    begun = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - begun


def main(arguments: list[str]) -> None:
    """All parts, or (in a process of its own) one."""
    if arguments and arguments[0] == "make":
        write_jobs(Path(arguments[1]), int(arguments[2]))
        return
    if arguments and arguments[0] in PARTS:
        for module in IMPORTS.get(arguments[0], ()):
            import_module(module)
        begun, begun_cpu = time.perf_counter(), time.process_time()
        figures = PARTS[arguments[0]](Path(arguments[1]))
        memory = memory_mib()
        clocks = {"seconds": time.perf_counter() - begun, "cpu_s": time.process_time() - begun_cpu}
        print(json.dumps({**figures, **clocks, "memory_mib": memory}))
        return
    jobs = int(arguments[0]) if arguments else 1_000_000
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "jobs.parquet"
        # By a process of its own: what this one has held would be counted for those that it starts.
        subprocess.run([sys.executable, __file__, "make", str(path), str(jobs)], check=True)
        print(f"{jobs:,} jobs, jobs.parquet of {path.stat().st_size / 1024**2:.0f} MiB")
        whole = part("everything", path)
        print(
            f"everything: {whole['seconds']:.1f} s, {whole['cpu_s']:.1f} s of processor time (wanted {WANTED['seconds']} s)"
        )
        print(f"memory: {whole['memory_mib']:.0f} MiB (wanted {WANTED['memory_mib']} MiB)")
        print(f"report.html: {whole['page_kib']:.0f} KiB")
        rounds = [(part("summary", path), part("pandas", path)) for _ in range(3)]
        assert all(math.isclose(ours[key], theirs[key]) for ours, theirs in rounds for key in ("queue", "running"))
        for clock in ("seconds", "cpu_s"):
            ours, theirs = (min(pair[side][clock] for pair in rounds) for side in (0, 1))
            print(
                f"summary, {clock}: {ours:.2f}, with pandas {theirs:.2f}: {theirs / ours:.1f} times (wanted {WANTED['times_pandas']})"
            )
        subprocess.run(
            [sys.executable, str(Path(__file__).with_name("report_documents.py")), str(jobs // 10)], check=True
        )
        print(f"20 jobs: {small_report(Path(name) / 'small'):.2f} s (wanted {WANTED['small_seconds']} s)")


if __name__ == "__main__":
    main(sys.argv[1:])
