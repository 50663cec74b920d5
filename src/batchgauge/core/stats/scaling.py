"""How a pace grows with the number at once: without a limit, up to a plateau, or by the universal scalability law.

The laws are those of `stats.laws`. Which one is believed is told by C. M. Hurvich's and C.-L. Tsai's corrected information criterion
("Regression and Time Series Model Selection in Small Samples", Biometrika 76 (1989)) and its weights (K. P. Burnham and D. R. Anderson,
"Model Selection and Multimodel Inference", 2nd edition, Springer 2002, section 2.9).

Intervals of the parameters are by resampling residuals (B. Efron and R. J. Tibshirani, "An Introduction to the Bootstrap", 1993, chapter
9), each of a whole run, as large as leverage leaves the true ones, and as uncertain as so few leave their size (a chi-squared factor each
draw, which makes a mean's interval Student's). They suppose that the law is the right one.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from batchgauge.core.stats.estimate import Estimate
from batchgauge.core.stats.laws import Law, Parameters, Point, fit, pace_of, peak_of, residuals

FEWEST_LEVELS: Final = 4
FEWEST_RUNS: Final = 8
"""With fewer the criterion all but forbids a law of three parameters and a scatter, whatever the truth is: measured with six, it named the
universal law in one of four cases in which it held."""
FINEST: Final = 0.01
"""Residuals below this part are not told apart: a law is not believed for explaining less than one per cent."""
TOLD_APART: Final = 2.0
"""Laws whose criteria are closer than this both have substantial support (Burnham and Anderson, section 2.6)."""
DRAWS: Final = 500


class Candidate(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How well a law does."""

    law: Law
    weight: float
    """The part of the evidence that speaks for it, of 1."""
    scatter: float
    """Of the runs around it: the standard deviation of residuals, as a part of the pace."""


class Scaling(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The law that is believed, and what it says; parameters of other laws are None."""

    law: Law
    candidates: tuple[Candidate, ...]
    """The likeliest first."""
    is_sure: bool
    """Whether no other law is nearly as likely."""
    pace: Estimate
    """Of one alone."""
    number: Estimate | None = None
    """Plateau: from so many on more add nothing."""
    most: Estimate | None = None
    """Plateau: the highest pace. Universal: that at the peak, where there is one."""
    contention: Estimate | None = None
    coherency: Estimate | None = None
    peak: Estimate | None = None
    """Universal: the number beyond which the pace falls; None where it may be anywhere."""

    def at(self, number: float) -> float:
        """The pace that the law says."""
        parameters = [self.pace.value]
        if self.number is not None:
            parameters += [self.number.value]
        if self.contention is not None and self.coherency is not None:
            parameters += [self.contention.value, self.coherency.value]
        return pace_of(self.law, tuple(parameters), number)


def scaling_of(points: Sequence[Point], chance: random.Random, *, draws: int = DRAWS) -> Scaling | None:
    """From (number at once, pace) of each run; None for too few levels or runs, or where one is not above 0."""
    if not is_enough(points) or min(map(min, points)) <= 0:
        return None
    fitted = {law: fit(law, points) for law in Law}
    criteria = {law: _criterion(points, law, parameters) for law, parameters in fitted.items()}
    likeliest = sorted(criteria, key=lambda law: (criteria[law], list(Law).index(law)))
    chosen = likeliest[0]
    whole = math.fsum(_likelihood(criteria[law] - criteria[chosen]) for law in Law)
    drawn = _drawn(points, chosen, fitted[chosen], chance, draws)
    return msgspec.structs.replace(
        _described(chosen, fitted[chosen], drawn),
        candidates=tuple(
            Candidate(
                law=law,
                weight=_likelihood(criteria[law] - criteria[chosen]) / whole,
                scatter=math.sqrt(_squares(points, law, fitted[law]) / len(points)),
            )
            for law in likeliest
        ),
        is_sure=criteria[likeliest[1]] - criteria[chosen] >= TOLD_APART,
    )


def is_enough(points: Sequence[Point]) -> bool:
    """Whether three laws can be told apart at all."""
    return len({number for number, _ in points}) >= FEWEST_LEVELS and len(points) >= FEWEST_RUNS


def _likelihood(difference: float) -> float:
    return math.exp(-difference / 2)


def _criterion(points: Sequence[Point], law: Law, parameters: Parameters) -> float:
    size, known = len(points), len(parameters) + 1
    variance = max(_squares(points, law, parameters) / size, FINEST**2)
    return size * math.log(variance) + 2 * known + 2 * known * (known + 1) / (size - known - 1)


def _squares(points: Sequence[Point], law: Law, parameters: Parameters) -> float:
    return math.fsum(residual**2 for residual in residuals(law, parameters, points))


def _drawn(
    points: Sequence[Point], law: Law, parameters: Parameters, chance: random.Random, draws: int
) -> list[Parameters]:
    freedom = len(points) - len(parameters)
    grown = math.sqrt(len(points) / freedom)
    errors = [grown * residual for residual in residuals(law, parameters, points)]
    middle = math.fsum(errors) / len(errors)
    found = []
    for _ in range(draws):
        factor = math.sqrt(freedom / chance.gammavariate(freedom / 2, 2))
        again = [
            (number, pace_of(law, parameters, number) * math.exp(factor * (chance.choice(errors) - middle)))
            for number, _ in points
        ]
        found.append(fit(law, again))
    return found


def _described(law: Law, fitted: Parameters, drawn: Sequence[Parameters]) -> Scaling:
    def estimate(of: Callable[[Parameters], float]) -> Estimate:
        ordered = sorted(map(of, drawn))
        out = int(len(ordered) * 0.025)
        return Estimate(value=of(fitted), low=ordered[out], high=ordered[-1 - out])

    pace = estimate(lambda parameters: parameters[0])
    bare = Scaling(law=law, candidates=(), is_sure=False, pace=pace)
    if law is Law.LINEAR:
        return bare
    if law is Law.PLATEAU:
        return msgspec.structs.replace(bare, number=estimate(lambda p: p[1]), most=estimate(lambda p: p[0] * p[1]))
    contention, coherency = estimate(lambda p: p[1]), estimate(lambda p: p[2])
    has_peak = coherency.low > 0
    return msgspec.structs.replace(
        bare,
        contention=contention,
        coherency=coherency,
        peak=estimate(peak_of) if has_peak else None,
        most=estimate(lambda p: pace_of(law, p, peak_of(p))) if has_peak else None,
    )
