"""An entry of DescribeJobs as JSON text: what `job_detail` says, put together without going through dictionaries.

Encoding is what polling costs most. Most of the text is the specification's, the same for all jobs that were submitted alike; a test
holds this module to `job_detail` for whatever happens to jobs.
"""

from __future__ import annotations

from json import JSONEncoder
from json.encoder import encode_basestring_ascii as quoted
from typing import Final

from batchgauge.batchmodel.job_detail import JobView, shown_attempt, shows_start, task_arn
from batchgauge.batchmodel.jobs import RUNNING, STARTING, TERMINAL, Attempt, Job
from batchgauge.batchmodel.process_start import log_stream

_encode: Final = JSONEncoder(separators=(",", ":"), check_circular=False, default=dict).encode


def job_json(view: JobView, tags: str) -> str:
    """The text; `tags` is encoded already. Ids, ARNs and states need no escapes."""
    job, names, state = view.job, view.names, view.state
    attempt = shown_attempt(view)
    finished = job.attempts[: view.attempt_count - (state in (STARTING, RUNNING))] if view.attempt_count else ()
    attempts = ",".join([_attempt(job, one, view) for one in finished])
    shared = job.specification.encoded
    depends_on = _encode(job.depends_on) if job.depends_on else "[]"
    return (
        f'{{"jobArn":"{names.job_prefix}{job.job_id}","jobName":{quoted(job.name)},"jobId":"{job.job_id}"'
        f',"jobQueue":"{job.queue.arn}","status":"{state}","attempts":[{attempts}],"createdAt":{int(job.created_ms)}'
        f',"dependsOn":{depends_on},"tags":{tags}{_moments(view, attempt)}{_rest(view)}'
        f',{shared.detail},"container":{shared.container}{_container(view, attempt)}}}}}'
    )


def _attempt(job: Job, attempt: Attempt, view: JobView) -> str:
    has_started = shows_start(attempt, "ended")
    started = f',"startedAt":{int(attempt.started_ms)}' if has_started else ""
    stopped = f',"stoppedAt":{int(attempt.stopped_ms)}' if attempt.stopped_ms is not None else ""
    return (
        f'{{"container":{{"taskArn":"{task_arn(attempt, view.names)}","networkInterfaces":[]'
        f"{_log_stream(job, attempt) if has_started else ''}{_end(attempt)}}}{started}{stopped}"
        f',"statusReason":{quoted(attempt.status_reason or "")}}}'
    )


def _container(view: JobView, attempt: Attempt | None) -> str:
    if attempt is None:
        return ""
    text = f',"taskArn":"{task_arn(attempt, view.names)}"'
    if view.state == STARTING:
        return text
    if shows_start(attempt, view.state):
        text += _log_stream(view.job, attempt)
    return text if view.state == RUNNING else text + _end(attempt)


def _log_stream(job: Job, attempt: Attempt) -> str:
    return f',"logStreamName":{quoted(log_stream(job, attempt))}'


def _end(attempt: Attempt) -> str:
    exit_code = f',"exitCode":{attempt.exit_code}' if attempt.exit_code is not None else ""
    return f'{exit_code},"reason":{quoted(attempt.reason)}' if attempt.reason is not None else exit_code


def _moments(view: JobView, attempt: Attempt | None) -> str:
    text = f',"statusReason":{quoted(view.status_reason)}' if view.status_reason is not None else ""
    if attempt is not None and view.state != STARTING and shows_start(attempt, view.state):
        text += f',"startedAt":{int(attempt.started_ms)}'
    if view.state in TERMINAL and view.job.stopped_ms is not None:
        text += f',"stoppedAt":{int(view.job.stopped_ms)}'
    return text


def _rest(view: JobView) -> str:
    job, text = view.job, ""
    if job.share_identifier is not None:
        priority = job.specification.priority
        text = f',"shareIdentifier":{quoted(job.share_identifier)},"schedulingPriority":{priority}'
    if job.array is not None and view.child_counts is not None:
        text += f',"arrayProperties":{{"statusSummary":{_encode(view.child_counts)},"size":{job.array.size}}}'
    elif job.index is not None:
        text += f',"arrayProperties":{{"index":{job.index}}}'
    if view.is_cancelled:
        text += ',"isCancelled":true'
    return text + ',"isTerminated":true' if view.is_terminated else text
