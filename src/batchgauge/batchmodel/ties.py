"""What ties jobs to each other: an array to its children, a job to those that it depends on."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, Final

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

CHILD_FAILED: Final = "Array Child Job failed"
DEPENDENCY_FAILED: Final = "Dependent Job failed"
N_TO_N, SEQUENTIAL = "N_TO_N", "SEQUENTIAL"
SLICE, SLICE_EVERY_MS = 500, 10.0
"""How many children come at once, and when the next ones come."""


class Ties:
    """Spawns children, ends parents, and lets jobs go when those that they wait for have succeeded."""

    def __init__(self, life_cycle: LifeCycle, store: JobStore, agenda: Agenda) -> None:
        self._life_cycle = life_cycle
        self._store = store
        self._agenda = agenda
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
        if not array.is_begun:
            array.is_begun = True
            for dependency in parent.depends_on:
                target = self._pair_target(dependency)
                if target is not None and target.array is not None and not target.array.is_spawned:
                    target.array.waiting_pairs.append(parent)
            self._spawn_slice(parent)

    def _spawn_slice(self, parent: Job) -> None:
        """Some children, and the others a moment later: 10,000 at once would keep everybody else waiting."""
        array = parent.array
        assert array is not None  # noqa: S101 - only arrays spawn
        first = len(array.children)
        children = [self._child(parent, index) for index in range(first, min(first + SLICE, array.size))]
        array.children += children
        array.counts[SUBMITTED] += len(children)
        parent.changes += 1
        for child in children:
            self._life_cycle.submitted(child, "spawned by its array")
        self._tie_children(parent, array.children, first)
        for child in children:
            if parent.end_reason is None:
                self.admit(child)
            else:
                self._end_newborn(child, parent)
        if len(array.children) < array.size:
            self._agenda.at(self._agenda.now_ms + SLICE_EVERY_MS, self._spawn_slice, parent)
            return
        array.is_spawned = True
        waiting, array.waiting_pairs = array.waiting_pairs, []
        for other in waiting:
            if other.array is not None:
                self._pair(other.array.children, array.children)

    def _end_newborn(self, child: Job, parent: Job) -> None:
        """The array was ended while its children were still coming."""
        reason = parent.end_reason or ""
        child.is_cancelled, child.is_terminated = parent.is_cancelled, parent.is_terminated
        child.changes += 1
        child.end_reason = reason
        self._life_cycle.fail(child, reason, "ended before it started")

    def _child(self, parent: Job, index: int) -> Job:
        child = Job(
            parent.number + 1 + index,
            f"{parent.job_id}:{index}",
            parent.name,
            parent.queue,
            parent.specification,
            created_ms=self._agenda.now_ms,
        )
        child.parent, child.index = parent, index
        child.tags, child.share_identifier = parent.tags, parent.share_identifier
        return child

    def _pair_target(self, dependency: Mapping[str, Any]) -> Job | None:
        """The array whose children this dependency pairs with ours."""
        return self._store.find(dependency.get("jobId", "")) if dependency.get("type") == N_TO_N else None

    def _tie_children(self, parent: Job, children: Sequence[Job], first: int) -> None:
        """Those from `first` on."""
        for dependency in parent.depends_on:
            target = self._pair_target(dependency)
            if dependency.get("type") == SEQUENTIAL and not dependency.get("jobId"):
                for place in range(max(first, 1), len(children)):
                    self._wait(children[place], children[place - 1])
            elif target is not None and target.array is not None:
                for child in children[first:]:
                    child.waits_for += 1
                if target.array.is_spawned:
                    self._pair(children[first:], target.array.children[first:])
                elif target.state in TERMINAL:
                    self._fail_later(children[first:])

    def _pair(self, children: Sequence[Job], targets: Sequence[Job]) -> None:
        """Each child waits for the one of its index; that wait has been counted already."""
        for child, target in zip(children, targets, strict=False):
            child.waits_for -= 1
            self._wait(child, target)
            self._let_go(child)

    def _fail_later(self, children: Sequence[Job]) -> None:
        """The array that they wait for will never have children."""
        for child in children:
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
        parent.changes += 1
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
                if parent.array is not None:
                    self._fail_later(parent.array.children)

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
