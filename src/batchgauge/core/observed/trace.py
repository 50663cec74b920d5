"""What looks and events showed of one job, kept as little more than a dozen numbers however long it was watched.

A job's life is a row of milestones: its attempts, and in each the states RUNNABLE, STARTING, RUNNING. Whatever shows the job at one of
them proves that it had come so far when the answer was received, and that it had come no further when the question was sent. So of each
milestone only the first answer and the last question that showed the job there have to be remembered.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import msgspec

from batchgauge.core.job import JobState
from batchgauge.core.journal import Sighting


class Milestone(NamedTuple):
    """A state of an attempt; they compare in the order in which a job comes to them."""

    attempt: int
    """From 0."""
    rank: int
    """Of the state, see `JobState.rank`."""


FIRST_RUNNABLE: Final = Milestone(0, JobState.RUNNABLE.rank)
FIRST_STARTING: Final = Milestone(0, JobState.STARTING.rank)
FIRST_RUNNING: Final = Milestone(0, JobState.RUNNING.rank)


@dataclass(slots=True)
class JobTrace:
    """One job; may be told of looks and events in any order."""

    last: Sighting | None = None
    """The furthest that it was seen, with all that was shown of it there."""
    last_seen_sent_ms: float | None = None
    """When the last question was sent whose answer showed the job where it is now, or there for the first time."""
    seen_done_ms: float | None = None
    not_ended_sent_ms: float | None = None
    """When the last question was sent whose answer showed that the job had not ended."""
    told_ms: dict[Milestone, tuple[float, float]] = field(default_factory=dict)
    """By milestone: the first and last time that an event's envelope gave for it, whole seconds of AWS's clock."""
    _received_ms: dict[Milestone, float] = field(default_factory=dict)
    _sent_ms: dict[Milestone, float] = field(default_factory=dict)
    _sent_listed_ms: dict[Milestone, float] = field(default_factory=dict)
    """The same from summaries, which do not say which attempt they show."""

    def see(self, sighting: Sighting, sent_ms: float, received_ms: float, *, is_summary: bool = False) -> None:
        """Take in what one look showed (the same as before included)."""
        self._reach(sighting, received_ms)
        if not sighting.state.is_terminal:
            self.not_ended_sent_ms = max(sent_ms, self.not_ended_sent_ms or sent_ms)
            shown = reached(sighting)
            if shown is not None:
                sent = self._sent_listed_ms if is_summary else self._sent_ms
                sent[shown] = max(sent_ms, sent.get(shown, sent_ms))
        self._advance(sighting, sent_ms)

    def hear(self, sighting: Sighting, envelope_ms: float, received_ms: float) -> None:
        """Take in an event: the job has just come where it is shown."""
        self._reach(sighting, received_ms)
        shown = reached(sighting)
        if shown is not None and not sighting.state.is_terminal:
            first, last = self.told_ms.get(shown, (envelope_ms, envelope_ms))
            self.told_ms[shown] = min(first, envelope_ms), max(last, envelope_ms)
        self._advance(sighting, None)

    def _reach(self, sighting: Sighting, received_ms: float) -> None:
        shown = reached(sighting)
        if shown is not None:
            self._received_ms[shown] = min(received_ms, self._received_ms.get(shown, received_ms))
        if sighting.state.is_terminal:
            self.seen_done_ms = min(received_ms, self.seen_done_ms or received_ms)

    def _advance(self, sighting: Sighting, sent_ms: float | None) -> None:
        """A look that was slow, or read what was stale, takes nothing back."""
        if self.last is not None and progress(sighting) < progress(self.last):
            return
        self.last = completed(self.last, sighting)
        if sent_ms is not None:
            self.last_seen_sent_ms = max(sent_ms, self.last_seen_sent_ms or sent_ms)

    def window_ms(self, sent_ms: float, received_ms: float) -> float:
        """Between the last look that did not show something yet and the first answer that did; endless where an event may have been that
        answer, for then it says nothing of how often the job is looked at."""
        return math.inf if self.told_ms else received_ms - sent_ms

    def received(self, milestone: Milestone) -> float | None:
        """The first moment (our clock) at which the job had surely come to a milestone; None if it was never seen to."""
        return min((at_ms for shown, at_ms in self._received_ms.items() if shown >= milestone), default=None)

    def sent_before(self, milestone: Milestone) -> float | None:
        """The last moment (our clock) at which the job had not come to a milestone, if what was read then was up to date.

        None if it was never seen before it.
        """
        sent = _before(self._sent_ms, milestone)
        if milestone.attempt == 0 and not self.is_retried and not self._is_going_back:
            sent += _before(self._sent_listed_ms, milestone)
        return max(sent, default=None)

    @property
    def is_retried(self) -> bool:
        """Whether the job is known to have had more than one attempt."""
        if self.last is None:
            return False
        finished = len(self.last.attempts)
        return finished > 1 or (finished == 1 and not self.last.state.is_terminal)

    @property
    def _is_going_back(self) -> bool:
        """Whether summaries showed less than was known: the job is tried again, or they were stale, and cannot say which."""
        return any(
            sent_ms > known_ms
            for shown, sent_ms in self._sent_listed_ms.items()
            for further, known_ms in self._received_ms.items()
            if further > shown
        )

    def staleness_ms(self) -> float:
        """The most by which an answer was proven out of date by an earlier answer that showed more; 0 where none was."""
        worst = 0.0
        for milestone, sent_ms in self._sent_ms.items():
            known_ms = min((at_ms for shown, at_ms in self._received_ms.items() if shown > milestone), default=sent_ms)
            worst = max(worst, sent_ms - known_ms)
        if self.seen_done_ms is not None and self.not_ended_sent_ms is not None:
            worst = max(worst, self.not_ended_sent_ms - self.seen_done_ms)
        return worst


def reached(sighting: Sighting) -> Milestone | None:
    """The furthest milestone that a sighting proves.

    FAILED alone proves nothing: a job may fail without ever having been RUNNABLE. A task is only made for a job that is STARTING.
    """
    finished = len(sighting.attempts)
    if not sighting.state.is_terminal:
        return Milestone(finished, sighting.state.rank)
    if sighting.attempts:
        has_run = sighting.attempts[-1].started_ms is not None
        return Milestone(finished - 1, (JobState.RUNNING if has_run else JobState.STARTING).rank)
    if sighting.state is JobState.SUCCEEDED or sighting.started_ms is not None:
        return FIRST_RUNNING
    return FIRST_STARTING if sighting.task_arn is not None else None


def progress(sighting: Sighting) -> tuple[bool, int, int]:
    """Orders sightings of one job by how far they show it."""
    return sighting.state.is_terminal, len(sighting.attempts), sighting.state.rank


def completed(known: Sighting | None, sighting: Sighting) -> Sighting:
    """A sighting with what an earlier one of the same state showed and it does not: summaries show less than details."""
    if known is None or known is sighting or progress(known) != progress(sighting):
        return sighting
    missing = {
        name: value
        for name in _OPTIONAL
        if getattr(sighting, name) is None and (value := getattr(known, name)) is not None
    }
    return msgspec.structs.replace(sighting, **missing) if missing else sighting


_OPTIONAL: Final = tuple(name for name in Sighting.__struct_fields__ if name not in ("job", "state", "attempts"))


def _before(moments: Mapping[Milestone, float], milestone: Milestone) -> list[float]:
    return [at_ms for shown, at_ms in moments.items() if shown < milestone]
