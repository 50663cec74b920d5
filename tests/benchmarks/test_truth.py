"""The benchmark of the bounds against the ground truth, in small: every reported instant of every trial holds."""

from __future__ import annotations

import pytest
from truth import TRIALS, Trial, compare, measure


@pytest.mark.parametrize("mode", ["poll", "events"])
@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.name)
def test_every_instant_holds_the_truth(trial: Trial, mode: str) -> None:
    result, account, clock, journal = measure(trial, mode, 60, seed=11)
    tally = compare(result, account, clock, journal)
    assert tally.missed == []
    assert tally.held == tally.instants >= 60 * 5
    assert tally.clock_held
