"""Which failed attempts are followed by another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from batchgauge.batchmodel.refusals import RefusedError
from batchgauge.batchmodel.retries import checked_retry_strategy, is_retried

EXITED = "Essential container in task exited"
HOST = "Host EC2 (instance i-0abc) terminated."


def rule(action: str, **conditions: str) -> dict[str, str]:
    return {"action": action, **conditions}


@pytest.mark.parametrize(
    ("rules", "exit_code", "reason", "status_reason", "expected"),
    [
        ([], 1, None, EXITED, True),
        ([rule("EXIT", onExitCode="1")], 1, None, EXITED, False),
        ([rule("exit", onExitCode="1*")], 137, None, EXITED, False),
        ([rule("EXIT", onExitCode="2")], 1, None, EXITED, True),
        ([rule("RETRY", onStatusReason="Host EC2*"), rule("EXIT", onReason="*")], None, None, HOST, True),
        ([rule("RETRY", onStatusReason="Host EC2*"), rule("EXIT", onReason="*")], 1, None, EXITED, False),
        ([rule("EXIT", onExitCode="1", onReason="OutOfMemory*")], 1, None, EXITED, True),
        ([rule("EXIT", onExitCode="1", onReason="OutOfMemory*")], 1, "OutOfMemoryError: x", EXITED, False),
        ([rule("Retry", onExitCode="1"), rule("EXIT", onExitCode="1")], 1, None, EXITED, True),
    ],
)
def test_the_first_rule_that_matches_in_all_its_conditions_decides(
    rules: list[dict[str, str]], exit_code: int | None, reason: str | None, status_reason: str, expected: bool
) -> None:
    strategy = checked_retry_strategy({"attempts": 3, "evaluateOnExit": rules})
    assert is_retried(strategy, 1, exit_code, reason, status_reason) is expected
    assert not is_retried(strategy, 3, exit_code, reason, status_reason)


def test_without_a_strategy_there_is_one_attempt() -> None:
    assert not is_retried({}, 1, 1, None, EXITED)


@pytest.mark.parametrize(
    "strategy",
    [
        {"attempts": 11},
        {"attempts": 0},
        {"evaluateOnExit": [rule("EXIT", onExitCode="1")]},
        {"attempts": 2, "evaluateOnExit": [rule("EXIT", onExitCode="1")] * 6},
        {"attempts": 2, "evaluateOnExit": [rule("EXIT")]},
        {"attempts": 2, "evaluateOnExit": [rule("EXIT", onReason="a*b")]},
        {"attempts": 2, "evaluateOnExit": [rule("EXIT", onReason="a" * 513)]},
    ],
)
def test_what_aws_would_not_take_is_refused(strategy: Mapping[str, Any]) -> None:
    with pytest.raises(RefusedError):
        checked_retry_strategy(strategy)
