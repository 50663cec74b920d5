"""One request on the wire, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from batchgauge.core.journal import (
    CallOutcome,
)

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Reply(Generic[T_co]):
    """One request on the wire and what came of it. `value` is there exactly where `outcome` is OK."""

    operation: str
    sent_ms: float
    """Just before the request was written to the socket, on our clock."""
    received_ms: float
    """Just after the answer (or its absence) was known."""
    outcome: CallOutcome
    value: T_co | None = None
    status: int | None = None
    request_id: str | None = None
    error: str | None = None
    message: str | None = None
    retry_after_s: float | None = None
    """The server's own hint, where it gave one."""
    connection_wait_ms: float = 0.0
    """How long the request, ready to go, waited for a free connection; not part of sent → received."""
