"""What was asked of AWS, and what it answered."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from batchgauge.core.journal.course import NO_WAIT_MS


class CallOutcome(StrEnum):
    """What became of one request on the wire."""

    OK = "ok"
    THROTTLED = "throttled"
    """429, or another of AWS's throttling codes: nothing happened, try again later."""
    REFUSED = "refused"
    """A clean error: nothing happened, and nothing would on a second try."""
    UNAVAILABLE = "unavailable"
    """It surely did not reach AWS (connection refused, name not resolved): a second try is safe."""
    AMBIGUOUS = "ambiguous"
    """A timeout, a cut connection or a 5xx: it may have happened."""


class Call(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, tag="call"):
    """One request on the wire and its answer. Successful looks have a record of their own kind instead."""

    operation: str
    sent_ms: float
    received_ms: float
    outcome: CallOutcome
    status: int | None = None
    """The HTTP status; None where no answer came."""
    request_id: str | None = None
    error: str | None = None
    message: str | None = None
    job: int | None = None
    """The index of the job that the call was about, where it was about one; of an array job, its first child's."""
    attempt: int = 1
    """The number of this try, from 1."""
    job_id: str | None = None
    """SubmitJob's answer."""
    back_off_ms: float = NO_WAIT_MS
    """How long we are about to wait before the next try."""
    connection_wait_ms: float = NO_WAIT_MS
    """How long the request, ready to go, waited because no connection was free; `sent_ms` is after that."""


class Found(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag="found"):
    """A job whose SubmitJob answer was lost was found again by its name."""

    job: int
    """Of an array job, its first child."""
    job_id: str
    at_ms: float


class Doubled(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag="doubled"):
    """AWS shows a second job of one job's name: the request whose answer was lost came late. It is surplus, and ended.

    The same job may be told of twice: where it could not be ended the first time.
    """

    job: int
    """Of an array job, its first child."""
    job_id: str
    """The surplus one's."""
    at_ms: float
    is_ended: bool
    """Whether AWS took the request to end it, or it had ended already."""
