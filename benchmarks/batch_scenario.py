"""The scenario that the virtual-time benchmarks play: one queue on Fargate, AWS's own rates, jobs that count down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from batchgauge.batchmodel.boundary import Answer, ApiCall, Effect, ModelSettings
from batchgauge.batchmodel.model import BatchModel

START_MS = 1_790_000_000_007.0
"""Off the scheduler's cycles: who comes first within one moment is not compared."""
SUBMIT_EVERY_MS = 20.0
"""50 a second: what AWS lets through."""
COUNTDOWN_S = 30
TIMEOUT_S = 3600
ROLE = "arn:aws:iam::123456789012:role/BatchExecutionRole"


def calls(max_vcpus: int) -> list[tuple[str, dict[str, Any]]]:
    """What makes the environment, the queue and the definition."""
    network = {"subnets": ["subnet-1"], "securityGroupIds": ["sg-1"]}
    container = {
        "image": "countdown",
        "command": ["countdown", "Ref::countdownSeconds"],
        "executionRoleArn": ROLE,
        "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}],
    }
    environment = {
        "computeEnvironmentName": "environment",
        "type": "MANAGED",
        "computeResources": {"type": "FARGATE", "maxvCpus": max_vcpus, **network},
    }
    queue = {
        "jobQueueName": "queue",
        "priority": 1,
        "computeEnvironmentOrder": [{"order": 1, "computeEnvironment": "environment"}],
    }
    definition = {
        "jobDefinitionName": "definition",
        "type": "container",
        "platformCapabilities": ["FARGATE"],
        "parameters": {"countdownSeconds": "10"},
        "timeout": {"attemptDurationSeconds": TIMEOUT_S},
        "containerProperties": container,
    }
    return [
        ("CreateComputeEnvironment", environment),
        ("CreateJobQueue", queue),
        ("RegisterJobDefinition", definition),
    ]


def submission(number: int) -> dict[str, Any]:
    """SubmitJob's parameters, as a run of ours sends them."""
    return {
        "jobName": f"concurrent-test-20261122T101500-x7k2-job{number:05d}",
        "jobQueue": "queue",
        "jobDefinition": "definition",
        "parameters": {"countdownSeconds": str(COUNTDOWN_S)},
        "tags": {"batchgauge:run": "concurrent-test-20261122T101500-x7k2"},
    }


class Direct:
    """A model that is called directly, at a time of the caller's choice."""

    def __init__(self, settings: ModelSettings, max_vcpus: int) -> None:
        self.model = BatchModel(settings)
        self._calls = 0
        for operation, parameters in calls(max_vcpus):
            self.call(START_MS, operation, parameters)

    def step(self, now_ms: float, operation: str, parameters: Mapping[str, Any]) -> list[Effect]:
        """Let time pass and make a call."""
        self._calls += 1
        return self.model.step(now_ms, (ApiCall(self._calls, operation, parameters),))

    def call(self, now_ms: float, operation: str, parameters: Mapping[str, Any]) -> Any:
        """The answer of a call that must succeed."""
        last = self.step(now_ms, operation, parameters)[-1]
        assert isinstance(last, Answer), last
        return last.body
