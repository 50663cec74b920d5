"""A test environment's stack: planned, brought up or changed, followed to its end, taken down, and proved to be gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from batchgauge.core.journal import CallOutcome
from batchgauge.core.submitting.refusals import error_of
from batchgauge.errors import StackBusyError, StackFailedError, StackNotOursError
from batchgauge.ports import (
    Account,
    BatchGateway,
    Clock,
    Reply,
    Repositories,
    Stack,
    StackEvent,
    StackRequest,
    StackResource,
    Stacks,
)
from batchgauge.provision.template import DESCRIPTION_BEGIN, default_parameters, with_fitting_memory

POLL_INTERVAL_S: Final = 2.0
IN_PROGRESS: Final = "IN_PROGRESS"
NEVER_STOOD: Final = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "REVIEW_IN_PROGRESS"})
"""CloudFormation neither updates such a stack nor makes another one of the name: it must go first."""
DONE: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE"})
CANCELLED: Final = ("Resource creation cancelled", "Resource update cancelled")
"""What AWS says of resources that failed only because another one did."""
QUEUE: Final = "AWS::Batch::JobQueue"
ENVIRONMENT: Final = "AWS::Batch::ComputeEnvironment"
REPOSITORY: Final = "AWS::ECR::Repository"
LOG_GROUP: Final = "AWS::Logs::LogGroup"
ROLE: Final = "AWS::IAM::Role"

DELETED: Final = "DELETE_COMPLETE"
GONE: Final = frozenset({"DELETE_COMPLETE", "CREATE_FAILED"})

T = TypeVar("T")
OnEvent = Callable[[StackEvent], None]


class Action(StrEnum):
    """What is to be done to a stack."""

    CREATE = "create"
    UPDATE = "update"
    RECREATE = "recreate"
    """Its creation has failed earlier, and its remains go first."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A stack that is to stand."""

    name: str
    action: Action
    template: str
    given: Mapping[str, str]
    """What the user said."""
    parameters: Mapping[str, str]
    """All of them, as they will be."""
    current: Stack | None = None

    def request(self, token: str) -> StackRequest:
        """What is asked of CloudFormation: parameters that nobody has named stay as they are."""
        kept: dict[str, str | None] = {}
        if self.action is Action.UPDATE and self.current is not None:
            kept = {name: None for name in self.parameters if name in self.current.parameters}
        return StackRequest(self.name, self.template, {**kept, **self.given}, token)


async def plan_up(stacks: Stacks, name: str, template: str, given: Mapping[str, str]) -> Plan:
    """What bringing it up means; nothing is changed.

    Raises:
        StackNotOursError: another template has made the stack of that name.
        StackBusyError: something else changes it now.
        InvalidOptionError: the memory does not go with the vCPUs.
        AwsError: AWS cannot be asked.
    """
    current = await find_ours(stacks, name)
    before = default_parameters(template)
    action = Action.CREATE
    if current is not None:
        action = Action.RECREATE if current.status in NEVER_STOOD else Action.UPDATE
    if action is Action.UPDATE and current is not None:
        before |= {key: value for key, value in current.parameters.items() if key in before}
    given = with_fitting_memory(given, {**before, **given})
    return Plan(name, action, template, given, {**before, **given}, current)


async def find_ours(stacks: Stacks, name: str) -> Stack | None:
    """The stack of that name, which may be touched; None where there is none.

    Raises:
        StackNotOursError, StackBusyError: it may not.
        AwsError: AWS cannot be asked.
    """
    current = await stacks.find(name)
    if current is None:
        return None
    if not current.description.startswith(DESCRIPTION_BEGIN):
        raise StackNotOursError(stack=name, region=stacks.region)
    if current.status.endswith(IN_PROGRESS) and current.status not in NEVER_STOOD:
        raise StackBusyError(stack=name, status=current.status)
    return current


@dataclass(frozen=True, slots=True)
class Deployer:
    """Brings stacks up and takes them down, each followed to its end; `on_event` is told what happens on the way."""

    stacks: Stacks
    clock: Clock
    token: str
    """Different for each command, so that AWS takes a request that arrives twice for one."""
    on_event: OnEvent

    async def bring_up(self, plan: Plan) -> Stack | None:
        """Make or change the stack; None where there was nothing to change.

        Raises:
            StackFailedError: AWS could not do it; what it made, it has taken back.
            AwsError: AWS refuses, or cannot be asked.
        """
        if plan.action is Action.UPDATE and plan.current is not None:
            known = await self._known_events(plan.current.stack_id)
            if not await self.stacks.update(plan.request(self.token)):
                return None
            return await self._followed(plan.current.stack_id, known, "up")
        if plan.current is not None:
            await self.take_down(plan.current)
        stack_id = await self.stacks.create(plan.request(self.token))
        return await self._followed(stack_id, set(), "up")

    async def take_down(self, stack: Stack) -> None:
        """Delete the stack.

        Raises:
            StackFailedError: a resource could not be deleted.
            AwsError: AWS refuses, or cannot be asked.
        """
        known = await self._known_events(stack.stack_id)
        await self.stacks.delete(stack.stack_id, f"{self.token}-delete")
        await self._followed(stack.stack_id, known, "down")

    async def _known_events(self, stack_id: str) -> set[str]:
        return {event.event_id for event in await self.stacks.events(stack_id)}

    async def _followed(self, stack_id: str, known: set[str], command: str) -> Stack:
        failures: list[StackEvent] = []
        while True:
            stack = await self.stacks.find(stack_id)  # before the events, so that the last look shows all of them
            for event in await self.stacks.events(stack_id, known):
                known.add(event.event_id)
                self.on_event(event)
                if event.status.endswith("_FAILED") and not (event.reason or "").startswith(CANCELLED):
                    failures.append(event)
            if stack is None or not stack.status.endswith(IN_PROGRESS):
                break
            await self.clock.sleep(POLL_INTERVAL_S)
        if stack is not None and stack.status in DONE and not (command == "up" and stack.status == DELETED):
            return stack
        raise _failure(stack, stack_id, failures, command)


def _failure(stack: Stack | None, stack_id: str, failures: Sequence[StackEvent], command: str) -> StackFailedError:
    name = stack.name if stack is not None else stack_id
    first = next((event for event in failures if event.logical_id != name), failures[0] if failures else None)
    return StackFailedError(
        stack=name,
        status=stack.status if stack is not None else "?",
        resource=first.logical_id if first is not None else name,
        reason=(first.reason if first is not None else None) or (stack.status_reason if stack else None) or "?",
        flag=command,
    )


@dataclass(frozen=True, slots=True)
class Contents:
    """What a stack holds that has to be looked after."""

    resources: tuple[StackResource, ...]

    @property
    def standing(self) -> tuple[StackResource, ...]:
        """Those that are not deleted."""
        return tuple(each for each in self.resources if each.physical_id and each.status not in GONE)

    def names(self, kind: str) -> tuple[str, ...]:
        """The physical ids of one kind."""
        return tuple(each.physical_id for each in self.standing if each.kind == kind)


@dataclass(frozen=True, slots=True)
class Witness:
    """Asks the services themselves what is left: CloudFormation's word alone is no proof."""

    account: Account
    batch: BatchGateway
    repositories: Repositories
    endpoint: str

    async def left(self, contents: Contents) -> tuple[str, ...]:
        """Of what costs, holds data or gives rights, what still stands.

        Raises:
            AwsError: a service cannot be asked.
        """
        left: list[str] = []
        for queue in contents.names(QUEUE):
            found = self._value(await self.batch.describe_job_queue(queue))
            left += [queue] if found is not None and found.status != "DELETED" else []
        for environment in contents.names(ENVIRONMENT):
            standing = self._value(await self.batch.describe_compute_environments([environment]))
            left += [each.name for each in standing or () if each.status != "DELETED"]
        for repository in contents.names(REPOSITORY):
            left += [repository] if await self.repositories.count_images(repository) is not None else []
        for group in contents.names(LOG_GROUP):
            left += [group] if await self.repositories.has_log_group(group) else []
        for role in contents.names(ROLE):
            left += [role] if await self.account.find_role(role) is not None else []
        return tuple(left)

    async def standing_queues(self, contents: Contents) -> tuple[str, ...]:
        """The job queues that are there, whatever CloudFormation believes.

        Raises:
            AwsError: Batch cannot be asked.
        """
        names = contents.names(QUEUE)
        return tuple([name for name in names if self._value(await self.batch.describe_job_queue(name)) is not None])

    def _value(self, reply: Reply[T]) -> T | None:
        if reply.outcome is not CallOutcome.OK:
            raise error_of(reply, self.endpoint)
        return reply.value
