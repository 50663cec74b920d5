"""DescribeJobs' answers, put together from encoded parts that are kept until a job changes: encoding is what polling costs most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from json import dumps
from typing import Any, Final

from batchgauge.batchmodel.encoded_json import DescribedJobs
from batchgauge.batchmodel.identifiers import Names
from batchgauge.batchmodel.job_detail import JobView, job_detail
from batchgauge.batchmodel.job_json import job_json
from batchgauge.batchmodel.jobs import Job

MAX_KEPT: Final = 10_000
"""Entries of about 1.5 KB each."""


class EncodedTags:
    """Tags as JSON. A run's jobs share theirs (`Submission` sees to it), so they are known by their identity."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Mapping[str, str], str]] = {}
        """By `id`; the tags are held, so that no others get it."""

    def of(self, tags: Mapping[str, str]) -> str:
        """These tags' text."""
        known = self._known.get(id(tags))
        if known is None:
            if len(self._known) > MAX_KEPT:
                self._known.clear()
            known = self._known[id(tags)] = tags, dumps(dict(tags), separators=(",", ":"))
        return known[1]


class Described:
    """A job as it was at one moment; encoded once, when somebody wants it so, and once as a mapping."""

    __slots__ = ("_changes", "_detail", "_encoded_tags", "_status_reason", "_tags", "kept", "view")

    def __init__(self, view: JobView, tags: EncodedTags) -> None:
        self.view = view
        # Of the job, then. Beside the view, which is as far away as its attributes are.
        self._changes = view.job.changes
        self._status_reason = view.status_reason
        self._tags = view.tags
        self._encoded_tags = tags
        self.kept: bytes | None = None
        """`encoded`, once somebody has wanted it."""
        self._detail: Mapping[str, Any] | None = None

    def is_true_of(self, job: Job) -> bool:
        """Whether the job looks as it did then."""
        return self._changes == job.changes and self._status_reason is job.status_reason and self._tags is job.tags

    @property
    def detail(self) -> Mapping[str, Any]:
        """An entry of DescribeJobs, not to be changed: the same object as long as the job stays as it is."""
        if self._detail is None:
            self._detail = job_detail(self.view)
        return self._detail

    @property
    def encoded(self) -> bytes:
        """An entry of DescribeJobs as JSON."""
        if self.kept is None:
            self.kept = job_json(self.view, self._encoded_tags.of(self._tags)).encode("ascii")
        return self.kept


class JobDescriber:
    """Describes jobs, and keeps what it has said of them while it is true."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._kept: dict[int, Described] = {}
        """By the jobs' numbers."""
        self._tags = EncodedTags()

    def describe(self, jobs: Iterable[Job]) -> DescribedJobs:
        """These jobs as they are now."""
        kept = self._kept
        if len(kept) > MAX_KEPT:
            kept.clear()
        described = []
        for job in jobs:
            known = kept.get(job.number)
            if known is None or not known.is_true_of(job):
                known = kept[job.number] = Described(JobView(job, self._names), self._tags)
            described.append(known)
        return DescribedJobs(described)
