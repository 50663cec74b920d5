"""Numbers as people read them: units on everything, ranges for what is only bounded, the same in every language."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from batchgauge.core.bound import UNKNOWN, Bound, exactly

NOT_MEASURED: Final = "—"
MINUTES_FROM_MS: Final = 600_000.0
"""Durations of ten minutes and more are given in minutes, of ten hours and more in hours."""
HOURS_FROM_MS: Final = 36_000_000.0
ROUNDED_TO_1000: Final = 999.5
SAME: Final = 1e-6
"""Ends that are closer than this (a millionth of a millisecond, or of a thing) differ by the arithmetic and by nothing else."""
_UNITS: Final = ((HOURS_FROM_MS, 3_600_000.0, "h"), (MINUTES_FROM_MS, 60_000.0, "min"), (1000.0, 1000.0, "s"))


def duration(milliseconds: Bound | float | None) -> str:
    """``245 ms``, ``3.4 – 4.1 s``, ``≥ 12 s`` where only the lower end is known, ``≤ 2 s`` where only the upper one is.

    ``≈ 11.9 s`` is a range whose ends are the same to the last digit shown: one number alone means that it is known exactly.
    """
    bound = exactly(milliseconds) if isinstance(milliseconds, int | float) else milliseconds or UNKNOWN
    low, high = bound.earliest, bound.latest
    ends = [abs(end) for end in (low, high) if end is not None]
    if not ends:
        return NOT_MEASURED
    factor, unit = _unit(max(ends))
    decimals = _decimals(max(ends) / factor)
    if unit == "ms" and all(float(end).is_integer() for end in ends):
        decimals = 0
    low_text, high_text = _number(low, factor, decimals), _number(high, factor, decimals)
    if high is None:
        return f"≥ {low_text} {unit}"
    if low is None:
        return f"≤ {high_text} {unit}"
    return f"{_range(bound, low_text, high_text)} {unit}"


def quantity(bound: Bound | None) -> str:
    """``12``, ``11.5 – 12``, ``≈ 11.5``, ``≥ 3``: a number of things, to three significant digits."""
    if bound is None or bound.earliest is None:
        return NOT_MEASURED
    low = _three_digits(bound.earliest)
    return f"≥ {low}" if bound.latest is None else _range(bound, low, _three_digits(bound.latest))


def parts_per_million(bound: Bound | None) -> str:
    """``−3 – +12 ppm``."""
    if bound is None or bound.earliest is None or bound.latest is None:
        return NOT_MEASURED
    low, high = (f"{end:+.0f}".replace("-", "−") for end in (bound.earliest, bound.latest))
    return f"{_range(bound, low, high)} ppm"


def rate(per_second: float | None) -> str:
    """``12.3 /s``."""
    if per_second is None:
        return NOT_MEASURED
    return f"{_significant(per_second)} /s"


def percent(share: float | None) -> str:
    """``98.3 %``; never rounded up to 100 % nor down to 0 %."""
    if share is None:
        return NOT_MEASURED
    if share in (0, 1):
        return f"{share * 100:.0f} %"
    return f"{min(99.9, max(0.1, share * 100)):.1f} %"


def per_second(interval: Bound | None) -> str:
    """``1.2 – 1.4 /s``."""
    if interval is None or interval.earliest is None or interval.latest is None:
        return NOT_MEASURED
    return f"{_range(interval, _significant(interval.earliest), _significant(interval.latest))} /s"


def percents(interval: Bound | None) -> str:
    """``83.9 % – 100 %``."""
    if interval is None:
        return NOT_MEASURED
    low, high = percent(interval.earliest), percent(interval.latest)
    return low if low == high else f"{low} – {high}"


def count(number: int | None) -> str:
    """``1,250``."""
    return NOT_MEASURED if number is None else f"{number:,}"


def counts(numbers: Sequence[int]) -> str:
    """``1,250``, ``3 – 5``: from the least to the most."""
    if not numbers:
        return NOT_MEASURED
    low, high = count(min(numbers)), count(max(numbers))
    return low if low == high else f"{low} – {high}"


def _range(bound: Bound, low: str, high: str) -> str:
    if low != high:
        return f"{low} – {high}"
    return low if bound.is_exact or (bound.width or 0.0) < SAME else f"≈ {low}"


def _three_digits(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= ROUNDED_TO_1000 else f"{value:,.3g}"


def _unit(milliseconds: float) -> tuple[float, str]:
    """That of the larger end as it will be shown: 999.6 ms are 1.00 s, as the rows above and below have it."""
    if ROUNDED_TO_1000 <= milliseconds < 1000:
        return 1000.0, "s"
    for threshold, factor, unit in _UNITS:
        if milliseconds >= threshold:
            return factor, unit
    return 1.0, "ms"


def _decimals(value: float) -> int:
    """As many as three significant digits take."""
    return 2 if value < 10 else 1 if value < 100 else 0


def _number(milliseconds: float | None, factor: float, decimals: int) -> str:
    if milliseconds is None:
        return ""
    value = round(milliseconds / factor, decimals)
    return "0" if value == 0 else f"{value:,.{decimals}f}".replace("-", "−")


def _significant(value: float) -> str:
    if value == 0:
        return "0"
    decimals = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{decimals}f}"
