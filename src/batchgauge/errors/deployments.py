"""A stack that is not as it was to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from batchgauge.errors.guards import DeclinedError
from batchgauge.errors.root import BatchgaugeError


class DeploymentError(BatchgaugeError):
    """What was to stand does not stand, or what was to go did not go."""


@dataclass(eq=False)
class StackFailedError(DeploymentError):
    """AWS could not make, change or delete a stack; the first resource that failed, and AWS's own words of it."""

    stack: str
    status: str
    resource: str
    reason: str
    flag: str
    """The command that it happened to, for its hint: ``up`` or ``down``."""
    code: ClassVar[str] = "stack-failed"


@dataclass(eq=False)
class StackBusyError(DeploymentError):
    """Something else changes the stack at this moment."""

    stack: str
    status: str
    code: ClassVar[str] = "stack-busy"


@dataclass(eq=False)
class StackLeftError(DeploymentError):
    """The stack is deleted, and the service itself still shows a part of it."""

    stack: str
    left: str
    code: ClassVar[str] = "stack-left"


@dataclass(eq=False)
class StackNotOursError(DeploymentError):
    """There is a stack of that name that another template has made."""

    stack: str
    region: str
    code: ClassVar[str] = "stack-not-ours"
    exit_code: ClassVar[int] = 2


@dataclass(eq=False)
class NetworkNotUsableError(DeploymentError):
    """A network that a stack is to be made in is not there, or no job could start in it; nothing was made."""

    vpc: str
    subnets: str
    """Those that it is about."""
    region: str
    because: str
    code: ClassVar[str] = "network-not-usable"
    exit_code: ClassVar[int] = 2


@dataclass(eq=False)
class DeclinedDeploymentError(DeclinedError):
    """Somebody was asked about a stack and did not say yes; nothing was made, changed or deleted."""

    code: ClassVar[str] = "declined-deployment"
