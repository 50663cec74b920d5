"""What AWS still shows of a run: by the names that its jobs have, checked against the tags that say whose they are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from batchgauge.core.journal import CallOutcome
from batchgauge.core.naming import RUN_TAG
from batchgauge.core.polling_plan import DESCRIBED_PER_CALL
from batchgauge.core.submitting.refusals import error_of
from batchgauge.measure.bulk_end import Pace
from batchgauge.measure.listing import list_named
from batchgauge.measure.retrying import Persistence
from batchgauge.ports import BatchGateway, ObservedJob, Reply

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RunJobs:
    """Finds jobs of runs by the beginning of their names; of an array, the array."""

    gateway: BatchGateway
    persistence: Persistence
    pace: Pace | None
    """None where nothing else is asked meanwhile."""
    endpoint: str

    async def live(self, queue: str, name_prefix: str) -> tuple[ObservedJob, ...]:
        """The jobs of a queue that are so named and have not ended.

        Raises:
            AwsError: they cannot be listed.
        """
        return tuple(job for job in await self.named(queue, name_prefix) if not job.sighting.state.is_terminal)

    async def named(self, queue: str, name_prefix: str) -> tuple[ObservedJob, ...]:
        """All jobs of a queue that are so named.

        Raises:
            AwsError: they cannot be listed.
        """
        listing = await list_named(self.gateway, queue, name_prefix, self._must)
        return tuple(job for job in listing.jobs if job.job_name.startswith(name_prefix))

    async def tagged(self, job_ids: Sequence[str]) -> dict[str, str]:
        """Of these jobs: id → the run that its tags name. A job without that tag is nobody's of ours, whatever it is called.

        Raises:
            AwsError: they cannot be described.
        """
        return {job_id: run for job_id, run in (await self.whose(job_ids)).items() if run is not None}

    async def whose(self, job_ids: Sequence[str]) -> dict[str, str | None]:
        """As `tagged`, with None for a job that is nobody's of ours; one that AWS does not describe is not among them.

        Raises:
            AwsError: they cannot be described.
        """
        runs: dict[str, str | None] = {}
        for first in range(0, len(job_ids), DESCRIBED_PER_CALL):
            some = job_ids[first : first + DESCRIBED_PER_CALL]
            jobs = await self._must(lambda some=some: self.gateway.describe_jobs(some))  # type: ignore[misc]
            for job in jobs:
                runs[job.job_id] = run_of(job)
        return runs

    async def _must(self, request: Callable[[], Awaitable[Reply[T]]]) -> T:
        if self.pace is not None:
            await self.pace.turn()
        reply = await self.persistence.ask(request)
        if reply.outcome is not CallOutcome.OK or reply.value is None:
            raise error_of(reply, self.endpoint)
        return reply.value


def run_of(job: ObservedJob) -> str | None:
    """The run that a described job's tags name; a name can be given by anybody."""
    run = (job.tags or {}).get(RUN_TAG)
    return run if run is not None and job.job_name.startswith(run) else None
