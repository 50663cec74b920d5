"""Judgments over a job definition: its platform, its size, its command and its timeout."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from batchgauge.core.checks.fargate_sizes import memory_for, vcpu_sizes
from batchgauge.core.checks.outcome import (
    Argument,
    Check,
    CheckCode,
    CheckKind,
    aws_command,
    failed,
    not_checked,
    ok,
    our_command,
    warning,
)
from batchgauge.core.checks.queue import is_usable
from batchgauge.core.checks.setup import WINDOWS, Asked, DefinitionSetup, ImageSetup, Setup, Unread
from batchgauge.core.scenario import COUNTDOWN_PARAMETER

REFERENCE: Final = re.compile(r"Ref::[\w-]+")
NOT_FOR_WINDOWS: Final = frozenset(
    {"linuxParameters", "privileged", "user", "ulimits", "readonlyRootFilesystem", "efsVolumeConfiguration"}
)
"""Settings of a container that AWS Batch takes for Linux only."""
LINUX_PLATFORM_VERSION: Final = "platformVersion=1.4.0"
REGISTER: Final = ("job-definition", "register")
WINDOWS_WORDS: Final = ("windows", "servercore", "nanoserver")
"""What the name of an image for Windows often holds."""


def check_definition(setup: Setup, asked: Asked) -> Iterator[Check]:
    """The definition by itself, and against the queue's environments."""
    kind, definition = CheckKind.JOB_DEFINITION, setup.definition
    if isinstance(definition, Unread):
        yield not_checked(kind, definition)
        return
    if definition is None:
        make = our_command(asked, setup.region, *REGISTER)
        show = aws_command(asked, setup.region, "batch", "describe-job-definitions", "--status", "ACTIVE")
        fix = f"{make}\n{show}"
        yield failed(kind, CheckCode.DEFINITION_MISSING, fix=fix, definition=asked.definition, region=setup.region)
        return
    facts: dict[str, Argument] = {
        "definition": definition.name,
        "revision": definition.revision,
        "definition_status": definition.status,
    }
    if definition.status not in ("ACTIVE", ""):
        yield failed(kind, CheckCode.DEFINITION_INACTIVE, facts)
        return
    yield ok(kind, CheckCode.DEFINITION_OK, facts)
    if definition.type != "container":
        yield warning(kind, CheckCode.DEFINITION_OTHER_TYPE, type=definition.type)
        return
    yield from _platform(definition, setup, asked)
    yield from _size(definition, asked)
    yield from _command(definition, asked)
    yield from _timeout(definition, asked)


def _platform(definition: DefinitionSetup, setup: Setup, asked: Asked) -> Iterator[Check]:
    kind = CheckKind.PLATFORM
    found = [
        *_windows(definition, setup, asked),
        *_against_environments(definition, setup),
        *_family_missing(definition, setup),
    ]
    yield from found
    if not found:
        family, architecture = definition.operating_system_family or "LINUX", definition.cpu_architecture or "X86_64"
        yield ok(kind, CheckCode.PLATFORM_OK, platform=definition.platform, family=family, architecture=architecture)


def _windows(definition: DefinitionSetup, setup: Setup, asked: Asked) -> Iterator[Check]:
    kind = CheckKind.PLATFORM
    if not definition.is_windows:
        return
    family = definition.operating_system_family
    if not definition.is_fargate:
        fix = our_command(asked, setup.region, *REGISTER)
        yield failed(kind, CheckCode.WINDOWS_ON_EC2, fix=fix, family=family, definition=definition.name)
    if definition.cpu_architecture not in ("", "X86_64"):
        yield failed(kind, CheckCode.WINDOWS_ARCHITECTURE, family=family, architecture=definition.cpu_architecture)
    misplaced = [name for name in definition.settings if name in NOT_FOR_WINDOWS or name == LINUX_PLATFORM_VERSION]
    if misplaced:
        yield failed(kind, CheckCode.WINDOWS_SETTINGS, settings=", ".join(misplaced))


def _against_environments(definition: DefinitionSetup, setup: Setup) -> Iterator[Check]:
    """Of environments that are the user's own instances nothing is known."""
    kind = CheckKind.PLATFORM
    if isinstance(setup.environments, Unread):
        return
    usable = [environment for environment in setup.environments if is_usable(environment) and environment.type]
    fitting = [environment for environment in usable if environment.is_fargate == definition.is_fargate]
    if usable and not fitting:
        types = ", ".join(sorted({environment.type for environment in usable}))
        yield failed(kind, CheckCode.PLATFORM_MISMATCH, platform=definition.platform, types=types)
    elif definition.is_windows and fitting and all(environment.is_spot for environment in fitting):
        names = ", ".join(environment.name for environment in fitting)
        yield failed(kind, CheckCode.WINDOWS_ON_SPOT, environments=names)


def _family_missing(definition: DefinitionSetup, setup: Setup) -> Iterator[Check]:
    """Without a runtimePlatform a task is Linux's: certain to be wrong where the registry says what the image is for."""
    kind = CheckKind.PLATFORM
    if definition.operating_system_family or not definition.is_fargate:
        return
    image = setup.image
    systems = {entry.system for entry in image.platforms} if isinstance(image, ImageSetup) else set()
    if systems == {"windows"}:
        yield failed(kind, CheckCode.RUNTIME_PLATFORM_MISSING, image=definition.image)
    elif not systems and any(word in definition.image.lower() for word in WINDOWS_WORDS):
        yield warning(kind, CheckCode.RUNTIME_PLATFORM_DOUBTFUL, image=definition.image)


def _size(definition: DefinitionSetup, asked: Asked) -> Iterator[Check]:
    kind = CheckKind.SIZE
    vcpus = asked.vcpus if asked.vcpus is not None else definition.vcpus
    memory_mib = asked.memory_mib if asked.memory_mib is not None else definition.memory_mib
    if vcpus is None or memory_mib is None:
        yield failed(kind, CheckCode.SIZE_MISSING, definition=definition.name)
        return
    allowed = memory_for(vcpus, is_windows=definition.is_windows)
    if not definition.is_fargate or memory_mib in allowed:
        yield ok(kind, CheckCode.SIZE_OK, vcpus=vcpus, memory_mib=memory_mib)
        return
    sizes = ", ".join(f"{size:g}" for size in vcpu_sizes(is_windows=definition.is_windows))
    yield failed(
        kind,
        CheckCode.SIZE_INVALID,
        vcpus=vcpus,
        memory_mib=memory_mib,
        system=WINDOWS.title() if definition.is_windows else "Linux",
        vcpu_sizes=sizes,
        memory_sizes=_as_range(allowed) if allowed else "-",
    )


def _as_range(sizes: Sequence[int]) -> str:
    """``2048, 3072, …, 8192``."""
    if len(sizes) <= 4:
        return ", ".join(map(str, sizes))
    return f"{sizes[0]}, {sizes[1]}, …, {sizes[-1]}"


def _command(definition: DefinitionSetup, asked: Asked) -> Iterator[Check]:
    kind = CheckKind.COMMAND
    command = definition.command if asked.command is None else asked.command
    given = _parameters(definition, asked)
    embedded = [word for word in command if REFERENCE.search(word) and not REFERENCE.fullmatch(word)]
    names = (word.removeprefix("Ref::") for word in command if REFERENCE.fullmatch(word))
    without = list(dict.fromkeys(name for name in names if name not in given))
    if embedded:
        found = REFERENCE.search(embedded[0])
        reference = found[0] if found is not None else ""
        yield warning(kind, CheckCode.REFERENCE_EMBEDDED, element=embedded[0], reference=reference, count=len(embedded))
    if without:
        yield failed(kind, CheckCode.REFERENCE_WITHOUT_VALUE, names=", ".join(without))
    if command and not embedded and not without:
        yield ok(kind, CheckCode.COMMAND_OK, command=" ".join(command))


def _parameters(definition: DefinitionSetup, asked: Asked) -> Mapping[str, str]:
    given = {**definition.parameters, **asked.parameters}
    # A run fills this one in by itself.
    return given if asked.countdown_s is None else {COUNTDOWN_PARAMETER: str(asked.countdown_s), **given}


def _timeout(definition: DefinitionSetup, asked: Asked) -> Iterator[Check]:
    kind, timeout_s = CheckKind.TIMEOUT, definition.timeout_s
    if timeout_s is None:
        yield warning(kind, CheckCode.TIMEOUT_NONE)
    elif asked.countdown_s is not None and timeout_s <= asked.countdown_s:
        yield failed(kind, CheckCode.TIMEOUT_BELOW_COUNTDOWN, timeout_s=timeout_s, countdown_s=asked.countdown_s)
    else:
        yield ok(kind, CheckCode.TIMEOUT_OK, timeout_s=timeout_s)
