"""How long an attempt's start-up takes: provisioning, image pull and container start, by platform."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from batchgauge.batchmodel.agenda import Agenda
from batchgauge.batchmodel.boundary import ModelSettings, StartUp
from batchgauge.batchmodel.draws import duration_ms
from batchgauge.batchmodel.jobs import Attempt, Job
from batchgauge.batchmodel.shared_pace import SharedPace

NEVER: Final = float("inf")


class StartUps:
    """Lets attempts start: `on_started` is told of each whose container runs, `on_pull_failed` of those with that fault.

    The draws are the same for the same seed, job number and attempt, whatever else happens. Where pulls share a registry's bandwidth,
    what is drawn for the pull is what it takes alone; all pulls are slowed alike while together they want more than there is.
    """

    def __init__(
        self,
        settings: ModelSettings,
        agenda: Agenda,
        on_started: Callable[[Job], None],
        on_pull_failed: Callable[[Job], None],
    ) -> None:
        self._settings = settings
        self._scale = settings.time_scale
        self._agenda = agenda
        self._on_started = on_started
        self._on_pull_failed = on_pull_failed
        bandwidth = settings.registry_mib_per_s
        self._registry: SharedPace | None = None
        if bandwidth is not None:
            limit = bandwidth  # not None, for the closure
            self._registry = SharedPace(agenda, lambda wanted: min(1.0, limit / wanted) if wanted > 0 else 1.0)

    def begin(self, job: Job, attempt: Attempt, first: float, second: float, third: float) -> None:
        """Plan an attempt's start-up, of three standard normal values."""
        start_up, scale = self._start_up(job, attempt), self._scale
        pull_ms = duration_ms(start_up.image_pull, second)
        container_start_ms = scale * duration_ms(start_up.container_start, third)
        attempt.pull_started_ms = attempt.created_ms + scale * duration_ms(start_up.provisioning, first)
        if self._registry is None:
            attempt.pull_stopped_ms = attempt.pull_started_ms + scale * pull_ms
            self._plan_start(job, attempt, container_start_ms)
            return
        attempt.pull_stopped_ms = attempt.started_ms = NEVER
        mib_per_s = start_up.image_mib / (pull_ms / 1000) if pull_ms > 0 else 0.0
        plan = (job, attempt, scale * pull_ms, mib_per_s, container_start_ms)
        attempt.appointment = self._agenda.at(attempt.pull_started_ms, self._pull, plan)

    def _start_up(self, job: Job, attempt: Attempt) -> StartUp:
        settings = self._settings
        if attempt.environment.platform == "EC2":
            return settings.ec2_start_up
        return settings.windows_start_up if job.specification.is_windows else settings.linux_start_up

    def _plan_start(self, job: Job, attempt: Attempt, container_start_ms: float) -> None:
        """From the end of the pull on, which is known now."""
        if attempt.fault == "image-pull":
            attempt.started_ms = NEVER
            attempt.appointment = self._agenda.at(attempt.pull_stopped_ms, self._on_pull_failed, job)
            return
        attempt.started_ms = attempt.pull_stopped_ms + container_start_ms
        attempt.appointment = self._agenda.at(attempt.started_ms, self._on_started, job)

    def _pull(self, plan: tuple[Job, Attempt, float, float, float]) -> None:
        job, attempt, work_ms, mib_per_s, container_start_ms = plan
        assert self._registry is not None  # noqa: S101 - only then is there a plan
        attempt.appointment = None
        done = (job, attempt, container_start_ms)
        attempt.errand = self._registry.begin(work_ms, mib_per_s, self._pulled, done)

    def _pulled(self, done: tuple[Job, Attempt, float]) -> None:
        job, attempt, container_start_ms = done
        attempt.errand = None
        attempt.pull_stopped_ms = self._agenda.now_ms
        self._plan_start(job, attempt, container_start_ms)

    def cut_short(self, attempt: Attempt) -> None:
        """What was planned for later does not happen."""
        if attempt.errand is not None and self._registry is not None:
            self._registry.leave(attempt.errand)
            attempt.errand = None
        now_ms = self._agenda.now_ms
        attempt.started_ms = NEVER
        attempt.pull_stopped_ms = attempt.pull_stopped_ms if attempt.pull_stopped_ms <= now_ms else NEVER
        attempt.pull_started_ms = attempt.pull_started_ms if attempt.pull_started_ms <= now_ms else NEVER
