"""When each SubmitJob is meant to go out: load shapes, as pure functions from a submission's number to its intended time.

A shape is written as the command line takes it and as the scenario keeps it: ``workers``, ``burst``, ``rate:R``, ``ramp:R1..R2/T``,
``poisson:R`` (with its seed: ``poisson:R@SEED``). Rates are SubmitJob calls a second, T is seconds.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import accumulate
from typing import ClassVar, Final, TypeAlias

from batchgauge.errors import InvalidOptionError

FLAG: Final = "--load"
HIGHEST_RATE: Final = 10_000.0
"""Calls a second: two hundred times what AWS takes, and about what one process can send."""

_NUMBER: Final = r"(\d+(?:\.\d+)?)"
_RATE: Final = re.compile(_NUMBER, re.ASCII)
_RAMP: Final = re.compile(rf"{_NUMBER}\.\.{_NUMBER}/{_NUMBER}", re.ASCII)
_POISSON: Final = re.compile(rf"{_NUMBER}(?:@(\d+))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Workers:
    """The specification's closed loop: everything is meant to go out at once, and at most so many requests are in flight.

    Most submissions are then sent later than meant; the latency from the intended time shows what that bound cost.
    """

    kind: ClassVar[str] = "workers"
    is_open: ClassVar[bool] = False
    """Whether submissions go out at their intended times whatever became of the earlier ones."""
    is_paced: ClassVar[bool] = False
    """Whether these times are many, so that it matters how soon after each the sender is let run."""

    def __str__(self) -> str:
        return self.kind

    def offsets_ms(self, count: int) -> Sequence[float]:
        """The intended times of the first `count` submissions, after the start."""
        return [0.0] * count


@dataclass(frozen=True, slots=True)
class Burst:
    """Everything at once, with no bound on the requests in flight."""

    kind: ClassVar[str] = "burst"
    is_open: ClassVar[bool] = True
    is_paced: ClassVar[bool] = False

    def __str__(self) -> str:
        return self.kind

    def offsets_ms(self, count: int) -> Sequence[float]:
        """The intended times of the first `count` submissions, after the start."""
        return [0.0] * count


@dataclass(frozen=True, slots=True)
class Rate:
    """Evenly spaced."""

    per_s: float
    kind: ClassVar[str] = "rate"
    is_open: ClassVar[bool] = True
    is_paced: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"{self.kind}:{_written(self.per_s)}"

    def offsets_ms(self, count: int) -> Sequence[float]:
        """The intended times of the first `count` submissions, after the start; the first one goes out at the start."""
        return [1000 * number / self.per_s for number in range(count)]


@dataclass(frozen=True, slots=True)
class Ramp:
    """A rate that grows or falls in a straight line for `seconds`, and stays as it is then."""

    from_per_s: float
    to_per_s: float
    seconds: float
    kind: ClassVar[str] = "ramp"
    is_open: ClassVar[bool] = True
    is_paced: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"{self.kind}:{_written(self.from_per_s)}..{_written(self.to_per_s)}/{_written(self.seconds)}"

    def offsets_ms(self, count: int) -> Sequence[float]:
        """The intended times of the first `count` submissions: where the integral of the rate reaches 0, 1, 2, …"""
        return [1000 * self._when_s(number) for number in range(count)]

    def _when_s(self, number: int) -> float:
        whole = self.seconds * (self.from_per_s + self.to_per_s) / 2
        if number >= whole:
            return self.seconds + (number - whole) / self.to_per_s
        if number == 0:
            return 0.0
        # The root of growth/2 t² + from t = number, in the form that loses no digits where growth is small.
        growth = (self.to_per_s - self.from_per_s) / self.seconds
        return 2 * number / (self.from_per_s + math.sqrt(max(0.0, self.from_per_s**2 + 2 * growth * number)))


@dataclass(frozen=True, slots=True)
class Poisson:
    """Independent arrivals, as from many who know nothing of each other: exponential gaps, drawn from the seed."""

    per_s: float
    seed: int | None = None
    """None: not drawn yet; a scenario always has one, so that its plan can be made again."""
    kind: ClassVar[str] = "poisson"
    is_open: ClassVar[bool] = True
    is_paced: ClassVar[bool] = True

    def __str__(self) -> str:
        seed = "" if self.seed is None else f"@{self.seed}"
        return f"{self.kind}:{_written(self.per_s)}{seed}"

    def offsets_ms(self, count: int) -> Sequence[float]:
        """The intended times of the first `count` submissions, after the start."""
        chance = random.Random(self.seed or 0)  # noqa: S311  (a load, not a secret)
        # Of all that `random` draws, only random() itself is promised to stay the same from one Python to the next.
        return list(accumulate(-1000 * math.log(1.0 - chance.random()) / self.per_s for _ in range(count)))


Load: TypeAlias = Workers | Burst | Rate | Ramp | Poisson


def parse_load(text: str) -> Load:
    """Read a load shape.

    Raises:
        InvalidOptionError: it is none, or its numbers cannot be.
    """
    kind, _, rest = text.strip().partition(":")
    parse = _PARSERS.get(kind)
    if parse is None:
        raise InvalidOptionError(flag=FLAG, value=text, expected="load")
    load = parse(rest)
    if load is None:
        raise InvalidOptionError(flag=FLAG, value=text, expected=f"load-{kind}")
    return load


def with_seed(load: Load, seed: int) -> Load:
    """The same load; where it is drawn by chance and has no seed yet, with this one."""
    return replace(load, seed=seed) if isinstance(load, Poisson) and load.seed is None else load


def most_within(offsets_ms: Sequence[float], window_ms: float) -> int:
    """The most submissions that are meant to go out within any window of that length; the offsets ascend."""
    most = first = 0
    for last, offset in enumerate(offsets_ms):
        while offsets_ms[first] <= offset - window_ms:
            first += 1
        most = max(most, last - first + 1)
    return most


def _parse_rate(text: str) -> Rate | None:
    found = _RATE.fullmatch(text)
    return Rate(float(found[1])) if found and _is_rate(float(found[1])) else None


def _parse_ramp(text: str) -> Ramp | None:
    found = _RAMP.fullmatch(text)
    if found is None:
        return None
    begin, end, seconds = (float(group) for group in found.groups())
    # It may begin at nothing, but must not end there: the jobs that are left would never go out.
    can_be = (begin == 0 or _is_rate(begin)) and _is_rate(end) and 0 < seconds < math.inf
    return Ramp(begin, end, seconds) if can_be else None


def _parse_poisson(text: str) -> Poisson | None:
    found = _POISSON.fullmatch(text)
    if found is None or not _is_rate(float(found[1])):
        return None
    return Poisson(float(found[1]), int(found[2]) if found[2] is not None else None)


def _is_rate(per_s: float) -> bool:
    return 0 < per_s <= HIGHEST_RATE


def _written(number: float) -> str:
    """Exactly, and without a fraction that is none."""
    return str(int(number)) if number == int(number) else format(Decimal(repr(number)), "f")


_PARSERS: Final[dict[str, Callable[[str], Load | None]]] = {
    Workers.kind: lambda rest: Workers() if not rest else None,
    Burst.kind: lambda rest: Burst() if not rest else None,
    Rate.kind: _parse_rate,
    Ramp.kind: _parse_ramp,
    Poisson.kind: _parse_poisson,
}
