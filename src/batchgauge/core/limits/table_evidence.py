"""What a verdict needs to know of a run's jobs, from columns: the same as `job_evidence`, for any number of jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from batchgauge.core.columns.job_table import JobTable, Numbers
from batchgauge.core.columns.placement import placements_of_table
from batchgauge.core.concurrency.placement import Placed
from batchgauge.core.job import JobState
from batchgauge.core.limits.job_evidence import Ends, Group, Sends, coarse
from batchgauge.core.stats.moments import NOTHING, Moments
from batchgauge.core.stats.slowing import Company

Mask: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class TableEvidence:
    """From columns; see `job_evidence.JobEvidence` for what each says."""

    table: JobTable

    @property
    def sends(self) -> Sends:
        """See `JobEvidence`."""
        sent, intended = self.table.numbers["sent_ms"], self.table.numbers["intended_ms"]
        own = ~(self.table.numbers["array_index"] > 0)
        known = own & ~np.isnan(sent) & ~np.isnan(intended)
        if not known.any():
            return Sends(0, 0.0, 0.0)
        sent, intended = sent[known], intended[known]
        return Sends(len(sent), float(np.mean(sent - intended)), float(sent.max() - sent.min()) / 1000)

    @property
    def placed(self) -> Placed:
        """See `JobEvidence`."""
        return placements_of_table(self.table)

    @property
    def has_tasks(self) -> bool:
        """See `JobEvidence`."""
        return bool((~np.isnan(self._of_tasks("task_created_ms"))).any())

    def provisioning(self) -> Moments:
        """See `JobEvidence`."""
        return moments_of_numbers(self._of_tasks("pull_started_ms") - self._of_tasks("task_created_ms"))

    def image_pulls(self) -> Moments:
        """See `JobEvidence`."""
        return moments_of_numbers(self._of_tasks("pull_stopped_ms") - self._of_tasks("pull_started_ms"))

    def pulled(self) -> Group | None:
        """See `JobEvidence`."""
        begun, ended = self._of_tasks("pull_started_ms"), self._of_tasks("pull_stopped_ms")
        known = ~np.isnan(begun) & ~np.isnan(ended)
        return company_of(begun[known], ended[known], np.ones(int(known.sum()), dtype=np.bool_))

    def start_ups(self) -> Moments:
        """See `JobEvidence`."""
        least, most = (self.table.numbers[f"start_up_{end}_ms"] for end in ("least", "most"))
        return moments_of_numbers((least + most) / 2)

    def start_up_least(self) -> Ends:
        """See `JobEvidence`."""
        return _ends(self.table.numbers["start_up_least_ms"])

    def start_up_most(self) -> Ends:
        """See `JobEvidence`."""
        return _ends(self.table.numbers["start_up_most_ms"])

    def run_times(self) -> Moments:
        """See `JobEvidence`."""
        return moments_of_numbers(self.table.numbers["run_least_ms"][self.table.has_status(JobState.SUCCEEDED)])

    def ran(self) -> Group | None:
        """See `JobEvidence`."""
        begun, ended = self.table.numbers["started_ms"], self.table.numbers["stopped_ms"]
        known = ~np.isnan(begun) & ~np.isnan(ended)
        return company_of(begun[known], ended[known], self.table.has_status(JobState.SUCCEEDED)[known])

    def log_delays(self) -> Moments:
        """See `JobEvidence`."""
        return moments_of_numbers(self.table.numbers["log_delay_ms"])

    def _of_tasks(self, column: str) -> Numbers:
        """Of every attempt."""
        return np.concatenate([self.table.numbers[column][self.table.is_single()], self.table.attempts[column]])


def moments_of_numbers(durations: Numbers) -> Moments:
    """As `stats.moments.moments_of`; what is not a number is not known."""
    sample = durations[durations > 0]
    if not len(sample):
        return NOTHING
    logs = np.log(sample)
    mean_log = float(np.mean(logs))
    return Moments(len(sample), float(np.mean(sample)), mean_log, float(((logs - mean_log) ** 2).sum()))


def company_of(begun: Numbers, ended: Numbers, is_member: Mask) -> Group | None:
    """As `stats.slowing.company`."""
    members = int(is_member.sum())
    if not members:
        return None
    moments, place = np.unique(np.concatenate([begun, ended]), return_inverse=True)
    ones = np.ones(len(begun))
    number = np.cumsum(np.bincount(place, np.concatenate([ones, -ones]), len(moments))).round().astype(np.int64)
    of_group = np.cumsum(np.bincount(place, np.concatenate([is_member * 1.0, is_member * -1.0]), len(moments)))
    spent_ms = of_group[:-1].round() * np.diff(moments) / members
    during = of_group[:-1].round() != 0
    numbers, kind = np.unique(number[:-1][during], return_inverse=True)
    times_ms = np.bincount(kind, spent_ms[during], len(numbers))
    return Group(coarse(Company(dict(zip(numbers.tolist(), times_ms.tolist(), strict=True)))), members)


def _ends(ends: Numbers) -> Ends:
    known = ends[~np.isnan(ends)]
    return Ends(float(known.sum()), len(known))
