"""The whole measuring side against the embedded AWS, over HTTP and with real processes: what it says must hold the ground truth."""

from __future__ import annotations

import asyncio
import json
import math
import os
import random
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from batchgauge.aws.gateway import BotoGateway
from batchgauge.aws.session import AwsSession, Connection, Credentials
from batchgauge.core.bound import Bound
from batchgauge.core.journal import EnvironmentFacts, RunOutcome
from batchgauge.core.result.builder import build_result
from batchgauge.core.result.run_result import RunResult, to_document
from batchgauge.core.scenario import JobShape, Scenario
from batchgauge.errors import EndpointUnreachableError
from batchgauge.host.clock import SystemClock
from batchgauge.measure.inspect_target import inspect_target
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.run import RunReport
from batchgauge.measure.run import run as measure_run
from batchgauge.measure.surroundings import Surroundings
from batchgauge.store.journal import JournalFile, read_journal
from tests.conftest import ServerHandle
from tests.measure.conftest import RUN, Watcher

StartServer = Callable[..., ServerHandle]

CLOCKS_AGREE_MS = 0.1
"""What two processes of one computer may differ by in reading and rounding the same clock."""


def measure(
    server: ServerHandle,
    journal_path: Path,
    num_jobs: int,
    countdown_s: int = 1,
    meanwhile: Callable[[Interruption, BotoGateway], asyncio.Future[None]] | None = None,
    **changed: object,
) -> RunReport:
    """One run as the command makes it, looked at every 0.2 s."""

    async def go() -> RunReport:
        clock, chance = SystemClock(), random.Random(1)
        announced = server.announced
        keys = Credentials(announced["accessKeyId"], announced["secretAccessKey"])
        connection = Connection("us-west-2", endpoint_url=server.endpoint, credentials=keys, max_connections=60)
        scenario = Scenario(
            job=JobShape(job_queue=announced["jobQueue"], job_definition="linux-countdown-job"),
            num_jobs=num_jobs,
            countdown_s=countdown_s,
            is_monitored=True,
            monitor_interval_s=0.2,
        )
        scenario = msgspec.structs.replace(scenario, **changed)
        async with AwsSession(connection, clock, os.environ) as session, JournalFile(journal_path) as journal:
            gateway = BotoGateway(session, clock)
            facts = EnvironmentFacts(region="us-west-2", tool_version="0", endpoint_url=server.endpoint, is_local=True)
            facts = await inspect_target(gateway, scenario.job, facts, clock, chance)
            around = Surroundings(gateway, gateway, clock, chance, Watcher(), facts, 0, lambda: 0.0)
            interruption = Interruption()
            if meanwhile is not None:
                meanwhile(interruption, gateway)
            return await measure_run(RUN, scenario, journal, around, interruption)

    return asyncio.run(go())


def truth_of(path: Path, num_jobs: int) -> dict[str, dict[str, float]]:
    """Job id → state → when it was first entered, as AWS would stamp it; once so many jobs have ended.

    The server answers first and writes its truth down a moment later.
    """

    def complete() -> dict[str, dict[str, float]] | None:
        entered: dict[str, dict[str, float]] = {}
        written, _, _ = path.read_text().rpartition("\n")  # what follows is still being written
        for line in written.splitlines():
            step = json.loads(line)
            entered.setdefault(step["jobId"], {}).setdefault(step["toState"], float(math.floor(step["timeMs"])))
        ended = [job_id for job_id, states in entered.items() if states.keys() & {"SUCCEEDED", "FAILED"}]
        return entered if len(ended) >= num_jobs else None

    return ServerHandle.until(complete)


def wait_until_one_runs(truth_file: Path) -> None:
    ServerHandle.until(lambda: True if '"toState":"RUNNING"' in truth_file.read_text() else None)


def holds(bound: Bound | None, truth: float) -> bool:
    return bound is not None and (
        (bound.earliest is None or bound.earliest <= truth + CLOCKS_AGREE_MS)
        and (bound.latest is None or truth <= bound.latest + CLOCKS_AGREE_MS)
    )


def assert_it_holds_the_truth(result: RunResult, truth: dict[str, dict[str, float]]) -> None:
    for job in result.jobs:
        assert job.job_id is not None
        assert job.instants is not None
        assert job.phases is not None
        true = truth[job.job_id]
        created, started = true["SUBMITTED"], true["RUNNING"]
        assert (job.instants.created_ms, job.instants.started_ms) == (created, started)
        assert job.instants.stopped_ms == true.get("SUCCEEDED", true.get("FAILED"))
        assert holds(job.instants.runnable_ms, true["RUNNABLE"])
        assert holds(job.instants.starting_ms, true["STARTING"])
        assert holds(job.phases.queue_ms, true["STARTING"] - created)
        assert holds(job.phases.start_up_ms, started - true["STARTING"])
        assert job.phases.wait_ms == Bound(started - created, started - created)


@pytest.fixture
def truth_file(tmp_path: Path) -> Path:
    return tmp_path / "truth.jsonl"


def test_every_bound_of_a_run_that_has_to_queue_holds_the_truth(
    start_server: StartServer, tmp_path: Path, truth_file: Path
) -> None:
    server = start_server("--ground-truth", str(truth_file), "--max-vcpus", "4")
    report = measure(server, tmp_path / "journal.jsonl", num_jobs=10)
    assert report.error is None
    [level] = report.result.levels
    assert (level.succeeded, level.capacity_jobs) == (10, 4)
    truth = truth_of(truth_file, 10)
    assert_it_holds_the_truth(report.result, truth)
    changes = sorted(
        [(true["RUNNING"], 1) for true in truth.values()] + [(true["SUCCEEDED"], -1) for true in truth.values()]
    )
    running = [sum(step for _, step in changes[: position + 1]) for position in range(len(changes))]
    assert level.max_running == max(running) <= 4
    assert level.logs is not None
    assert level.logs.jobs_without_lines == 0


def test_the_document_can_be_made_again_from_the_journal_to_the_last_byte(
    start_server: StartServer, tmp_path: Path
) -> None:
    report = measure(start_server(), tmp_path / "journal.jsonl", num_jobs=3)
    assert to_document(build_result(read_journal(tmp_path / "journal.jsonl"))) == to_document(report.result)


@pytest.mark.slow
def test_two_hundred_and_fifty_jobs_are_all_accounted_for(
    start_server: StartServer, tmp_path: Path, truth_file: Path
) -> None:
    server = start_server("--ground-truth", str(truth_file), "--max-vcpus", "250")
    report = measure(server, tmp_path / "journal.jsonl", num_jobs=250, max_workers=40)
    assert report.error is None
    assert report.result.total_jobs == 250
    assert report.result.levels[0].succeeded == 250
    truth = truth_of(truth_file, 250)
    assert len(truth) == 250, "no job was made twice"
    assert_it_holds_the_truth(report.result, truth)


def test_an_interrupted_run_leaves_nothing_running(start_server: StartServer, tmp_path: Path, truth_file: Path) -> None:
    server = start_server("--ground-truth", str(truth_file))

    def interrupt_once_it_runs(interruption: Interruption, _: BotoGateway) -> asyncio.Future[None]:
        async def watch() -> None:
            await asyncio.to_thread(wait_until_one_runs, truth_file)
            interruption.request("SIGINT")

        return asyncio.ensure_future(watch())

    report = measure(server, tmp_path / "journal.jsonl", 3, 600, interrupt_once_it_runs)
    assert report.result.outcome is RunOutcome.INTERRUPTED
    assert report.left_running == ()
    accepted = [job for job in report.result.jobs if job.is_accepted]
    assert {job.status for job in accepted} == {"FAILED"}
    truth = truth_of(truth_file, len(accepted))
    assert {job.job_id for job in accepted} == set(truth)
    assert all("FAILED" in states for states in truth.values())


def test_an_aws_that_dies_in_the_middle_leaves_a_result_and_a_journal(
    start_server: StartServer, tmp_path: Path, truth_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start_server("--ground-truth", str(truth_file))
    monkeypatch.setattr("batchgauge.measure.looks.BLIND_LIMIT_S", 0.5)

    def kill_once_it_runs(_: Interruption, __: BotoGateway) -> asyncio.Future[None]:
        async def watch() -> None:
            await asyncio.to_thread(wait_until_one_runs, truth_file)
            server.process.kill()

        return asyncio.ensure_future(watch())

    report = measure(server, tmp_path / "journal.jsonl", 2, 600, kill_once_it_runs)
    assert isinstance(report.error, EndpointUnreachableError)
    assert report.result.outcome is RunOutcome.FAILED
    assert report.result.total_jobs == 2
    assert build_result(read_journal(tmp_path / "journal.jsonl")) == report.result


def test_an_array_is_one_call_and_every_bound_of_its_children_holds_the_truth(
    start_server: StartServer, tmp_path: Path, truth_file: Path
) -> None:
    server = start_server("--ground-truth", str(truth_file), "--max-vcpus", "8")
    result = measure(server, tmp_path / "journal.jsonl", num_jobs=12, is_array=True).result
    assert result.api is not None
    assert result.api.operations["SubmitJob"].calls == 1
    parent = (result.jobs[0].job_id or "").partition(":")[0]
    assert [job.job_id for job in result.jobs] == [f"{parent}:{child}" for child in range(12)]
    assert result.levels[0].succeeded == 12
    truth = {job_id: states for job_id, states in truth_of(truth_file, 12).items() if ":" in job_id}
    assert_it_holds_the_truth(result, truth)


def test_an_interrupted_array_is_ended_whole(start_server: StartServer, tmp_path: Path, truth_file: Path) -> None:
    def interrupt_once_one_runs(interruption: Interruption, _: BotoGateway) -> asyncio.Future[None]:
        async def wait() -> None:
            await asyncio.to_thread(wait_until_one_runs, truth_file)
            interruption.request("SIGINT")

        return asyncio.ensure_future(wait())

    server = start_server("--ground-truth", str(truth_file), "--max-vcpus", "2")
    report = measure(
        server, tmp_path / "journal.jsonl", 5, countdown_s=600, meanwhile=interrupt_once_one_runs, is_array=True
    )
    assert report.left_running == ()
    assert report.result.api is not None
    assert report.result.api.operations["TerminateJob"].calls == 1
    assert {job.status for job in report.result.jobs} == {"FAILED"}


def test_a_burst_beyond_what_aws_takes_is_throttled_and_gets_every_job_in_once(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = start_server("--max-vcpus", "256")
    result = measure(
        server, tmp_path / "journal.jsonl", num_jobs=120, countdown_s=0, load="burst", is_monitored=False
    ).result
    assert result.successful_jobs == 120
    assert len({job.job_id for job in result.jobs}) == 120
    assert result.levels[0].throttles
    assert result.lateness is not None
    assert result.lateness.submissions == 120
    listed = (
        server.client("batch")
        .get_paginator("list_jobs")
        .paginate(jobQueue=server.announced["jobQueue"], filters=[{"name": "JOB_NAME", "values": [f"{RUN}*"]}])
    )
    assert sum(len(page["jobSummaryList"]) for page in listed) == 120
