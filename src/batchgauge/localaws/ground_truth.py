"""The truth that no AWS API tells: every transition and every fault with its exact time and cause."""

from __future__ import annotations

from collections.abc import Sequence
from io import BufferedWriter
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import orjson

from batchgauge.batchmodel.boundary import FaultInjected, Transition
from batchgauge.localaws.iam_gate import AuthorisationRecord

MAX_KEPT = 200_000
"""In memory, the newest (at times up to twice as many); the file has them all."""


class RequestFaultRecord(NamedTuple):
    """A fault that a request met."""

    time_ms: float
    fault: str
    service: str
    operation: str
    request_id: str
    status: int | None = None
    """What the answer would have said, where the request took effect in spite of the fault."""
    job_id: str | None = None
    """The job that it made all the same."""


class EventFaultRecord(NamedTuple):
    """A fault that an event met on its way."""

    time_ms: float
    fault: str
    event_id: str
    job_arn: str


Record: TypeAlias = Transition | FaultInjected | RequestFaultRecord | EventFaultRecord | AuthorisationRecord


class GroundTruth:
    """Keeps the newest records, and appends all of them to a file where one is named (a JSON object a line)."""

    def __init__(self, path: Path | None = None) -> None:
        """Opens `path` for appending; OSError where it cannot be."""
        self._kept: list[Record] = []
        self._first = 0
        self._file: BufferedWriter | None = path.open("ab") if path is not None else None

    def append(self, record: Record) -> None:
        """Note one; reaches the disk with the next `flush`."""
        self.restore(record)
        if self._file is not None:
            self._file.write(orjson.dumps(as_document(record), option=orjson.OPT_APPEND_NEWLINE))

    def append_at_once(self, record: Record) -> None:
        """Note one that somebody may want to read as soon as the request is answered."""
        self.append(record)
        self.flush()

    def restore(self, record: Record) -> None:
        """Keep one that the file has already."""
        self._kept.append(record)
        if len(self._kept) >= 2 * MAX_KEPT:
            self._first += MAX_KEPT
            del self._kept[:MAX_KEPT]

    @property
    def first_position(self) -> int:
        """Where the oldest kept record stands; the very first is 0."""
        return self._first

    def records(self, position: int, limit: int) -> Sequence[Record]:
        """So many records from a position on; what is kept no more is left out."""
        begin = max(position - self._first, 0)
        return self._kept[begin : begin + limit]

    def flush(self) -> None:
        """Hand what has been noted to the operating system."""
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        """Flush and close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


def as_document(record: Record) -> dict[str, Any]:
    """A record as JSON has it: ``type`` is ``transition``, ``fault`` or ``authorisation``."""
    if isinstance(record, AuthorisationRecord):
        return {
            "type": "authorisation",
            "timeMs": record.time_ms,
            "principal": record.principal,
            "action": record.action,
            "resource": record.resource,
            "isAllowed": record.is_allowed,
        }
    if isinstance(record, Transition):
        return {
            "type": "transition",
            "jobId": record.job_id,
            "timeMs": record.time_ms,
            "fromState": record.from_state,
            "toState": record.to_state,
            "attempt": record.attempt,
            "cause": record.cause,
        }
    if isinstance(record, FaultInjected):
        return {
            "type": "fault",
            "fault": record.kind,
            "timeMs": record.time_ms,
            "subject": record.subject,
            "jobId": record.job_id,
        }
    if isinstance(record, EventFaultRecord):
        return {
            "type": "fault",
            "fault": record.fault,
            "timeMs": record.time_ms,
            "eventId": record.event_id,
            "jobArn": record.job_arn,
        }
    return {
        "type": "fault",
        "fault": record.fault,
        "timeMs": record.time_ms,
        "service": record.service,
        "operation": record.operation,
        "requestId": record.request_id,
        "tookEffect": record.status is not None,
        "status": record.status,
        "jobId": record.job_id,
    }
