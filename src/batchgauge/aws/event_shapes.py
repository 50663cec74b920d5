"""EventBridge's envelope around an event of AWS Batch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from batchgauge.aws.batch_shapes import read_job
from batchgauge.ports import JobEvent

SOURCE: Final = "aws.batch"
JOB_STATE_CHANGE: Final = "Batch Job State Change"


def read_event(envelope: Mapping[str, Any]) -> JobEvent | None:
    """A job's change of state; None for any other event, and for what is none at all: a queue may hold anything."""
    try:
        if envelope["source"] != SOURCE or envelope["detail-type"] != JOB_STATE_CHANGE:
            return None
        return JobEvent(str(envelope["id"]), _time_ms(envelope["time"]), read_job(envelope["detail"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def read_message_body(body: str) -> JobEvent | None:
    """The event that a message's body is; likewise None."""
    try:
        envelope = json.loads(body)
    except ValueError:
        return None
    return read_event(envelope) if isinstance(envelope, dict) else None


def event_pattern(job_queue_arn: str) -> str:
    """What a rule lets through: changes of state of one queue's jobs."""
    return json.dumps(
        {"source": [SOURCE], "detail-type": [JOB_STATE_CHANGE], "detail": {"jobQueue": [job_queue_arn]}},
        separators=(",", ":"),
    )


def queue_policy(queue_arn: str, rule_arn: str) -> str:
    """Who may send to the queue: EventBridge, for this one rule."""
    statement = {
        "Sid": "EventsOfTheRun",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": rule_arn}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))


def _time_ms(time: str) -> float:
    moment = datetime.fromisoformat(time)
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp() * 1000
