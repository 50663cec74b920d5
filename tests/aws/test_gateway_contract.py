"""What the verbs rely on at the gateway: the same for the fake of their tests and for the real one, over HTTP, on the embedded AWS."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TypeVar

import msgspec
import pytest

from batchgauge.aws.batch_shapes import submit_arguments
from batchgauge.aws.gateway import BotoGateway
from batchgauge.aws.session import AwsSession, Connection, Credentials
from batchgauge.core.bound import Bound
from batchgauge.core.job import JobState
from batchgauge.core.journal import CallOutcome
from batchgauge.core.observed.clock_offset import estimate_clock_offset
from batchgauge.core.scenario import JobShape
from batchgauge.core.submitting.refusals import is_fatal
from batchgauge.host.clock import SystemClock
from batchgauge.ports import BatchGateway, Clock, JobPage, LogLine, LogSource, ObservedJob, Reply
from tests.conftest import ServerHandle
from tests.measure.fake_aws import FakeAws
from tests.measure.virtual_time import run_virtually

T = TypeVar("T")
U = TypeVar("U")

PATIENCE_S = 60.0


@dataclass(frozen=True)
class Aws:
    """A gateway, its clock, and a job that it takes and that ends by itself."""

    batch: BatchGateway
    logs: LogSource
    clock: Clock
    shape: JobShape

    async def submit(self, name: str) -> str:
        reply = await self.batch.submit_job(name, self.shape)
        assert reply.value is not None, reply
        return reply.value.job_id

    async def submit_array(self, name: str, size: int) -> str:
        """The id of an array job with children that end by themselves."""
        if isinstance(self.batch, FakeAws):
            self.batch.add_children(f"id-{name}", size, self.shape)
            return f"id-{name}"
        assert isinstance(self.batch, BotoGateway)
        arguments = {**submit_arguments(name, self.shape), "arrayProperties": {"size": size}}
        reply = await self.batch._call("batch", "SubmitJob", arguments, lambda answer: str(answer["jobId"]))
        assert reply.value is not None, reply
        return reply.value

    async def listed(
        self, list_page: Callable[[JobState, str | None], Awaitable[Reply[JobPage]]], job_ids: set[str]
    ) -> dict[str, ObservedJob]:
        """What all pages of SUCCEEDED show of these jobs, once they show all of them."""
        deadline_ms = self.clock.now_ms() + PATIENCE_S * 1000
        while self.clock.now_ms() < deadline_ms:
            found: dict[str, ObservedJob] = {}
            token: str | None = None
            while True:
                reply = await list_page(JobState.SUCCEEDED, token)
                assert_well_formed(reply)
                assert reply.value is not None
                assert {job.sighting.state for job in reply.value.jobs} <= {JobState.SUCCEEDED}
                found |= {job.job_id: job for job in reply.value.jobs}
                token = reply.value.next_token
                if token is None:
                    break
            if job_ids <= found.keys():
                return found
            await self.clock.sleep(0.2)
        raise TimeoutError(job_ids)

    async def seen(self, job_id: str, is_enough: Callable[[ObservedJob], bool]) -> ObservedJob:
        """The job, once it is as it should be."""
        deadline_ms = self.clock.now_ms() + PATIENCE_S * 1000
        while self.clock.now_ms() < deadline_ms:
            reply = await self.batch.describe_jobs([job_id])
            for job in reply.value or ():
                if is_enough(job):
                    return job
            await self.clock.sleep(0.05)
        raise TimeoutError(job_id)

    async def ended(self, job_id: str) -> ObservedJob:
        return await self.seen(job_id, lambda job: job.sighting.state.is_terminal)


Work = Callable[[Aws], Awaitable[None]]
Run = Callable[[Work], None]


def on_the_fake(work: Work) -> None:
    async def go() -> None:
        aws = FakeAws(latency_s=0.01)
        await work(Aws(aws, aws, aws.clock, JobShape(job_queue="queue", job_definition="definition")))

    run_virtually(go())


def on_the_embedded_aws(server: ServerHandle, work: Work) -> None:
    async def go() -> None:
        clock = SystemClock()
        announced = server.announced
        keys = Credentials(announced["accessKeyId"], announced["secretAccessKey"])
        connection = Connection(announced["region"], endpoint_url=server.endpoint, credentials=keys)
        shape = JobShape(
            job_queue=announced["jobQueue"],
            job_definition="linux-countdown-job",
            parameters={"countdownSeconds": "1"},
        )
        async with AsyncExitStack() as stack:
            session = await stack.enter_async_context(AwsSession(connection, clock, os.environ))
            gateway = BotoGateway(session, clock)
            await work(Aws(gateway, gateway, clock, shape))

    asyncio.run(go())


@pytest.fixture(params=["fake", "embedded"])
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    """Runs a piece of work on one of the two."""
    if request.param == "fake":
        yield on_the_fake
    else:
        server: ServerHandle = request.getfixturevalue("server")
        yield lambda work: on_the_embedded_aws(server, work)


def assert_well_formed(reply: Reply[U]) -> None:
    assert reply.sent_ms <= reply.received_ms
    if reply.outcome is CallOutcome.OK:
        assert (reply.error, reply.status) == (None, 200)
        assert reply.request_id
    else:
        assert reply.value is None
        assert reply.error


def test_a_job_that_is_submitted_is_taken_seen_and_ends(run: Run) -> None:
    async def work(aws: Aws) -> None:
        submitted = await aws.batch.submit_job("contract-one", aws.shape)
        assert_well_formed(submitted)
        assert submitted.value is not None
        assert submitted.value.job_name == "contract-one"
        job = await aws.ended(submitted.value.job_id)
        sighting = job.sighting
        assert (job.job_name, sighting.state, sighting.exit_code) == ("contract-one", JobState.SUCCEEDED, 0)
        assert sighting.created_ms is not None
        assert sighting.started_ms is not None
        assert sighting.stopped_ms is not None
        assert sighting.created_ms <= sighting.started_ms <= sighting.stopped_ms
        assert sighting.job == 0, "indexes are the caller's"

    run(work)


def test_what_a_job_shows_only_grows(run: Run) -> None:
    async def work(aws: Aws) -> None:
        job_id = await aws.submit("contract-grows")
        ranks: list[int] = []

        def note(job: ObservedJob) -> bool:
            ranks.append(job.sighting.state.rank)
            assert (job.sighting.stopped_ms is not None) == job.sighting.state.is_terminal
            assert job.sighting.started_ms is not None or job.sighting.state is not JobState.RUNNING
            return job.sighting.state.is_terminal

        await aws.seen(job_id, note)
        assert ranks == sorted(ranks)

    run(work)


def test_jobs_that_aws_does_not_know_are_left_out(run: Run) -> None:
    async def work(aws: Aws) -> None:
        job_id = await aws.submit("contract-known")
        await aws.seen(job_id, lambda _: True)
        reply = await aws.batch.describe_jobs([job_id, "00000000-0000-4000-8000-000000000000"])
        assert_well_formed(reply)
        assert reply.value is not None
        assert [job.job_id for job in reply.value] == [job_id]

    run(work)


def test_a_hundred_jobs_are_described_in_one_call(run: Run) -> None:
    async def work(aws: Aws) -> None:
        job_ids: list[str] = []
        while len(job_ids) < 100:
            reply = await aws.batch.submit_job(f"contract-many-{len(job_ids):03d}", aws.shape)
            if reply.value is not None:
                job_ids.append(reply.value.job_id)
            else:
                assert reply.outcome is CallOutcome.THROTTLED
                await aws.clock.sleep(0.1)
        described = await aws.batch.describe_jobs(job_ids)
        assert described.value is not None
        assert {job.job_id for job in described.value} == set(job_ids)
        for job_id in job_ids:
            await aws.batch.terminate_job(job_id, "enough")

    run(work)


def test_a_job_is_found_by_the_beginning_of_its_name_whatever_its_state(run: Run) -> None:
    async def work(aws: Aws) -> None:
        first, second = await aws.submit("contract-find-job001"), await aws.submit("contract-find-job0011")
        await aws.submit("contract-other")
        await aws.ended(first)
        reply = await aws.batch.list_jobs_by_name(aws.shape.job_queue, "contract-find-job001")
        assert_well_formed(reply)
        assert reply.value is not None
        assert {(job.job_id, job.job_name) for job in reply.value.jobs} == {
            (first, "contract-find-job001"),
            (second, "contract-find-job0011"),
        }
        nothing = await aws.batch.list_jobs_by_name(aws.shape.job_queue, "contract-never")
        assert nothing.value is not None
        assert nothing.value.jobs == ()

    run(work)


def test_a_queues_jobs_are_listed_by_state_with_less_than_their_details(run: Run) -> None:
    async def work(aws: Aws) -> None:
        ids = {await aws.submit(f"contract-listed-{number}") for number in range(3)}

        async def page(state: JobState, token: str | None) -> Reply[JobPage]:
            return await aws.batch.list_jobs(aws.shape.job_queue, state, token)

        listed = await aws.listed(page, ids)
        for job_id in ids:
            summary, detail = listed[job_id], await aws.ended(job_id)
            assert summary.job_name == detail.job_name
            shown, known = summary.sighting, detail.sighting
            assert (shown.created_ms, shown.started_ms, shown.stopped_ms) == (
                known.created_ms,
                known.started_ms,
                known.stopped_ms,
            )
            assert (shown.exit_code, shown.log_stream, shown.task_arn, shown.attempts) == (0, None, None, ())
        running = await aws.batch.list_jobs(aws.shape.job_queue, JobState.RUNNING)
        assert running.value is not None
        assert not ids & {job.job_id for job in running.value.jobs}

    run(work)


def test_the_children_of_an_array_are_listed_by_state_and_not_among_the_queues_jobs(run: Run) -> None:
    async def work(aws: Aws) -> None:
        parent_id = await aws.submit_array("contract-array", 4)
        ids = {f"{parent_id}:{child}" for child in range(4)}

        async def page(state: JobState, token: str | None) -> Reply[JobPage]:
            return await aws.batch.list_children(parent_id, state, token)

        assert (await aws.listed(page, ids)).keys() == ids
        queue = await aws.batch.list_jobs(aws.shape.job_queue, JobState.SUCCEEDED)
        assert queue.value is not None
        assert not ids & {job.job_id for job in queue.value.jobs}
        described = await aws.batch.describe_jobs(sorted(ids))
        assert described.value is not None
        assert {job.job_id for job in described.value} == ids

    run(work)


def test_a_terminated_job_fails_with_the_reason_that_was_given(run: Run) -> None:
    async def work(aws: Aws) -> None:
        shape = msgspec.structs.replace(aws.shape, parameters={"countdownSeconds": "600"})
        submitted = await aws.batch.submit_job("contract-terminated", shape)
        assert submitted.value is not None
        reply = await aws.batch.terminate_job(submitted.value.job_id, "somebody asked")
        assert reply.outcome is CallOutcome.OK
        job = await aws.ended(submitted.value.job_id)
        assert (job.sighting.state, job.sighting.status_reason) == (JobState.FAILED, "somebody asked")

    run(work)


def test_several_jobs_are_ended_in_one_call(run: Run) -> None:
    async def work(aws: Aws) -> None:
        if isinstance(aws.batch, FakeAws):
            aws.batch.has_bulk_ends = True
        shape = msgspec.structs.replace(aws.shape, parameters={"countdownSeconds": "600"})
        ids = []
        for number in range(3):
            submitted = await aws.batch.submit_job(f"contract-bulk-{number}", shape)
            assert submitted.value is not None
            ids.append(submitted.value.job_id)
        reply = await aws.batch.terminate_jobs(ids, "somebody asked")
        assert_well_formed(reply)
        assert reply.value is not None
        assert (set(reply.value.successful), reply.value.errors) == (set(ids), ())
        for job_id in ids:
            job = await aws.ended(job_id)
            assert (job.sighting.state, job.sighting.status_reason) == (JobState.FAILED, "somebody asked")

    run(work)


def test_tags_are_described_and_not_listed(run: Run) -> None:
    async def work(aws: Aws) -> None:
        shape = msgspec.structs.replace(aws.shape, tags={"batchgauge:run": "x"})
        submitted = await aws.batch.submit_job("contract-tagged", shape)
        assert submitted.value is not None
        job = await aws.seen(submitted.value.job_id, lambda _: True)
        assert (job.tags or {}).get("batchgauge:run") == "x"
        page = await aws.batch.list_jobs_by_name(aws.shape.job_queue, "contract-tagged")
        assert page.value is not None
        assert [listed.tags for listed in page.value.jobs] == [None]

    run(work)


def test_all_queues_are_listed(run: Run) -> None:
    async def work(aws: Aws) -> None:
        reply = await aws.batch.list_job_queues()
        assert_well_formed(reply)
        assert reply.value is not None
        assert aws.shape.job_queue in [queue.name for queue in reply.value.queues]

    run(work)


def test_a_job_that_has_ended_stays_as_it_is_when_it_is_terminated(run: Run) -> None:
    async def work(aws: Aws) -> None:
        job_id = await aws.submit("contract-too-late")
        before = await aws.ended(job_id)
        reply = await aws.batch.terminate_job(job_id, "too late")
        assert reply.outcome is CallOutcome.OK
        assert (await aws.ended(job_id)).sighting.state is before.sighting.state

    run(work)


def test_queue_environments_and_definition_are_described(run: Run) -> None:
    async def work(aws: Aws) -> None:
        queue = await aws.batch.describe_job_queue(aws.shape.job_queue)
        assert_well_formed(queue)
        assert queue.value is not None
        assert (queue.value.name, queue.value.state, queue.value.status) == (aws.shape.job_queue, "ENABLED", "VALID")
        environments = await aws.batch.describe_compute_environments(queue.value.compute_environments)
        assert environments.value is not None
        assert [entry.max_vcpus for entry in environments.value] == [16]
        definition = await aws.batch.describe_job_definition(aws.shape.job_definition)
        assert definition.value is not None
        assert (definition.value.name, definition.value.vcpus) == (aws.shape.job_definition, 1.0)
        assert definition.value.memory_mib == 2048

    run(work)


def test_log_lines_of_a_job_are_read_to_the_end_of_its_stream(run: Run) -> None:
    async def work(aws: Aws) -> None:
        job = await aws.ended(await aws.submit("contract-logs"))
        group, stream = job.sighting.log_group, job.sighting.log_stream
        assert group is not None
        assert stream is not None
        lines: list[LogLine] = []
        token: str | None = None
        deadline_ms = aws.clock.now_ms() + PATIENCE_S * 1000
        while aws.clock.now_ms() < deadline_ms:
            reply = await aws.logs.read_log_page(group, stream, token)
            if reply.value is not None:
                lines.extend(reply.value.lines)
                if reply.value.next_token == token and lines:
                    break
                token = reply.value.next_token
            await aws.clock.sleep(0.05)
        assert lines
        assert all(line.ingestion_ms >= 0 and line.message for line in lines)
        assert [line.timestamp_ms for line in lines] == sorted(line.timestamp_ms for line in lines)

    run(work)


# --- the real one alone: what the fake makes up at will ---------------------------------------------------------------


def test_more_submissions_than_the_bucket_holds_are_throttled_and_not_raised(server: ServerHandle) -> None:
    async def work(aws: Aws) -> None:
        replies = await asyncio.gather(*(aws.batch.submit_job(f"contract-burst-{n}", aws.shape) for n in range(150)))
        outcomes = {reply.outcome for reply in replies}
        assert outcomes == {CallOutcome.OK, CallOutcome.THROTTLED}
        throttled = next(reply for reply in replies if reply.outcome is CallOutcome.THROTTLED)
        assert (throttled.status, throttled.error) == (429, "TooManyRequestsException")
        for reply in replies:
            assert_well_formed(reply)
            if reply.value is not None:
                await aws.batch.terminate_job(reply.value.job_id, "enough")

    on_the_embedded_aws(server, work)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"job_queue": "no-such-queue"}, "no-such-queue"),
        ({"job_definition": "no-such-definition"}, "no-such-definition"),
    ],
)
def test_what_aws_refuses_is_a_value_with_its_words(server: ServerHandle, changed: dict[str, str], words: str) -> None:
    async def work(aws: Aws) -> None:
        reply = await aws.batch.submit_job("contract-refused", msgspec.structs.replace(aws.shape, **changed))
        assert_well_formed(reply)
        assert (reply.outcome, reply.status, reply.error) == (CallOutcome.REFUSED, 400, "ClientException")
        assert words in (reply.message or "")

    on_the_embedded_aws(server, work)


def test_what_is_not_there_is_none(server: ServerHandle) -> None:
    async def work(aws: Aws) -> None:
        for reply in (
            await aws.batch.describe_job_queue("no-such-queue"),
            await aws.batch.describe_job_definition("no-such-definition"),
            await aws.batch.describe_job_definition("linux-countdown-job:999"),
        ):
            assert (reply.outcome, reply.value) == (CallOutcome.OK, None)

    on_the_embedded_aws(server, work)


def test_more_than_a_hundred_ids_are_refused_by_aws_itself(server: ServerHandle) -> None:
    async def work(aws: Aws) -> None:
        reply = await aws.batch.describe_jobs([f"id-{n}" for n in range(101)])
        assert (reply.outcome, reply.error) == (CallOutcome.REFUSED, "ClientException")

    on_the_embedded_aws(server, work)


def test_wrong_keys_are_refused_with_a_code_that_ends_the_run(server: ServerHandle) -> None:
    async def work() -> None:
        connection = Connection(
            "us-west-2", endpoint_url=server.endpoint, credentials=Credentials("AKIDWRONG", "wrong")
        )
        clock = SystemClock()
        async with AwsSession(connection, clock, os.environ) as session:
            reply = await BotoGateway(session, clock).describe_job_queue("windows-batch-queue")
            assert reply.outcome is CallOutcome.REFUSED
            assert is_fatal(reply)

    asyncio.run(work())


def test_a_stream_that_does_not_exist_is_refused(server: ServerHandle) -> None:
    async def work(aws: Aws) -> None:
        reply = await aws.logs.read_log_page("/aws/batch/job", "no/such/stream")
        assert (reply.outcome, reply.error) == (CallOutcome.REFUSED, "ResourceNotFoundException")

    on_the_embedded_aws(server, work)


def test_aws_and_our_clock_agree_on_one_computer_as_the_bounds_say(server: ServerHandle) -> None:
    async def work(aws: Aws) -> None:
        calls = []
        for number in range(5):
            submitted = await aws.batch.submit_job(f"contract-clock-{number}", aws.shape)
            assert submitted.value is not None
            seen = await aws.seen(submitted.value.job_id, lambda _: True)
            assert seen.sighting.created_ms is not None
            calls.append((submitted.sent_ms, submitted.received_ms, seen.sighting.created_ms))
        offset = estimate_clock_offset(calls)
        assert not offset.is_contradicted
        assert offset.offset_ms.intersect(Bound(-50, 50)).is_empty is False, "each has read the same wall clock once"

    on_the_embedded_aws(server, work)
