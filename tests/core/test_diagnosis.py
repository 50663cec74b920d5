"""What a failed job's words and codes stand for; those that nobody knows stay as they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.diagnosis.causes import Cause, CauseCode, Certainty, Ending, diagnose, ending_of
from batchgauge.core.diagnosis.exit_codes import LINUX_CODES, WINDOWS_CODES, meaning, shown
from batchgauge.messages import translator
from batchgauge.reports.cause_words import cause_in_words

K, L = Certainty.KNOWN, Certainty.LIKELY
IMAGE = "111122223333.dkr.ecr.us-west-2.amazonaws.com/app:v9"
EXITED = "Essential container in task exited"

REASONS = [
    (f"CannotPullContainerError: failed to resolve ref {IMAGE}: not found", CauseCode.IMAGE_NOT_FOUND, K),
    (
        "CannotPullContainerError: Error response from daemon: pull access denied for app, repository does not exist "
        "or may require 'docker login'",
        CauseCode.IMAGE_NOT_FOUND,
        L,
    ),
    *(
        (
            f"CannotPullContainerError: failed to resolve ref {IMAGE}: {IMAGE}: not found"[:-cut],
            CauseCode.IMAGE_NOT_FOUND,
            L,
        )
        for cut in (2, 6, 8, 9, 11, 30)
    ),
    (f"CannotPullContainerError: failed to resolve ref {IMAGE}: EOF", CauseCode.IMAGE_NOT_PULLED, K),
    (f"CannotPullContainerError: failed to resolve ref {IMAGE}: unexpected end of", CauseCode.IMAGE_NOT_PULLED, K),
    ("CannotPullContainerError: manifest unknown: Requested image not found", CauseCode.IMAGE_NOT_FOUND, K),
    ("CannotPullContainerError: pull image manifest: 403 Forbidden", CauseCode.IMAGE_DENIED, K),
    (
        "CannotPullContainerError: no matching manifest for windows/amd64 10.0.20348 in the manifest list entries",
        CauseCode.IMAGE_PLATFORM,
        K,
    ),
    (
        'CannotPullContainerError: image operating system "linux" cannot be used on this platform',
        CauseCode.IMAGE_PLATFORM,
        K,
    ),
    ("CannotPullContainerError: toomanyrequests: You have reached your pull rate limit", CauseCode.IMAGE_RATE, K),
    ("CannotPullContainerError: write /var/lib: no space left on device", CauseCode.IMAGE_TOO_LARGE, K),
    ("CannotPullContainerError: dial tcp 52.1.2.3:443: i/o timeout", CauseCode.IMAGE_UNREACHABLE, L),
    ("CannotPullContainerError: unexpected status code 503 Service Unavailable", CauseCode.IMAGE_REGISTRY, L),
    ("CannotPullContainerError: something new", CauseCode.IMAGE_NOT_PULLED, K),
    (
        "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to "
        "create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist.",
        CauseCode.LOG_GROUP_MISSING,
        K,
    ),
    (
        "ResourceInitializationError: failed to validate logger args: AccessDeniedException: not authorized to perform: "
        "logs:CreateLogStream",
        CauseCode.LOG_DENIED,
        K,
    ),
    ("ResourceInitializationError: failed to validate logger args: signal: killed", CauseCode.LOG_UNREACHABLE, L),
    (
        "ResourceInitializationError: unable to pull secrets or registry auth: AccessDeniedException: not authorized",
        CauseCode.SECRETS_DENIED,
        K,
    ),
    (
        "ResourceInitializationError: unable to pull secrets or registry auth: context deadline exceeded",
        CauseCode.SECRETS_UNREACHABLE,
        L,
    ),
    ("ECS was unable to assume the role 'arn:aws:iam::1:role/x'", CauseCode.ROLE_NOT_ASSUMED, K),
    ("ResourceInitializationError: failed to invoke EFS utils", CauseCode.NOT_INITIALIZED, K),
    ('CannotStartContainerError: exec: "app": executable file not found in $PATH', CauseCode.PROGRAM_NOT_FOUND, K),
    (
        "CannotStartContainerError: failure in a Windows system call: The system cannot find the file specified.",
        CauseCode.PROGRAM_NOT_FOUND,
        K,
    ),
    ("CannotStartContainerError: exec ./app: permission denied", CauseCode.PROGRAM_NOT_EXECUTABLE, K),
    ("CannotStartContainerError: Error response from daemon: no command specified", CauseCode.NO_COMMAND, K),
    (
        "CannotStartContainerError: The container operating system does not match the host operating system.",
        CauseCode.IMAGE_PLATFORM,
        K,
    ),
    ("CannotStartContainerError: something new", CauseCode.CONTAINER_NOT_STARTED, K),
    ("OutOfMemoryError: Container killed due to memory usage", CauseCode.OUT_OF_MEMORY, K),
    (
        "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment enabled in subnet "
        "'subnet-1': InsufficientFreeAddressesInSubnet",
        CauseCode.ADDRESSES_EXHAUSTED,
        K,
    ),
    ("Timeout waiting for network interface provisioning to complete.", CauseCode.NETWORK_INTERFACE, K),
    ("You've reached the limit on the number of vCPUs you can run concurrently", CauseCode.VCPU_QUOTA, K),
    ("Capacity is unavailable at this time. Please try again later", CauseCode.NO_CAPACITY, K),
]
STATUS_REASONS = [
    ("Job attempt duration exceeded timeout", CauseCode.TIMED_OUT, K),
    ("Host EC2 (instance i-0abc) terminated.", CauseCode.HOST_TERMINATED, K),
    ("Dependent Job failed", CauseCode.DEPENDENCY_FAILED, K),
    ("Array Child Job failed", CauseCode.CHILD_FAILED, K),
    (
        "Canceled by JobStateTimeLimit action due to reason: MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT",
        CauseCode.TIME_LIMIT,
        K,
    ),
    ("JobQueue deleted", CauseCode.QUEUE_DELETED, K),
    ("batchgauge: the run was interrupted", CauseCode.ENDED_BY_US, K),
    ("batchgauge cleanup", CauseCode.ENDED_BY_US, K),
    ("no longer needed, Alice", CauseCode.ENDED_BY_REQUEST, L),
    ("Task failed to start", CauseCode.NOT_STARTED, K),
]


def first(ending: Ending) -> tuple[CauseCode, Certainty]:
    cause = diagnose(ending)[0]
    return cause.code, cause.certainty


@pytest.mark.parametrize(("reason", "code", "certainty"), REASONS)
def test_a_containers_reason(reason: str, code: CauseCode, certainty: Certainty) -> None:
    assert first(Ending(status_reason="Task failed to start", reason=reason)) == (code, certainty)
    # ECS says it where Batch has cut it off.
    assert first(Ending(status_reason="Task failed to start", stopped_reason=reason)) == (code, certainty)


@pytest.mark.parametrize(("reason", "code", "certainty"), STATUS_REASONS)
def test_a_status_reason(reason: str, code: CauseCode, certainty: Certainty) -> None:
    assert first(Ending(status_reason=reason)) == (code, certainty)


def test_spot_and_termination_are_told_by_the_task() -> None:
    spot = Ending(status_reason=EXITED, exit_code=137, stopped_reason="Your Spot Task was interrupted.")
    assert first(spot) == (CauseCode.SPOT_INTERRUPTED, K)
    ended = Ending(status_reason="enough", exit_code=143, stop_code="UserInitiated")
    assert first(ended) == (CauseCode.ENDED_BY_REQUEST, L)


@pytest.mark.parametrize(
    ("exit_code", "is_windows", "expected"),
    [
        (3221225781, True, "dll-not-found"),
        (-1073741515, None, "dll-not-found"),
        (3221225477, None, "access-violation"),
        (-532462766, True, "dotnet-exception"),
        (139, False, "access-violation"),
        (139, True, None),
        (137, None, "killed"),
        (3, False, None),
        (4_000_000_000, True, None),
    ],
)
def test_exit_codes_that_a_system_gives(exit_code: int, is_windows: bool | None, expected: str | None) -> None:
    assert meaning(exit_code, is_windows=is_windows) == expected


def test_exit_codes_of_windows_are_shown_as_its_documentation_writes_them() -> None:
    assert (shown(-1073741515), shown(3221225781), shown(3)) == ("3221225781 (0xC0000135)",) * 2 + ("3",)


def test_a_killed_program_is_not_guessed_to_be_out_of_memory_for_certain() -> None:
    assert first(Ending(status_reason=EXITED, exit_code=137)) == (CauseCode.KILLED, L)
    said = Ending(status_reason=EXITED, reason="OutOfMemoryError: Container killed due to memory usage", exit_code=137)
    assert first(said) == (CauseCode.OUT_OF_MEMORY, K)


def test_the_programs_last_line_is_a_hint_and_no_more() -> None:
    lines = ("C:\\test\\app.exe : The term 'app.exe' is not recognized as the name of a cmdlet", "done")
    causes = diagnose(Ending(status_reason=EXITED, exit_code=1, is_windows=True, last_lines=lines))
    assert [(cause.code, cause.certainty) for cause in causes] == [
        (CauseCode.PROGRAM_FAILED, K),
        (CauseCode.PROGRAM_NOT_FOUND, L),
    ]


def test_a_timeout_says_how_long_it_was() -> None:
    [cause] = diagnose(Ending(status_reason="Job attempt duration exceeded timeout", timeout_s=60))
    assert cause.arguments == {"timeout_s": 60}


def test_a_text_that_somebody_else_wrote_is_not_guessed_at_where_its_origin_is_not_known() -> None:
    assert first(ending_of("no longer needed, Alice", None)) == (CauseCode.UNKNOWN, Certainty.UNKNOWN)


def test_what_nobody_knows_is_shown_as_it_stands() -> None:
    [cause] = diagnose(Ending(reason="BrandNewError: it broke"))
    assert cause == Cause(code=CauseCode.UNKNOWN, certainty=Certainty.UNKNOWN, said="BrandNewError: it broke")


@given(
    st.builds(
        Ending,
        status_reason=st.text(max_size=40),
        reason=st.text(max_size=40),
        exit_code=st.none() | st.integers(-(2**31), 2**32 - 1),
        is_windows=st.none() | st.booleans(),
        last_lines=st.lists(st.text(max_size=20), max_size=3).map(tuple),
    )
)
def test_any_ending_has_a_cause_with_words_in_both_languages(ending: Ending) -> None:
    causes = diagnose(ending)
    assert causes
    for cause in causes:
        for language in ("en", "ja"):
            words = cause_in_words(cause, translator(language))
            assert words
            assert "{" not in words
            assert not words.startswith(("cause.", "exit-code."))


@pytest.mark.parametrize("name", sorted({*WINDOWS_CODES.values(), *LINUX_CODES.values()}))
@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_meaning_has_words(name: str, language: str) -> None:
    assert translator(language).knows(f"exit-code.{name}")
