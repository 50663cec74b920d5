"""How much a finding weighs."""

from __future__ import annotations

from enum import StrEnum


class Weight(StrEnum):
    """How much a reader should care."""

    PROBLEM = "problem"
    LIMIT = "limit"
    NOTICE = "notice"
    FINE = "fine"
