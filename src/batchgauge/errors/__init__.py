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
│   ├── SecretInEnvironmentError             a value that looks like a password or a key would be written down
│   ├── OutputNotWritableError               a file or folder cannot be written
│   ├── ResultsExistError                    a guard: an earlier sweep would be overwritten
│   ├── FaultsNotUsableError                 a file that says what is to go wrong cannot be read
│   ├── TooManyJobsError, TooExpensiveError, CostUnknownError   a guard: more than was said to be allowed
│   ├── ConfirmationNeededError, CancelledRunError, DeclinedError   a guard: somebody must say yes, and nobody can, or does not
│   │   └── DeclinedDeploymentError          of a stack
│   ├── FileExistsAlreadyError               a guard: a file would be overwritten
│   ├── UnknownVariantError, SeveralVariantsError   which of a sweep's variants is meant, nobody can say
│   └── MissingExtraError                    an optional part is not installed
├── ResourceError                   exit 1   what the run needs in AWS is not as it must be
│   ├── JobQueueNotFoundError, JobQueueNotUsableError
│   ├── JobDefinitionNotFoundError
│   ├── JobNotFoundError, JobAmbiguousError                 no job is meant, or several are
│   ├── PricesNotFoundError                  the Price List has none for a Region
│   ├── SetupNotReadyError                   a check failed: every job would fail
│   ├── ArrayJobNotFoundError, NoJobsFoundError             what was to be watched is not there
│   └── ResourceMissingError, ResourceAmbiguousError    a role, repository or image that registration needs
├── AwsError                        exit 1   AWS, or the way to it
│   ├── NoCredentialsError, CredentialsRejectedError, CredentialsExpiredError, AccessDeniedError,
│   │   ProfileNotFoundError, AwsConfigurationError
│   │   └── CaBundleError           exit 2   a file of certificates that is named cannot be read
│   ├── EndpointUnreachableError
│   │   ├── CertificateNotTrustedError, ProxyFailedError   what a company's network has on the way
│   │   └── NotAnEndpointError      exit 2   what is to be the endpoint is no URL
│   │       └── EndpointWithPasswordError    or one that cannot be signed for
│   ├── LocalAwsDiedError                    the embedded AWS of a command ended in the middle
│   ├── EventRouteLeftError                  a run's rule or queue for events could not be taken away
│   ├── JobsLeftError                        not all of a run's jobs could be ended, or nobody can say
│   └── AwsCallError                         any other answer that is an error
├── DeploymentError                 exit 1   a stack is not as it was to be
│   ├── StackFailedError                     AWS could not make, change or delete it
│   ├── StackBusyError                       something else changes it now
│   ├── StackLeftError                       it is deleted, and a part of it still stands
│   ├── NetworkNotUsableError       exit 2   the network that it was to be in is not there, or no job could start in it
│   └── StackNotOursError           exit 2   a guard: a stack of that name that another template has made
├── RegistryError, NoSuchImageError exit 1   a container registry refused, or has no such image
├── ProgramNotBuiltError            exit 2   what is to go into an image is not there
├── LocalAwsError                   exit 1   the embedded AWS did not start
│   └── PortInUseError
├── NoResultsError                  exit 1   nothing in the folder can be analysed
├── NothingInCommonError            exit 1   two measurements have no level in common
├── FolderNotFoundError             exit 2   a folder that was to be read does not exist
├── RunNotFoundError, RunAmbiguousError      exit 2   no kept run is meant, or several are
├── RunCutOffError                  exit 1   a run that was followed has ended without saying so
├── JournalError                    exit 1   a journal cannot be written or read
│   └── JournalDamagedError                  it can be read, and says what no journal says
├── JournalInUseError               exit 1   another process writes it
├── SweepError                      exit 1   a sweep's own file cannot be read
├── NothingToResumeError            exit 1   a run was cut off before anything was submitted
├── LocalRunGoneError, ObservedRunError, ResumedElsewhereError     exit 2   a run that cannot, or must not, be taken up here
└── InterruptedRunError             exit 130
"""

from __future__ import annotations

from batchgauge.errors.aws import (
    AccessDeniedError,
    AwsCallError,
    AwsConfigurationError,
    AwsError,
    CredentialsExpiredError,
    CredentialsRejectedError,
    EndpointUnreachableError,
    EndpointWithPasswordError,
    EventRouteLeftError,
    JobsLeftError,
    LocalAwsDiedError,
    LocalAwsError,
    NoCredentialsError,
    NotAnEndpointError,
    PortInUseError,
    ProfileNotFoundError,
)
from batchgauge.errors.deployments import (
    DeclinedDeploymentError,
    DeploymentError,
    NetworkNotUsableError,
    StackBusyError,
    StackFailedError,
    StackLeftError,
    StackNotOursError,
)
from batchgauge.errors.guards import (
    CancelledRunError,
    ConfirmationNeededError,
    CostUnknownError,
    DeclinedError,
    FileExistsAlreadyError,
    ResultsExistError,
    TooExpensiveError,
    TooManyJobsError,
)
from batchgauge.errors.images import NoSuchImageError, ProgramNotBuiltError, RegistryError
from batchgauge.errors.network import (
    CaBundleError,
    CertificateNotTrustedError,
    ProxyFailedError,
)
from batchgauge.errors.resources import (
    ArrayJobNotFoundError,
    JobAmbiguousError,
    JobDefinitionNotFoundError,
    JobNotFoundError,
    JobQueueNotFoundError,
    JobQueueNotUsableError,
    NoJobsFoundError,
    PricesNotFoundError,
    ResourceAmbiguousError,
    ResourceError,
    ResourceMissingError,
    SetupNotReadyError,
)
from batchgauge.errors.results import (
    FolderNotFoundError,
    InterruptedRunError,
    JournalDamagedError,
    JournalError,
    JournalInUseError,
    LocalRunGoneError,
    NoResultsError,
    NothingInCommonError,
    NothingToResumeError,
    ObservedRunError,
    ResumedElsewhereError,
    RunAmbiguousError,
    RunCutOffError,
    RunNotFoundError,
    SweepError,
)
from batchgauge.errors.root import (
    BatchgaugeError,
)
from batchgauge.errors.sweeps import SeveralVariantsError, UnknownVariantError
from batchgauge.errors.usage import (
    ConflictingOptionsError,
    FaultsNotUsableError,
    InvalidExpressionError,
    InvalidOptionError,
    MissingExtraError,
    MissingOptionError,
    OutputNotWritableError,
    SampleTooSmallError,
    ScenarioFieldError,
    ScenarioFileError,
    ScenarioSyntaxError,
    SecretInEnvironmentError,
    UnknownFieldError,
    UsageError,
)

__all__ = [
    "AccessDeniedError",
    "ArrayJobNotFoundError",
    "AwsCallError",
    "AwsConfigurationError",
    "AwsError",
    "BatchgaugeError",
    "CaBundleError",
    "CancelledRunError",
    "CertificateNotTrustedError",
    "ConfirmationNeededError",
    "ConflictingOptionsError",
    "CostUnknownError",
    "CredentialsExpiredError",
    "CredentialsRejectedError",
    "DeclinedDeploymentError",
    "DeclinedError",
    "DeploymentError",
    "EndpointUnreachableError",
    "EndpointWithPasswordError",
    "EventRouteLeftError",
    "FaultsNotUsableError",
    "FileExistsAlreadyError",
    "FolderNotFoundError",
    "InterruptedRunError",
    "InvalidExpressionError",
    "InvalidOptionError",
    "JobAmbiguousError",
    "JobDefinitionNotFoundError",
    "JobNotFoundError",
    "JobQueueNotFoundError",
    "JobQueueNotUsableError",
    "JobsLeftError",
    "JournalDamagedError",
    "JournalError",
    "JournalInUseError",
    "LocalAwsDiedError",
    "LocalAwsError",
    "LocalRunGoneError",
    "MissingExtraError",
    "MissingOptionError",
    "NetworkNotUsableError",
    "NoCredentialsError",
    "NoJobsFoundError",
    "NoResultsError",
    "NoSuchImageError",
    "NotAnEndpointError",
    "NothingInCommonError",
    "NothingToResumeError",
    "ObservedRunError",
    "OutputNotWritableError",
    "PortInUseError",
    "PricesNotFoundError",
    "ProfileNotFoundError",
    "ProgramNotBuiltError",
    "ProxyFailedError",
    "RegistryError",
    "ResourceAmbiguousError",
    "ResourceError",
    "ResourceMissingError",
    "ResultsExistError",
    "ResumedElsewhereError",
    "RunAmbiguousError",
    "RunCutOffError",
    "RunNotFoundError",
    "SampleTooSmallError",
    "ScenarioFieldError",
    "ScenarioFileError",
    "ScenarioSyntaxError",
    "SecretInEnvironmentError",
    "SetupNotReadyError",
    "SeveralVariantsError",
    "StackBusyError",
    "StackFailedError",
    "StackLeftError",
    "StackNotOursError",
    "SweepError",
    "TooExpensiveError",
    "TooManyJobsError",
    "UnknownFieldError",
    "UnknownVariantError",
    "UsageError",
]
