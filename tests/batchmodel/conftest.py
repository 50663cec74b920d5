"""A world around the model: it makes calls, lets time pass, and plays the processes that the model starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from heapq import heappop, heappush
from typing import Any, TypeAlias

import pytest

from batchgauge.batchmodel.boundary import (
    Answer,
    ApiCall,
    Distribution,
    Effect,
    EmitEvent,
    Input,
    ModelSettings,
    ProcessEnded,
    ProcessStarted,
    Refusal,
    SignalProcess,
    StartProcess,
    StartUp,
    TokenBucket,
    Transition,
)
from batchgauge.batchmodel.model import BatchModel

EPOCH_MS = 1_700_000_000_000.0
UNLIMITED = TokenBucket(1e12, 1e12)
FIXED_START_UP = StartUp(Distribution(20_000), Distribution(30_000), Distribution(10_000))
PLAIN = ModelSettings(
    submit_job_bucket=UNLIMITED,
    other_api_bucket=UNLIMITED,
    fargate_launch_bucket=UNLIMITED,
    linux_start_up=FIXED_START_UP,
    windows_start_up=FIXED_START_UP,
    ec2_start_up=FIXED_START_UP,
    ec2_scale_up=Distribution(120_000),
)
"""Nothing is throttled, and every start-up takes a minute."""
ROLE = "arn:aws:iam::123456789012:role/R"
Behaviour: TypeAlias = Callable[[StartProcess], tuple[float | None, int]]
"""How long a process runs (None: until it is ended) and its exit code."""


class RefusedCallError(Exception):
    """What a call was refused with."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


class World:
    """A model with a queue ``q`` on a Fargate environment ``e``, and a Linux definition ``d`` of 1 vCPU."""

    def __init__(self, max_vcpus: float = 4, start_ms: float = EPOCH_MS, **changed: Any) -> None:
        self.model = BatchModel(replace(PLAIN, **changed))
        self.now_ms = start_ms
        self.effects: list[Effect] = []
        self.inputs: list[tuple[float, Input]] = []
        self.behaviour: Behaviour = lambda start: (1000.0, 0)
        self.is_stubborn = False
        """Processes take no notice of SIGTERM."""
        self.is_slow_to_start = False
        """Whoever starts processes has not come to it yet: tests tell the model of them."""
        self._ends: list[tuple[float, int, str, int | None]] = []
        self._running: set[str] = set()
        self._count = 0
        self.environment("e", max_vcpus)
        self.queue("q", "e")
        self.definition("d")

    # calls

    def call(self, operation: str, /, **parameters: Any) -> Any:
        """The answer's body; raises `RefusedCallError`."""
        self._count += 1
        call = ApiCall(self._count, operation, parameters)
        for effect in self.step(self.now_ms, call):
            if isinstance(effect, Answer) and effect.call_id == call.call_id:
                return effect.body
            if isinstance(effect, Refusal) and effect.call_id == call.call_id:
                raise RefusedCallError(effect)
        raise AssertionError("no answer")

    def refusal(self, operation: str, /, **parameters: Any) -> Refusal:
        """What the call is refused with."""
        with pytest.raises(RefusedCallError) as caught:
            self.call(operation, **parameters)
        return caught.value.refusal

    def message(self, operation: str, /, **parameters: Any) -> str:
        """What the call is refused with, in AWS's words."""
        refusal = self.refusal(operation, **parameters)
        assert (refusal.status, refusal.code) == (400, "ClientException")
        return refusal.message

    def environment(self, name: str, max_vcpus: float = 4, kind: str = "FARGATE", **more: Any) -> str:
        """Make a compute environment; its ARN."""
        resources = {"type": kind, "maxvCpus": max_vcpus, "subnets": ["subnet-1"], "securityGroupIds": ["sg-1"]}
        if not kind.startswith("FARGATE"):
            resources |= {"instanceRole": "R", "instanceTypes": ["m5.xlarge"], "minvCpus": 0}
        made = self.call(
            "CreateComputeEnvironment",
            computeEnvironmentName=name,
            type="MANAGED",
            computeResources={**resources, **more},
        )
        return str(made["computeEnvironmentArn"])

    def queue(self, name: str, *environments: str, priority: int = 1, **more: Any) -> str:
        """Make a queue on environments in this order; its ARN."""
        order = [{"order": place, "computeEnvironment": given} for place, given in enumerate(environments, 1)]
        made = self.call("CreateJobQueue", jobQueueName=name, priority=priority, computeEnvironmentOrder=order, **more)
        return str(made["jobQueueArn"])

    def definition(
        self, name: str, vcpus: str = "1", memory: str = "2048", platform: str = "FARGATE", **more: Any
    ) -> str:
        """Register a definition; its ARN. `container` adds to the container's properties."""
        container = {
            "image": "image",
            "command": ["run"],
            "executionRoleArn": ROLE,
            "resourceRequirements": [{"type": "VCPU", "value": vcpus}, {"type": "MEMORY", "value": memory}],
            **more.pop("container", {}),
        }
        made = self.call(
            "RegisterJobDefinition",
            jobDefinitionName=name,
            type="container",
            platformCapabilities=[platform],
            containerProperties={key: value for key, value in container.items() if value is not None},
            **more,
        )
        return str(made["jobDefinitionArn"])

    def submit(self, name: str = "job", queue: str = "q", definition: str = "d", **more: Any) -> str:
        """Submit a job; its id."""
        return str(self.call("SubmitJob", jobName=name, jobQueue=queue, jobDefinition=definition, **more)["jobId"])

    def job(self, job_id: str) -> Any:
        """The job as DescribeJobs shows it."""
        [job] = self.call("DescribeJobs", jobs=[job_id])["jobs"]
        return job

    def state(self, job_id: str) -> str:
        """The job's state."""
        return str(self.job(job_id)["status"])

    def listed(self, **parameters: Any) -> list[str]:
        """The ids that one ListJobs answers with."""
        return [summary["jobId"] for summary in self.call("ListJobs", **parameters)["jobSummaryList"]]

    # time

    def step(self, now_ms: float, *inputs: Input) -> list[Effect]:
        """Step the model, keep what it says, and play the processes."""
        self.now_ms = now_ms
        self.inputs += [(now_ms, given) for given in inputs]
        effects = self.model.step(now_ms, inputs)
        self.effects += effects
        for effect in effects:
            if isinstance(effect, StartProcess) and not self.is_slow_to_start:
                self.step(now_ms, ProcessStarted(effect.task_id))
                duration_ms, exit_code = self.behaviour(effect)
                self._running.add(effect.task_id)
                if duration_ms is not None:
                    self._end_at(now_ms + duration_ms, effect.task_id, exit_code)
            elif isinstance(effect, SignalProcess) and (effect.signal == "kill" or not self.is_stubborn):
                self._end_at(now_ms, effect.task_id, 137 if effect.signal == "kill" else 143)
        return effects

    def _end_at(self, time_ms: float, task_id: str, exit_code: int | None) -> None:
        self._count += 1
        heappush(self._ends, (time_ms, self._count, task_id, exit_code))

    def next_ms(self) -> float | None:
        """When anything happens next."""
        model_ms = self.model.next_event_ms()
        end_ms = self._ends[0][0] if self._ends else None
        return min((ms for ms in (model_ms, end_ms) if ms is not None), default=None)

    def advance_to(self, time_ms: float) -> None:
        """Let everything happen until then, each thing at its own time."""
        while (next_ms := self.next_ms()) is not None and next_ms <= time_ms:
            next_ms = max(next_ms, self.now_ms)
            if self._ends and self._ends[0][0] <= next_ms:
                _, _, task_id, exit_code = heappop(self._ends)
                if task_id in self._running:
                    self._running.remove(task_id)
                    self.step(next_ms, ProcessEnded(task_id, exit_code))
            else:
                self.step(next_ms)
        self.step(time_ms)

    def advance(self, seconds: float) -> None:
        """Let this time pass."""
        self.advance_to(self.now_ms + seconds * 1000)

    def run(self, limit_s: float = 1e7) -> None:
        """Let everything happen until nothing is left to happen."""
        limit_ms = self.now_ms + limit_s * 1000
        while (next_ms := self.next_ms()) is not None:
            assert next_ms < limit_ms, "it does not end"
            self.advance_to(max(next_ms, self.now_ms))

    # what was said

    def of_kind(self, kind: type) -> list[Any]:
        """The effects of a kind, in order."""
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def path(self, job_id: str) -> list[str]:
        """The states that a job has gone through."""
        return [effect.to_state for effect in self.of_kind(Transition) if effect.job_id == job_id]

    def moments(self, state: str) -> dict[str, float]:
        """When each job came to a state, the last time, in seconds since the start."""
        return {
            effect.job_id: (effect.time_ms - EPOCH_MS) / 1000
            for effect in self.of_kind(Transition)
            if effect.to_state == state
        }

    def process(self, job_id: str) -> StartProcess:
        """The last process that was started for a job."""
        starts: list[StartProcess] = self.of_kind(StartProcess)
        return next(start for start in reversed(starts) if start.job_id == job_id)

    def events(self, detail_type: str = "Batch Job State Change") -> list[EmitEvent]:
        """The events of a type."""
        return [event for event in self.of_kind(EmitEvent) if event.detail_type == detail_type]


@pytest.fixture(scope="session")
def make_world() -> type[World]:
    """The class of worlds: ``make_world(max_vcpus, **settings)``."""
    return World


@pytest.fixture
def world() -> World:
    """One with room for four jobs."""
    return World()


@pytest.fixture(scope="session")
def plain_settings() -> ModelSettings:
    """Nothing is throttled, and every start-up takes a minute."""
    return PLAIN
