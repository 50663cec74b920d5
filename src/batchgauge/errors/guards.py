"""What a guard refuses, before anything is started or overwritten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from batchgauge.errors.usage import UsageError


@dataclass(eq=False)
class ResultsExistError(UsageError):
    """A sweep would write over the documents of an earlier one."""

    folder: str
    file: str
    code: ClassVar[str] = "results-exist"


@dataclass(eq=False)
class TooManyJobsError(UsageError):
    """The measurement has more jobs than ``--max-jobs``."""

    jobs: int
    max_jobs: int
    code: ClassVar[str] = "too-many-jobs"


@dataclass(eq=False)
class TooExpensiveError(UsageError):
    """The measurement may cost more than ``--max-cost``; in the currency of the price table."""

    cost: float
    max_cost: float
    code: ClassVar[str] = "too-expensive"


@dataclass(eq=False)
class CostUnknownError(UsageError):
    """There is a ``--max-cost``, and nobody can say what the measurement costs; `because` is a code of `core.cost.cost.NoCost`."""

    because: str
    max_cost: float
    code: ClassVar[str] = "cost-unknown"


@dataclass(eq=False)
class ConfirmationNeededError(UsageError):
    """Somebody must say yes, and there is nobody at a terminal; `because` is a code of `messages` (``because.<code>``)."""

    because: str
    flag: str
    """What says it beforehand."""
    code: ClassVar[str] = "confirmation-needed"


@dataclass(eq=False)
class CancelledRunError(UsageError):
    """The jobs of a run were ended for somebody; going on would submit more, and there is nobody at a terminal to ask."""

    run: str
    jobs: int
    flag: str
    """What says it beforehand."""
    code: ClassVar[str] = "cancelled-run"


@dataclass(eq=False)
class DeclinedError(UsageError):
    """Somebody was asked and did not say yes; nothing was started or ended."""

    code: ClassVar[str] = "declined"


@dataclass(eq=False)
class FileExistsAlreadyError(UsageError):
    """A file that was to be made is there already."""

    path: str
    code: ClassVar[str] = "file-exists"
