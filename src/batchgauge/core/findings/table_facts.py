"""What findings and charts need to know of single jobs, from columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from batchgauge.core.columns.job_table import JobTable, Numbers
from batchgauge.core.findings.kinds import Reason

Mask: TypeAlias = npt.NDArray[np.bool_]


def reasons_of(table: JobTable, chosen: Mask, *columns: str, most: int) -> tuple[Reason, ...]:
    """What is said of the chosen jobs in the first of the columns that says anything; the most frequent first."""
    rows = np.flatnonzero(chosen)
    said = zip(*(table.texts(name, rows) for name in columns), strict=True)
    codes = [None if np.isnan(code) else int(code) for code in table.numbers["exit_code"][rows]]
    counted = Counter(
        (next((text for text in texts if text), ""), code) for texts, code in zip(said, codes, strict=True)
    )
    return tuple(Reason(words, code, count) for (words, code), count in counted.most_common(most))


def most_surely_held(table: JobTable) -> int:
    """The most places that jobs surely held at one moment; see `rules.surely_held`."""
    single = table.is_single()
    first = _first_known(table.numbers, "starting_latest_ms", "started_ms")
    later = table.attempts["started_ms"].copy()
    rows, firsts = np.unique(table.attempt_rows, return_index=True)
    later[firsts] = first[rows]
    begun = np.concatenate([first[single], later])
    ended = np.concatenate([table.numbers["stopped_ms"][single], table.attempts["stopped_ms"]])
    counts = ~np.isnan(begun) & ~(ended <= begun)
    begins, ends = np.sort(begun[counts]), np.sort(ended[counts & ~np.isnan(ended)])
    if not len(begins):
        return 0
    return int((np.arange(1, len(begins) + 1) - np.searchsorted(ends, begins, side="right")).max())


def submit_durations_ms(table: JobTable) -> Numbers:
    """Sent → answered of each accepted job that was submitted by itself."""
    own = ~table.has_status("FAILED_TO_SUBMIT") & ~(table.numbers["array_index"] > 0)
    seconds: Numbers = table.numbers["submit_duration_s"][own]
    return seconds[~np.isnan(seconds)] * 1000


def accepted_since_ms(table: JobTable) -> Numbers:
    """When each was accepted, in order, since the first was meant to go out; empty where that is not known."""
    accepted, begun = table.numbers["accepted_ms"], table.numbers["intended_ms"]
    begun = np.where(np.isnan(begun), table.numbers["sent_ms"], begun)
    known = ~np.isnan(accepted)
    if np.isnan(begun[known]).all():
        return np.zeros(0)
    return np.sort(accepted[known]) - float(np.nanmin(begun[known]))


def _first_known(columns: Mapping[str, Numbers], first: str, second: str) -> Numbers:
    return np.where(np.isnan(columns[first]), columns[second], columns[first])
