"""The phases that findings speak of."""

from __future__ import annotations

from enum import StrEnum


class Phase(StrEnum):
    """The phases whose means are compared."""

    SUBMIT = "submit"
    QUEUE = "queue"
    START_UP = "start-up"
    WAIT = "wait"
    RUN = "run"
