"""What a comparison of means needs of a sample of durations, so that samples can be pooled without being kept."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Moments:
    """Of positive durations; the squares are those of the deviations of the logarithms from their mean."""

    count: int
    mean: float
    mean_log: float
    squares_log: float

    def with_those_of(self, other: Moments) -> Moments:
        """Both samples as one (T. F. Chan, G. H. Golub and R. J. LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing
        Sample Variances", COMPSTAT 1982).
        """
        if not self.count or not other.count:
            return self if self.count else other
        count = self.count + other.count
        part = other.count / count
        apart = other.mean_log - self.mean_log
        return Moments(
            count=count,
            mean=self.mean + part * (other.mean - self.mean),
            mean_log=self.mean_log + part * apart,
            squares_log=self.squares_log + other.squares_log + apart * apart * self.count * part,
        )


NOTHING = Moments(0, 0.0, 0.0, 0.0)


def moments_of(durations: Iterable[float]) -> Moments:
    """Of those that are positive."""
    sample = [duration for duration in durations if duration > 0]
    if not sample:
        return NOTHING
    logs = [math.log(duration) for duration in sample]
    mean_log = math.fsum(logs) / len(logs)
    squares = math.fsum((value - mean_log) ** 2 for value in logs)
    return Moments(len(sample), math.fsum(sample) / len(sample), mean_log, squares)
