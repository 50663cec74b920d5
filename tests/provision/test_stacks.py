"""A stack is planned, followed to its end with the first real failure named, and only one of ours is touched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import pytest

from batchgauge.errors import InvalidOptionError, StackBusyError, StackFailedError, StackNotOursError
from batchgauge.ports import Stack, StackEvent, StackRequest, StackResource
from batchgauge.provision.stacks import Action, Contents, Deployer, plan_up
from batchgauge.provision.template import (
    DESCRIPTION_BEGIN,
    default_parameters,
    template_text,
    with_defaults,
)

TEMPLATE = template_text()
Story = list[tuple[str, list[StackEvent]]]


def stack(status: str, description: str = DESCRIPTION_BEGIN, **parameters: str) -> Stack:
    return Stack("arn:stack", "s", status, None, description, parameters)


def event(number: int, logical_id: str, status: str, reason: str | None = None) -> StackEvent:
    return StackEvent(str(number), float(number), logical_id, "AWS::Batch::JobQueue", status, reason)


@dataclass
class FakeStacks:
    """CloudFormation that takes its time: each look shows the next part of a story (status, events of that moment)."""

    current: Stack | None = None
    story: Story = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    requests: list[StackRequest] = field(default_factory=list)
    is_changed: bool = True
    _events: list[StackEvent] = field(default_factory=list)

    region = "us-west-2"

    async def find(self, name_or_id: str) -> Stack | None:
        if self.done and self.story:
            status, events = self.story.pop(0)
            self._events += events
            self.current = stack(status)
        return self.current

    async def create(self, request: StackRequest) -> str:
        self.done.append("create")
        self.requests.append(request)
        return "arn:stack"

    async def update(self, request: StackRequest) -> bool:
        self.done.append("update")
        self.requests.append(request)
        return self.is_changed

    async def delete(self, stack_id: str, token: str) -> None:
        self.done.append("delete")

    async def events(self, stack_id: str, known: Collection[str] = ()) -> tuple[StackEvent, ...]:
        return tuple(each for each in self._events if each.event_id not in known)

    async def resources(self, stack_id: str) -> tuple[StackResource, ...]:
        return ()


class FakeClock:
    """Nobody waits."""

    def __init__(self) -> None:
        self.slept_s = 0.0

    def now_ms(self) -> float:
        return self.slept_s * 1000

    async def sleep(self, seconds: float) -> None:
        self.slept_s += seconds


def bring_up(stacks: FakeStacks, **given: str) -> tuple[Stack | None, list[str], FakeClock]:
    clock, seen = FakeClock(), list[str]()

    async def go() -> Stack | None:
        plan = await plan_up(stacks, "s", TEMPLATE, given)
        return await Deployer(stacks, clock, "t", lambda event: seen.append(event.event_id)).bring_up(plan)

    return asyncio.run(go()), seen, clock


def test_a_new_stack_is_followed_event_by_event_to_its_end() -> None:
    stacks = FakeStacks(
        story=[
            ("CREATE_IN_PROGRESS", [event(1, "s", "CREATE_IN_PROGRESS")]),
            ("CREATE_IN_PROGRESS", [event(2, "Queue", "CREATE_COMPLETE")]),
            ("CREATE_COMPLETE", [event(3, "s", "CREATE_COMPLETE")]),
        ]
    )
    made, seen, clock = bring_up(stacks, MaxvCpus="4")
    assert made is not None
    assert (made.status, stacks.done, seen, clock.slept_s) == ("CREATE_COMPLETE", ["create"], ["1", "2", "3"], 4.0)
    assert stacks.requests[0].parameters == {"MaxvCpus": "4"}


def test_an_update_keeps_what_nobody_names_and_leaves_new_parameters_their_defaults() -> None:
    current = stack("UPDATE_ROLLBACK_COMPLETE", MaxvCpus="99", Events="false", Forgotten="x")
    stacks = FakeStacks(current, [("UPDATE_COMPLETE", [])])
    bring_up(stacks, Events="true")
    assert stacks.done == ["update"]
    assert stacks.requests[0].parameters == {"MaxvCpus": None, "Events": "true"}


def test_nothing_to_change_is_said_and_not_waited_for() -> None:
    stacks = FakeStacks(stack("CREATE_COMPLETE"), is_changed=False)
    made, seen, clock = bring_up(stacks)
    assert (made, seen, clock.slept_s) == (None, [], 0.0)


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "CREATE_FAILED", "REVIEW_IN_PROGRESS"])
def test_what_never_stood_goes_first(status: str) -> None:
    stacks = FakeStacks(stack(status), [("DELETE_COMPLETE", []), ("CREATE_COMPLETE", [])])
    made, _, _ = bring_up(stacks)
    assert made is not None
    assert stacks.done == ["delete", "create"]


def test_the_first_real_failure_is_the_reason() -> None:
    stacks = FakeStacks(
        story=[
            (
                "ROLLBACK_IN_PROGRESS",
                [
                    event(1, "Vpc", "CREATE_FAILED", "Resource creation cancelled"),
                    event(2, "Repository", "CREATE_FAILED", "it exists"),
                    event(3, "s", "ROLLBACK_IN_PROGRESS", "The following resource(s) failed"),
                ],
            ),
            ("ROLLBACK_COMPLETE", []),
        ]
    )
    with pytest.raises(StackFailedError) as caught:
        bring_up(stacks)
    error = caught.value
    assert (error.status, error.resource, error.reason) == ("ROLLBACK_COMPLETE", "Repository", "it exists")


def test_a_deletion_that_fails_names_what_is_in_the_way() -> None:
    stacks = FakeStacks(
        stack("CREATE_COMPLETE"), [("DELETE_FAILED", [event(1, "Vpc", "DELETE_FAILED", "it has dependencies")])]
    )
    with pytest.raises(StackFailedError, match="it has dependencies"):
        asyncio.run(Deployer(stacks, FakeClock(), "t", lambda _: None).take_down(stack("CREATE_COMPLETE")))


@pytest.mark.parametrize(
    ("current", "error"),
    [
        (stack("CREATE_COMPLETE", "Somebody else's"), StackNotOursError),
        (stack("ROLLBACK_COMPLETE", "Somebody else's"), StackNotOursError),
        (stack("UPDATE_IN_PROGRESS"), StackBusyError),
        (stack("DELETE_IN_PROGRESS"), StackBusyError),
    ],
)
def test_what_is_not_ours_or_busy_is_not_touched(current: Stack, error: type[Exception]) -> None:
    stacks = FakeStacks(current)
    with pytest.raises(error):
        bring_up(stacks)
    assert stacks.done == []


def test_a_plan_is_what_will_be() -> None:
    plan = asyncio.run(plan_up(FakeStacks(stack("CREATE_COMPLETE", MaxvCpus="9")), "s", TEMPLATE, {"Events": "true"}))
    assert plan.action is Action.UPDATE
    assert (plan.parameters["MaxvCpus"], plan.parameters["Events"], plan.parameters["System"]) == ("9", "true", "both")


@pytest.mark.parametrize(
    ("given", "memory"),
    [({}, "2048"), ({"JobVcpus": "2"}, "4096"), ({"JobVcpus": "4", "JobMemoryMiB": "30720"}, "30720")],
)
def test_memory_goes_with_the_vcpus(given: dict[str, str], memory: str) -> None:
    plan = asyncio.run(plan_up(FakeStacks(), "s", TEMPLATE, given))
    assert plan.parameters["JobMemoryMiB"] == memory
    assert plan.request("t").parameters.get("JobMemoryMiB", "2048") == memory


@pytest.mark.parametrize("memory", ["512", "2049", "9216"])
def test_memory_that_does_not_go_with_the_vcpus_is_refused(memory: str) -> None:
    with pytest.raises(InvalidOptionError):
        asyncio.run(plan_up(FakeStacks(), "s", TEMPLATE, {"JobMemoryMiB": memory}))


def test_memory_that_stands_and_fits_stays() -> None:
    stacks = FakeStacks(stack("CREATE_COMPLETE", JobMemoryMiB="8192", JobVcpus="1"))
    plan = asyncio.run(plan_up(stacks, "s", TEMPLATE, {"JobVcpus": "2"}))
    assert plan.request("t").parameters == {"JobVcpus": "2", "JobMemoryMiB": None}


def test_only_what_stands_is_counted() -> None:
    contents = Contents(
        (
            StackResource("A", "a", "AWS::ECR::Repository", "DELETE_FAILED"),
            StackResource("B", "b", "AWS::ECR::Repository", "DELETE_COMPLETE"),
            StackResource("C", "", "AWS::ECR::Repository", "CREATE_IN_PROGRESS"),
        )
    )
    assert contents.names("AWS::ECR::Repository") == ("a",)


@pytest.mark.parametrize(
    ("name", "value"), [("MaxvCpus", "7"), ("LinuxImage", 'a"b\\1'), ("VpcCidr", "10.1.0.0/16"), ("Events", "true")]
)
def test_another_default_changes_that_one_line(name: str, value: str) -> None:
    changed = with_defaults(TEMPLATE, {name: value})
    assert default_parameters(changed) == {**default_parameters(TEMPLATE), name: value}
    lines: Callable[[str], list[str]] = str.splitlines
    assert sum(old != new for old, new in zip(lines(TEMPLATE), lines(changed), strict=True)) == 1


def test_a_parameter_that_is_not_there_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        with_defaults(TEMPLATE, {"NoSuch": "x"})
