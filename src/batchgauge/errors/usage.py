"""A command that was asked for wrongly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from batchgauge.errors.root import BatchgaugeError


class UsageError(BatchgaugeError):
    """The command was asked for wrongly, or a guard refused."""

    exit_code = 2


@dataclass(eq=False)
class InvalidOptionError(UsageError):
    """A flag's value is outside of what it takes; `expected` is a code of ``messages`` (``expected.<code>``)."""

    flag: str
    value: str
    expected: str
    code: ClassVar[str] = "invalid-option"


@dataclass(eq=False)
class InvalidExpressionError(UsageError):
    """An expression cannot be read on from a place; `expected` is a code of ``messages`` (``expected.<code>``)."""

    flag: str
    value: str
    position: int
    """From 1."""
    found: str
    """What stands there; empty at the end."""
    expected: str
    code: ClassVar[str] = "invalid-expression"


@dataclass(eq=False)
class ScenarioFileError(UsageError):
    """A scenario file cannot be read at all."""

    file: str
    reason: str
    code: ClassVar[str] = "scenario-file"


@dataclass(eq=False)
class ScenarioSyntaxError(UsageError):
    """A scenario file is no YAML, or uses what is not understood in one."""

    file: str
    line: int
    column: int
    detail: str
    code: ClassVar[str] = "scenario-syntax"


@dataclass(eq=False)
class UnknownFieldError(UsageError):
    """A scenario file has a field that there is not; `known` are those that there are in its place."""

    file: str
    line: int
    field: str
    known: str
    code: ClassVar[str] = "unknown-field"


@dataclass(eq=False)
class ScenarioFieldError(UsageError):
    """A scenario file has a value that its field does not take; `expected` is a code of ``messages``."""

    file: str
    line: int
    field: str
    found: str
    expected: str
    code: ClassVar[str] = "scenario-field"


@dataclass(eq=False)
class SampleTooSmallError(UsageError):
    """No level that was asked for has as many jobs as a threshold needs."""

    flag: str
    value: str
    needed: int
    largest: int
    code: ClassVar[str] = "sample-too-small"


@dataclass(eq=False)
class MissingOptionError(UsageError):
    """A flag that the command cannot do without was not given."""

    flag: str
    code: ClassVar[str] = "missing-option"


@dataclass(eq=False)
class SecretInEnvironmentError(UsageError):
    """An environment variable of the jobs looks like a secret; its value is not shown."""

    flag: str
    name: str
    code: ClassVar[str] = "secret-in-environment"


@dataclass(eq=False)
class ConflictingOptionsError(UsageError):
    """Two flags were given of which only one can hold."""

    flag: str
    other: str
    code: ClassVar[str] = "conflicting-options"


@dataclass(eq=False)
class OutputNotWritableError(UsageError):
    """A file or folder that the run must write cannot be written; found out before anything is started."""

    flag: str
    path: str
    reason: str
    code: ClassVar[str] = "output-not-writable"


@dataclass(eq=False)
class FaultsNotUsableError(UsageError):
    """The file that says what is to go wrong on the embedded AWS cannot be read, or is not of its shape."""

    path: str
    reason: str
    code: ClassVar[str] = "faults-not-usable"


@dataclass(eq=False)
class MissingExtraError(UsageError):
    """An optional part of the installation is needed and missing."""

    extra: str
    module: str
    code: ClassVar[str] = "missing-extra"
