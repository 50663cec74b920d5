"""Draws depend on what they are for, never on the order of drawing."""

from __future__ import annotations

import re
from statistics import mean, median, stdev

from batchgauge.batchmodel.boundary import Distribution
from batchgauge.batchmodel.draws import Draws, duration_ms


def test_the_same_draw_is_the_same_whenever_it_is_drawn() -> None:
    first, second = Draws(7), Draws(7)
    forward = [first.uuid("job", number) for number in range(10)]
    backward = [second.uuid("job", number) for number in reversed(range(10))]
    assert forward == backward[::-1]
    assert first.normals("a", 1, 3) == second.normals("a", 1, 3)


def test_another_seed_purpose_or_number_draws_something_else() -> None:
    draws = Draws(7)
    drawn = [draws.uuid("job", 1), draws.uuid("job", 2), draws.uuid("task", 1), Draws(8).uuid("job", 1)]
    assert len(set(drawn)) == 4


def test_ids_have_the_form_of_random_uuids() -> None:
    draws = Draws(0)
    for number in range(100):
        assert re.fullmatch(
            r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", draws.uuid("job", number)
        )
    assert re.fullmatch(r"[0-9a-f]{32}", draws.hexadecimal("task", 1))


def test_normal_values_are_normal() -> None:
    draws = Draws(3)
    values = [value for number in range(3000) for value in draws.normals("x", number, 3)]
    assert abs(mean(values)) < 0.05
    assert abs(stdev(values) - 1) < 0.05


def test_durations_have_the_median_that_was_asked_for() -> None:
    draws = Draws(3)
    distribution = Distribution(1000, 0.5)
    drawn = [duration_ms(distribution, draws.normals("x", number, 1)[0]) for number in range(3000)]
    assert abs(median(drawn) - 1000) < 50
    assert min(drawn) > 0
    assert duration_ms(Distribution(1000), 2.0) == 1000
