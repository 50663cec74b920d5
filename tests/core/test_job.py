"""The life cycle as data."""

from __future__ import annotations

from batchgauge.core.job import FAILED_TO_SUBMIT, JobState


def test_the_states_are_those_of_the_aws_model_and_in_the_order_of_a_life() -> None:
    assert [state.value for state in JobState] == [
        *("SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED", "FAILED")
    ]
    ranks = [state.rank for state in JobState]
    assert ranks == sorted(ranks)
    assert JobState.SUCCEEDED.rank == JobState.FAILED.rank


def test_only_the_two_ends_are_terminal() -> None:
    assert [state for state in JobState if state.is_terminal] == [JobState.SUCCEEDED, JobState.FAILED]


def test_our_own_word_is_no_state_of_aws() -> None:
    assert FAILED_TO_SUBMIT not in set(JobState)
