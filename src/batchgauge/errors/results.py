"""Results and journals on disk, and runs that are to be taken up."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import PurePath
from typing import ClassVar

from batchgauge.errors.root import BatchgaugeError


@dataclass(eq=False)
class NoResultsError(BatchgaugeError):
    """The folder holds no result that can be analysed."""

    folder: str
    skipped: int
    reasons: tuple[tuple[str, str], ...] = ()
    """(file, why it was skipped)."""
    argument: str = "DIR"
    """What of the command line named it."""
    code: ClassVar[str] = "no-results"


@dataclass(eq=False)
class NothingInCommonError(BatchgaugeError):
    """Two measurements that were to be compared have no level in common."""

    base: str
    new: str
    code: ClassVar[str] = "nothing-in-common"


@dataclass(eq=False)
class FolderNotFoundError(BatchgaugeError):
    """A folder that was to be read does not exist."""

    folder: str
    argument: str = "DIR"
    """What of the command line named it."""
    code: ClassVar[str] = "folder-not-found"
    exit_code: ClassVar[int] = 2


@dataclass(eq=False)
class RunNotFoundError(BatchgaugeError):
    """No run of the folder has an id that is, begins or ends so."""

    run: str
    folder: str
    code: ClassVar[str] = "run-not-found"
    exit_code: ClassVar[int] = 2


@dataclass(eq=False)
class RunAmbiguousError(BatchgaugeError):
    """Several runs of the folder have an id that begins or ends so."""

    run: str
    folder: str
    runs: str
    code: ClassVar[str] = "run-ambiguous"
    exit_code: ClassVar[int] = 2


@dataclass(eq=False)
class RunCutOffError(BatchgaugeError):
    """A journal has no end, and nothing is added to it any more."""

    run: str
    silent_s: int
    code: ClassVar[str] = "run-cut-off"


@dataclass(eq=False)
class JournalError(BatchgaugeError):
    """A journal cannot be written or read."""

    path: str
    reason: str
    code: ClassVar[str] = "journal"


@dataclass(eq=False)
class JournalDamagedError(JournalError):
    """A journal can be read, and does not say what a journal must."""

    run: str = ""
    """Its id, as it may be typed: by it the jobs can be ended all the same. It is the folder's name."""
    code: ClassVar[str] = "journal-damaged"

    def __post_init__(self) -> None:
        self.run = self.run or shlex.quote(PurePath(self.path).parent.name)


@dataclass(eq=False)
class JournalInUseError(BatchgaugeError):
    """Another process writes the journal: the run goes on there."""

    path: str
    code: ClassVar[str] = "journal-in-use"


@dataclass(eq=False)
class NothingToResumeError(BatchgaugeError):
    """A journal that was cut off before the run's plan was on the disk: nothing was ever submitted."""

    run: str
    code: ClassVar[str] = "nothing-to-resume"


@dataclass(eq=False)
class LocalRunGoneError(BatchgaugeError):
    """The embedded AWS that the run was measured on has ended, and the run's jobs with it."""

    run: str
    code: ClassVar[str] = "local-run-gone"
    exit_code: ClassVar[int] = 2


@dataclass(eq=False)
class ObservedRunError(BatchgaugeError):
    """A run that only watched what others submitted: there is nothing of ours to take up."""

    run: str
    code: ClassVar[str] = "observed-run"
    exit_code: ClassVar[int] = 2


@dataclass(eq=False)
class ResumedElsewhereError(BatchgaugeError):
    """The queue of the name is not the run's: another account or Region is asked. All jobs would seem not to be submitted."""

    run: str
    expected: str
    found: str
    code: ClassVar[str] = "resumed-elsewhere"
    exit_code: ClassVar[int] = 2


@dataclass(eq=False)
class SweepError(BatchgaugeError):
    """A sweep's own file cannot be read."""

    path: str
    reason: str
    code: ClassVar[str] = "sweep"


@dataclass(eq=False)
class InterruptedRunError(BatchgaugeError):
    """The user ended the run."""

    run_id: str
    code: ClassVar[str] = "interrupted"
    exit_code: ClassVar[int] = 130
