"""What deploying needs of an account: stacks, and what in them has to be looked after."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack as it stands."""

    stack_id: str
    name: str
    status: str
    status_reason: str | None = None
    description: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StackEvent:
    """One line of a stack's history."""

    event_id: str
    time_ms: float
    logical_id: str
    """The stack's own name where the event is about the stack."""
    kind: str
    """``AWS::Batch::JobQueue``"""
    status: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class StackResource:
    """A part of a stack."""

    logical_id: str
    physical_id: str
    kind: str
    status: str


@dataclass(frozen=True, slots=True)
class StackRequest:
    """What a stack is to be."""

    name: str
    template: str
    parameters: Mapping[str, str | None]
    """None: as before."""
    token: str
    """Says that a second request is the same as the first."""


class Stacks(Protocol):
    """CloudFormation. Not measured, so every method raises an `AwsError` where AWS refuses."""

    @property
    def region(self) -> str:
        """The Region that is asked."""
        ...

    async def find(self, name_or_id: str) -> Stack | None:
        """By name, or by id also one that is deleted; None where there is none."""
        ...

    async def create(self, request: StackRequest) -> str:
        """Begin to make it; its id."""
        ...

    async def update(self, request: StackRequest) -> bool:
        """Begin to change it; False where there is nothing to change."""
        ...

    async def delete(self, stack_id: str, token: str) -> None:
        """Begin to delete it; one that is gone is no error."""
        ...

    async def events(self, stack_id: str, known: Collection[str] = ()) -> tuple[StackEvent, ...]:
        """The events that came after those with these ids, oldest first."""
        ...

    async def resources(self, stack_id: str) -> tuple[StackResource, ...]:
        """All parts, also of a stack that is deleted."""
        ...


class Repositories(Protocol):
    """What a repository's images need before it can go, and proof that repository and log group are gone."""

    async def count_images(self, repository: str) -> int | None:
        """How many images it holds; None where there is no such repository."""
        ...

    async def delete_images(self, repository: str) -> int:
        """Delete all images; how many there were."""
        ...

    async def has_log_group(self, name: str) -> bool:
        """Whether there is a log group of exactly this name."""
        ...
