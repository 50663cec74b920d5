"""How far what AWS shows may lag behind what is.

AWS does not promise that an answer shows the state of that very moment. Small lags go unnoticed, so each bound between two looks allows
for some without any proof: a share of its own width, and no more than `UNPROVEN_LIMIT_MS`. Where AWS's own stamps, or an earlier answer,
prove that one was further out of date, every bound of the run allows for that: for the worst that was proven and some more, since the
worst that happened is larger than the worst that was caught. Events are taken to bear the second of their change until a stamp disproves
it, in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from batchgauge.core.observed.clock_offset import ROUNDING_MS, ClockOffset
from batchgauge.core.observed.trace import FIRST_RUNNING, JobTrace

DOUBT: Final = 0.001
"""How improbable it shall be that the worst that happened goes beyond what is allowed for ..."""
FACTORS: Final = (2.0, 5.0)
"""... within these limits: few proofs say little, but must not make every bound worthless."""
SECOND_MS: Final = 1000.0
"""An event's time is cut off to whole seconds."""


UNPROVEN_SHARE: Final = 0.05
"""Of the time between the two looks that a bound lies between."""
UNPROVEN_LIMIT_MS: Final = 500.0


class Allowances(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the bounds of a run allow for besides `unproven_lag_ms`; 0 where nothing was proven."""

    read_lag_ms: float = 0.0
    """How old the state may be that an answer shows."""
    event_lag_ms: float = 0.0
    """How long before its event's second a change may have happened."""
    event_lead_ms: float = 0.0
    """How long after its event's second."""


NONE_PROVEN: Final = Allowances()


def unproven_lag_ms(window_ms: float) -> float:
    """How old a state may be that an answer shows, where the next that is known of the job comes `window_ms` later."""
    return min(UNPROVEN_LIMIT_MS, UNPROVEN_SHARE * max(0.0, window_ms))


def prove_allowances(traces: Iterable[JobTrace], clock: ClockOffset) -> Allowances:
    """What the traces of a run prove, with room for what they did not catch."""
    reads: list[float] = []
    lags: list[float] = []
    leads: list[float] = []
    for trace in traces:
        reads.append(max(trace.staleness_ms(), _read_lag_ms(trace, clock)))
        lag, lead = _event_lag_ms(trace)
        lags.append(lag)
        leads.append(lead)
    return Allowances(read_lag_ms=_allowed(reads), event_lag_ms=_allowed(lags), event_lead_ms=_allowed(leads))


def _allowed(proven_ms: Iterable[float]) -> float:
    """The worst of what was proven, times what a sample of that size leaves open.

    Of n values evenly spread up to some limit, the largest is below a part p of the limit with probability pⁿ: with `DOUBT` left, the limit
    lies below the largest times DOUBT^(-1/n).
    """
    proofs = [proof for proof in proven_ms if proof > 0]
    if not proofs:
        return 0.0
    least, most = FACTORS
    open_factor: float = DOUBT ** (-1 / len(proofs))
    return max(proofs) * min(most, max(least, open_factor))


def _read_lag_ms(trace: JobTrace, clock: ClockOffset) -> float:
    """By how much the latest answers that did not show a stamp came after the moment that it names."""
    last = trace.last
    if last is None:
        return 0.0
    proofs = [(trace.not_ended_sent_ms, last.stopped_ms if last.state.is_terminal else None)]
    if not trace.is_retried:
        proofs.append((trace.sent_before(FIRST_RUNNING), last.started_ms))
    worst = 0.0
    for sent_ms, stamp_ms in proofs:
        if sent_ms is not None and stamp_ms is not None:
            earliest = clock.to_aws(sent_ms).earliest
            if earliest is not None:
                worst = max(worst, earliest - ROUNDING_MS - (stamp_ms + 1))
    return worst


def _event_lag_ms(trace: JobTrace) -> tuple[float, float]:
    """By how much an event that shows its own change's stamp is stamped after it, and before it."""
    if trace.last is None or trace.is_retried or FIRST_RUNNING not in trace.told_ms or trace.last.started_ms is None:
        return 0.0, 0.0
    first_ms, last_ms = trace.told_ms[FIRST_RUNNING]
    started_ms = trace.last.started_ms
    return max(0.0, last_ms - (started_ms + 1)), max(0.0, started_ms - (first_ms + SECOND_MS - 1))
