"""How many have come to which end by when, where an end of one kind rules out the others and some have not ended yet.

A job that failed will never succeed, so it must not be counted as one that might have (which censoring it would do); one that still ran
when it was last seen might. O. O. Aalen and S. Johansen, "An Empirical Transition Matrix for Non-Homogeneous Markov Chains Based on
Censored Observations", Scandinavian Journal of Statistics 5 (1978); variance and use as in E. Marubini and M. G. Valsecchi, "Analysing
Survival Data from Clinical Trials and Observational Studies", Wiley 1995, chapter 10. The interval is Wilson's at the size of sample that
the variance is worth (F. J. Dorey and E. L. Korn, "Effective Sample Sizes for Confidence Intervals for Survival Probabilities",
Statistics in Medicine 6 (1987)): without censoring, that of a plain share.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, NamedTuple, TypeVar

from batchgauge.core.stats.estimate import Estimate
from batchgauge.core.stats.share import share_interval_of

Cause = TypeVar("Cause")
ROUNDING: Final = 1e-9


class Step(NamedTuple):
    """At an instant when something ended."""

    time: float
    at_risk: int
    """How many had not ended before."""
    ended: int
    of_cause: int
    left: float
    """The part that had not ended before, by the estimate."""
    reached: float
    """The part that has come to this end by now."""


@dataclass(frozen=True, slots=True)
class Incidence(Generic[Cause]):
    """The cumulative incidence of one kind of end."""

    cause: Cause
    steps: tuple[Step, ...]
    size: int

    @property
    def final(self) -> Estimate:
        """Which part comes to this end within the time that was watched, with its 95 % interval."""
        value = self.steps[-1].reached if self.steps else 0.0
        variance = self._variance(value)
        # Of none, or of all, the variance says nothing: what was watched to its end does.
        worth = value * (1 - value) / variance if variance > ROUNDING**2 and 0 < value < 1 else self._watched
        return share_interval_of(value, min(worth, float(self.size)))

    def time_of(self, share: float) -> float | None:
        """When this part of all had come to this end; None where it never did."""
        return next((step.time for step in self.steps if step.reached >= share - ROUNDING), None)

    @property
    def _watched(self) -> float:
        return float(self.steps[-1].at_risk) if self.steps else 0.0

    def _variance(self, value: float) -> float:
        terms = 0.0
        for step in self.steps:
            to_come, n = value - step.reached, step.at_risk
            if step.ended < n:
                terms += to_come**2 * step.ended / (n * (n - step.ended))
            terms += step.left**2 * (n - step.of_cause) * step.of_cause / n**3
            terms -= 2 * to_come * step.left * step.of_cause / n**2
        return max(0.0, terms)


def incidence_of(cause: Cause, ends: Sequence[tuple[float, Cause | None]]) -> Incidence[Cause]:
    """From (time, how it ended) of each; None for one that was last seen at that time and had not ended.

    What was last seen at the very instant at which others ended was still there then.
    """
    ended = Counter(time for time, end in ends if end is not None)
    of_cause = Counter(time for time, end in ends if end == cause)
    unended = sorted(time for time, end in ends if end is None)
    at_risk, left, reached, place = len(ends), 1.0, 0.0, 0
    steps = []
    for time in sorted(ended):
        while place < len(unended) and unended[place] < time:
            at_risk -= 1
            place += 1
        reached += left * of_cause[time] / at_risk
        steps.append(Step(time, at_risk, ended[time], of_cause[time], left, reached))
        left *= 1 - ended[time] / at_risk
        at_risk -= ended[time]
    return Incidence(cause, tuple(steps), len(ends))
