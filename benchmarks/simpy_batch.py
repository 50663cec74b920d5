"""The scenario of `batch_scenario` written in SimPy, as one would: a process a job, a process for the scheduler, a container of vCPUs.

It does what the model does in this scenario and nothing of the rest (no arrays, dependencies, retries, fair shares, EC2, reads). The draws
are the model's, so both must come to the same transitions at the same times; `virtual_time` checks that they do.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Generator, Mapping
from typing import Any

import simpy

from batchgauge.batchmodel.boundary import EmitEvent, ModelSettings, TokenBucket, Transition
from batchgauge.batchmodel.draws import Draws, duration_ms

JOB_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
PREFIX = "arn:aws:batch:us-west-2:123456789012:job/"


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

    def __init__(self, environment: simpy.Environment, settings: ModelSettings, max_vcpus: int) -> None:
        self.environment = environment
        self.settings = settings
        self.draws = Draws(settings.seed)
        self.submissions = Tokens(settings.submit_job_bucket)
        self.launches = Tokens(settings.fargate_launch_bucket)
        self.vcpus = simpy.Container(environment, capacity=max_vcpus, init=max_vcpus)
        self.queues = {"queue": "queue"}
        self.definitions: dict[str, Mapping[str, Any]] = {"definition": {"timeout_s": 3600, "vcpus": 1}}
        self.jobs: dict[str, dict[str, Any]] = {}
        self.submitted: list[simpy.Event] = []
        self.runnable: deque[simpy.Event] = deque()
        self.effects: list[Any] = []
        self.unfinished = 0
        environment.process(self.schedule())

    def submit(self, number: int, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """SubmitJob."""
        if not self.submissions.take(self.environment.now):
            raise RuntimeError("Too Many Requests")
        if not JOB_NAME.fullmatch(parameters["jobName"]) or parameters["jobQueue"] not in self.queues:
            raise RuntimeError("ClientException")
        definition = self.definitions[parameters["jobDefinition"]]
        job_id = self.draws.uuid("job", number)
        job = {"id": job_id, "number": number, "definition": definition, "parameters": parameters, "state": "SUBMITTED"}
        self.jobs[job_id] = job
        self.unfinished += 1
        self.effects.append(Transition(job_id, self.environment.now, None, "SUBMITTED", 0, "SubmitJob"))
        self.environment.process(self.live(job))
        return {"jobArn": PREFIX + job_id, "jobName": parameters["jobName"], "jobId": job_id}

    def move(self, job: dict[str, Any], state: str, attempt: int, cause: str) -> None:
        """A change of state, its ground truth and its event."""
        before, job["state"] = job["state"], state
        now_ms = self.environment.now
        self.effects.append(Transition(job["id"], now_ms, before, state, attempt, cause))
        detail = {**job, "status": state}
        self.effects.append(EmitEvent("Batch Job State Change", (PREFIX + job["id"],), detail, now_ms))

    def live(self, job: dict[str, Any]) -> Generator[simpy.Event, Any, None]:
        """A job's whole life."""
        environment, settings = self.environment, self.settings
        noticed = environment.event()
        self.submitted.append(noticed)
        yield noticed
        self.move(job, "RUNNABLE", 0, "nothing to wait for")
        placed = environment.event()
        self.runnable.append(placed)
        yield placed
        _, first, second, third = self.draws.attempt(job["number"] * 16 + 1)
        self.move(job, "STARTING", 1, "placed in environment")
        start_up, scale = settings.linux_start_up, settings.time_scale
        yield environment.timeout(scale * duration_ms(start_up.provisioning, first))
        yield environment.timeout(scale * duration_ms(start_up.image_pull, second))
        yield environment.timeout(scale * duration_ms(start_up.container_start, third))
        self.move(job, "RUNNING", 1, "container started")
        work = environment.timeout(float(job["parameters"]["parameters"]["countdownSeconds"]) * 1000)
        time_out = environment.timeout(job["definition"]["timeout_s"] * 1000)
        yield work | time_out
        self.move(job, "SUCCEEDED" if work.processed else "FAILED", 1, "exit code 0")
        self.unfinished -= 1
        yield self.vcpus.put(job["definition"]["vcpus"])

    def schedule(self) -> Generator[simpy.Event, Any, None]:
        """Every cycle: place from the head while there is room, then take notice of what was submitted."""
        environment, cycle_ms = self.environment, self.settings.scheduler_cycle_ms
        while True:
            yield environment.timeout(cycle_ms - environment.now % cycle_ms)
            while self.runnable and self.vcpus.level >= 1 and self.launches.take(environment.now):
                yield self.vcpus.get(1)
                self.runnable.popleft().succeed()
            noticed, self.submitted = self.submitted, []
            for event in noticed:
                event.succeed()
