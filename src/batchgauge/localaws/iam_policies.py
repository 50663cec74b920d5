"""Identity-based policies, evaluated as IAM does: nothing is allowed that no statement allows, and a Deny wins.

Source: "Policy evaluation logic" and "IAM JSON policy elements reference" in the AWS documentation. Of condition operators, those for
strings and ARNs are known; a condition that is not understood, or whose key the request does not have, does not hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from functools import lru_cache
from typing import Any


class Decision(Enum):
    """What the policies say of an action."""

    ALLOWED = "allowed"
    NOT_ALLOWED = "no identity-based policy allows"
    DENIED = "explicit deny"


def decide(documents: Iterable[Mapping[str, Any]], action: str, resource: str, context: Mapping[str, str]) -> Decision:
    """All policies of a caller together."""
    decision = Decision.NOT_ALLOWED
    for document in documents:
        for statement in _listed(document.get("Statement")):
            if not _applies(statement, action, resource, context):
                continue
            if statement.get("Effect") == "Deny":
                return Decision.DENIED
            if statement.get("Effect") == "Allow":
                decision = Decision.ALLOWED
    return decision


def _applies(statement: Mapping[str, Any], action: str, resource: str, context: Mapping[str, str]) -> bool:
    return (
        _names(statement, "Action", action, is_cased=False)
        and _names(statement, "Resource", resource, is_cased=True)
        and all(
            _holds(operator, key, _listed(values), context)
            for operator, tests in statement.get("Condition", {}).items()
            for key, values in tests.items()
        )
    )


def _names(statement: Mapping[str, Any], element: str, value: str, *, is_cased: bool) -> bool:
    """Whether ``Action`` or ``Resource`` names it, or ``Not…`` does not."""
    opposite = f"Not{element}"
    if opposite in statement:
        return not any(_matches(pattern, value, is_cased) for pattern in _listed(statement[opposite]))
    return any(_matches(pattern, value, is_cased) for pattern in _listed(statement.get(element)))


STRING_TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda pattern, value: pattern == value,
    "StringLike": lambda pattern, value: _matches(pattern, value, True),
    "ArnEquals": lambda pattern, value: _matches(pattern, value, True),
    "ArnLike": lambda pattern, value: _matches(pattern, value, True),
}


def _holds(operator: str, key: str, values: list[Any], context: Mapping[str, str]) -> bool:
    test = STRING_TESTS.get(operator)
    found = {name.lower(): value for name, value in context.items()}.get(key.lower())
    return test is not None and found is not None and any(test(str(value), found) for value in values)


def _matches(pattern: str, value: str, is_cased: bool) -> bool:
    return _compiled(pattern, is_cased).fullmatch(value) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str, is_cased: bool) -> re.Pattern[str]:
    """``*`` is any text, ``?`` one character."""
    text = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(text, re.DOTALL if is_cased else re.DOTALL | re.IGNORECASE)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
