"""Job queues: their record and the operations on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from batchgauge.batchmodel.agenda import Agenda
from batchgauge.batchmodel.backlog import Backlog, FairShareBacklog, FifoBacklog
from batchgauge.batchmodel.compute_environments import ComputeEnvironment, ComputeEnvironments
from batchgauge.batchmodel.identifiers import Names, check_resource_name, name_in
from batchgauge.batchmodel.pages import page_of, with_token
from batchgauge.batchmodel.queue_listing import QueueListing
from batchgauge.batchmodel.refusals import client_error
from batchgauge.batchmodel.scheduling_policies import SchedulingPolicies, SchedulingPolicy
from batchgauge.batchmodel.tags import checked_tags

KIND: Final = "job-queue"
MAX_QUEUES: Final = 50
MAX_ENVIRONMENTS: Final = 3
MAX_PRIORITY: Final = 1000
TIME_LIMIT_S: Final = (600, 86_400)
DELETING: Final = "DELETING"


class JobQueue:
    """One queue, its environments in order, and its jobs."""

    def __init__(self, name: str, arn: str, backlog: Backlog) -> None:
        self.name = name
        self.arn = arn
        self.state = "ENABLED"
        self.status = "CREATING"
        self.priority = 0
        self.environments: Sequence[ComputeEnvironment] = ()
        self.platforms: frozenset[str] = frozenset()
        """Of its environments: ``FARGATE`` or ``EC2``, as job definitions call them."""
        self.order: Sequence[Mapping[str, Any]] = ()
        self.policy: SchedulingPolicy | None = None
        self.time_limit_actions: Sequence[Mapping[str, Any]] = ()
        self.tags: Mapping[str, str] = {}
        self.backlog = backlog
        self.used_vcpus = 0.0
        """By its jobs that are STARTING or RUNNING."""
        self.listing = QueueListing()


class JobQueues:
    """Every queue by name, and the operations on them."""

    def __init__(
        self,
        *,
        names: Names,
        agenda: Agenda,
        environments: ComputeEnvironments,
        policies: SchedulingPolicies,
        on_change: Callable[[], None],
        on_delete: Callable[[JobQueue, Callable[[], None]], None],
    ) -> None:
        self._names = names
        self._agenda = agenda
        self._environments = environments
        self._policies = policies
        self._on_change = on_change
        self._on_delete = on_delete
        self._queues: dict[str, JobQueue] = {}
        self._by_priority: list[JobQueue] | None = None

    def create(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """CreateJobQueue; VALID in a moment."""
        name = parameters["jobQueueName"]
        check_resource_name(name)
        if name in self._queues:
            raise client_error("Object already exists")
        if len(self._queues) >= MAX_QUEUES:
            raise client_error(f"Maximum number of job queues is {MAX_QUEUES}")
        policy = self._policy(parameters)
        queue = JobQueue(name, self._names.arn(KIND, name), _backlog(policy))
        queue.tags = checked_tags(parameters.get("tags", {}))
        queue.policy = policy
        if not parameters.get("computeEnvironmentOrder"):
            raise client_error("computeEnvironmentOrder must not be empty")
        self._apply(queue, parameters)
        self._queues[name] = queue
        self._agenda.at(self._agenda.now_ms, self._become_valid, queue)
        return _identity(queue)

    def _policy(self, parameters: Mapping[str, Any]) -> SchedulingPolicy | None:
        arn = parameters.get("schedulingPolicyArn")
        if not arn:
            return None
        policy = self._policies.find(arn)
        if policy is None:
            raise client_error(f"Scheduling policy {arn} does not exist")
        return policy

    def _apply(self, queue: JobQueue, parameters: Mapping[str, Any]) -> None:
        """Check everything first, so that a refused request changes nothing."""
        order = parameters.get("computeEnvironmentOrder")
        environments = self._checked_environments(order) if order is not None else None
        priority = parameters.get("priority", queue.priority)
        if not 0 <= priority <= MAX_PRIORITY:
            raise client_error(f"Priority must be between 0 and {MAX_PRIORITY}")
        actions = _checked_actions(parameters.get("jobStateTimeLimitActions", queue.time_limit_actions))
        if environments is not None and order is not None:
            self._attach(queue, environments, order)
        queue.priority = priority
        queue.time_limit_actions = actions
        queue.state = parameters.get("state", queue.state).upper()
        self._by_priority = None

    def _checked_environments(self, order: Sequence[Mapping[str, Any]]) -> list[ComputeEnvironment]:
        if not 0 < len(order) <= MAX_ENVIRONMENTS:
            raise client_error(f"A job queue must have 1 to {MAX_ENVIRONMENTS} compute environments")
        ordered = sorted(order, key=lambda entry: entry["order"])
        environments = [self._environments.named(entry["computeEnvironment"]) for entry in ordered]
        if any(environment.status not in ("VALID", "UPDATING", "CREATING") for environment in environments):
            raise client_error("Compute environments must be VALID to be associated with a job queue")
        if len({environment.platform for environment in environments}) > 1:
            raise client_error("EC2 and Fargate compute environments can't be mixed in a job queue")
        if len({environment.name for environment in environments}) < len(environments):
            raise client_error("A compute environment can't be associated with a job queue twice")
        return environments

    def _attach(
        self, queue: JobQueue, environments: Sequence[ComputeEnvironment], order: Sequence[Mapping[str, Any]]
    ) -> None:
        self._detach(queue)
        for environment in environments:
            environment.queue_count += 1
        queue.environments = environments
        queue.platforms = frozenset(environment.platform for environment in environments)
        places = sorted(entry["order"] for entry in order)
        queue.order = [
            {"order": place, "computeEnvironment": environment.arn}
            for place, environment in zip(places, environments, strict=True)
        ]

    @staticmethod
    def _detach(queue: JobQueue) -> None:
        for environment in queue.environments:
            environment.queue_count -= 1
        queue.environments = ()

    def _become_valid(self, queue: JobQueue) -> None:
        if queue.status in ("CREATING", "UPDATING"):
            queue.status = "VALID"
            self._on_change()

    def update(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """UpdateJobQueue; a queue keeps its kind, first-in-first-out or fair share."""
        queue = self.named(parameters["jobQueue"])
        if queue.status == DELETING:
            raise client_error("Cannot update, resource is being modified")
        policy = self._policy(parameters)
        if policy is not None and queue.policy is None:
            raise client_error("A scheduling policy can't be added to a job queue that was created without one")
        self._apply(queue, parameters)
        if policy is not None and isinstance(queue.backlog, FairShareBacklog):
            queue.policy = policy
            queue.backlog.set_policy(policy.fair_share)
        queue.status = "UPDATING"
        self._agenda.at(self._agenda.now_ms, self._become_valid, queue)
        return _identity(queue)

    def policy_changed(self, policy: SchedulingPolicy) -> None:
        """Let the queues that follow it know."""
        for queue in self._queues.values():
            if queue.policy is policy and isinstance(queue.backlog, FairShareBacklog):
                queue.backlog.set_policy(policy.fair_share)

    def delete(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """DeleteJobQueue: a disabled one, and its jobs end with it; one that is not there is no error."""
        queue = self.find(parameters["jobQueue"])
        if queue is None:
            return {}
        if queue.status == DELETING:
            return {}
        if queue.state != "DISABLED":
            raise client_error("Cannot delete, state must be DISABLED")
        queue.status = DELETING
        self._by_priority = None
        self._agenda.at(self._agenda.now_ms, self._end_jobs, queue)
        return {}

    def _end_jobs(self, queue: JobQueue) -> None:
        self._on_delete(queue, lambda: self._be_gone(queue))

    def _be_gone(self, queue: JobQueue) -> None:
        self._detach(queue)
        del self._queues[queue.name]

    def describe(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """DescribeJobQueues; unknown names are left out."""
        asked = parameters.get("jobQueues")
        found = [self.find(name) for name in asked] if asked else list(self._queues.values())
        page, token = page_of([queue for queue in found if queue is not None], parameters)
        return with_token({"jobQueues": [_shown(queue) for queue in page]}, token)

    def find(self, name_or_arn: str) -> JobQueue | None:
        """The queue of this name or ARN."""
        return self._queues.get(name_in(name_or_arn, KIND))

    def named(self, name_or_arn: str) -> JobQueue:
        """The same, or a refusal."""
        queue = self._queues.get(name_or_arn) or self.find(name_or_arn)
        if queue is None:
            raise client_error(f"JobQueue {name_or_arn} not found.")
        return queue

    def by_priority(self) -> list[JobQueue]:
        """The highest first, then the oldest; without those that are being deleted, of which nothing more is placed."""
        if self._by_priority is None:
            placing = [queue for queue in self._queues.values() if queue.status != DELETING]
            self._by_priority = sorted(placing, key=lambda queue: -queue.priority)
        return self._by_priority

    def uses_policy(self, policy: SchedulingPolicy) -> bool:
        """Whether any queue follows it."""
        return any(queue.policy is policy for queue in self._queues.values())


def _backlog(policy: SchedulingPolicy | None) -> Backlog:
    return FifoBacklog() if policy is None else FairShareBacklog(policy.fair_share)


def _identity(queue: JobQueue) -> dict[str, Any]:
    return {"jobQueueName": queue.name, "jobQueueArn": queue.arn}


def _shown(queue: JobQueue) -> dict[str, Any]:
    shown = {
        **_identity(queue),
        "state": queue.state,
        "status": queue.status,
        "statusReason": "JobQueue Healthy",
        "priority": queue.priority,
        "computeEnvironmentOrder": queue.order,
        "serviceEnvironmentOrder": [],
        "jobQueueType": "ECS_FARGATE" if "FARGATE" in queue.platforms else "ECS",
        "tags": dict(queue.tags),
        "jobStateTimeLimitActions": queue.time_limit_actions,
    }
    if queue.policy is not None:
        shown["schedulingPolicyArn"] = queue.policy.arn
    return shown


def _checked_actions(actions: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    least, most = TIME_LIMIT_S
    for action in actions:
        if not least <= action["maxTimeSeconds"] <= most:
            raise client_error(f"jobStateTimeLimitActions maxTimeSeconds must be between {least} and {most}")
        if action["action"] != "CANCEL":
            raise client_error("jobStateTimeLimitActions action must be CANCEL")
    return actions
