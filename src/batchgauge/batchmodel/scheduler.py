"""The scheduler: at every cycle it places what fits, queue by queue, and then takes notice of what was submitted."""

from __future__ import annotations

from collections.abc import Callable
from math import floor

from batchgauge.batchmodel.agenda import Agenda
from batchgauge.batchmodel.blocked import BlockedQueues, blocked_reason, can_run, insufficient_capacity
from batchgauge.batchmodel.boundary import ModelSettings
from batchgauge.batchmodel.capacity import NoRoom, Slot
from batchgauge.batchmodel.compute_environments import ComputeEnvironment
from batchgauge.batchmodel.faults import Faults
from batchgauge.batchmodel.job_queues import JobQueue, JobQueues
from batchgauge.batchmodel.jobs import Job
from batchgauge.batchmodel.throttling import Bucket


class Scheduler:
    """Looks at the queues in cycles, the higher priority first; a head that does not fit blocks its queue."""

    def __init__(
        self,
        *,
        settings: ModelSettings,
        agenda: Agenda,
        queues: JobQueues,
        start: Callable[[Job, ComputeEnvironment, Slot], None],
        admit: Callable[[Job], None],
        blocked: BlockedQueues,
        faults: Faults,
    ) -> None:
        self._cycle_ms = settings.cycle_ms
        self._agenda = agenda
        self._queues = queues
        self._start = start
        self._admit = admit
        self._blocked = blocked
        self._faults = faults
        self._dispatches = Bucket(settings.dispatch_bucket) if settings.dispatch_bucket is not None else None
        self._submitted: list[Job] = []
        self._is_planned = False

    def wake(self) -> None:
        """Something has changed: look at the queues at the next cycle. Without a change there is nothing to look at."""
        if self._is_planned:
            return
        self._is_planned = True
        now_ms, cycle_ms = self._agenda.now_ms, self._cycle_ms
        next_ms = (floor(now_ms / cycle_ms) + 1) * cycle_ms
        self._agenda.at(next_ms if next_ms > now_ms else next_ms + cycle_ms, self._cycle)

    def submitted(self, job: Job) -> None:
        """A job to take notice of."""
        self._submitted.append(job)
        self.wake()

    def runnable(self, job: Job) -> None:
        """A job to place."""
        job.queue.backlog.push(job)
        self.wake()

    def left_runnable(self, job: Job) -> None:
        """A job that is placed, or over: the one behind it may be the head now."""
        job.queue.backlog.left(job)
        self.wake()

    def gave_room_back(self, job: Job) -> None:
        """Room for others."""
        job.queue.used_vcpus -= job.specification.requirement.vcpus
        job.queue.backlog.stopped(job, self._agenda.now_ms)
        self.wake()

    def _cycle(self, _: object) -> None:
        self._is_planned = False
        for queue in self._queues.by_priority():
            self._place_from(queue)
        submitted, self._submitted = self._submitted, []
        for job in submitted:
            self._admit(job)

    def _place_from(self, queue: JobQueue) -> None:
        now_ms, backlog = self._agenda.now_ms, queue.backlog
        while (job := backlog.head(now_ms)) is not None:
            found = self._find_room(queue, job, now_ms)
            if found is None:
                return
            if self._dispatches is not None:
                self._dispatches.take(now_ms)
            environment, slot = found
            self._start(job, environment, slot)
            queue.used_vcpus += job.specification.requirement.vcpus
            backlog.started(job, now_ms)

    def _find_room(self, queue: JobQueue, job: Job, now_ms: float) -> tuple[ComputeEnvironment, Slot] | None:
        if self._dispatches is not None and not self._dispatches.has_token(now_ms):
            self.wake()
            return None
        if queue.policy is not None:
            max_vcpus = sum(environment.capacity.max_vcpus for environment in queue.environments)
            if not queue.backlog.may_take(job, queue.used_vcpus, max_vcpus):
                return None
        reason, requirement = "", job.specification.requirement
        is_waiting = False
        for environment in queue.environments:
            if not can_run(environment, job):
                continue
            capacity = environment.capacity
            if self._faults.withholds and self._faults.is_withheld(
                environment.name, capacity.used_vcpus + requirement.vcpus, capacity.max_vcpus, job.job_id
            ):
                reason = insufficient_capacity(environment)
                continue
            slot = capacity.take(requirement, queue.backlog.demand_vcpus, now_ms)
            if isinstance(slot, Slot):
                return environment, slot
            if slot is NoRoom.LAUNCH_RATE:
                self.wake()
            if slot in (NoRoom.LAUNCH_RATE, NoRoom.GROWING):
                return None  # it will be here soon: no need to go to the next environment
            is_waiting = is_waiting or slot is not NoRoom.NEVER
        if is_waiting:
            self._blocked.waits(job)
        else:
            self._blocked.report(queue, job, reason or blocked_reason(queue, job))
        return None
