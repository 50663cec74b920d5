"""What a run is asked to do."""

from __future__ import annotations

from typing import Final

import msgspec

from batchgauge.core.polling_plan import DEFAULT_API_BUDGET
from batchgauge.core.schedule import Load, Workers, parse_load
from batchgauge.errors import InvalidOptionError

DEFAULT_NUM_JOBS: Final = 5
DEFAULT_COUNTDOWN_S: Final = 30
DEFAULT_MAX_WORKERS: Final = 10
DEFAULT_MONITOR_INTERVAL_S: Final = 10.0
DEFAULT_REGION: Final = "us-west-2"
DEFAULT_LEVELS: Final = (2, 5, 10, 20)
DEFAULT_PAUSE_S: Final = 30.0
"""All of the above are the specification's."""

DEFAULT_LOAD: Final = Workers.kind
SAFETY_INTERVAL_S: Final = 60.0
"""Between two looks while events tell what happens: the looks only find what events have missed."""

COUNTDOWN_PARAMETER: Final = "countdownSeconds"
"""The job definition's parameter that carries ``--countdown``."""


class JobShape(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What one job is: everything of SubmitJob that is the same for all jobs of a run."""

    job_queue: str
    job_definition: str
    parameters: dict[str, str] = {}
    command: tuple[str, ...] | None = None
    environment: dict[str, str] = {}
    vcpus: float | None = None
    memory_mib: int | None = None
    tags: dict[str, str] = {}


class ObservedJobs(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Which jobs of somebody else's a run only watches: those of a name prefix, or an array's children."""

    name_prefix: str | None = None
    array_job_id: str | None = None
    since_ms: float | None = None
    """Only jobs that AWS made at or after this moment (AWS's clock)."""


class SweepPlace(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Which run of a sweep it is."""

    sweep_id: str
    position: int
    """From 1, in the order in which they were measured."""
    order: str = "given"
    """Of the levels: ``given``, ``random@SEED``, or ``auto`` where each level followed from those before it."""
    repeat: int = 1
    variant: str | None = None
    """By its name; None where the sweep varies nothing but the level."""


class Scenario(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One run at one level: `num_jobs` jobs of one shape, submitted as `load` says."""

    job: JobShape
    num_jobs: int = DEFAULT_NUM_JOBS
    countdown_s: int | None = DEFAULT_COUNTDOWN_S
    """None where the program is not the countdown."""
    max_workers: int = DEFAULT_MAX_WORKERS
    """The most requests in flight under the load ``workers``; the others have no such bound."""
    is_monitored: bool = False
    monitor_interval_s: float = DEFAULT_MONITOR_INTERVAL_S
    load: str = DEFAULT_LOAD
    """As ``--load`` takes it, with the seed of what is drawn by chance."""
    is_array: bool = False
    """Whether the jobs are submitted as array jobs."""
    is_interval_planned: bool = False
    """Whether `monitor_interval_s` is only the coarsest that is wanted (nobody gave it), and finer where that costs little."""
    api_budget: float = DEFAULT_API_BUDGET
    """The share of AWS's 50 calls a second that watching may take."""
    watches_events: bool = False
    """Whether the jobs are followed by AWS's events, with rare looks beside them."""
    thresholds: tuple[str, ...] = ()
    """What the run is judged by, each as ``--threshold`` takes it."""
    abort_grace_s: float | None = None
    """How long a run goes on once a threshold can no longer be met; None: to its end."""
    is_warm_up: bool = False
    """Whether the run only warms up: it is kept, marked, and left out of the analysis."""
    place: SweepPlace | None = None
    """None where the run is none of a sweep's."""
    observed: ObservedJobs | None = None
    """Set where the jobs were submitted by something else: `num_jobs` are then those found at the start, and more may have come."""

    def __post_init__(self) -> None:
        """A document or a journal that names a load that there is not is no scenario of ours."""
        try:
            parse_load(self.load)
        except InvalidOptionError as error:
            raise ValueError(f"no such load: {self.load}") from error

    @property
    def load_shape(self) -> Load:
        """The load as a function from a submission's number to its time."""
        return parse_load(self.load)

    @property
    def look_interval_s(self) -> float:
        """How much time is meant to lie between two looks."""
        return max(self.monitor_interval_s, SAFETY_INTERVAL_S) if self.watches_events else self.monitor_interval_s
