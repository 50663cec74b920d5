"""Every error of ours: a code with arguments and an exit code. The words are in `messages`, under ``error.<code>``.

BatchgaugeError                     exit 1
├── UsageError                      exit 2   the command was asked for wrongly
│   ├── InvalidOptionError                   a flag's value is out of its range
│   ├── InvalidExpressionError               a flag's expression (a threshold, say) cannot be read
│   ├── ScenarioFileError, ScenarioSyntaxError, UnknownFieldError, ScenarioFieldError
│   │                                        a scenario file cannot be read, or says what cannot be
│   ├── SampleTooSmallError                  a threshold that no level that was asked for could show
│   ├── MissingOptionError                   a flag that must be given was not
│   ├── ConflictingOptionsError              two flags of which only one can hold
│   ├── OutputNotWritableError               a file or folder cannot be written
│   ├── ResultsExistError                    a guard: an earlier sweep would be overwritten
│   ├── FaultsNotUsableError                 a file that says what is to go wrong cannot be read
│   ├── TooManyJobsError, TooExpensiveError, CostUnknownError   a guard: more than was said to be allowed
│   ├── ConfirmationNeededError, DeclinedError   a guard: somebody must say yes, and nobody can, or does not
│   ├── FileExistsAlreadyError               a guard: a file would be overwritten
│   └── MissingExtraError                    an optional part is not installed
├── ResourceError                   exit 1   what the run needs in AWS is not as it must be
│   ├── JobQueueNotFoundError, JobQueueNotUsableError
│   ├── JobDefinitionNotFoundError
│   ├── ComputeEnvironmentNotUsableError
│   ├── ArrayJobNotFoundError, NoJobsFoundError             what was to be watched is not there
│   └── ResourceMissingError, ResourceAmbiguousError    a role, repository or image that registration needs
├── AwsError                        exit 1   AWS, or the way to it
│   ├── NoCredentialsError, CredentialsRejectedError, AccessDeniedError, ProfileNotFoundError,
│   │   AwsConfigurationError
│   ├── EndpointUnreachableError
│   │   └── NotAnEndpointError      exit 2   what is to be the endpoint is no URL
│   ├── LocalAwsDiedError                    the embedded AWS of a command ended in the middle
│   ├── EventRouteLeftError                  a run's rule or queue for events could not be taken away
│   ├── JobsLeftError                        not all of a run's jobs could be ended, or nobody can say
│   └── AwsCallError                         any other answer that is an error
├── LocalAwsError                   exit 1   the embedded AWS did not start
│   └── PortInUseError
├── NoResultsError                  exit 1   nothing in the folder can be analysed
├── NothingInCommonError            exit 1   two measurements have no level in common
├── FolderNotFoundError             exit 2   a folder that was to be read does not exist
├── RunNotFoundError, RunAmbiguousError      exit 2   no kept run is meant, or several are
├── RunCutOffError                  exit 1   a run that was followed has ended without saying so
├── JournalError                    exit 1   a journal cannot be written or read
├── JournalInUseError               exit 1   another process writes it
├── SweepError                      exit 1   a sweep's own file cannot be read
├── NothingToResumeError            exit 1   a run was cut off before anything was submitted
├── LocalRunGoneError, ObservedRunError, ResumedElsewhereError     exit 2   a run that cannot, or must not, be taken up here
└── InterruptedRunError             exit 130
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from typing import ClassVar


class BatchgaugeError(Exception):
    """The root: `code` names the message, the instance's fields are its arguments."""

    code: ClassVar[str] = "internal"
    exit_code: ClassVar[int] = 1

    @property
    def arguments(self) -> dict[str, object]:
        """The fields by name, for the message and the hint."""
        return {field.name: getattr(self, field.name) for field in fields(self)} if is_dataclass(self) else {}

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.arguments.items())
        return f"{self.code}({shown})"


# --- 2: asked for wrongly, or refused by a guard ----------------------------------------------------------------------


class UsageError(BatchgaugeError):
    """The command was asked for wrongly, or a guard refused."""

    exit_code = 2


@dataclass(eq=False)
class InvalidOptionError(UsageError):
    """A flag's value is outside of what it takes; `expected` is a code of ``messages`` (``expected.<code>``)."""

    flag: str
    value: str
    expected: str
    code: ClassVar[str] = "invalid-option"


@dataclass(eq=False)
class InvalidExpressionError(UsageError):
    """An expression cannot be read on from a place; `expected` is a code of ``messages`` (``expected.<code>``)."""

    flag: str
    value: str
    position: int
    """From 1."""
    found: str
    """What stands there; empty at the end."""
    expected: str
    code: ClassVar[str] = "invalid-expression"


@dataclass(eq=False)
class ScenarioFileError(UsageError):
    """A scenario file cannot be read at all."""

    file: str
    reason: str
    code: ClassVar[str] = "scenario-file"


@dataclass(eq=False)
class ScenarioSyntaxError(UsageError):
    """A scenario file is no YAML, or uses what is not understood in one."""

    file: str
    line: int
    column: int
    detail: str
    code: ClassVar[str] = "scenario-syntax"


@dataclass(eq=False)
class UnknownFieldError(UsageError):
    """A scenario file has a field that there is not; `known` are those that there are in its place."""

    file: str
    line: int
    field: str
    known: str
    code: ClassVar[str] = "unknown-field"


@dataclass(eq=False)
class ScenarioFieldError(UsageError):
    """A scenario file has a value that its field does not take; `expected` is a code of ``messages``."""

    file: str
    line: int
    field: str
    found: str
    expected: str
    code: ClassVar[str] = "scenario-field"


@dataclass(eq=False)
class SampleTooSmallError(UsageError):
    """No level that was asked for has as many jobs as a threshold needs."""

    flag: str
    value: str
    needed: int
    largest: int
    code: ClassVar[str] = "sample-too-small"


@dataclass(eq=False)
class MissingOptionError(UsageError):
    """A flag that the command cannot do without was not given."""

    flag: str
    code: ClassVar[str] = "missing-option"


@dataclass(eq=False)
class ConflictingOptionsError(UsageError):
    """Two flags were given of which only one can hold."""

    flag: str
    other: str
    code: ClassVar[str] = "conflicting-options"


@dataclass(eq=False)
class OutputNotWritableError(UsageError):
    """A file or folder that the run must write cannot be written; found out before anything is started."""

    flag: str
    path: str
    reason: str
    code: ClassVar[str] = "output-not-writable"


@dataclass(eq=False)
class ResultsExistError(UsageError):
    """A sweep would write over the documents of an earlier one."""

    folder: str
    file: str
    code: ClassVar[str] = "results-exist"


@dataclass(eq=False)
class FaultsNotUsableError(UsageError):
    """The file that says what is to go wrong on the embedded AWS cannot be read, or is not of its shape."""

    path: str
    reason: str
    code: ClassVar[str] = "faults-not-usable"


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
    """There is a ``--max-cost``, and nobody can say what the measurement costs; `because` is a code of `core.cost.NoCost`."""

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
class DeclinedError(UsageError):
    """Somebody was asked and did not say yes; nothing was started or ended."""

    code: ClassVar[str] = "declined"


@dataclass(eq=False)
class FileExistsAlreadyError(UsageError):
    """A file that was to be made is there already."""

    path: str
    code: ClassVar[str] = "file-exists"


@dataclass(eq=False)
class MissingExtraError(UsageError):
    """An optional part of the installation is needed and missing."""

    extra: str
    module: str
    code: ClassVar[str] = "missing-extra"


# --- 1: what stands in AWS --------------------------------------------------------------------------------------------


class ResourceError(BatchgaugeError):
    """Something the run needs in AWS is missing or not usable."""


@dataclass(eq=False)
class JobQueueNotFoundError(ResourceError):
    """No such job queue in this account and Region."""

    queue: str
    region: str
    code: ClassVar[str] = "job-queue-not-found"


@dataclass(eq=False)
class JobQueueNotUsableError(ResourceError):
    """The job queue does not take jobs now."""

    queue: str
    state: str
    status: str
    code: ClassVar[str] = "job-queue-not-usable"


@dataclass(eq=False)
class JobDefinitionNotFoundError(ResourceError):
    """No active job definition of this name or ARN in this account and Region."""

    definition: str
    region: str
    code: ClassVar[str] = "job-definition-not-found"


@dataclass(eq=False)
class ResourceMissingError(ResourceError):
    """A role, repository or image that is needed is missing; `kind` is a code of ``messages`` (``resource.<kind>``)."""

    kind: str
    name: str
    region: str
    flag: str
    code: ClassVar[str] = "resource-missing"


@dataclass(eq=False)
class ResourceAmbiguousError(ResourceError):
    """More than one thing fits where one is needed; `kind` is a code of ``messages`` (``resource.<kind>``)."""

    kind: str
    names: str
    region: str
    flag: str
    code: ClassVar[str] = "resource-ambiguous"


@dataclass(eq=False)
class ArrayJobNotFoundError(ResourceError):
    """AWS knows no such job, or it is not the parent of an array."""

    array_job: str
    code: ClassVar[str] = "array-job-not-found"


@dataclass(eq=False)
class NoJobsFoundError(ResourceError):
    """No job of that name came within the time that was given."""

    prefix: str
    queue: str
    waited: str
    code: ClassVar[str] = "no-jobs-found"


@dataclass(eq=False)
class ComputeEnvironmentNotUsableError(ResourceError):
    """No job can start in the compute environment now."""

    environment: str
    state: str
    status: str
    code: ClassVar[str] = "compute-environment-not-usable"


# --- 1: AWS, and the way to it ----------------------------------------------------------------------------------------


class AwsError(BatchgaugeError):
    """A call to AWS failed, or could not be made."""


@dataclass(eq=False)
class NoCredentialsError(AwsError):
    """No credentials were found where the AWS SDK looks for them."""

    code: ClassVar[str] = "no-credentials"


@dataclass(eq=False)
class AwsConfigurationError(AwsError):
    """The AWS configuration files cannot be read, or say something that cannot be."""

    detail: str
    code: ClassVar[str] = "aws-configuration"
    exit_code: ClassVar[int] = 2


@dataclass(eq=False)
class ProfileNotFoundError(AwsError):
    """The named profile is in neither of the AWS configuration files."""

    profile: str
    code: ClassVar[str] = "profile-not-found"
    exit_code: ClassVar[int] = 2


@dataclass(eq=False)
class CredentialsRejectedError(AwsError):
    """AWS knows no such credentials, or they have expired."""

    error: str
    detail: str
    code: ClassVar[str] = "credentials-rejected"


@dataclass(eq=False)
class AccessDeniedError(AwsError):
    """The credentials are valid and may not do this."""

    operation: str
    detail: str
    code: ClassVar[str] = "access-denied"


@dataclass(eq=False)
class EndpointUnreachableError(AwsError):
    """No answer from the endpoint."""

    endpoint: str
    reason: str
    code: ClassVar[str] = "endpoint-unreachable"


@dataclass(eq=False)
class NotAnEndpointError(EndpointUnreachableError):
    """What a flag, the environment or a profile names as the endpoint is not a URL."""

    code: ClassVar[str] = "not-an-endpoint"
    exit_code: ClassVar[int] = 2


@dataclass(eq=False)
class LocalAwsDiedError(AwsError):
    """The embedded AWS that a command started has ended by itself; `detail` is the end of what it said."""

    detail: str
    code: ClassVar[str] = "local-aws-died"


@dataclass(eq=False)
class EventRouteLeftError(AwsError):
    """A run's rule or queue for events could not be taken away, or not all of it."""

    code: ClassVar[str] = "event-route-left"
    name: str
    """Of both."""
    detail: str
    """AWS's words of what went wrong last."""


@dataclass(eq=False)
class JobsLeftError(AwsError):
    """Jobs were asked to end, and AWS still shows some, or cannot be asked."""

    jobs: int
    """How many are left; 0 where that could not be found out."""
    ids: str
    detail: str
    code: ClassVar[str] = "jobs-left"


@dataclass(eq=False)
class AwsCallError(AwsError):
    """Any other error that AWS answered with."""

    operation: str
    error: str
    detail: str
    code: ClassVar[str] = "aws-call"


# --- 1: the embedded AWS ----------------------------------------------------------------------------------------------


@dataclass(eq=False)
class LocalAwsError(BatchgaugeError):
    """The embedded AWS did not start; `detail` is the end of what it said."""

    detail: str
    code: ClassVar[str] = "local-aws"


@dataclass(eq=False)
class PortInUseError(BatchgaugeError):
    """Another program listens on the port that the embedded AWS was to have."""

    host: str
    port: int
    code: ClassVar[str] = "port-in-use"


# --- 1: results and journals ------------------------------------------------------------------------------------------


@dataclass(eq=False)
class NoResultsError(BatchgaugeError):
    """The folder holds no result that can be analysed."""

    folder: str
    skipped: int
    reasons: tuple[tuple[str, str], ...] = ()
    """(file, why it was skipped)."""
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
