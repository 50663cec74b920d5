"""Looks as they stand in a journal: of a job that was seen before, only what is new; what a look saw is still all that it saw.

The greatest part of a journal is what looks saw of jobs, and most of that was seen the time before. A line of ours, ``look+``, holds of
each changed job what differs from what the file says of it last. Whole looks (``look``) are read too.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import msgspec

from batchgauge.core.job import JobState
from batchgauge.core.journal import Attempt, Look, Record, Sighting

OWN_OF_ATTEMPT: Final = ("started_ms", "stopped_ms", "exit_code", "reason", "status_reason", "log_stream", "task_arn")
"""What the last attempt of a job that has ended has in common with the job."""
COMPARED: Final = tuple(name for name in Sighting.__struct_fields__ if name not in ("job", "state"))


class SightingChange(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A sighting, without what is as it was."""

    job: int
    state: JobState
    is_new: bool = False
    """Whether it stands for itself: nothing is as it was, or something is there no more."""
    status_reason: str | None = None
    created_ms: float | None = None
    started_ms: float | None = None
    stopped_ms: float | None = None
    exit_code: int | None = None
    reason: str | None = None
    log_stream: str | None = None
    log_group: str | None = None
    task_arn: str | None = None
    attempts: tuple[Attempt, ...] = ()
    has_own_attempt: bool = False
    """Whether one attempt more is the job's own: all of it is said by the sighting."""


class CompactLook(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, tag="look+"):
    """A look whose `changed` says only what is new."""

    operation: str
    sent_ms: float
    received_ms: float
    covered: str
    changed: tuple[SightingChange, ...] = ()
    missing: str = ""
    request_id: str | None = None
    attempt: int = 1


StoredRecord: TypeAlias = Record | CompactLook


class LookMemory:
    """What a file has said of each job last: one for whoever writes it, from its begin, and one for each reader."""

    def __init__(self) -> None:
        self._last: dict[int, Sighting] = {}

    def learn(self, record: Record) -> None:
        """Take in a record that was read."""
        if isinstance(record, Look):
            self._last.update({sighting.job: sighting for sighting in record.changed})

    def compact(self, record: Record) -> StoredRecord:
        """As it is to be written next."""
        if not isinstance(record, Look) or not record.changed:
            return record
        changed = []
        for sighting in record.changed:  # one after the other: a job may be there twice
            changed.append(_change(self._last.get(sighting.job), sighting))
            self._last[sighting.job] = sighting
        return CompactLook(
            operation=record.operation,
            sent_ms=record.sent_ms,
            received_ms=record.received_ms,
            covered=record.covered,
            changed=tuple(changed),
            missing=record.missing,
            request_id=record.request_id,
            attempt=record.attempt,
        )

    def whole(self, stored: StoredRecord) -> Record:
        """As it was before it was written, of the record that was read next."""
        if not isinstance(stored, CompactLook):
            self.learn(stored)
            return stored
        changed = []
        for change in stored.changed:
            sighting = _whole(self._last.get(change.job), change)
            self._last[change.job] = sighting
            changed.append(sighting)
        return Look(
            operation=stored.operation,
            sent_ms=stored.sent_ms,
            received_ms=stored.received_ms,
            covered=stored.covered,
            changed=tuple(changed),
            missing=stored.missing,
            request_id=stored.request_id,
            attempt=stored.attempt,
        )


def _change(before: Sighting | None, sighting: Sighting) -> SightingChange:
    fields: dict[str, Any] = {name: getattr(sighting, name) for name in COMPARED}
    is_new = before is None or any(not fields[name] and getattr(before, name) for name in COMPARED)
    # 0 and nothing are not the same, and both are false.
    is_new = is_new or any(fields[name] is None and getattr(before, name) is not None for name in COMPARED)
    if before is not None and not is_new:
        fields = {name: value for name, value in fields.items() if value != getattr(before, name)}
    attempts = fields.pop("attempts", ())
    has_own = bool(attempts) and attempts[-1] == _own_attempt(sighting)
    return SightingChange(
        job=sighting.job,
        state=sighting.state,
        is_new=is_new,
        attempts=attempts[:-1] if has_own else attempts,
        has_own_attempt=has_own,
        **fields,
    )


def _whole(before: Sighting | None, change: SightingChange) -> Sighting:
    base = before if before is not None and not change.is_new else Sighting(job=change.job, state=change.state)
    new = {name: value for name in COMPARED if name != "attempts" and (value := getattr(change, name)) is not None}
    sighting = msgspec.structs.replace(base, job=change.job, state=change.state, **new)
    if change.has_own_attempt:
        return msgspec.structs.replace(sighting, attempts=(*change.attempts, _own_attempt(sighting)))
    return msgspec.structs.replace(sighting, attempts=change.attempts) if change.attempts else sighting


def _own_attempt(sighting: Sighting) -> Attempt:
    return Attempt(**{name: getattr(sighting, name) for name in OWN_OF_ATTEMPT})
