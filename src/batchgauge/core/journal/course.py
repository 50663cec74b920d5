"""How a run goes: its plan, its start, its interruptions and its end."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from batchgauge.core.journal.environment import Delivery, EnvironmentFacts, Sources
from batchgauge.core.scenario import Scenario

JOURNAL_VERSION: Final = 1


NO_WAIT_MS: Final = 0.0
"""This very object is left out of a journal's lines, another zero is not."""


class Header(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag="header"):
    """The first record."""

    run_id: str
    started_ms: float
    utc_offset_s: int
    """Of the local time at the start: the specification's time stamps are local and naive."""
    scenario: Scenario
    environment: EnvironmentFacts
    sources: Sources = Sources()
    delivery: Delivery = Delivery()
    version: int = JOURNAL_VERSION


class PlannedJob(msgspec.Struct, frozen=True, array_like=True):
    """A submission that is meant to go out."""

    index: int
    name: str
    offset_ms: float
    """When it is meant to be sent, after `Started`."""
    size: int = 1
    """How many jobs it makes: more than one as an array job, whose children have the indexes from `index` on."""

    @property
    def indexes(self) -> range:
        """The indexes of the jobs that it makes."""
        return range(self.index, self.index + self.size)


class Plan(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag="plan"):
    """Submissions to come, written and synced ahead of them: no job was ever sent whose name is not in a plan."""

    jobs: tuple[PlannedJob, ...]


class Started(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag="started"):
    """The moment that the plan's offsets count from: the plan was on the disk, and sending begins."""

    at_ms: float


DEADLINE: Final = "deadline"
"""The cause of an `Interrupted` that nobody asked for: ``--deadline`` was reached, and the jobs are left running."""


class Interrupted(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag="interrupted"):
    """The user, or the system, asked us to end; from here on nothing more is submitted."""

    at_ms: float
    cause: str


class Resumed(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, tag="resumed"):
    """Another process took the run up again. Its clock is its own, but was set not to begin before the last record's time."""

    at_ms: float
    since_ms: float
    """The time of the last record before: what happened in between was seen by nobody."""
    tool_version: str | None = None
    delivery: Delivery | None = None
    """What was asked for of the document by now; None where nothing more was."""


BREACH: Final = "breach"
"""The cause where ``--abort-on-breach`` did: a threshold could not be met any more."""


class RunOutcome(StrEnum):
    """How a run ended."""

    COMPLETE = "complete"
    """Everything that was asked for was done, whatever became of the jobs."""
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    """An error of ours or of AWS ended it early."""
    DEADLINE = "deadline"
    """The deadline came while jobs had not ended."""
    BREACHED = "breached"
    """A threshold could not be met any more, and the run was to end then."""


ENDED_BY_ITSELF: Final = {DEADLINE: RunOutcome.DEADLINE, BREACH: RunOutcome.BREACHED}
"""The causes of an `Interrupted` that are nobody's wish, and what the run's outcome is then."""


class Ended(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag="ended"):
    """The last record."""

    at_ms: float
    outcome: RunOutcome
    cpu_s: float = 0.0
    """Processor time of our own process since the start."""


class JobsEnded(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, tag="jobs-ended"):
    """The run's jobs were asked to end, and AWS was asked what is left of them."""

    at_ms: float
    asked: int
    """Jobs, an array as one."""
    strays: int = 0
    """Among them those that AWS showed under the run's name and that we knew nothing of: an answer had been lost."""
    left: tuple[str, ...] = ()
    """The ids of those that were not seen to end."""
    is_proven: bool = False
    """Whether a listing of all jobs of the run's name showed none that had not ended."""
    trouble: str | None = None
    """AWS's words where it would not end jobs, or not list them."""


class PollingPlanned(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, tag="polling"):
    """How the jobs are looked at from now on."""

    at_ms: float
    interval_s: float
    """From one look at all jobs to the next."""
    calls_per_look: int
    """Expected."""
    listed: tuple[str, ...] = ()
    """The statuses that ListJobs is asked for; whatever it does not show is asked for with DescribeJobs."""
    budget_factor: float = 1.0
    """What throttles have left of the budget for the time being."""


class Discovered(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag="discovered"):
    """A job that something else submitted, found while only watching."""

    job: int
    job_id: str
    name: str
    at_ms: float
