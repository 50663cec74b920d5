from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.bound import UNKNOWN, Bound, exactly
from batchgauge.reports.quantities import NOT_MEASURED, count, duration, parts_per_million, percent, quantity, rate


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, NOT_MEASURED),
        (UNKNOWN, NOT_MEASURED),
        (0.0, "0 ms"),
        (3.21, "3.21 ms"),
        (45.0, "45 ms"),
        (245.4, "245 ms"),
        (1234.0, "1.23 s"),
        (12_345.0, "12.3 s"),
        (123_456.0, "123 s"),
        (1_800_000.0, "30.0 min"),
        (36_000_000.0, "10.0 h"),
        (-120.4, "−120 ms"),
        (Bound(3400.0, 4100.0), "3.40 – 4.10 s"),
        (Bound(0.0, 9970.0), "0 – 9.97 s"),
        (Bound(980.0, 1200.0), "0.98 – 1.20 s"),
        (Bound(1234.0, 1234.4), "≈ 1.23 s"),
        (Bound(11_910.0, 11_940.0), "≈ 11.9 s"),
        (Bound(45.0, 45.0 + 1e-9), "45.0 ms"),
        (Bound(472.0, 999.6), "0.47 – 1.00 s"),
        (Bound(472.0, 999.4), "472 – 999 ms"),
        (999.9, "1.00 s"),
        (6e9, "1,667 h"),
        (Bound(-33.1, 33.0), "−33.1 – 33.0 ms"),
        (Bound(12_000.0, None), "≥ 12.0 s"),
        (Bound(None, 2000.0), "≤ 2.00 s"),
    ],
)
def test_durations_carry_their_unit_and_their_uncertainty(value: Bound | float | None, text: str) -> None:
    assert duration(value) == text


@given(st.floats(-1e12, 1e12), st.floats(0, 1e12))
def test_every_bound_can_be_shown(low: float, width: float) -> None:
    assert duration(Bound(low, low + width)).split()[-1] in {"ms", "s", "min", "h"}


@given(st.floats(0.001, 1e12))
def test_an_exact_duration_is_shown_as_one_number_within_half_a_percent(value: float) -> None:
    number, unit = duration(exactly(value)).split()
    factor = {"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000}[unit]
    assert abs(float(number.replace(",", "")) * factor - value) <= 0.0051 * max(value, 1.0)


@pytest.mark.parametrize(
    ("share", "text"),
    [(None, "—"), (0.0, "0 %"), (1.0, "100 %"), (0.99999, "99.9 %"), (0.00001, "0.1 %"), (0.5, "50.0 %")],
)
def test_nothing_but_all_is_all(share: float | None, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("value", "text"), [(None, "—"), (0.0, "0 /s"), (0.0396, "0.0396 /s"), (51.25, "51.2 /s"), (3030.4, "3,030 /s")]
)
def test_rates_have_three_digits(value: float | None, text: str) -> None:
    assert rate(value) == text


@pytest.mark.parametrize(
    ("bound", "text"),
    [
        (None, "—"),
        (exactly(16.0), "16"),
        (Bound(15.0, 16.0), "15 – 16"),
        (Bound(3204.1, 3204.3), "≈ 3,204"),
        (Bound(472.0, 999.7), "472 – 1,000"),
        (Bound(12.0, None), "≥ 12"),
    ],
)
def test_quantities_have_three_digits_and_say_what_is_not_exact(bound: Bound | None, text: str) -> None:
    assert quantity(bound) == text


def test_parts_per_million_that_are_not_exact_say_so() -> None:
    assert parts_per_million(Bound(-3.0, 12.0)) == "−3 – +12 ppm"
    assert parts_per_million(Bound(2.1, 2.2)) == "≈ +2 ppm"


def test_counts_are_grouped() -> None:
    assert (count(None), count(0), count(10_000)) == ("—", "0", "10,000")
