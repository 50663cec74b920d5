"""Laws of how a pace grows with the number at once, and their fits to measured paces.

For n at once:

    linear     X = a n
    plateau    X = a min(n, c)
    universal  X = a n / (1 + s (n - 1) + k n (n - 1))

The last is the universal scalability law, N. J. Gunther's ("Guerrilla Capacity Planning", Springer 2007, chapter 4): s is the part that
waits for what only one can have (contention), k what each costs each other (coherency); with k > 0 the pace falls again beyond a number.
Errors are relative, so the laws are fitted to logarithms, or to relative errors with weights that are as good (iteratively reweighted; P.
McCullagh and J. A. Nelder, "Generalized Linear Models", 2nd edition, Chapman and Hall 1989, section 8.4).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Final

ROUNDS: Final = 8

Point = tuple[float, float]
"""How many at once, and the pace."""
Parameters = tuple[float, ...]
"""a; a, c; a, s, k."""


class Law(StrEnum):
    """The laws, the simplest first."""

    LINEAR = "linear"
    PLATEAU = "plateau"
    UNIVERSAL = "universal"


def pace_of(law: Law, parameters: Parameters, number: float) -> float:
    """What a law says."""
    return _PACES[law](parameters, number)


def fit(law: Law, points: Sequence[Point]) -> Parameters:
    """The parameters that fit best; all values must be above 0, and there must be two numbers at least."""
    return _FITS[law](points)


def residuals(law: Law, parameters: Parameters, points: Sequence[Point]) -> list[float]:
    """Of the logarithms."""
    return [math.log(pace / pace_of(law, parameters, number)) for number, pace in points]


def peak_of(parameters: Parameters) -> float:
    """Of the universal law with k > 0: the number beyond which the pace falls; Gunther, equation 4.33."""
    _, contention, coherency = parameters
    return max(1.0, math.sqrt(max(0.0, 1 - contention) / coherency)) if coherency > 0 else math.inf


def _universal(parameters: Parameters, number: float) -> float:
    alone, contention, coherency = parameters
    return alone * number / (1 + contention * (number - 1) + coherency * number * (number - 1))


_PACES: Final[dict[Law, Callable[[Parameters, float], float]]] = {
    Law.LINEAR: lambda parameters, number: parameters[0] * number,
    Law.PLATEAU: lambda parameters, number: parameters[0] * min(number, parameters[1]),
    Law.UNIVERSAL: _universal,
}


def _fit_linear(points: Sequence[Point]) -> Parameters:
    return (math.exp(math.fsum(math.log(pace / number) for number, pace in points) / len(points)),)


def _fit_plateau(points: Sequence[Point]) -> Parameters:
    """Least squares for every division of the levels into those below the plateau and those on it."""
    ordered = sorted(points)
    numbers = sorted({number for number, _ in ordered})
    best, least = (_fit_linear(points)[0], numbers[-1]), math.inf
    for low, high in pairwise(numbers):
        below = [math.log(pace / number) for number, pace in ordered if number <= low]
        above = [math.log(pace) for number, pace in ordered if number > low]
        alone = math.fsum(below) / len(below)
        knee = math.exp(math.fsum(above) / len(above) - alone)
        knee = min(max(knee, low), high)
        alone = math.fsum([*below, *(value - math.log(knee) for value in above)]) / len(ordered)
        parameters = (math.exp(alone), knee)
        squares = math.fsum(r**2 for r in residuals(Law.PLATEAU, parameters, ordered))
        if squares < least:
            best, least = parameters, squares
    return best


def _fit_universal(points: Sequence[Point]) -> Parameters:
    """n / X is linear in the parameters: least squares of relative errors, none of them negative, weighted anew until they stand."""
    rows = [(1.0, number - 1, number * (number - 1)) for number, _ in points]
    values = [number / pace for number, pace in points]
    weights = [1 / value for value in values]
    found = (1.0, 0.0, 0.0)
    for _ in range(ROUNDS):
        before, found = found, _least_squares(rows, values, weights)
        weights = [1 / math.fsum(a * b for a, b in zip(row, found, strict=True)) for row in rows]
        if all(math.isclose(one, other, rel_tol=1e-7) for one, other in zip(before, found, strict=True)):
            break
    # Of relative errors the sum of squares is least a little low: the mean logarithm sets it right.
    alone, contention, coherency = 1 / found[0], found[1] / found[0], found[2] / found[0]
    shift = math.fsum(residuals(Law.UNIVERSAL, (alone, contention, coherency), points)) / len(points)
    return alone * math.exp(shift), contention, coherency


def _least_squares(
    rows: Sequence[tuple[float, float, float]], values: Sequence[float], weights: Sequence[float]
) -> tuple[float, float, float]:
    """With none below 0: of the four choices of what is 0, the best that keeps to it."""
    best, least = (math.fsum(values) / len(values), 0.0, 0.0), math.inf
    for kept in ((0, 1, 2), (0, 1), (0, 2), (0,)):
        solved = _solved(
            [[row[column] * weight for column in kept] for row, weight in zip(rows, weights, strict=True)],
            [value * weight for value, weight in zip(values, weights, strict=True)],
        )
        if solved is None or min(solved) < 0 or solved[0] <= 0:
            continue
        whole = dict(zip(kept, solved, strict=True))
        found = (whole[0], whole.get(1, 0.0), whole.get(2, 0.0))
        misses = (
            (math.fsum(a * b for a, b in zip(row, found, strict=True)) - value) * weight
            for row, value, weight in zip(rows, values, weights, strict=True)
        )
        squares = math.fsum(miss**2 for miss in misses)
        if kept == (0, 1, 2):
            return found  # nothing can fit better than what is free in all three
        if squares < least:
            best, least = found, squares
    return best


def _solved(rows: Sequence[Sequence[float]], values: Sequence[float]) -> list[float] | None:
    """Least squares by Gram and Schmidt's orthogonal columns, which a product of the matrix with itself would blur."""
    size = len(rows[0])
    columns = [[row[place] for row in rows] for place in range(size)]
    upper = [[0.0] * size for _ in range(size)]
    directions: list[list[float]] = []
    for place, column in enumerate(columns):
        rest = list(column)
        for _ in range(2):
            for earlier, direction in enumerate(directions):
                part = math.fsum(a * b for a, b in zip(direction, rest, strict=True))
                upper[earlier][place] += part
                rest = [a - part * b for a, b in zip(rest, direction, strict=True)]
        length = math.sqrt(math.fsum(value * value for value in rest))
        if length <= 1e-12 * math.sqrt(math.fsum(value * value for value in column)):
            return None
        upper[place][place] = length
        directions.append([value / length for value in rest])
    found = [0.0] * size
    for place in reversed(range(size)):
        known = math.fsum(upper[place][later] * found[later] for later in range(place + 1, size))
        found[place] = (math.fsum(a * b for a, b in zip(directions[place], values, strict=True)) - known) / upper[
            place
        ][place]
    return found


_FITS: Final[dict[Law, Callable[[Sequence[Point]], Parameters]]] = {
    Law.LINEAR: _fit_linear,
    Law.PLATEAU: _fit_plateau,
    Law.UNIVERSAL: _fit_universal,
}
