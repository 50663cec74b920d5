"""Where ListJobs finds a queue's jobs: by state, by name, by definition and by time, without walking all of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from itertools import takewhile

from batchgauge.batchmodel.jobs import STATES, TERMINAL, Job
from batchgauge.batchmodel.status_index import NumberedIndex


class QueueListing:
    """The jobs of one queue, an array's children apart."""

    def __init__(self) -> None:
        self.by_state: dict[str, NumberedIndex[Job]] = {state: NumberedIndex() for state in STATES}
        self.created: list[Job] = []
        """In the order of submission, which is that of `created_ms` too."""
        self._by_name: dict[str, Job | list[Job]] = {}
        """In lower case. Most names are one job's: no list for those."""
        self._by_definition: dict[str, list[Job]] = {}
        self._names: list[str] = []
        """Sorted, as far as somebody has looked."""

    def add(self, job: Job) -> None:
        """Take in a job that has just been submitted."""
        self.created.append(job)
        name = job.name if job.name.islower() else job.name.lower()
        known = self._by_name.setdefault(name, job)
        if isinstance(known, list):
            known.append(job)
        elif known is not job:
            self._by_name[name] = [known, job]
        self._by_definition.setdefault(job.specification.definition.name, []).append(job)

    def unfinished(self) -> list[Job]:
        """Those that are not over, oldest first."""
        jobs = [job for state, index in self.by_state.items() if state not in TERMINAL for job in index.newest_first()]
        return sorted(jobs, key=_number)

    def named(self, pattern: str, after: Job | None = None) -> Iterator[Job]:
        """Jobs of this name in any case, or, with an asterisk at its end, of names that begin so; grouped by name, newest first.

        Here and below, `after` is the last job of the page before.
        """
        name = pattern.lower()
        if not name.endswith("*"):
            return _newest_first(self._of_name(name), after)
        return self._beginning(name[:-1], after)

    def _of_name(self, name: str) -> Sequence[Job]:
        known = self._by_name.get(name, ())
        return (known,) if isinstance(known, Job) else known

    def _beginning(self, prefix: str, after: Job | None) -> Iterator[Job]:
        if len(self._names) != len(self._by_name):
            self._names = sorted(self._by_name)
        position = bisect_left(self._names, after.name.lower() if after is not None else prefix)
        while position < len(self._names) and self._names[position].startswith(prefix):
            yield from _newest_first(self._of_name(self._names[position]), after)
            after = None
            position += 1

    def of_definition(self, pattern: str, after: Job | None = None) -> Iterator[Job]:
        """Jobs of a definition by name, by the beginning of its name with an asterisk, or by the ARN of a revision."""
        if pattern.startswith("arn:"):
            name = pattern.rpartition("/")[2].rpartition(":")[0]
            jobs = _newest_first(self._by_definition.get(name, ()), after)
            return (job for job in jobs if job.specification.definition.arn == pattern)
        if pattern.endswith("*"):
            names = [name for name in self._by_definition if name.startswith(pattern[:-1])]
            return _newest_first(merge(*map(self._by_definition.__getitem__, names), key=_number), after)
        return _newest_first(self._by_definition.get(pattern, ()), after)

    def created_after(self, time_ms: float, after: Job | None = None) -> Iterator[Job]:
        """Newest first."""
        return takewhile(lambda job: int(job.created_ms) > time_ms, _newest_first(self.created, after))

    def created_before(self, time_ms: float, after: Job | None = None) -> Iterator[Job]:
        """Newest first."""
        end = bisect_left(self.created, time_ms, key=lambda job: int(job.created_ms))
        if after is not None:
            end = min(end, bisect_left(self.created, after.number, key=_number))
        return (self.created[position] for position in range(end - 1, -1, -1))


def _number(job: Job) -> int:
    return job.number


def _newest_first(jobs: Iterable[Job], after: Job | None) -> Iterator[Job]:
    """From the end of jobs that are in the order of their numbers."""
    ordered = jobs if isinstance(jobs, Sequence) else list(jobs)
    end = len(ordered) if after is None else bisect_left(ordered, after.number, key=_number)
    return (ordered[position] for position in range(end - 1, -1, -1))
