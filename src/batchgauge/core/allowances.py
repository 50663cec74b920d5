"""How far what AWS shows lags behind what is, as far as a run proves it.

Two things are taken for granted of AWS until the run itself shows the opposite: that an answer shows the state at some moment between
question and answer, and that an event's time is the second in which the state changed. Where AWS's own stamps, or an earlier answer,
prove that one was out of date, all bounds that rest on the same kind of evidence are widened: by `MARGIN` times the worst that was
proven, since the worst that happened is larger than the worst that was caught.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from batchgauge.core.clock_offset import ROUNDING_MS, ClockOffset
from batchgauge.core.trace import FIRST_RUNNING, JobTrace

MARGIN: Final = 2.0
SECOND_MS: Final = 1000.0
"""An event's time is cut off to whole seconds."""


class Allowances(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the bounds of a run allow for; 0 where nothing was proven."""

    read_lag_ms: float = 0.0
    """How old the state may be that an answer shows."""
    event_lag_ms: float = 0.0
    """How long before its event's second a change may have happened."""
    event_lead_ms: float = 0.0
    """How long after its event's second."""


NONE_PROVEN: Final = Allowances()


def prove_allowances(traces: Iterable[JobTrace], clock: ClockOffset) -> Allowances:
    """What the traces of a run prove, with the margin."""
    read = lag = lead = 0.0
    for trace in traces:
        read = max(read, trace.staleness_ms(), _read_lag_ms(trace, clock))
        late, early = _event_lag_ms(trace)
        lag, lead = max(lag, late), max(lead, early)
    return Allowances(read_lag_ms=MARGIN * read, event_lag_ms=MARGIN * lag, event_lead_ms=MARGIN * lead)


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
