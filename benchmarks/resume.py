"""Runs that are killed at random moments and resumed: nothing lost, nothing doubled and left, nothing still running, the same result.

    python benchmarks/resume.py [--runs 300] [--real 12]

Most are made in virtual time (`killed_runs`): the process is cancelled at a random step, and the next one takes the run up against the
same account; half of them under lost and late answers, 429s and 500s, half of them on a disk that loses at the kill whatever was not
synced. The real ones are `batchgauge run` over HTTP against an embedded AWS, ended by SIGKILL, and `batchgauge resume`; half of them under
lost answers.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parent))
from killed_runs import Findings, Trial, counted, outcome_of, same_apart_from_the_gap

from batchgauge.core.result.builder import build_result
from batchgauge.core.result.run_result import from_document
from batchgauge.store.journal import read_journal

BATCHGAUGE: Final = Path(sys.executable).parent / "batchgauge"
JOBS: Final = 30
COUNTDOWN_S: Final = 3
FAULTS: Final = {
    "requests": [
        {"fault": "cut-after", "operation": "SubmitJob", "share": 0.1},
        {"fault": "error-after", "operation": "SubmitJob", "share": 0.05},
        {"fault": "cut-before", "operation": "SubmitJob", "share": 0.05},
        {"fault": "throttle", "operation": "SubmitJob", "share": 0.15},
    ]
}


def main() -> None:
    """All runs, and the figures; exit code 1 where any is not as wanted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--real", type=int, default=12)
    given = parser.parse_args()
    is_good = virtual(given.runs)
    is_good = real(given.real) and is_good
    sys.exit(0 if is_good else 1)


def virtual(runs: int) -> bool:
    """So many trials in virtual time; whether all were flawless."""
    begun_s = time.perf_counter()
    figures: Counter[str] = Counter()
    for number in range(runs):
        trial = Trial.of(number)
        findings, undisturbed = outcome_of(trial), outcome_of(trial.undisturbed())
        differences = same_apart_from_the_gap(findings.result, undisturbed.result)
        figures["differences"] += len(differences)
        counted(figures, findings)
        if not (findings.is_flawless and undisturbed.is_flawless) or differences:
            print(f"trial {number}: {trial}\n  {[*complaints(findings), *differences][:6]}")
    print(f"{runs} runs in virtual time, {time.perf_counter() - begun_s:.0f} s")
    for name, figure in figures.items():
        print(f"  {name:22} {figure:7,}")
    wanted = ("lost", "doubled and left", "orphans", "untrue", "differences")
    print(f"  wanted: 0 of {', '.join(wanted)}")
    return not any(figures[name] for name in wanted)


def complaints(findings: Findings) -> list[str]:
    """Everything that was not as it must be."""
    return [*findings.lost, *findings.left, *findings.orphans, *findings.untrue]


def real(runs: int) -> bool:
    """So many real processes killed; whether all runs came to the end that they would have come to."""
    chance = random.Random(6)
    figures: Counter[str] = Counter()
    for number in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            figures.update(real_run(Path(folder), chance, is_rough=bool(number % 2)))
    print(f"{runs} real runs of {JOBS} jobs, SIGKILL, over HTTP, every second one with answers lost and throttles")
    for name, figure in figures.items():
        print(f"  {name:22} {figure:7,}")
    return not any(figures[name] for name in ("lost", "doubled and left", "orphans", "untrue"))


def real_run(folder: Path, chance: random.Random, *, is_rough: bool) -> Counter[str]:
    """One run, killed once or twice."""
    faults = folder / "faults.json"
    faults.write_text(json.dumps(FAULTS if is_rough else {}))
    truth = folder / "truth.jsonl"
    serve: list[str | Path] = [
        BATCHGAUGE,
        "local",
        "serve",
        "--port",
        "0",
        "--json",
        "--end-with-stdin",
        "--time-scale",
        "0.02",
    ]
    server = subprocess.Popen(
        [*serve, "--ground-truth", truth, "--faults", faults], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        environ = environment(json.loads(server.stdout.readline()))
        run: list[str | Path] = [
            BATCHGAUGE,
            "run",
            "--job-queue",
            "windows-batch-queue",
            "--job-definition",
            "linux-countdown-job",
        ]
        run += ["--num-jobs", str(JOBS), "--countdown", str(COUNTDOWN_S), "--monitor", "--monitor-interval", "0.5"]
        run += ["--load", chance.choice(("workers", "burst", "rate:20"))]
        resume: list[str | Path] = [BATCHGAUGE, "resume", "latest"]
        kills = 0
        command = run
        for _ in range(chance.choice((1, 2))):
            process = subprocess.Popen(
                command, cwd=folder, env=environ, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            )
            wait_for_journal(folder, process)
            time.sleep(chance.choice((0.1, 2.0, 8.0)) * chance.random())
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
            command = resume
        ended = subprocess.run(resume, cwd=folder, env=environ, capture_output=True, text=True, check=False)
        time.sleep(1.0)  # what was told to end has ended, and the ground truth says so
        return judge(folder, truth, kills, ended)
    finally:
        server.terminate()
        server.wait()


def wait_for_journal(folder: Path, process: subprocess.Popen[bytes]) -> None:
    """Until the run's plan is on the disk: before that there is nothing to kill."""
    while process.poll() is None and not any(
        b'"plan"' in path.read_bytes() for path in folder.glob("*/runs/*/journal.jsonl")
    ):
        time.sleep(0.01)


def judge(folder: Path, truth: Path, kills: int, ended: subprocess.CompletedProcess[str]) -> Counter[str]:
    """The result beside the ground truth."""
    [document] = folder.glob("test-results/runs/*/result.json")
    result = from_document(document.read_bytes())
    last: dict[str, dict[str, Any]] = {}
    entered: dict[str, dict[str, float]] = defaultdict(dict)
    for line in truth.read_text().splitlines():
        record = json.loads(line)
        if record["type"] == "transition":
            last[record["jobId"]] = record
            entered[record["jobId"]].setdefault(record["toState"], record["timeMs"])
    known = {job.job_id for job in result.jobs}
    surplus = set(last) - known
    ledger = result.ledger
    assert ledger is not None
    is_untrue = ended.returncode != 0 or build_result(read_journal(document.with_name("journal.jsonl"))) != result
    is_untrue = is_untrue or (ledger.doubled, ledger.doubled_ended) != (len(surplus), len(surplus))
    if is_untrue:
        print(ended.returncode, ended.stderr[-500:], ledger, len(surplus))
    return Counter(
        {
            "kills": kills,
            "jobs": result.total_jobs,
            "found again": ledger.found_again,
            "lost": sum(job.job_id not in last or job.status != "SUCCEEDED" for job in result.jobs),
            "doubled and ended": len(surplus),
            "doubled and left": sum(last[job_id]["toState"] not in ("SUCCEEDED", "FAILED") for job_id in surplus),
            "orphans": sum(record["toState"] not in ("SUCCEEDED", "FAILED") for record in last.values()),
            # A process that is killed before it has said that it goes on leaves no gap of its own.
            "untrue": is_untrue
            + sum(not is_true(job, entered) for job in result.jobs)
            + (not 1 <= len(result.gaps) <= kills),
        }
    )


def is_true(job: Any, entered: dict[str, dict[str, float]]) -> bool:
    """Whether the job's AWS times are the ones of the ground truth."""
    truth = entered[job.job_id or ""]
    shown = (job.instants.created_ms, job.instants.started_ms, job.instants.stopped_ms)
    return shown == tuple(int(truth[state]) for state in ("SUBMITTED", "RUNNING", "SUCCEEDED"))


def environment(announced: dict[str, Any]) -> dict[str, str]:
    """For `batchgauge`: what points at the server."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "AWS_ENDPOINT_URL": announced["endpoint"],
        "AWS_ACCESS_KEY_ID": announced["accessKeyId"],
        "AWS_SECRET_ACCESS_KEY": announced["secretAccessKey"],
        "AWS_REGION": announced["region"],
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


if __name__ == "__main__":
    main()
