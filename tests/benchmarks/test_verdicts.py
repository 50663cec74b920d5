"""The benchmark of the verdicts in small: one account of each kind."""

from __future__ import annotations

import pytest
from known_limits import KINDS
from verdicts import judge


@pytest.mark.parametrize("kind", KINDS)
def test_the_limit_of_an_account_is_named(kind: str) -> None:
    outcome = judge(kind, 1)
    assert outcome.named == kind, outcome.shown
    assert outcome.is_close, outcome.shown
