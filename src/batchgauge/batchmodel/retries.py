"""Whether a failed attempt is followed by another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from batchgauge.batchmodel.refusals import client_error

MAX_ATTEMPTS: Final = 10
MAX_RULES: Final = 5
CONDITIONS: Final = ("onStatusReason", "onReason", "onExitCode")


def checked_retry_strategy(strategy: Mapping[str, Any]) -> Mapping[str, Any]:
    """The strategy, if AWS would take it."""
    attempts = strategy.get("attempts")
    rules = strategy.get("evaluateOnExit", ())
    if attempts is not None and not 1 <= attempts <= MAX_ATTEMPTS:
        raise client_error(f"RetryStrategy attempts must be between 1 and {MAX_ATTEMPTS}")
    if rules and attempts is None:
        raise client_error("RetryStrategy attempts must be specified with evaluateOnExit")
    if len(rules) > MAX_RULES:
        raise client_error(f"RetryStrategy evaluateOnExit must have at most {MAX_RULES} entries")
    for rule in rules:
        _check_rule(rule)
    return strategy


def _check_rule(rule: Mapping[str, Any]) -> None:
    given = [rule[name] for name in CONDITIONS if name in rule]
    if not given:
        raise client_error(f"RetryStrategy evaluateOnExit must have at least one of {', '.join(CONDITIONS)}")
    for pattern in given:
        if len(pattern) > 512 or "*" in pattern[:-1]:
            raise client_error("RetryStrategy evaluateOnExit patterns may have an asterisk at their end only")


def is_retried(
    strategy: Mapping[str, Any], attempt: int, exit_code: int | None, reason: str | None, status_reason: str
) -> bool:
    """Whether a job whose attempt (from 1) failed so goes back to RUNNABLE; no rule matching means yes."""
    if attempt >= strategy.get("attempts", 1):
        return False
    seen = {
        "onStatusReason": status_reason,
        "onReason": reason or "",
        "onExitCode": "" if exit_code is None else str(exit_code),
    }
    for rule in strategy.get("evaluateOnExit", ()):
        if all(_matches(rule[name], seen[name]) for name in CONDITIONS if name in rule):
            return bool(rule["action"].upper() == "RETRY")
    return True


def _matches(pattern: str, value: str) -> bool:
    if pattern.endswith("*"):
        return value.startswith(pattern[:-1])
    return value == pattern
