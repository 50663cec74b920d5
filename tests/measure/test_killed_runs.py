"""Runs killed at any step in virtual time and resumed: some of the trials of ``benchmarks/resume.py``, which makes 300 of them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from killed_runs import Trial, outcome_of, same_apart_from_the_gap


@pytest.mark.parametrize("number", range(24))
def test_nothing_is_lost_doubled_or_left_and_the_result_is_that_of_an_undisturbed_run(number: int) -> None:
    trial = Trial.of(number)
    findings, undisturbed = outcome_of(trial), outcome_of(trial.undisturbed())
    assert (findings.lost, findings.left, findings.orphans, findings.untrue) == ([], [], [], [])
    assert same_apart_from_the_gap(findings.result, undisturbed.result) == []
