"""The measuring side in this process, where its patience can be made short: answers that are lost, jobs that are forgotten."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from batchgauge.aws.gateway import BotoGateway
from batchgauge.core.journal import Found
from batchgauge.core.result.validity import Doubt, Verdict
from batchgauge.measure.interruption import Interruption
from batchgauge.store.journal import read_journal
from tests.conftest import ServerHandle
from tests.faults.conftest import set_faults
from tests.measure.test_truth_on_embedded_aws import (
    assert_it_holds_the_truth,
    measure,
    truth_of,
    wait_until_one_runs,
)

StartServer = Callable[..., ServerHandle]


def test_a_job_whose_answer_is_lost_is_found_and_not_made_again(
    start_server: StartServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    truth_file = tmp_path / "truth.jsonl"
    server = start_server("--ground-truth", str(truth_file))
    monkeypatch.setattr("batchgauge.aws.session.READ_TIMEOUT_S", 1)
    set_faults(server, requests=[{"fault": "lost-answer", "operation": "SubmitJob", "count": 1}])
    report = measure(server, tmp_path / "journal.jsonl", 3, 0)
    assert report.error is None
    assert {job.status for job in report.result.jobs} == {"SUCCEEDED"}
    found = [record for record in read_journal(tmp_path / "journal.jsonl") if isinstance(record, Found)]
    assert len(found) == 1
    made = {line for line in truth_file.read_text().splitlines() if '"toState":"SUBMITTED"' in line}
    assert len(made) == 3


def test_jobs_that_aws_no_longer_knows_are_doubted_and_the_run_ends(
    start_server: StartServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    truth_file = tmp_path / "truth.jsonl"
    server = start_server("--ground-truth", str(truth_file), "--state", str(tmp_path / "state"))
    port = server.endpoint.rpartition(":")[2]
    monkeypatch.setattr("batchgauge.measure.live_jobs.GONE_LIMIT_S", 0.5)
    # The same AWS without a memory: its keys and resources as they were before there was any job.
    shutil.copytree(tmp_path / "state", tmp_path / "state-before")

    def forget_once_one_runs(_: Interruption, __: BotoGateway) -> asyncio.Future[None]:
        async def watch() -> None:
            await asyncio.to_thread(wait_until_one_runs, truth_file)
            server.process.kill()
            await asyncio.to_thread(server.process.wait)
            again = ("--port", port, "--state", str(tmp_path / "state-before"))
            await asyncio.to_thread(start_server, *again)

        return asyncio.ensure_future(watch())

    report = measure(server, tmp_path / "journal.jsonl", 1, 600, forget_once_one_runs)
    assert report.error is None
    [job] = report.result.jobs
    assert job.is_vanished
    assert report.result.validity is not None
    assert report.result.validity.verdict is Verdict.SUSPECT
    assert Doubt.VANISHED in [finding.doubt for finding in report.result.validity.findings]


def test_answers_that_come_late_hold_the_truth(start_server: StartServer, tmp_path: Path) -> None:
    truth_file = tmp_path / "truth.jsonl"
    server = start_server("--ground-truth", str(truth_file))
    slow = [{"fault": "slow", "operation": name, "delayMs": 700, "share": 0.5} for name in ("DescribeJobs", "ListJobs")]
    set_faults(server, requests=slow)
    report = measure(server, tmp_path / "journal.jsonl", 3, 1)
    assert_it_holds_the_truth(report.result, truth_of_jobs(truth_file, 3))


def truth_of_jobs(path: Path, count: int) -> dict[str, dict[str, float]]:
    """The transitions alone: the same file holds the faults."""
    transitions = path.with_name("transitions.jsonl")

    def read() -> dict[str, dict[str, float]] | None:
        lines = [line for line in path.read_text().splitlines() if '"transition"' in line]
        ended = [line for line in lines if '"toState":"SUCCEEDED"' in line]
        if len(ended) < count:
            return None
        transitions.write_text("".join(f"{line}\n" for line in lines))
        return truth_of(transitions, count)

    return ServerHandle.until(read)
