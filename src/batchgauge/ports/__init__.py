"""What the verbs need from outside, as small protocols; `bootstrap` chooses who fulfils them.

Gateways never raise for what AWS answered: a refusal, a throttle or a cut connection is part of the measurement and comes back as a value.
They raise only what makes every call impossible (`NoCredentialsError`, `CredentialsRejectedError` where they cannot be refreshed, an
endpoint that is none), and what is a mistake of ours.
"""

from __future__ import annotations

from batchgauge.ports.account import (
    Account,
    ContainerImage,
    ImageRepository,
    RegisteredDefinition,
)
from batchgauge.ports.batch import (
    USABLE_STATUSES,
    BatchGateway,
    BulkEnd,
    JobDefinitionDetail,
    JobDetail,
    JobPage,
    JobQueueDetail,
    JobQueuePage,
    ObservedJob,
    PreparedSubmission,
    QueueSnapshot,
    SubmittedJob,
)
from batchgauge.ports.calls import (
    Reply,
    T_co,
)
from batchgauge.ports.images import (
    ImageRegistry,
    ImageRepositories,
)
from batchgauge.ports.observation import (
    NOT_OFFERED,
    ClusterMetrics,
    EventMessage,
    EventRoutes,
    EventSource,
    JobEvent,
    JobTraces,
    LogLine,
    LogPage,
    LogSource,
    MetricSource,
    TaskEnd,
    TaskSource,
)
from batchgauge.ports.prices import PriceSource
from batchgauge.ports.setup import Networks, SetupSource
from batchgauge.ports.stacks import (
    Repositories,
    Stack,
    StackEvent,
    StackRequest,
    StackResource,
    Stacks,
)
from batchgauge.ports.surroundings import (
    Ask,
    Clock,
    Journal,
    Progress,
    ResultStore,
)

__all__ = [
    "NOT_OFFERED",
    "USABLE_STATUSES",
    "Account",
    "Ask",
    "BatchGateway",
    "BulkEnd",
    "Clock",
    "ClusterMetrics",
    "ContainerImage",
    "EventMessage",
    "EventRoutes",
    "EventSource",
    "ImageRegistry",
    "ImageRepositories",
    "ImageRepository",
    "JobDefinitionDetail",
    "JobDetail",
    "JobEvent",
    "JobPage",
    "JobQueueDetail",
    "JobQueuePage",
    "JobTraces",
    "Journal",
    "LogLine",
    "LogPage",
    "LogSource",
    "MetricSource",
    "Networks",
    "ObservedJob",
    "PreparedSubmission",
    "PriceSource",
    "Progress",
    "QueueSnapshot",
    "RegisteredDefinition",
    "Reply",
    "Repositories",
    "ResultStore",
    "SetupSource",
    "Stack",
    "StackEvent",
    "StackRequest",
    "StackResource",
    "Stacks",
    "SubmittedJob",
    "T_co",
    "TaskEnd",
    "TaskSource",
]
