"""Findings as closed types with arguments: each an observation that the numbers carry, none a guess at a cause.

`code` names the sentence (``finding.<code>``), the fields are its arguments; durations are in milliseconds.
"""

from __future__ import annotations

from typing import TypeAlias

from batchgauge.core.findings.kinds.ceilings import CapacityReached, RanFewer, RanTogether
from batchgauge.core.findings.kinds.coverage import (
    ConditionsDiffer,
    Difference,
    JobsNotListed,
    LogsMissing,
    NotMonitored,
)
from batchgauge.core.findings.kinds.endings import (
    AllSucceeded,
    JobsFailed,
    JobsRefused,
    JobsTriedAgain,
    JobsUnanswered,
    JobsUnfinished,
    Reason,
    RunEndedEarly,
)
from batchgauge.core.findings.kinds.phase import Phase
from batchgauge.core.findings.kinds.sending import HeldBackByWorkers, NeverThrottled, SentLate, Throttled
from batchgauge.core.findings.kinds.times import Direction, FarJob, RepeatsDrifted, RunTimeVaried, TookFarLonger, Trend
from batchgauge.core.findings.kinds.weight import Weight

__all__ = [
    "AllSucceeded",
    "CapacityReached",
    "ConditionsDiffer",
    "Difference",
    "Direction",
    "FarJob",
    "Finding",
    "HeldBackByWorkers",
    "JobsFailed",
    "JobsNotListed",
    "JobsRefused",
    "JobsTriedAgain",
    "JobsUnanswered",
    "JobsUnfinished",
    "LogsMissing",
    "NeverThrottled",
    "NotMonitored",
    "OfLevel",
    "Phase",
    "RanFewer",
    "RanTogether",
    "Reason",
    "RepeatsDrifted",
    "RunEndedEarly",
    "RunTimeVaried",
    "SentLate",
    "Throttled",
    "TookFarLonger",
    "Trend",
    "Weight",
]

OfLevel: TypeAlias = (
    RanFewer
    | Throttled
    | JobsRefused
    | JobsUnanswered
    | JobsFailed
    | JobsUnfinished
    | JobsTriedAgain
    | RunEndedEarly
    | HeldBackByWorkers
    | SentLate
    | RunTimeVaried
    | TookFarLonger
    | LogsMissing
)
"""What is found of single runs of a level."""

Finding: TypeAlias = (
    OfLevel
    | Trend
    | CapacityReached
    | RanTogether
    | NeverThrottled
    | AllSucceeded
    | NotMonitored
    | JobsNotListed
    | ConditionsDiffer
    | RepeatsDrifted
)
