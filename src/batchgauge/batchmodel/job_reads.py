"""DescribeJobs, ListJobs and GetJobQueueSnapshot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from batchgauge.batchmodel.agenda import Agenda
from batchgauge.batchmodel.backlog import FairShareBacklog
from batchgauge.batchmodel.described_jobs import JobDescriber
from batchgauge.batchmodel.encoded_json import DescribedJobs
from batchgauge.batchmodel.identifiers import Names
from batchgauge.batchmodel.job_queues import JobQueue, JobQueues
from batchgauge.batchmodel.job_summary import job_summary
from batchgauge.batchmodel.jobs import RUNNING, STATES, Job, JobStore
from batchgauge.batchmodel.pages import page_size, with_token
from batchgauge.batchmodel.refusals import client_error

MAX_DESCRIBED: Final = 100
MAX_LISTED, MAX_FILTERED = 1000, 100
SNAPSHOT_SIZE: Final = 100
TOKEN_PREFIX: Final = "after-"  # noqa: S105 - not a password
SOURCES: Final = ("jobQueue", "arrayJobId", "multiNodeJobId")


class JobReads:
    """What can be asked about jobs; a job that was submitted less than the visibility delay ago is not seen."""

    def __init__(
        self, names: Names, agenda: Agenda, store: JobStore, queues: JobQueues, visibility_delay_ms: float
    ) -> None:
        self._names = names
        self._agenda = agenda
        self._store = store
        self._queues = queues
        self._visibility_delay_ms = visibility_delay_ms
        self._describer = JobDescriber(names)

    def describe(self, parameters: Mapping[str, Any]) -> DescribedJobs:
        """DescribeJobs: unknown ids are left out."""
        asked = parameters["jobs"]
        if len(asked) > MAX_DESCRIBED:
            # Two spaces: as AWS has it.
            raise client_error(f"DescribeJobs: Maximum number of jobs supported is  {MAX_DESCRIBED}")
        find = self._store.find
        found = [find(job_id.rpartition(":job/")[2]) for job_id in asked]
        seen_ms = self._agenda.now_ms - self._visibility_delay_ms
        return self._describer.describe([job for job in found if job is not None and job.created_ms <= seen_ms])

    def _is_visible(self, job: Job) -> bool:
        return job.created_ms + self._visibility_delay_ms <= self._agenda.now_ms

    def list(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """ListJobs: a queue's or an array's jobs by state (RUNNING where nothing else is said) or by one filter."""
        if sum(bool(parameters.get(name)) for name in SOURCES) != 1:
            raise client_error(f"Exactly one of {', '.join(SOURCES)} must be specified")
        if parameters.get("multiNodeJobId"):
            raise client_error("Multi-node parallel jobs are not supported by the embedded AWS")
        status = parameters.get("jobStatus") or RUNNING
        if status not in STATES:
            raise client_error(f"Invalid job status {status}")
        after = self._after(parameters.get("nextToken"))
        filters = parameters.get("filters")
        size = page_size(parameters, MAX_FILTERED if filters else MAX_LISTED)
        jobs = (job for job in self._matching(parameters, status, filters or (), after) if self._is_visible(job))
        page = list(islice(jobs, size + 1))
        token = f"{TOKEN_PREFIX}{page[size - 1].job_id}" if len(page) > size else None
        summaries = [job_summary(job, self._names) for job in page[:size]]
        return with_token({"jobSummaryList": summaries}, token)

    def _after(self, token: str | None) -> Job | None:
        """The last job of the page before; a token stays good whatever has changed in the meantime."""
        if not token:
            return None
        job = self._store.find(token.removeprefix(TOKEN_PREFIX)) if token.startswith(TOKEN_PREFIX) else None
        if job is None:
            raise client_error("Invalid nextToken")
        return job

    def _matching(
        self, parameters: Mapping[str, Any], status: str, filters: Sequence[Mapping[str, Any]], after: Job | None
    ) -> Iterator[Job]:
        before = after.number if after is not None else None
        if parameters.get("arrayJobId"):
            parent = self._store.find(parameters["arrayJobId"])
            if parent is None or parent.array is None:
                raise client_error(f"Array job {parameters['arrayJobId']} not found.")
            return parent.array.index_by_state[status].newest_first(before)
        queue = self._queues.named(parameters["jobQueue"])
        if filters:
            return _filtered(queue, filters, parameters.get("jobStatus"), after)
        return queue.listing.by_state[status].newest_first(before)

    def snapshot(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """GetJobQueueSnapshot: the front of the queue and what it uses."""
        queue = self._queues.named(parameters["jobQueue"])
        now_ms = int(self._agenda.now_ms)
        front = [
            {"jobArn": self._names.arn("job", job.job_id), "earliestTimeAtPosition": int(job.runnable_ms)}
            for job in queue.backlog.front(SNAPSHOT_SIZE)
        ]
        utilization: dict[str, Any] = {"totalCapacityUsage": _usage(queue.used_vcpus), "lastUpdatedAt": now_ms}
        if isinstance(queue.backlog, FairShareBacklog):
            used = queue.backlog.used_by_share()
            top = [{"shareIdentifier": name, "capacityUsage": _usage(vcpus)} for name, vcpus in used[:20]]
            utilization["fairshareUtilization"] = {"activeShareCount": len(used), "topCapacityUtilization": top}
        return {"frontOfQueue": {"jobs": front, "lastUpdatedAt": now_ms}, "queueUtilization": utilization}


def _usage(vcpus: float) -> list[dict[str, Any]]:
    return [{"capacityUnit": "VCPU", "quantity": vcpus}]


def _filtered(
    queue: JobQueue, filters: Sequence[Mapping[str, Any]], status: str | None, after: Job | None
) -> Iterator[Job]:
    """The jobs of one filter with one value; `status` matters to SHARE_IDENTIFIER only."""
    if len(filters) != 1 or len(filters[0].get("values", ())) != 1:
        raise client_error("Exactly one filter with one value can be used at a time")
    name, [value] = filters[0].get("name", ""), filters[0]["values"]
    match name:
        case "JOB_NAME":
            return queue.listing.named(value, after)
        case "JOB_DEFINITION":
            return queue.listing.of_definition(value, after)
        case "AFTER_CREATED_AT":
            return queue.listing.created_after(_milliseconds(value), after)
        case "BEFORE_CREATED_AT":
            return queue.listing.created_before(_milliseconds(value), after)
        case "SHARE_IDENTIFIER":
            return _of_share(queue, value, status, after)
        case _:
            raise client_error(f"Unsupported filter name {name}")


def _of_share(queue: JobQueue, share: str, status: str | None, after: Job | None) -> Iterator[Job]:
    before = after.number if after is not None else None
    jobs = queue.listing.by_state[status].newest_first(before) if status else queue.listing.created_after(0, after)
    return (job for job in jobs if job.share_identifier == share)


def _milliseconds(value: str) -> int:
    if not (value.isascii() and value.isdigit()):
        raise client_error(f"Invalid filter value {value}: milliseconds since the epoch are expected")
    return int(value)
