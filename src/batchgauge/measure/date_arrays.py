"""When AWS made the arrays themselves: their createdAt lies within their SubmitJob call, and so bounds the clock as a job's does."""

from __future__ import annotations

from typing import Final

from batchgauge.core.journal import ArrayLook
from batchgauge.measure.recorder import Recorder
from batchgauge.ports import BatchGateway

ARRAYS_A_CALL: Final = 100
"""DescribeJobs takes no more ids; a million jobs are no more arrays than that."""


async def date_arrays(gateway: BatchGateway, recorder: Recorder) -> None:
    """Read the arrays of a run once. It is a refinement: where AWS does not answer, the children bound the clock as well as they can."""
    first_jobs: dict[str, int] = {}
    for index, job_id in recorder.job_ids.items():
        parent, is_child, _ = job_id.partition(":")
        if is_child:
            first_jobs.setdefault(parent, index)
    if not first_jobs:
        return
    reply = await gateway.describe_jobs(list(first_jobs)[:ARRAYS_A_CALL])
    recorder.call(reply)
    created = tuple(
        (first_jobs[job.job_id], job.sighting.created_ms)
        for job in reply.value or ()
        if job.job_id in first_jobs and job.sighting.created_ms is not None
    )
    if created:
        recorder.record(ArrayLook(sent_ms=reply.sent_ms, received_ms=reply.received_ms, created=created))
