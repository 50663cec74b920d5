"""How long CloudWatch Logs took to take in what the jobs wrote."""

from __future__ import annotations

from batchgauge.core.bound import exactly
from batchgauge.core.journal import LogLook
from batchgauge.core.observed.log_delivery import delay_bounds, log_delivery


def look(*lines: tuple[int, int], error: str | None = None) -> LogLook:
    return LogLook(job=1, log_group="g", log_stream="s", sent_ms=0, received_ms=1, lines=lines, error=error)


def test_a_delay_runs_from_the_writers_clock_to_the_services_and_may_be_negative() -> None:
    delivery = log_delivery(look((1_000, 1_250), (3_000, 2_990)))
    assert delivery.delays_ms == (250.0, -10.0)
    assert delay_bounds([delivery]) == [exactly(250), exactly(-10)]


def test_the_first_and_the_last_line_are_those_of_the_writer_in_whatever_order_they_came() -> None:
    delivery = log_delivery(look((3_000, 5_000), (1_000, 5_000), (2_000, 5_000)))
    assert (delivery.lines, delivery.first_line_ms, delivery.last_line_ms) == (3, 1_000, 3_000)


def test_an_empty_stream_has_no_lines_and_says_why_where_it_could_not_be_read() -> None:
    delivery = log_delivery(look(error="ResourceNotFoundException"))
    assert (delivery.lines, delivery.first_line_ms, delivery.error) == (0, None, "ResourceNotFoundException")
    assert delay_bounds([delivery]) == []
