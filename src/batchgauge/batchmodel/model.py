"""AWS Batch, as a pure and steppable model: the parts put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from batchgauge.batchmodel.agenda import Agenda
from batchgauge.batchmodel.blocked import BlockedQueues
from batchgauge.batchmodel.boundary import (
    Answer,
    ApiCall,
    Effect,
    Input,
    JsonObject,
    ModelSettings,
    ProcessEnded,
    ProcessStarted,
    Refusal,
    TokenBucket,
)
from batchgauge.batchmodel.capacities import CapacityMaker
from batchgauge.batchmodel.compute_environments import ComputeEnvironments
from batchgauge.batchmodel.draws import Draws
from batchgauge.batchmodel.endings import Endings
from batchgauge.batchmodel.faults import Faults
from batchgauge.batchmodel.identifiers import Names
from batchgauge.batchmodel.job_definitions import JobDefinitions
from batchgauge.batchmodel.job_queues import JobQueue, JobQueues
from batchgauge.batchmodel.job_reads import JobReads
from batchgauge.batchmodel.jobs import Job, JobStore
from batchgauge.batchmodel.life_cycle import LifeCycle
from batchgauge.batchmodel.outbox import Outbox
from batchgauge.batchmodel.refusals import REQUEST_ID, RefusedError, client_error, throttled
from batchgauge.batchmodel.scheduler import Scheduler
from batchgauge.batchmodel.scheduling_policies import SchedulingPolicies
from batchgauge.batchmodel.specification import Specifications
from batchgauge.batchmodel.submission import Submission
from batchgauge.batchmodel.tags import Tagged, TagOperations
from batchgauge.batchmodel.tasks import TaskRegistry
from batchgauge.batchmodel.throttling import Throttle
from batchgauge.batchmodel.ties import Ties

Handler = Callable[[Mapping[str, Any]], JsonObject]
_new: Final = tuple.__new__
"""What a named tuple's own constructor calls, in half the time."""


class BatchModel:
    """The one implementation of `Model`: same settings and same inputs at the same times, same effects."""

    def __init__(self, settings: ModelSettings) -> None:
        self._settings = settings
        names = Names(settings.region, settings.account_id)
        self._draws = draws = Draws(settings.seed)
        self._agenda = agenda = Agenda()
        self._outbox = Outbox(names, settings.emits_events, settings.emits_transitions)
        self._faults = Faults(settings.faults, agenda, draws, self._outbox)
        self._tasks = TaskRegistry(names)
        self._throttle = Throttle(self._bucket_of)
        self._store = JobStore()
        capacities = CapacityMaker(settings, agenda, draws, self._wake)
        self._definitions = JobDefinitions(names)
        self._policies = SchedulingPolicies(names)
        self._environments = ComputeEnvironments(names, agenda, draws, capacities.make, self._wake)
        self._queues = JobQueues(
            names=names,
            agenda=agenda,
            environments=self._environments,
            policies=self._policies,
            on_change=self._wake,
            on_delete=self._end_queue,
        )
        self._policies.is_used = self._queues.uses_policy
        self._policies.on_change = self._queues.policy_changed
        self._life_cycle = LifeCycle(
            settings=settings, agenda=agenda, draws=draws, outbox=self._outbox, tasks=self._tasks, faults=self._faults
        )
        self._ties = Ties(self._life_cycle, self._store, agenda)
        self._scheduler = Scheduler(
            settings=settings,
            agenda=agenda,
            queues=self._queues,
            start=self._life_cycle.start,
            admit=self._ties.admit,
            blocked=BlockedQueues(agenda, self._outbox, self._life_cycle),
            faults=self._faults,
        )
        self._life_cycle.tell(_Followers(self._scheduler, self._ties))
        self._endings = Endings(self._store, agenda, self._life_cycle)
        self._reads = JobReads(names, agenda, self._store, self._queues, settings.visibility_delay_ms)
        self._submission = Submission(
            names=names,
            agenda=agenda,
            draws=draws,
            queues=self._queues,
            definitions=self._definitions,
            specifications=Specifications(settings.log_stream_prefix_length),
            store=self._store,
            life_cycle=self._life_cycle,
            ties=self._ties,
            on_submitted=self._submitted,
        )
        self._handlers = self._operations()

    def _operations(self) -> dict[str, Handler]:
        tags = TagOperations(self._tagged)
        return {
            "CancelJob": self._endings.cancel,
            "CancelJobs": self._endings.cancel_many,
            "CreateComputeEnvironment": self._environments.create,
            "CreateJobQueue": self._queues.create,
            "CreateSchedulingPolicy": self._policies.create,
            "DeleteComputeEnvironment": self._environments.delete,
            "DeleteJobQueue": self._queues.delete,
            "DeleteSchedulingPolicy": self._policies.delete,
            "DeregisterJobDefinition": self._definitions.deregister,
            "DescribeComputeEnvironments": self._environments.describe,
            "DescribeJobDefinitions": self._definitions.describe,
            "DescribeJobQueues": self._queues.describe,
            "DescribeJobs": self._reads.describe,
            "DescribeSchedulingPolicies": self._policies.describe,
            "GetJobQueueSnapshot": self._reads.snapshot,
            "ListJobs": self._reads.list,
            "ListSchedulingPolicies": self._policies.list,
            "ListTagsForResource": tags.list_tags,
            "RegisterJobDefinition": self._definitions.register,
            "SubmitJob": self._submission.submit,
            "TagResource": tags.tag,
            "TerminateJob": self._endings.terminate,
            "TerminateJobs": self._endings.terminate_many,
            "UntagResource": tags.untag,
            "UpdateComputeEnvironment": self._environments.update,
            "UpdateJobQueue": self._queues.update,
            "UpdateSchedulingPolicy": self._policies.update,
        }

    def step(self, now_ms: float, inputs: Sequence[Input] = ()) -> list[Effect]:
        """Let time pass to `now_ms` (never backwards), then take the inputs in order; effects come in the order they happened."""
        if now_ms < self._agenda.now_ms:
            raise ValueError(f"time goes backwards: {now_ms} after {self._agenda.now_ms}")
        self._agenda.run_until(now_ms)
        for given in inputs:
            if isinstance(given, ApiCall):
                self._outbox.effects.append(self._answer(given))
            elif isinstance(given, ProcessEnded):
                self._life_cycle.process_ended(given.task_id, given.exit_code, given.reason)
            elif isinstance(given, ProcessStarted):
                self._life_cycle.process_started(given.task_id)
            else:
                self._faults.set(given.faults)
                self._wake()
        return self._outbox.take()

    def _answer(self, call: ApiCall) -> Answer | Refusal:
        try:
            if not self._throttle.admits(call.operation, self._agenda.now_ms):
                raise throttled()
            self._faults.check_call(call.operation)
            handler = self._handlers.get(call.operation)
            if handler is None:
                raise client_error(f"{call.operation} is not supported by the embedded AWS")
            return _new(Answer, (call.call_id, handler(call.parameters)))
        except RefusedError as refused:
            request_id = self._draws.uuid("request", call.call_id)
            message = refused.message.replace(REQUEST_ID, request_id)
            return Refusal(call.call_id, refused.status, refused.code, message)

    def next_event_ms(self) -> float | None:
        """When the model next wants to be stepped even if nothing comes from outside; None where it waits for the world only."""
        return self._agenda.next_ms()

    def describe_task(self, task_arn: str) -> JsonObject | None:
        """The ECS task of an attempt, as ECS DescribeTasks shows it, with its start-up split; None where there is none."""
        return self._tasks.describe(task_arn, self._agenda.now_ms)

    def _bucket_of(self, operation: str) -> TokenBucket:
        settings = self._settings
        return settings.submit_job_bucket if operation == "SubmitJob" else settings.other_api_bucket

    def _wake(self) -> None:
        self._scheduler.wake()

    def _submitted(self, job: Job) -> None:
        self._scheduler.submitted(job)

    def _end_queue(self, queue: JobQueue, on_end: Callable[[], None]) -> None:
        self._endings.end_queue(queue.listing.unfinished(), on_end)

    def _tagged(self, arn: str) -> Tagged | None:
        """The resource of this ARN."""
        kind = arn.partition("/")[0].rpartition(":")[2]
        name = arn.partition("/")[2]
        match kind:
            case "job":
                return self._store.find(name)
            case "job-definition":
                return self._definitions.by_arn(arn)
            case "job-queue":
                return self._queues.find(name)
            case "compute-environment":
                return self._environments.find(name)
            case _:
                return self._policies.find(arn)


class _Followers:
    """The scheduler follows who is RUNNABLE and who gives room back; ties follow the rest."""

    def __init__(self, scheduler: Scheduler, ties: Ties) -> None:
        self.runnable = scheduler.runnable
        self.left_runnable = scheduler.left_runnable
        self.gave_room_back = scheduler.gave_room_back
        self.moved = ties.moved
