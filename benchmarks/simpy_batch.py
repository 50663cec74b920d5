"""The scenario of `batch_scenario` written in SimPy, as one would: a process a job, a process for the scheduler, a container of vCPUs.

It does in this scenario what the model does: it checks and answers SubmitJob, throttles, places, draws start-ups, times out, ends, tells
ground truth, events with AWS's detail and what jobs have written, and answers DescribeJobs and ListJobs at any moment. It has nothing of
what the scenario does not use (arrays, dependencies, retries, cancelling, fair shares, EC2, ECS tasks, faults), and takes the model's own
short cuts: one specification for all jobs that are submitted alike, details made when somebody looks. The draws are the model's.
`virtual_time` compares all that both say, one by one.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Generator, Mapping
from typing import Any

import simpy
from batch_scenario import calls
from simpy_records import EXITED, JOB_PREFIX, REGION_AND_ACCOUNT, Attempt, EventDetail, Job, Specification, summary
from simpy_records import describe as described

from batchgauge.batchmodel.boundary import EmitEvent, ModelSettings, TokenBucket, Transition, VirtualOutput
from batchgauge.batchmodel.draws import Draws, duration_ms
from batchgauge.batchmodel.virtual_work import CountdownLines

JOB_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
STATES = ("SUBMITTED", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED", "FAILED")
EXIT_CODE = 0


class Tokens:
    """A token bucket."""

    def __init__(self, bucket: TokenBucket) -> None:
        self.depth = self.tokens = float(bucket.depth)
        self.rate_per_ms = bucket.rate_per_s / 1000
        self.at_ms = 0.0

    def take(self, now_ms: float) -> bool:
        """One, if there is one."""
        self.tokens = min(self.depth, self.tokens + (now_ms - self.at_ms) * self.rate_per_ms)
        self.at_ms = now_ms
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class SimpyBatch:
    """One account."""

    def __init__(self, environment: simpy.Environment, settings: ModelSettings, max_vcpus: int, cluster: str) -> None:
        _, queue, definition = [parameters for _, parameters in calls(max_vcpus)]
        self.environment = environment
        self.settings = settings
        self.cluster = cluster
        self.draws = Draws(settings.seed)
        self.submissions = Tokens(settings.submit_job_bucket)
        self.launches = Tokens(settings.fargate_launch_bucket)
        self.vcpus = simpy.Container(environment, capacity=max_vcpus, init=max_vcpus)
        name = queue["jobQueueName"]
        self.queues = {name: {"arn": f"arn:aws:batch:{REGION_AND_ACCOUNT}:job-queue/{name}", "state": "ENABLED"}}
        self.definitions = {definition["jobDefinitionName"]: definition}
        self.specifications: dict[tuple[str, str], Specification] = {}
        self.jobs: dict[str, Job] = {}
        self.by_state: dict[str, dict[int, Job]] = {state: {} for state in STATES}
        self.submitted: list[simpy.Event] = []
        self.runnable: deque[tuple[Job, simpy.Event]] = deque()
        self.effects: list[Any] = []
        self.unfinished = 0
        environment.process(self.schedule())

    # the API

    def submit(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """SubmitJob."""
        now_ms = self.environment.now
        if not self.submissions.take(now_ms):
            raise RuntimeError("Too Many Requests")
        name = parameters["jobName"]
        if not JOB_NAME.fullmatch(name):
            raise RuntimeError("Job name should match valid pattern")
        queue, definition = self.queues.get(parameters["jobQueue"]), self.definitions.get(parameters["jobDefinition"])
        if queue is None or queue["state"] != "ENABLED" or definition is None:
            raise RuntimeError("ClientException")
        if definition["platformCapabilities"] != ["FARGATE"]:
            raise RuntimeError("Job Queue is attached to Compute Environment that can not run Jobs")
        tags = parameters.get("tags", {})
        if len(tags) > 50 or any(key.lower().startswith("aws:") for key in tags):
            raise RuntimeError("ClientException")
        number = len(self.jobs) + 1
        job_id = self.draws.uuid("job", number)
        job = Job(number, job_id, name, queue["arn"], now_ms)
        job.specification = self.specification(definition, parameters)
        job.tags = tags
        self.jobs[job_id] = self.by_state["SUBMITTED"][number] = job
        self.unfinished += 1
        self.effects.append(Transition(job_id, now_ms, None, "SUBMITTED", 0, "SubmitJob"))
        self.environment.process(self.live(job))
        return {"jobArn": JOB_PREFIX + job_id, "jobName": name, "jobId": job_id}

    def specification(self, definition: Mapping[str, Any], parameters: Mapping[str, Any]) -> Specification:
        """Definition and overrides merged, once for all jobs that are submitted alike."""
        given = parameters.get("parameters", {})
        key = parameters["jobDefinition"], repr(given)
        known = self.specifications.get(key)
        if known is None:
            known = self.specifications[key] = Specification(definition, given)
        return known

    def describe_jobs(self, job_ids: list[str]) -> list[dict[str, Any]]:
        """DescribeJobs."""
        found = [self.jobs[job_id] for job_id in job_ids]
        return [described(job, self.cluster, job.state, job.status_reason, len(job.attempts)) for job in found]

    def list_jobs(self, state: str, size: int) -> list[dict[str, Any]]:
        """A page of ListJobs, newest first."""
        members = self.by_state[state]
        return [summary(members[number]) for number in sorted(members, reverse=True)[:size]]

    # lives

    def move(self, job: Job, state: str, cause: str) -> None:
        """A change of state, its ground truth and its event."""
        before, job.state = job.state, state
        self.by_state[state][job.number] = self.by_state[before].pop(job.number)
        now_ms = self.environment.now
        self.effects.append(Transition(job.job_id, now_ms, before, state, len(job.attempts), cause))
        detail = EventDetail(job, self.cluster)
        self.effects.append(EmitEvent("Batch Job State Change", (JOB_PREFIX + job.job_id,), detail, now_ms))

    def live(self, job: Job) -> Generator[simpy.Event, Any, None]:
        """A job's whole life."""
        environment, specification = self.environment, job.specification
        noticed = environment.event()
        self.submitted.append(noticed)
        yield noticed
        self.move(job, "RUNNABLE", "nothing to wait for")
        placed = environment.event()
        self.runnable.append((job, placed))
        yield placed
        task_id, *normals = self.draws.attempt(job.number * 16 + 1)
        attempt = Attempt(1, task_id, environment.now)
        job.attempts.append(attempt)
        self.move(job, "STARTING", "placed in environment")
        yield from self.start_up(attempt, *normals)
        self.move(job, "RUNNING", "container started")
        work = environment.timeout(specification.duration_ms)
        yield work | environment.timeout(specification.timeout_ms)
        self.end(job, attempt, is_complete=work.processed)
        yield self.vcpus.put(specification.vcpus)

    def start_up(
        self, attempt: Attempt, first: float, second: float, third: float
    ) -> Generator[simpy.Event, Any, None]:
        """Provisioning, image pull and container start."""
        environment, start_up, scale = self.environment, self.settings.linux_start_up, self.settings.time_scale
        yield environment.timeout(scale * duration_ms(start_up.provisioning, first))
        attempt.pull_started_ms = environment.now
        yield environment.timeout(scale * duration_ms(start_up.image_pull, second))
        attempt.pull_stopped_ms = environment.now
        yield environment.timeout(scale * duration_ms(start_up.container_start, third))
        attempt.started_ms = environment.now

    def end(self, job: Job, attempt: Attempt, is_complete: bool) -> None:
        """What the job has written, and its last change of state."""
        now_ms, specification = self.environment.now, job.specification
        assert attempt.started_ms is not None
        attempt.stopped_ms = job.stopped_ms = now_ms
        attempt.exit_code = EXIT_CODE if is_complete else 137
        job.status_reason = EXITED if is_complete else "Job attempt duration exceeded timeout"
        lines = CountdownLines(attempt.started_ms, now_ms, specification.duration_ms / 1000, is_complete)
        stream = specification.log_prefix + attempt.task_id
        self.effects.append(VirtualOutput(attempt.task_id, "/aws/batch/job", stream, lines))
        self.unfinished -= 1
        self.move(job, "SUCCEEDED" if is_complete else "FAILED", f"exit code {attempt.exit_code}")

    def schedule(self) -> Generator[simpy.Event, Any, None]:
        """Every cycle: place from the head while there is room, then take notice of what was submitted."""
        environment, cycle_ms = self.environment, self.settings.scheduler_cycle_ms
        while True:
            yield environment.timeout(cycle_ms - environment.now % cycle_ms)
            while self.runnable and self.vcpus.level >= self.runnable[0][0].specification.vcpus:
                if not self.launches.take(environment.now):
                    break
                job, placed = self.runnable.popleft()
                yield self.vcpus.get(job.specification.vcpus)
                placed.succeed()
            noticed, self.submitted = self.submitted, []
            for event in noticed:
                event.succeed()
