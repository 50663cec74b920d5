"""How long to wait before trying again."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.journal import CallOutcome
from batchgauge.measure.retrying import READ_BACK_OFF, SUBMIT_BACK_OFF, BackOff
from batchgauge.ports import Reply


def reply(retry_after_s: float | None = None) -> Reply[None]:
    return Reply("SubmitJob", 0, 1, CallOutcome.THROTTLED, retry_after_s=retry_after_s)


@given(st.integers(1, 60), st.integers(), st.sampled_from([SUBMIT_BACK_OFF, READ_BACK_OFF]))
def test_a_wait_lies_in_a_window_that_doubles_up_to_the_longest(tries: int, seed: int, back_off: BackOff) -> None:
    wait_s = back_off.wait_s(tries, reply(), random.Random(seed))
    assert 0 <= wait_s <= min(back_off.longest_s, back_off.first_s * 2 ** (tries - 1))


def test_waits_spread_over_the_whole_window() -> None:
    chance = random.Random(1)
    waits = [SUBMIT_BACK_OFF.wait_s(3, reply(), chance) for _ in range(1000)]
    assert min(waits) < 0.05
    assert max(waits) > 0.95


@given(st.integers(1, 20), st.floats(0, 100))
def test_a_hint_of_the_servers_is_never_undercut(tries: int, hint_s: float) -> None:
    assert SUBMIT_BACK_OFF.wait_s(tries, reply(hint_s), random.Random(1)) >= hint_s
