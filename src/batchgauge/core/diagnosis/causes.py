"""Why a job failed, from what AWS and its log say: a closed type of causes, each with how sure it is.

Known is what AWS itself says, or a code that can mean one thing only; likely is what mostly stands behind such words. What nobody knows is
shown as it stands, and not guessed. Words for both: ``cause.<code>``; what to do: ``cause.<code>.fix``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Final, TypeAlias

import msgspec

from batchgauge.core.diagnosis.exit_codes import meaning, shown

Argument: TypeAlias = str | int
EXITED: Final = "Essential container in task exited"
FAILED_TO_START: Final = "Task failed to start"
OUR_REASONS: Final = ("batchgauge cleanup", "batchgauge: ")
"""How the reasons begin that this tool ends jobs with."""


class Certainty(StrEnum):
    """How sure a cause is."""

    KNOWN = "known"
    LIKELY = "likely"
    UNKNOWN = "unknown"


class CauseCode(StrEnum):
    """What a job failed of."""

    IMAGE_NOT_FOUND = "image-not-found"
    IMAGE_DENIED = "image-denied"
    IMAGE_PLATFORM = "image-platform"
    IMAGE_RATE = "image-rate"
    IMAGE_REGISTRY = "image-registry"
    IMAGE_UNREACHABLE = "image-unreachable"
    IMAGE_TOO_LARGE = "image-too-large"
    IMAGE_NOT_PULLED = "image-not-pulled"
    LOG_GROUP_MISSING = "log-group-missing"
    LOG_DENIED = "log-denied"
    LOG_UNREACHABLE = "log-unreachable"
    SECRETS_DENIED = "secrets-denied"
    SECRETS_UNREACHABLE = "secrets-unreachable"
    ROLE_NOT_ASSUMED = "role-not-assumed"
    NOT_INITIALIZED = "not-initialized"
    PROGRAM_NOT_FOUND = "program-not-found"
    PROGRAM_NOT_EXECUTABLE = "program-not-executable"
    NO_COMMAND = "no-command"
    CONTAINER_NOT_STARTED = "container-not-started"
    NOT_STARTED = "not-started"
    NO_CAPACITY = "no-capacity"
    VCPU_QUOTA = "vcpu-quota"
    ADDRESSES_EXHAUSTED = "addresses-exhausted"
    NETWORK_INTERFACE = "network-interface"
    OUT_OF_MEMORY = "out-of-memory"
    TIMED_OUT = "timed-out"
    SPOT_INTERRUPTED = "spot-interrupted"
    HOST_TERMINATED = "host-terminated"
    DEPENDENCY_FAILED = "dependency-failed"
    CHILD_FAILED = "child-failed"
    TIME_LIMIT = "time-limit"
    QUEUE_DELETED = "queue-deleted"
    ENDED_BY_US = "ended-by-us"
    ENDED_BY_REQUEST = "ended-by-request"
    SYSTEM_EXIT_CODE = "system-exit-code"
    KILLED = "killed"
    PROGRAM_FAILED = "program-failed"
    EXITED_WITHOUT_CODE = "exited-without-code"
    REFERENCE_NOT_FILLED = "reference-not-filled"
    UNKNOWN = "unknown"


class Cause(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One thing that a job failed of."""

    code: CauseCode
    certainty: Certainty
    arguments: dict[str, Argument] = {}
    said: str = ""
    """The words it was read from."""


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of how a job ended, or its last attempt; empty where nobody says."""

    status_reason: str = ""
    reason: str = ""
    """Of the container."""
    exit_code: int | None = None
    stopped_reason: str = ""
    """Of the ECS task."""
    stop_code: str = ""
    is_windows: bool | None = None
    timeout_s: int | None = None
    last_lines: tuple[str, ...] = ()


class Signature(msgspec.Struct, frozen=True):
    """Words that stand for a cause."""

    code: CauseCode
    certainty: Certainty
    pattern: re.Pattern[str]


def _words(code: CauseCode, certainty: Certainty, pattern: str) -> Signature:
    return Signature(code, certainty, re.compile(pattern, re.IGNORECASE | re.DOTALL))


_KNOWN, _LIKELY = Certainty.KNOWN, Certainty.LIKELY
_C = CauseCode
UNREACHABLE: Final = r"i/o timeout|deadline exceeded|request cancell?ed|dial tcp|no such host|connection (?:refused|reset)|signal: killed"
DENIED: Final = r"AccessDenied|not authorized|unauthorized|forbidden|\b403\b"
START_SIGNATURES: Final = (
    _words(
        _C.ROLE_NOT_ASSUMED,
        _KNOWN,
        r"unable to assume (?:the )?(?:service linked )?role|not authorized to perform: sts:AssumeRole",
    ),
    _words(
        _C.IMAGE_PLATFORM,
        _KNOWN,
        r"no match(?:ing manifest| for platform)|cannot be used on this platform|operating system .*does not match|"
        r"exec format error|image platform .* does not match",
    ),
    _words(_C.LOG_GROUP_MISSING, _KNOWN, r"log group does not exist|log ?group .*(?:not found|cannot find)"),
    _words(_C.LOG_DENIED, _KNOWN, rf"(?:logger args|logging driver|log stream).*(?:{DENIED})"),
    _words(_C.LOG_UNREACHABLE, _LIKELY, r"logger args|logging driver"),
    _words(_C.SECRETS_DENIED, _KNOWN, rf"secrets? or registry auth.*(?:{DENIED})"),
    _words(_C.SECRETS_UNREACHABLE, _LIKELY, r"secrets? or registry auth"),
    _words(_C.IMAGE_TOO_LARGE, _KNOWN, r"CannotPull.*no space left"),
    _words(_C.IMAGE_RATE, _KNOWN, r"CannotPull.*(?:toomanyrequests|pull rate limit|\b429\b)"),
    # Docker Hub says both at once of what it does not show.
    _words(_C.IMAGE_NOT_FOUND, _LIKELY, r"CannotPull.*(?:does not exist or may require)"),
    _words(
        _C.IMAGE_NOT_FOUND,
        _KNOWN,
        r"CannotPull.*(?:not found|manifest unknown|name unknown|does not exist|repository .* not exist)",
    ),
    _words(_C.IMAGE_DENIED, _KNOWN, rf"CannotPull.*(?:{DENIED}|denied|no basic auth|ECR.*auth)"),
    _words(_C.IMAGE_UNREACHABLE, _LIKELY, rf"CannotPull.*(?:{UNREACHABLE})"),
    _words(_C.IMAGE_REGISTRY, _LIKELY, r"CannotPull.*(?:\b50[0-9]\b|service unavailable|internal server error)"),
    # AWS cuts reasons off after 255 characters, and this one names the image twice before it says `not found`.
    _words(
        _C.IMAGE_NOT_FOUND,
        _LIKELY,
        r"CannotPull.*failed to resolve ref \S+: (?:\d{12}\.dkr\.|[^\s/]+/)\S*(?: (?:no?t?(?: \w*)?)?)?$",
    ),
    _words(_C.IMAGE_NOT_PULLED, _KNOWN, r"CannotPull"),
    _words(_C.NOT_INITIALIZED, _KNOWN, r"ResourceInitializationError"),
    _words(
        _C.PROGRAM_NOT_FOUND,
        _KNOWN,
        r"CannotStart.*(?:executable file not found|no such file or directory|cannot find the (?:file|path))",
    ),
    _words(_C.PROGRAM_NOT_EXECUTABLE, _KNOWN, r"CannotStart.*(?:permission denied|not a valid win32)"),
    _words(_C.NO_COMMAND, _KNOWN, r"CannotStart.*no command specified"),
    _words(_C.CONTAINER_NOT_STARTED, _KNOWN, r"Cannot(?:Start|Create|Inspect)\w*Container\w*"),
    _words(_C.VCPU_QUOTA, _KNOWN, r"limit on the number of vCPUs"),
    _words(
        _C.ADDRESSES_EXHAUSTED, _KNOWN, r"InsufficientFreeAddresses|(?:insufficient|not enough) free (?:ip )?addresses"
    ),
    _words(_C.NETWORK_INTERFACE, _KNOWN, r"network interface"),
    _words(_C.NO_CAPACITY, _KNOWN, r"capacity is unavailable at this time|insufficient capacity"),
)
"""Of the container's and the task's reasons, the first that fits."""
END_SIGNATURES: Final = (
    _words(_C.OUT_OF_MEMORY, _KNOWN, r"OutOfMemory(?:Error)?\b"),
    _words(_C.TIMED_OUT, _KNOWN, r"Job attempt duration exceeded timeout"),
    _words(_C.SPOT_INTERRUPTED, _KNOWN, r"Spot (?:Task|Instance) (?:was )?interrupt|SpotInterruption"),
    _words(_C.HOST_TERMINATED, _KNOWN, r"Host EC2 \(instance [^)]*\) terminated"),
    _words(_C.DEPENDENCY_FAILED, _KNOWN, r"Depend(?:ent|ency) Job failed"),
    _words(_C.CHILD_FAILED, _KNOWN, r"Array Child Job failed"),
    _words(_C.TIME_LIMIT, _KNOWN, r"JobStateTimeLimit action"),
    _words(_C.QUEUE_DELETED, _KNOWN, r"JobQueue deleted"),
)
LINE_SIGNATURES: Final = (
    _words(
        _C.PROGRAM_NOT_FOUND,
        _LIKELY,
        r"is not recognized as (?:the name of a cmdlet|an internal or external)|command not found|cannot find the (?:file|path) specified",
    ),
    _words(
        _C.OUT_OF_MEMORY, _LIKELY, r"std::bad_alloc|OutOfMemoryException|java\.lang\.OutOfMemoryError|MemoryError\b"
    ),
    _words(_C.REFERENCE_NOT_FILLED, _LIKELY, r"Ref::\w"),
)
"""Of the last lines of a log: hints, since a program may print whatever it likes."""


def diagnose(ending: Ending) -> tuple[Cause, ...]:
    """The causes of a failure, the surest first; where nothing is known, one that says so."""
    causes = tuple(_causes(ending))
    return causes or (_unknown(ending),)


def ending_of(text: str, exit_code: int | None) -> Ending:
    """Where only one text and the exit code of some jobs are left: whose words it is nobody knows then."""
    return Ending(status_reason=text, reason=text, exit_code=exit_code)


def _causes(ending: Ending) -> Iterator[Cause]:
    texts = [text for text in (ending.reason, ending.stopped_reason, ending.status_reason) if text]
    found = _first(START_SIGNATURES, texts) or _first(END_SIGNATURES, texts)
    if found is None and any(text.startswith(OUR_REASONS) for text in texts):
        found = Cause(code=_C.ENDED_BY_US, certainty=_KNOWN, said=ending.status_reason)
    if found is not None:
        yield _with_arguments(found, ending)
    else:
        yield from _exited(ending)
    yield from _by_lines(ending, found)


def _first(signatures: tuple[Signature, ...], texts: list[str]) -> Cause | None:
    for signature in signatures:
        for text in texts:
            if signature.pattern.search(text):
                return Cause(code=signature.code, certainty=signature.certainty, said=text)
    return None


def _with_arguments(cause: Cause, ending: Ending) -> Cause:
    if cause.code is _C.TIMED_OUT and ending.timeout_s is not None:
        return msgspec.structs.replace(cause, arguments={"timeout_s": ending.timeout_s})
    return cause


def _exited(ending: Ending) -> Iterator[Cause]:
    code, said = ending.exit_code, ending.reason or ending.status_reason
    if _is_somebodys_reason(ending):
        # Cancel and terminate put the caller's own words in the place of AWS's.
        yield Cause(code=_C.ENDED_BY_REQUEST, certainty=_LIKELY, said=ending.status_reason)
    elif code is not None and code != 0:
        yield _exit(code, ending)
    elif EXITED in said or code == 0:
        yield Cause(code=_C.EXITED_WITHOUT_CODE, certainty=_KNOWN, said=said)
    elif FAILED_TO_START in said:
        yield Cause(code=_C.NOT_STARTED, certainty=_KNOWN, said=ending.stopped_reason or said)


def _is_somebodys_reason(ending: Ending) -> bool:
    """ECS says so, while it remembers the task; or else the words are none of AWS's, and no container gave them."""
    text = ending.status_reason
    if not text or EXITED in text or FAILED_TO_START in text:
        return False
    return ending.stop_code == "UserInitiated" or (not ending.reason and "Error:" not in text)


def _exit(code: int, ending: Ending) -> Cause:
    name = meaning(code, is_windows=ending.is_windows)
    said = ending.reason or ending.status_reason
    facts: dict[str, Argument] = {"exit_code": shown(code)}
    if name == "killed":
        return Cause(code=_C.KILLED, certainty=_LIKELY, arguments=facts, said=said)
    if name is not None:
        return Cause(code=_C.SYSTEM_EXIT_CODE, certainty=_KNOWN, arguments={**facts, "meaning": name}, said=said)
    return Cause(code=_C.PROGRAM_FAILED, certainty=_KNOWN, arguments=facts, said=said)


def _by_lines(ending: Ending, found: Cause | None) -> Iterator[Cause]:
    """What the program said, where AWS's words do not already say more."""
    if found is not None and found.code is not _C.KILLED:
        return
    for line in reversed(ending.last_lines):
        hint = _first(LINE_SIGNATURES, [line])
        if hint is not None:
            yield hint
            return


def _unknown(ending: Ending) -> Cause:
    said = "; ".join(
        dict.fromkeys(text for text in (ending.reason, ending.stopped_reason, ending.status_reason) if text)
    )
    return Cause(code=_C.UNKNOWN, certainty=Certainty.UNKNOWN, said=said)
