"""The RUNNABLE jobs of a queue in the order in which the scheduler takes them."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from heapq import heappop, heappush, merge, nsmallest
from itertools import islice
from math import exp
from typing import Any, Final, Protocol, TypeAlias

from batchgauge.batchmodel.jobs import RUNNABLE, Job

Entry: TypeAlias = tuple[int, int, Job]
"""Priority (lower first), number, job."""


class Backlog(Protocol):
    """What the scheduler and the snapshot see of a queue's RUNNABLE jobs."""

    demand_vcpus: float

    def push(self, job: Job) -> None:
        """A job has become RUNNABLE."""
        ...

    def left(self, job: Job) -> None:
        """A job is RUNNABLE no more, whatever the reason."""
        ...

    def head(self, now_ms: float) -> Job | None:
        """The next one; stays the head until it leaves RUNNABLE."""
        ...

    def started(self, job: Job, now_ms: float) -> None:
        """A job has taken its vCPUs."""
        ...

    def stopped(self, job: Job, now_ms: float) -> None:
        """It has given them back."""
        ...

    def may_take(self, job: Job, used_vcpus: float, max_vcpus: float) -> bool:
        """Whether the queue may give more of its environments' vCPUs to this job."""
        ...

    def front(self, count: int) -> list[Job]:
        """The first `count` of them."""
        ...


class FifoLine:
    """Jobs in the order of their submission. Nearly all come in it; a heap takes those that come back, or late."""

    __slots__ = ("_in_order", "_late")

    def __init__(self) -> None:
        self._in_order: deque[Job] = deque()
        self._late: list[tuple[int, Job]] = []

    def push(self, job: Job) -> None:
        """A job has become RUNNABLE."""
        in_order = self._in_order
        if not in_order or job.number > in_order[-1].number:
            in_order.append(job)
        else:
            heappush(self._late, (job.number, job))

    def head(self) -> Job | None:
        """The next one; those that are RUNNABLE no more are dropped when they come up."""
        in_order, late = self._in_order, self._late
        while in_order and in_order[0].state != RUNNABLE:
            in_order.popleft()
        if late:
            while late and late[0][1].state != RUNNABLE:
                heappop(late)
            if late and (not in_order or late[0][0] < in_order[0].number):
                return late[0][1]
        return in_order[0] if in_order else None

    def left(self, job: Job) -> None:
        """A job is RUNNABLE no more. The head goes at once, for it may come back; others, which have ended, when they come up."""
        if self._in_order and self._in_order[0] is job:
            self._in_order.popleft()
        elif self._late and self._late[0][1] is job:
            heappop(self._late)

    def front(self, count: int) -> list[Job]:
        """The first `count`."""
        late = [job for _, job in nsmallest(count, (entry for entry in self._late if entry[1].state == RUNNABLE))]
        in_order = islice((job for job in self._in_order if job.state == RUNNABLE), count)
        return list(islice(merge(in_order, late, key=lambda job: job.number), count))


class Line:
    """A heap of jobs by priority; those that are RUNNABLE no more are dropped when they come up."""

    __slots__ = ("_heap",)

    def __init__(self) -> None:
        self._heap: list[Entry] = []

    def push(self, job: Job, priority: int) -> None:
        """Among equal priorities the order is that of submission, for a retried job too."""
        heappush(self._heap, (-priority, job.number, job))

    def head(self) -> Job | None:
        """The next one."""
        heap = self._heap
        while heap and heap[0][2].state != RUNNABLE:
            heappop(heap)
        return heap[0][2] if heap else None

    def left(self, job: Job) -> None:
        """A job is RUNNABLE no more. The head goes at once, for it may come back; others, which have ended, when they come up."""
        if self._heap and self._heap[0][2] is job:
            heappop(self._heap)

    def front(self, count: int) -> list[Job]:
        """The first `count`, without taking them and without sorting the rest."""
        heap, found = self._heap, list[Job]()
        candidates = [(heap[0], 0)] if heap else []
        while candidates and len(found) < count:
            entry, position = heappop(candidates)
            if entry[2].state == RUNNABLE:
                found.append(entry[2])
            for child in (2 * position + 1, 2 * position + 2):
                if child < len(heap):
                    heappush(candidates, (heap[child], child))
        return found


class FifoBacklog:
    """First in, first out."""

    def __init__(self) -> None:
        self.demand_vcpus = 0.0
        self._line = FifoLine()

    def push(self, job: Job) -> None:
        """A job has become RUNNABLE."""
        self.demand_vcpus += job.specification.requirement.vcpus
        self._line.push(job)

    def left(self, job: Job) -> None:
        """A job is RUNNABLE no more."""
        self.demand_vcpus -= job.specification.requirement.vcpus
        self._line.left(job)

    def head(self, now_ms: float) -> Job | None:
        """The next one."""
        return self._line.head()

    def started(self, job: Job, now_ms: float) -> None:
        """Who uses what does not matter here."""

    def stopped(self, job: Job, now_ms: float) -> None:
        """Who uses what does not matter here."""

    def may_take(self, job: Job, used_vcpus: float, max_vcpus: float) -> bool:
        """Nothing is reserved."""
        return True

    def front(self, count: int) -> list[Job]:
        """The first `count` of them."""
        return self._line.front(count)


MIN_DECAY_S: Final = 600.0


class _Share:
    """One share identifier: its jobs, and what it uses and has used."""

    __slots__ = ("at_ms", "average_vcpus", "line", "name", "used_vcpus", "weight")

    def __init__(self, name: str, weight: float) -> None:
        self.name = name
        self.weight = weight
        self.line = Line()
        self.used_vcpus = 0.0
        self.average_vcpus = 0.0
        """Decayed, at `at_ms`."""
        self.at_ms = 0.0

    def advance(self, now_ms: float, decay_ms: float) -> None:
        kept = exp((self.at_ms - now_ms) / decay_ms)
        self.average_vcpus = self.average_vcpus * kept + self.used_vcpus * (1 - kept)
        self.at_ms = now_ms


class FairShareBacklog:
    """Between share identifiers by weighted use, present and decayed past; within one by scheduling priority, then first in, first out."""

    def __init__(self, policy: Mapping[str, Any]) -> None:
        self.demand_vcpus = 0.0
        self._shares: dict[str, _Share] = {}
        self._policy = policy
        self._head: Job | None = None

    def set_policy(self, policy: Mapping[str, Any]) -> None:
        """The policy was updated."""
        self._policy = policy
        for share in self._shares.values():
            share.weight = self._weight(share.name)

    def _weight(self, name: str) -> float:
        entries = {entry["shareIdentifier"]: entry for entry in self._policy.get("shareDistribution", ())}
        prefixes = [key for key in entries if key.endswith("*") and name.startswith(key[:-1])]
        entry = entries.get(name) or (entries[max(prefixes, key=len)] if prefixes else {})
        return float(entry.get("weightFactor", 1.0))

    def _share(self, job: Job) -> _Share:
        name = job.share_identifier or ""
        share = self._shares.get(name)
        if share is None:
            share = self._shares[name] = _Share(name, self._weight(name))
        return share

    @property
    def _decay_ms(self) -> float:
        return 1000 * max(float(self._policy.get("shareDecaySeconds", 0)), MIN_DECAY_S)

    def push(self, job: Job) -> None:
        """A job has become RUNNABLE."""
        self.demand_vcpus += job.specification.requirement.vcpus
        self._share(job).line.push(job, job.specification.priority)
        self._head = None

    def left(self, job: Job) -> None:
        """A job is RUNNABLE no more."""
        self.demand_vcpus -= job.specification.requirement.vcpus
        self._share(job).line.left(job)
        self._head = None

    def head(self, now_ms: float) -> Job | None:
        """The first job of the share that has had least for its weight."""
        if self._head is None:
            waiting = [(share, head) for share in self._shares.values() if (head := share.line.head()) is not None]
            for share, _ in waiting:
                share.advance(now_ms, self._decay_ms)
            if waiting:
                self._head = min(waiting, key=lambda one: (self._claim(one[0]), one[0].name))[1]
        return self._head

    @staticmethod
    def _claim(share: _Share) -> float:
        return (share.used_vcpus + share.average_vcpus) * share.weight

    def started(self, job: Job, now_ms: float) -> None:
        """A job has taken its vCPUs."""
        self._use(job, now_ms, job.specification.requirement.vcpus)

    def stopped(self, job: Job, now_ms: float) -> None:
        """It has given them back."""
        self._use(job, now_ms, -job.specification.requirement.vcpus)

    def may_take(self, job: Job, used_vcpus: float, max_vcpus: float) -> bool:
        """``computeReservation`` keeps (reservation / 100) ^ (active shares) of all vCPUs for shares that use none yet."""
        reservation = self._policy.get("computeReservation", 0)
        if not reservation or self._share(job).used_vcpus == 0:
            return True
        active = sum(share.used_vcpus > 0 for share in self._shares.values())
        reserved: float = (reservation / 100) ** active * max_vcpus
        return used_vcpus + job.specification.requirement.vcpus <= max_vcpus - reserved

    def _use(self, job: Job, now_ms: float, vcpus: float) -> None:
        share = self._share(job)
        share.advance(now_ms, self._decay_ms)
        share.used_vcpus += vcpus
        self._head = None

    def front(self, count: int) -> list[Job]:
        """The first of each share in turn, the least served share first: an approximation, as AWS's is."""
        shares = sorted(self._shares.values(), key=lambda share: (self._claim(share), share.name))
        lines = [share.line.front(count) for share in shares]
        longest = max(map(len, lines), default=0)
        return [line[place] for place in range(longest) for line in lines if place < len(line)][:count]

    def used_by_share(self) -> list[tuple[str, float]]:
        """Share identifiers with the vCPUs that they use now, the largest first."""
        used = [(share.name, share.used_vcpus) for share in self._shares.values() if share.used_vcpus > 0]
        return sorted(used, key=lambda one: (-one[1], one[0]))
