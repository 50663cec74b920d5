"""True lives of jobs, and what AWS would show of them: the truth that the bounds must hold."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from hypothesis import strategies as st

from batchgauge.core.bound import Bound
from batchgauge.core.job import JobState
from batchgauge.core.journal import Attempt, Sighting

EPOCH_MS = 1_790_000_000_000.0

gaps_ms = st.one_of(st.just(0.0), st.floats(0.0, 3.0), st.floats(0.0, 90_000.0))


@dataclass(frozen=True)
class TrueAttempt:
    """One attempt on AWS's clock; `started_ms` is None for one that failed before its program ran."""

    starting_ms: float
    started_ms: float | None
    stopped_ms: float


@dataclass(frozen=True)
class TrueLife:
    """One job on AWS's clock, from its creation to its end, to the last fraction of a millisecond."""

    created_ms: float
    runnable_ms: float | None
    attempts: tuple[TrueAttempt, ...]
    stopped_ms: float
    end: JobState
    keeps_stamps_between_attempts: bool
    """Whether startedAt of an attempt that failed is still shown while the next one waits."""

    @property
    def starting_ms(self) -> float | None:
        return self.attempts[0].starting_ms if self.attempts else None

    @property
    def first_started_ms(self) -> float | None:
        return next((attempt.started_ms for attempt in self.attempts if attempt.started_ms is not None), None)

    def seen_at(self, moment_ms: float) -> Sighting:
        """What DescribeJobs shows at a moment of AWS's clock."""
        begun = [attempt for attempt in self.attempts if attempt.starting_ms <= moment_ms]
        over = [attempt for attempt in begun if attempt.stopped_ms <= moment_ms]
        is_over = self.stopped_ms <= moment_ms
        current = begun[-1] if begun else None
        started = current.started_ms if current is not None else None
        is_started = started is not None and started <= moment_ms
        is_between = len(over) == len(begun) and not is_over
        shows_start = is_started and (not is_between or self.keeps_stamps_between_attempts)
        return Sighting(
            job=1,
            state=self._state(moment_ms, len(begun), len(over), is_started=is_started),
            created_ms=stamp(self.created_ms),
            started_ms=stamp(started) if started is not None and shows_start else None,
            stopped_ms=stamp(self.stopped_ms) if is_over else None,
            attempts=tuple(_shown(attempt) for attempt in over),
        )

    def _state(self, moment_ms: float, begun: int, over: int, *, is_started: bool) -> JobState:
        if self.stopped_ms <= moment_ms:
            return self.end
        if begun > over:
            return JobState.RUNNING if is_started else JobState.STARTING
        if self.runnable_ms is not None and self.runnable_ms <= moment_ms:
            return JobState.RUNNABLE
        return JobState.SUBMITTED


@dataclass(frozen=True)
class TrueLook:
    """One look on our clock: AWS read the job's state somewhere between sent and received."""

    sent_ms: float
    read_ms: float
    received_ms: float


def stamp(moment_ms: float) -> float:
    """AWS's time stamp of a moment: whole milliseconds, cut off."""
    return float(math.floor(moment_ms))


def holds(bound: Bound | None, truth: float) -> bool:
    """Whether a bound holds the truth; the slack is what floats of today's size lose in a sum."""
    slack_ms = 0.002
    return bound is not None and (
        (bound.earliest is None or bound.earliest <= truth + slack_ms)
        and (bound.latest is None or truth <= bound.latest + slack_ms)
    )


@st.composite
def lives(draw: st.DrawFn) -> TrueLife:
    """Jobs that succeed, fail, fail before they run, never get a place, and are tried again."""
    now_ms = created_ms = EPOCH_MS + draw(gaps_ms)
    runnable_ms = None
    attempts: list[TrueAttempt] = []
    if draw(st.integers(0, 9)):
        now_ms = runnable_ms = now_ms + draw(gaps_ms)
        for _ in range(draw(st.integers(0, 3))):
            attempts.append(draw(_attempts(now_ms)))
            now_ms = attempts[-1].stopped_ms
    has_run = bool(attempts) and attempts[-1].started_ms is not None
    if not has_run:
        now_ms += draw(gaps_ms) if not attempts else 0.0
    end = draw(st.sampled_from([JobState.SUCCEEDED, JobState.FAILED])) if has_run else JobState.FAILED
    return TrueLife(created_ms, runnable_ms, tuple(attempts), now_ms, end, draw(st.booleans()))


@st.composite
def _attempts(draw: st.DrawFn, after_ms: float) -> TrueAttempt:
    starting_ms = after_ms + draw(gaps_ms)
    started_ms = starting_ms + draw(gaps_ms) if draw(st.integers(0, 4)) else None
    return TrueAttempt(starting_ms, started_ms, (started_ms or starting_ms) + draw(gaps_ms))


@st.composite
def look_series(draw: st.DrawFn, life: TrueLife, offset_ms: float) -> list[TrueLook]:
    """Looks in order, each sent after the one before was answered, as many as somebody cared for."""
    now_ms = life.created_ms - offset_ms + draw(gaps_ms)
    looks = []
    for _ in range(draw(st.integers(1, 12))):
        sent_ms = now_ms + draw(gaps_ms)
        read_ms = sent_ms + draw(gaps_ms)
        now_ms = read_ms + draw(gaps_ms)
        looks.append(TrueLook(sent_ms, read_ms, now_ms))
    assert all(before.received_ms <= after.sent_ms for before, after in pairwise(looks))
    return looks


def _shown(attempt: TrueAttempt) -> Attempt:
    return Attempt(
        started_ms=stamp(attempt.started_ms) if attempt.started_ms is not None else None,
        stopped_ms=stamp(attempt.stopped_ms),
    )
