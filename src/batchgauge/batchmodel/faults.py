"""What goes wrong on purpose: who is met by it is drawn from the seed, and each case is told as ground truth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from batchgauge.batchmodel.agenda import Agenda
from batchgauge.batchmodel.boundary import FaultInjected, FaultKind, ModelFaults
from batchgauge.batchmodel.draws import Draws, duration_ms
from batchgauge.batchmodel.outbox import Outbox
from batchgauge.batchmodel.refusals import RefusedError, server_error, throttled

CANNOT_PULL: Final = "CannotPullContainerError: failed to copy: httpReadSeeker: failed open: unexpected status code 503 Service Unavailable"
OUT_OF_MEMORY: Final = "OutOfMemoryError: Container killed due to memory usage"
KILLED_EXIT_CODE: Final = 137


class Faults:
    """The faults of this moment."""

    def __init__(self, faults: ModelFaults, agenda: Agenda, draws: Draws, outbox: Outbox) -> None:
        self._agenda = agenda
        self._draws = draws
        self._outbox = outbox
        self._calls: dict[str, int] = {}
        self._withheld_told: set[tuple[str, str]] = set()
        self.set(faults)

    def set(self, faults: ModelFaults) -> None:
        """These from now on."""
        self._faults = faults
        self._meets_calls = bool(faults.throttled or faults.server_errors)
        self._of_attempts: tuple[tuple[FaultKind, float], ...] = (
            ("image-pull", faults.image_pull_failures),
            ("crash", faults.crashes),
            ("vanished", faults.vanishing),
            ("hanging", faults.hanging),
        )
        self._meets_attempts = any(share > 0 for _, share in self._of_attempts)
        self.withholds = any(vcpus > 0 for vcpus in faults.withheld_vcpus.values())
        """Whether it is worth asking `is_withheld`."""
        self._withheld_told.clear()

    def tell(self, kind: FaultKind, subject: str, job_id: str | None = None) -> None:
        """Put a case into the ground truth."""
        self._outbox.effects.append(FaultInjected(kind, self._agenda.now_ms, subject, job_id))

    def check_call(self, operation: str) -> None:
        """Refuse a call that is to be refused."""
        if not self._meets_calls:
            return
        number = self._calls[operation] = self._calls.get(operation, 0) + 1
        kinds: tuple[tuple[FaultKind, Mapping[str, float], RefusedError], ...] = (
            ("throttled", self._faults.throttled, throttled()),
            ("server-error", self._faults.server_errors, server_error()),
        )
        for kind, shares, refusal in kinds:
            share = shares.get(operation, shares.get("*", 0.0))
            if share > 0 and self._draws.share(f"{kind}/{operation}", number) < share:
                self.tell(kind, operation)
                raise refusal

    def of_attempt(self, number: int) -> FaultKind | None:
        """What will go wrong with an attempt, at most one thing; told by whoever lets it happen."""
        if not self._meets_attempts:
            return None
        drawn = self._draws.share("fault", number)
        for kind, share in self._of_attempts:
            if drawn < share:
                return kind
            drawn -= share
        return None

    def crash_after_ms(self, number: int) -> float:
        """How long an attempt runs before it crashes."""
        [normal] = self._draws.normals("crash", number, 1)
        return duration_ms(self._faults.crash_after, normal)

    def is_withheld(self, environment: str, used_vcpus: float, max_vcpus: float, job_id: str) -> bool:
        """Whether an environment would have to give more than can be had at the moment; told once a job."""
        withheld = self._faults.withheld_vcpus.get(environment, 0.0)
        if withheld <= 0 or used_vcpus <= max_vcpus - withheld:
            return False
        if (environment, job_id) not in self._withheld_told:
            self._withheld_told.add((environment, job_id))
            self.tell("withheld", environment, job_id)
        return True
