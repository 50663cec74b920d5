"""Results without what says whose they are: names and account numbers become placeholders, numbers stay.

What is closed (states, outcomes, AWS's own fixed words, times, ids without a name in them) stays as it is. Every other text becomes a
placeholder: a field that this module has never heard of too, so that a new one cannot give anything away.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Any, Final, TypeVar

import msgspec

from batchgauge.core.analysis.analysis import SkippedFile
from batchgauge.core.job import END_REASON, FAILED_TO_SUBMIT, JobState
from batchgauge.core.naming import is_own_id
from batchgauge.core.result.run_result import RunResult
from batchgauge.core.scenario import COUNTDOWN_PARAMETER

T = TypeVar("T")

ACCOUNT: Final = "000000000000"
"""In the place of every account number: which of several it was is nobody's business either."""
KNOWN_REASONS: Final = frozenset(
    {
        "Essential container in task exited",
        "Task failed to start",
        "Job attempt duration exceeded timeout",
        "Array Child Job failed",
        "Dependent Job failed",
        "JobQueue deleted",
        "OutOfMemoryError: Container killed due to memory usage",
        END_REASON,
    }
)
"""AWS's fixed sentences, and ours: they name nothing."""
KNOWN_LOG_GROUP: Final = "/aws/batch/job"
RUN_TAG: Final = "batchgauge:run"
KNOWN_KEYS: Final = frozenset({RUN_TAG, COUNTDOWN_PARAMETER})
_STATES: Final = frozenset({*JobState, FAILED_TO_SUBMIT})
_UUID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_CLOSED: Final[Mapping[str, str]] = {
    "job_id": rf"{_UUID}(:\d{{1,5}})?",
    "region": r"[a-z]{2}(-[a-z]+){1,3}-\d",
    "tool_version": r"\d+(\.\w+)*",
    "python_version": r"\d+(\.\w+)*\+?",
    "type": r"(UN)?MANAGED|EC2|SPOT|FARGATE(_SPOT)?|EKS",
    "state": r"ENABLED|DISABLED",
    "status": r"CREATING|UPDATING|DELETING|DELETED|VALID|INVALID",
    "job_platform": r"FARGATE|EC2",
    "operating_system_family": r"LINUX|WINDOWS_SERVER_20\d\d_(CORE|FULL)",
    "listed_statuses": "|".join(JobState),
    "operations": r"[A-Z][A-Za-z]{2,50}",
    "order": r"given|auto|random@\d{1,10}",
    "sweep_id": r"sweep-\d{8}T\d{6}-[a-z0-9]{4}",
    "currency": r"[A-Z]{3}",
    "as_of": r"\d{4}-\d{2}",
    "system": r"LINUX|WINDOWS",
}
"""Fields whose text is one of few, and what those look like."""
_NUMBER: Final = re.compile(r"[+-]?\d{1,11}(\.\d{1,9})?")
"""Too short for an account number."""
_ARN: Final = re.compile(
    r"arn:(?P<partition>aws[\w-]*):(?P<service>[\w-]*):(?P<region>[\w-]*):(?P<account>\d*):(?P<rest>.+)", re.DOTALL
)
_ERROR_CODE: Final = re.compile(
    r"(?P<code>[A-Z][A-Za-z]{2,60}(?:Exception|Error|Throttling)|Throttling|AccessDenied|ExpiredToken|NotSent|NoAnswer)"
    r"(: (?P<words>.*))?",
    re.DOTALL,
)
_FILE: Final = re.compile(
    r"(?:(?:runs/)?[\w-]+/)?"
    r"(?:test-case-\d+-(?:baseline|medium|high|very-high|level-\d+|warm-up-\d+)(?:-repeat-\d+)?|result|journal)\.jsonl?"
)


@dataclass(slots=True)
class Redactor:
    """One output: the same name has the same placeholder in all of it."""

    _known: dict[tuple[str, str], str] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)
    """The first placeholder of each text, whatever its kind."""
    _counts: dict[str, int] = field(default_factory=dict)

    def result(self, result: RunResult) -> RunResult:
        """The result as it can be shared."""
        return self._struct(result)

    def file(self, name: str) -> str:
        """A file's name in the results folder: ours stays, another's is somebody's choice."""
        if _FILE.fullmatch(name):
            run, _, _ = name.removeprefix("runs/").rpartition("/")
            if not run or is_own_id(run):
                return name
        return self.placeholder("file", name)

    def skipped(self, entry: SkippedFile) -> SkippedFile:
        """A file that is no result, without its name; the reason may quote what is in it."""
        return replace(entry, file=self.file(entry.file), reason=self.placeholder("reason", entry.reason))

    def _struct(self, value: T) -> T:
        names = type(value).__struct_fields__  # type: ignore[attr-defined]
        kind = type(value).__name__
        fields = {name: self._value(f"{kind}.{name}", name, getattr(value, name)) for name in names}
        return type(value)(**fields)

    def _value(self, place: str, name: str, value: Any) -> Any:
        match value:
            case Enum():
                return value  # a closed type
            case str():
                return self._text(place, name, value)
            case msgspec.Struct():
                return self._struct(value)
            case Mapping():
                return {self._key(name, key): self._entry(name, key, entry) for key, entry in value.items()}
            case Sequence():
                return tuple(self._value(place, name, entry) for entry in value)
            case _:
                return value

    def _key(self, name: str, key: Any) -> Any:
        if not isinstance(key, str) or key in KNOWN_KEYS:
            return key
        return self._text(name, name, key) if name in _CLOSED else self.placeholder("key", key)

    def _entry(self, name: str, key: Any, value: Any) -> Any:
        if not isinstance(value, str):
            return self._value(name, name, value)
        if key == RUN_TAG:
            return self._text("", "run_id", value)
        # A number in a parameter is a size or a duration; in an environment it may be anything, a password too.
        is_number = name == "parameters" and _NUMBER.fullmatch(value) is not None
        return value if is_number else self.placeholder("value", value)

    def _text(self, place: str, name: str, text: str) -> str:
        rule = _RULES.get(place) or _RULES.get(name)
        if rule is not None:
            return rule(self, text)
        pattern = _CLOSED.get(name)
        if pattern is not None and re.fullmatch(pattern, text):
            return text
        # What is already known by a better name keeps that: a queue is a queue in a sentence too.
        return self._names.get(text) or self.placeholder(name.replace("_", "-"), text)

    def placeholder(self, kind: str, text: str) -> str:
        """``kind-1`` for the first text of its kind; the same for the same text."""
        if not text:
            return text
        if (kind, text) not in self._known:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._known[kind, text] = f"{kind}-{self._counts[kind]}"
            self._names.setdefault(text, self._known[kind, text])
        return self._known[kind, text]


Rule = Callable[[Redactor, str], str]


def _resource(kind: str) -> Rule:
    """A name or an ARN, with a revision or without: of the same thing, the same placeholder in all of them."""

    def rule(redactor: Redactor, text: str) -> str:
        arn = _ARN.fullmatch(text)
        path, slash, last = (arn["rest"] if arn else text).rpartition("/") if arn else ("", "", text)
        name, colon, revision = last.rpartition(":")
        if not (colon and revision.isdigit()):
            name, colon, revision = last, "", ""
        shown = f"{redactor.placeholder(kind, name)}{colon}{revision}"
        if arn is None:
            return shown
        kept = path if path in ("job-queue", "job-definition", "compute-environment") else kind
        region = arn["region"] if re.fullmatch(_CLOSED["region"], arn["region"]) else ""
        service = arn["service"] if arn["service"] in ("batch", "ecs") else ""
        return f"arn:{arn['partition']}:{service}:{region}:{ACCOUNT}:{kept}{slash}{shown}"

    return rule


def _reason(redactor: Redactor, text: str) -> str:
    """AWS's code says what went wrong and names nobody; its words do."""
    if text in KNOWN_REASONS:
        return text
    parts = _ERROR_CODE.fullmatch(text)
    if parts is None:
        return redactor.placeholder("reason", text)
    return f"{parts['code']}: {redactor.placeholder('reason', parts['words'])}" if parts["words"] else parts["code"]


def _endpoint(redactor: Redactor, text: str) -> str:
    scheme = "https" if text.startswith("https:") else "http"
    return f"{scheme}://{redactor.placeholder('endpoint', text)}"


def _time(redactor: Redactor, text: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return redactor.placeholder("time", text)
    return text


def _unless(is_known: Callable[[str], bool], kind: str) -> Rule:
    return lambda redactor, text: text if is_known(text) else redactor.placeholder(kind, text)


_RULES: Final[Mapping[str, Rule]] = {
    "timestamp": _time,
    "submission_time": _time,
    "run_id": _unless(is_own_id, "run"),
    "job_queue": _resource("queue"),
    "job_queue_arn": _resource("queue"),
    "job_definition": _resource("definition"),
    "job_definition_arn": _resource("definition"),
    "ComputeEnvironmentFacts.name": _resource("environment"),
    "cluster": _resource("cluster"),
    "task_arn": _resource("task"),
    "account_id": lambda _, text: ACCOUNT if text else text,
    "endpoint_url": _endpoint,
    "platform": _unless(lambda _: False, "platform"),
    "job_name": _unless(lambda _: False, "job"),
    "JobResult.status": _unless(_STATES.__contains__, "status"),
    "status_reason": _reason,
    "reason": _reason,
    "trouble": _reason,
    "error": _reason,
    "log_group": _unless(lambda text: text == KNOWN_LOG_GROUP, "log-group"),
    "log_stream": _unless(lambda _: False, "log-stream"),
    "Scenario.load": lambda _, text: text,
    "command": _unless(lambda text: _NUMBER.fullmatch(text) is not None, "word"),
}
