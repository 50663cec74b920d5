"""What ties jobs to each other: an array to its children, a job to those that it depends on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from batchgauge.batchmodel.agenda import Agenda
from batchgauge.batchmodel.jobs import (
    FAILED,
    PENDING,
    RUNNABLE,
    SUBMITTED,
    SUCCEEDED,
    TERMINAL,
    ArrayState,
    Job,
    JobStore,
)
from batchgauge.batchmodel.life_cycle import LifeCycle

CHILD_FAILED = "Array Child Job failed"
DEPENDENCY_FAILED = "Dependent Job failed"
N_TO_N, SEQUENTIAL = "N_TO_N", "SEQUENTIAL"


class Ties:
    """Spawns children, ends parents, and lets jobs go when those that they wait for have succeeded."""

    def __init__(
        self, life_cycle: LifeCycle, store: JobStore, agenda: Agenda, on_submitted: Callable[[Job], None]
    ) -> None:
        self._life_cycle = life_cycle
        self._store = store
        self._agenda = agenda
        self._on_submitted = on_submitted
        self._over: deque[Job] = deque()
        self._is_settling = False

    def link(self, job: Job, dependencies: Sequence[Mapping[str, Any]]) -> None:
        """Tie a job that has just been submitted to those that it depends on; pairs and chains are tied when its children come."""
        for dependency in dependencies:
            target = self._store.find(dependency.get("jobId", ""))
            if target is not None and dependency.get("type") != N_TO_N:
                self._wait(job, target)

    def _wait(self, job: Job, target: Job) -> None:
        if target.state == SUCCEEDED:
            return
        job.waits_for += 1
        if target.state == FAILED:
            self._agenda.at(self._agenda.now_ms, self._dependency_failed, job)
        elif target.dependents is None:
            target.dependents = [job]
        else:
            target.dependents.append(job)

    def admit(self, job: Job) -> None:
        """The scheduler has taken notice of a job that is SUBMITTED, or nothing holds back one that is PENDING."""
        if job.state not in (SUBMITTED, PENDING):
            return
        if job.waits_for > 0:
            if job.state == SUBMITTED:
                self._life_cycle.make_pending(job, "waits for other jobs")
        elif job.array is not None:
            self._spawn(job, job.array)
        else:
            self._life_cycle.make_runnable(job, "nothing to wait for")

    def _spawn(self, parent: Job, array: ArrayState) -> None:
        if array.is_spawned:
            return
        array.is_spawned = True
        array.children = [self._child(parent, index) for index in range(array.size)]
        array.counts[SUBMITTED] = array.size
        for child in array.children:
            self._life_cycle.submitted(child, "spawned by its array")
        self._tie_children(parent, array.children)
        for child in array.children:
            self._on_submitted(child)
        waiting, array.waiting_pairs = array.waiting_pairs, []
        for other in waiting:
            self._pair(other, array.children)

    def _child(self, parent: Job, index: int) -> Job:
        child = Job(
            parent.number + 1 + index,
            f"{parent.job_id}:{index}",
            parent.name,
            queue=parent.queue,
            specification=parent.specification,
            created_ms=self._agenda.now_ms,
        )
        child.parent, child.index = parent, index
        child.tags, child.share_identifier = parent.tags, parent.share_identifier
        return child

    def _tie_children(self, parent: Job, children: Sequence[Job]) -> None:
        for dependency in parent.depends_on:
            kind, target = dependency.get("type"), self._store.find(dependency.get("jobId", ""))
            if kind == SEQUENTIAL and target is None:
                for child, before in zip(children[1:], children, strict=False):
                    self._wait(child, before)
            elif kind == N_TO_N and target is not None and target.array is not None:
                for child in children:
                    child.waits_for += 1
                if target.array.is_spawned:
                    self._pair(parent, target.array.children)
                elif target.state in TERMINAL:
                    self._unpair(parent)
                else:
                    target.array.waiting_pairs.append(parent)

    def _pair(self, parent: Job, targets: Sequence[Job]) -> None:
        """Each child waits for the one of its index; that wait has been counted already."""
        assert parent.array is not None  # noqa: S101 - only arrays are paired
        for child, target in zip(parent.array.children, targets, strict=False):
            child.waits_for -= 1
            self._wait(child, target)
            self._let_go(child)

    def _unpair(self, parent: Job) -> None:
        """The array that it waits for will never have children."""
        assert parent.array is not None  # noqa: S101 - only arrays are paired
        for child in parent.array.children:
            self._agenda.at(self._agenda.now_ms, self._dependency_failed, child)

    def moved(self, job: Job, from_state: str, to_state: str) -> None:
        """A child or a job that is over: tell its parent and those that wait for it."""
        if job.parent is not None and job.parent.array is not None:
            self._child_moved(job.parent, job.parent.array, from_state, to_state)
        if to_state in TERMINAL:
            self._over.append(job)
            self._settle()

    def _child_moved(self, parent: Job, array: ArrayState, from_state: str, to_state: str) -> None:
        counts = array.counts
        counts[from_state] -= 1
        counts[to_state] += 1
        if to_state == RUNNABLE and parent.state == SUBMITTED:
            self._life_cycle.make_pending(parent, "a child is RUNNABLE")
        elif to_state in TERMINAL and counts[SUCCEEDED] + counts[FAILED] == array.size:
            self._end_parent(parent, has_failure=counts[FAILED] > 0)

    def _end_parent(self, parent: Job, has_failure: bool) -> None:
        if parent.end_reason is not None:
            self._life_cycle.fail(parent, parent.end_reason, "ended before its time")
        elif has_failure:
            self._life_cycle.fail(parent, CHILD_FAILED, "a child failed")
        else:
            self._life_cycle.succeed(parent, "every child succeeded")

    def _settle(self) -> None:
        """One job after the other, not one inside the other: a chain of failures may be 10,000 long."""
        if self._is_settling:
            return
        self._is_settling = True
        while self._over:
            self._release(self._over.popleft())
        self._is_settling = False

    def _release(self, job: Job) -> None:
        dependents, job.dependents = job.dependents or (), None
        for dependent in dependents:
            if job.state == FAILED:
                self._dependency_failed(dependent)
            else:
                dependent.waits_for -= 1
                self._let_go(dependent)
        if job.array is not None and not job.array.is_spawned:
            for parent in job.array.waiting_pairs:
                self._unpair(parent)

    def _let_go(self, job: Job) -> None:
        """Nothing more to wait for: on it goes, or it ends if somebody cancelled it while it waited."""
        if job.waits_for > 0 or job.state != PENDING:
            return
        if job.end_reason is not None:
            self._life_cycle.fail(job, job.end_reason, "cancelled while it waited")
        else:
            self.admit(job)

    def _dependency_failed(self, job: Job) -> None:
        if not job.is_over:
            self._life_cycle.fail(job, job.end_reason or DEPENDENCY_FAILED, "a job that it depends on failed")
