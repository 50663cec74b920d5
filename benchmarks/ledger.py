"""Ten thousand SubmitJob calls of which many go wrong, each way there is: the ledger beside the embedded AWS's ground truth.

    python benchmarks/ledger.py [--jobs 7700]

20 % of the calls are throttled, 5 % answered with 500 (half of them after the job was made), 5 % done and their answer lost for good, 2 %
cut (half of them after the job was made). `--jobs` is so many that there are at least 10,000 calls. Real HTTP; jobs are virtual.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, Final

from batchgauge.aws import session as aws_session
from batchgauge.aws.gateway import BotoGateway
from batchgauge.aws.session import AwsSession, Connection, Credentials
from batchgauge.core.journal import Call, CallOutcome, Doubled, EnvironmentFacts, Record
from batchgauge.core.progress.snapshot import ProgressSnapshot
from batchgauge.core.result.run_result import RunResult
from batchgauge.core.scenario import JobShape, Scenario
from batchgauge.host.clock import SystemClock
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.run import run
from batchgauge.measure.surroundings import Surroundings
from batchgauge.store.journal import JournalFile, read_journal

BATCHGAUGE: Final = Path(sys.executable).parent / "batchgauge"
RUN: Final = "concurrent-test-20261122T101500-x7k2"
READ_TIMEOUT_S: Final = 5
"""Instead of the client's own minute: this is about what is done then, and 500 lost answers would take long."""
FAULTS: Final = {
    "requests": [
        # A rule is asked only about what the ones before it have let through: hence the odd shares.
        {"fault": "throttle", "operation": "SubmitJob", "share": 0.20},
        {"fault": "error", "operation": "SubmitJob", "share": 0.025 / 0.80},
        {"fault": "error-after", "operation": "SubmitJob", "share": 0.025 / 0.775},
        {"fault": "lost-answer", "operation": "SubmitJob", "share": 0.05 / 0.75},
        {"fault": "cut-before", "operation": "SubmitJob", "share": 0.01 / 0.70},
        {"fault": "cut-after", "operation": "SubmitJob", "share": 0.01 / 0.69},
    ]
}
MODEL: Final = {"fargateLaunchBucket": {"depth": 10_000, "ratePerS": 2_000}}
"""At AWS's own 20 launches a second, the jobs' starts took six of seven minutes, and said nothing of the ledger."""
RATES: Final = ("--submit-rate", "5000", "--submit-burst", "5000", "--api-rate", "5000", "--api-burst", "5000")


class _Silence:
    def update(self, snapshot: ProgressSnapshot) -> None:
        pass


def main() -> None:
    """One run, and the ledger beside the truth; exit code 1 where they differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=7_700)
    given = parser.parse_args()
    setattr(aws_session, "READ_TIMEOUT_S", READ_TIMEOUT_S)  # noqa: B010 - a constant for everybody else
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(0 if compare(Path(folder), given.jobs) else 1)


def compare(folder: Path, jobs: int) -> bool:
    """Make the run and print both sides; whether they are equal."""
    faults, model, truth = folder / "faults.json", folder / "model.json", folder / "truth.jsonl"
    faults.write_text(json.dumps(FAULTS))
    model.write_text(json.dumps(MODEL))
    serve: list[str | Path] = [
        BATCHGAUGE,
        "local",
        "serve",
        "--port",
        "0",
        "--json",
        "--end-with-stdin",
        "--max-processes",
        "0",
        *RATES,
    ]
    server = subprocess.Popen(
        [
            *serve,
            *("--ground-truth", truth, "--faults", faults, "--model", model),
            *("--time-scale", "0.001", "--max-vcpus", "10000"),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        announced = json.loads(server.stdout.readline())
        begun_s = time.perf_counter()
        result = asyncio.run(measure(announced, folder, jobs))
        print(f"{jobs} jobs, {time.perf_counter() - begun_s:.0f} s")
    finally:
        server.terminate()
        server.wait()
    records = list(read_journal(folder / "journal.jsonl"))
    return tell(result, records, [json.loads(line) for line in truth.read_text().splitlines()])


async def measure(announced: dict[str, Any], folder: Path, jobs: int) -> RunResult:
    """The run, as the command makes it, but for the log streams."""
    clock = SystemClock()
    keys = Credentials(announced["accessKeyId"], announced["secretAccessKey"])
    connection = Connection(
        "us-west-2",
        endpoint_url=announced["endpoint"],
        credentials=keys,
        most_submissions_at_once=600,
        max_connections=600,
    )
    scenario = Scenario(
        job=JobShape(job_queue=announced["jobQueue"], job_definition="linux-countdown-job"),
        num_jobs=jobs,
        countdown_s=20,
        load="rate:150",
        is_monitored=True,
        monitor_interval_s=5.0,
    )
    async with (
        AwsSession(connection, clock, {}) as session,
        JournalFile(folder / "journal.jsonl") as journal,
    ):
        gateway = BotoGateway(session, clock)
        facts = EnvironmentFacts(
            region="us-west-2", tool_version="0", endpoint_url=announced["endpoint"], is_local=True
        )
        around = Surroundings(
            gateway, gateway, clock, random.Random(1), _Silence(), facts, 0, time.process_time, reads_logs=False
        )
        report = await run(RUN, scenario, journal, around, Interruption())
        if report.error is not None:
            print(repr(report.error))
        return report.result


def tell(result: RunResult, records: list[Record], truth: list[dict[str, Any]]) -> bool:
    """Both sides, line by line."""
    ledger = result.ledger
    assert ledger is not None
    met = Counter(
        record["fault"] for record in truth if record["type"] == "fault" and record.get("operation") == "SubmitJob"
    )
    made = {record["jobId"] for record in truth if record["type"] == "transition"}
    last = {record["jobId"]: record["toState"] for record in truth if record["type"] == "transition"}
    unanswered = {
        record["jobId"]
        for record in truth
        if record["type"] == "fault" and record["fault"] in ("error-after", "lost-answer", "cut-after")
    } - {None}
    calls = [record for record in records if isinstance(record, Call) and record.operation == "SubmitJob"]
    outcomes = Counter(call.outcome for call in calls)
    known = {job.job_id for job in result.jobs if job.job_id is not None}
    doubled = {record.job_id for record in records if isinstance(record, Doubled)}
    answered = made - unanswered
    ambiguous = sum(met[fault] for fault in ("error", "error-after", "lost-answer", "cut-before", "cut-after"))
    rows = [
        ("SubmitJob calls", len(calls), len(answered) + sum(met.values())),
        ("throttled", outcomes[CallOutcome.THROTTLED], met["throttle"]),
        ("no answer that says anything", outcomes[CallOutcome.AMBIGUOUS], ambiguous),
        ("accepted", ledger.accepted, len(answered & known)),
        ("found again", ledger.found_again, len(unanswered & known)),
        ("doubled", ledger.doubled, len(made - known)),
        (
            "doubled and ended",
            ledger.doubled_ended,
            sum(last[job_id] in ("SUCCEEDED", "FAILED") for job_id in made - known),
        ),
        ("doubled, by their ids", len(doubled), len(doubled & (made - known))),
        ("jobs in all", len(known | doubled), len(made)),
        (
            "refused, unanswered, not sent",
            ledger.refused + ledger.unanswered + ledger.not_sent,
            ledger.intended - len(known),
        ),
        ("lost", ledger.lost, 0),
        ("seen to succeed", result.levels[0].succeeded or 0, sum(last[job_id] == "SUCCEEDED" for job_id in known)),
    ]
    print(f"{'':32}{'ledger':>10}{'truth':>10}")
    for name, ours, theirs in rows:
        print(f"{name:32}{ours:10,}{theirs:10,}{'' if ours == theirs else '   DIFFERENT'}")
    shares = {fault: f"{count / len(calls):.1%}" for fault, count in met.items()}
    print(f"of all calls: {shares}")
    return all(ours == theirs for _, ours, theirs in rows) and known <= made


if __name__ == "__main__":
    main()
