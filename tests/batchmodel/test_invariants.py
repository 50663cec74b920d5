"""Whatever is submitted, ended and waited for, and whatever goes wrong, in whatever order: what must always hold."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeAlias

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batchgauge.batchmodel.boundary import (
    Contention,
    EmitEvent,
    FaultInjected,
    ModelFaults,
    ModelSettings,
    SetFaults,
    StartProcess,
    TokenBucket,
    Transition,
)
from batchgauge.batchmodel.job_detail import JobView, job_detail
from batchgauge.batchmodel.model import BatchModel
from tests.batchmodel.conftest import RefusedCallError

STATES = ("SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED", "FAILED")
LEGAL = {
    None: {"SUBMITTED"},
    "SUBMITTED": {"PENDING", "RUNNABLE", "FAILED"},
    "PENDING": {"RUNNABLE", "SUCCEEDED", "FAILED"},
    "RUNNABLE": {"STARTING", "FAILED"},
    "STARTING": {"RUNNING", "RUNNABLE", "FAILED"},
    "RUNNING": {"RUNNABLE", "SUCCEEDED", "FAILED"},
    "SUCCEEDED": set(),
    "FAILED": set(),
}
ROOM = {"e": 4.0, "f": 2.0, "i": 8.0}
VCPUS = {"d": 1.0, "two": 2.0, "four": 4.0, "c": 2.0}
QUEUES = {"q": "e", "low": "e", "both": "f e", "x": "i"}
Action: TypeAlias = tuple[float, str, dict[str, Any]]

submissions = st.fixed_dictionaries(
    {
        "queue": st.sampled_from(list(QUEUES)),
        "size": st.sampled_from(["d", "d", "d", "two", "four"]),
        "array": st.sampled_from([None, None, None, 2, 5]),
        "attempts": st.integers(1, 3),
        "has_timeout": st.booleans(),
        "on": st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["plain", "N_TO_N", "SEQUENTIAL"])), max_size=2),
    }
)
shares = st.sampled_from([0.0, 0.0, 0.3, 1.0])
faults = st.builds(
    ModelFaults,
    throttled=st.dictionaries(st.sampled_from(["SubmitJob", "*"]), shares, max_size=1),
    server_errors=st.dictionaries(st.sampled_from(["DescribeJobs", "*"]), shares, max_size=1),
    withheld_vcpus=st.dictionaries(st.sampled_from(["e", "f", "i"]), st.sampled_from([0.0, 2.0, 100.0]), max_size=2),
    image_pull_failures=shares,
    crashes=shares,
    vanishing=shares,
    hanging=shares,
)
accounts = st.sampled_from(
    [
        {},
        {"max_processes": 0},
        {"time_scale": 0.0},
        {"max_processes": 2, "contention": Contention(queueing=0.2, crosstalk=0.05), "registry_mib_per_s": 40.0},
        {"dispatch_bucket": TokenBucket(2, 0.5), "fargate_vcpu_quota": 5.0},
    ]
)
"""What may be different about an account."""
actions: st.SearchStrategy[list[Action]] = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.0, 0.3, 1.0, 7.0, 40.0, 100.0, 2000.0]),
        st.sampled_from(["submit", "submit", "submit", "cancel", "terminate", "read", "faults"]),
        st.fixed_dictionaries(
            {"submission": submissions, "target": st.integers(0, 30), "child": st.booleans(), "faults": faults}
        ),
    ),
    max_size=25,
)
relaxed = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def behaviour(start: StartProcess) -> tuple[float | None, int]:
    """Some are short, some fail, some fail once, some never end by themselves."""
    kind = int(start.job_id[:2], 16) % 8
    if kind == 0:
        return None, 0
    return 500.0 * kind, int(kind == 1 or (kind == 2 and start.attempt == 1))


def submit(world: Any, known: list[str], submission: dict[str, Any]) -> None:
    queue = submission["queue"]
    more: dict[str, Any] = {"retryStrategy": {"attempts": submission["attempts"]}}
    # On EC2, and for what would never end: every job needs a time-out, or it would stay.
    more["timeout"] = {"attemptDurationSeconds": 60 if submission["has_timeout"] else 3600}
    if submission["array"]:
        more["arrayProperties"] = {"size": submission["array"]}
    on: list[dict[str, str]] = []
    for place, kind in submission["on"]:
        if kind == "SEQUENTIAL" and submission["array"]:
            on.append({"type": kind})
        elif known:
            target = known[place % len(known)]
            size = world.job(target).get("arrayProperties", {}).get("size")
            is_pair = kind == "N_TO_N" and submission["array"] is not None and size == submission["array"]
            on.append({"jobId": target, "type": "N_TO_N"} if is_pair else {"jobId": target})
    definition = "c" if queue == "x" else submission["size"]
    known.append(world.submit(queue=queue, definition=definition, dependsOn=on, **more))


def afresh(world: Any, job_id: str) -> list[dict[str, Any]]:
    """What DescribeJobs must answer, whatever it has kept of earlier answers."""
    job = world.model._store.find(job_id)
    return [job_detail(JobView(job, world.model._reads._names))] if job is not None else []


def act(world: Any, known: list[str], action: str, options: dict[str, Any]) -> None:
    """One step of a script."""
    if action == "submit":
        submit(world, known, options["submission"])
    elif action == "faults":
        world.step(world.now_ms, SetFaults(options["faults"]))
    elif known:
        target = known[options["target"] % len(known)] + (":1" if options["child"] else "")
        if action == "read":
            body = world.call("DescribeJobs", jobs=[target])
            assert json.loads(body.content) == json.loads(json.dumps({"jobs": afresh(world, target)}, default=dict))
        else:
            world.call("CancelJob" if action == "cancel" else "TerminateJob", jobId=target, reason="enough")


def play(
    make_world: Any, script: list[Action], before_the_end: Callable[[Any], None] = lambda world: None, **changed: Any
) -> tuple[Any, list[str]]:
    """A world with four queues on three environments, after the script and the end of everything."""
    start_ups = {name: getattr(ModelSettings(), name) for name in ("linux_start_up", "ec2_start_up", "ec2_scale_up")}
    world = make_world(**{**start_ups, **changed})
    world.behaviour = behaviour
    world.environment("f", 2)
    world.environment("i", 8, kind="EC2")
    world.step(world.now_ms)
    for name, environments in QUEUES.items():
        if name != "q":
            world.queue(name, *environments.split(), priority=0 if name == "low" else 1)
    world.definition("two", vcpus="2", memory="4096")
    world.definition("four", vcpus="4", memory="8192")
    world.definition("c", vcpus="2", platform="EC2", container={"executionRoleArn": None})
    known: list[str] = []
    for gap_s, action, options in script:
        world.advance(gap_s)
        try:
            act(world, known, action, options)
        except RefusedCallError as error:
            assert error.refusal.status in (429, 500), error
    world.step(world.now_ms, SetFaults(ModelFaults()))  # or what waits for capacity would wait for good
    before_the_end(world)
    world.run()
    return world, known


def delete_every_queue(world: Any) -> None:
    for name in QUEUES:
        world.call("UpdateJobQueue", jobQueue=name, state="DISABLED")
        world.call("DeleteJobQueue", jobQueue=name)


@relaxed
@given(actions, accounts)
def test_deleted_queues_leave_nothing_behind(make_world: Any, script: list[Action], account: dict[str, Any]) -> None:
    world, known = play(make_world, script, delete_every_queue, **account)
    assert {world.state(job_id) for job_id in known} <= {"SUCCEEDED", "FAILED"}
    held: dict[str, int] = defaultdict(int)
    for effect in world.of_kind(Transition):
        held[effect.job_id] += (effect.to_state == "STARTING") - (
            effect.from_state in ("STARTING", "RUNNING") and effect.to_state != "RUNNING"
        )
    assert not any(held.values())
    assert world.call("DescribeJobQueues") == {"jobQueues": []}
    assert all(world.model._environments.find(name).capacity.used_vcpus == 0 for name in ROOM)


@relaxed
@given(actions, accounts)
def test_every_job_ends_by_legal_transitions_in_order_of_time(
    make_world: Any, script: list[Action], account: dict[str, Any]
) -> None:
    world, known = play(make_world, script, **account)
    state: dict[str, str | None] = defaultdict(lambda: None)
    last_ms = 0.0
    for effect in world.of_kind(Transition):
        assert effect.from_state == state[effect.job_id]
        assert effect.to_state in LEGAL[effect.from_state]
        assert effect.time_ms >= last_ms
        state[effect.job_id], last_ms = effect.to_state, effect.time_ms
    assert {job_id for job_id in state if ":" not in job_id} == set(known), "none lost, and none that was refused"
    assert set(state.values()) <= {"SUCCEEDED", "FAILED"}
    assert {job_id: world.state(job_id) for job_id in state} == state


@relaxed
@given(actions, accounts)
def test_capacity_is_never_exceeded_and_all_of_it_comes_back(
    make_world: Any, script: list[Action], account: dict[str, Any]
) -> None:
    world, known = play(make_world, script, **account)
    vcpus = {job_id: VCPUS[world.job(job_id)["jobDefinition"].rpartition("/")[2].partition(":")[0]] for job_id in known}
    held: dict[str, float] = defaultdict(float)
    place: dict[str, str] = {}
    for effect in world.of_kind(Transition):
        if effect.to_state == "STARTING":
            place[effect.job_id] = effect.cause.removeprefix("placed in ")
            held[place[effect.job_id]] += vcpus[effect.job_id.partition(":")[0]]
        elif effect.from_state in ("STARTING", "RUNNING") and effect.to_state != "RUNNING":
            held[place.pop(effect.job_id)] -= vcpus[effect.job_id.partition(":")[0]]
        assert all(used <= ROOM[name] for name, used in held.items())
    assert not any(held.values())


@relaxed
@given(actions, accounts)
def test_arrays_add_up_and_lists_agree_with_descriptions(
    make_world: Any, script: list[Action], account: dict[str, Any]
) -> None:
    world, known = play(make_world, script, **account)
    for job_id in known:
        properties = world.job(job_id).get("arrayProperties")
        if properties is None:
            continue
        listed = {state: len(world.listed(arrayJobId=job_id, jobStatus=state)) for state in STATES}
        assert listed == properties["statusSummary"]
        assert sum(listed.values()) in (0, properties["size"])  # 0: it ended before it had children
    listed_ids = [
        job_id for queue in QUEUES for state in STATES for job_id in world.listed(jobQueue=queue, jobStatus=state)
    ]
    assert sorted(listed_ids) == sorted(known)


@relaxed
@given(actions, accounts, st.lists(st.floats(0, 5000), max_size=20))
def test_the_size_of_steps_changes_nothing(
    make_world: Any, script: list[Action], account: dict[str, Any], stops_s: list[float]
) -> None:
    world, _ = play(make_world, script, seed=3, **account)

    def replayed(extra_ms: list[float]) -> list[Any]:
        """The same inputs at the same times, and no other steps than those asked for."""
        model, effects = BatchModel(world.model._settings), list[Any]()
        steps: list[tuple[float, list[Any]]] = [(time_ms, [given]) for time_ms, given in world.inputs]
        steps += [(time_ms, []) for time_ms in extra_ms]
        for time_ms, inputs in sorted(steps, key=lambda step: step[0]):
            effects += model.step(time_ms, inputs)
        return effects + model.step(world.now_ms)

    start_ms = world.inputs[0][0]
    stops_ms = [start_ms + stop_s * 1000 for stop_s in stops_s if start_ms + stop_s * 1000 <= world.now_ms]
    leaps = replayed([])
    assert leaps == world.effects
    assert replayed(stops_ms) == leaps


@relaxed
@given(st.lists(st.tuples(st.sampled_from([0.0, 0.1, 1.0, 50.0]), st.sampled_from(["submit", "end"])), max_size=40))
def test_equal_jobs_start_in_the_order_of_their_submission(make_world: Any, script: list[tuple[float, str]]) -> None:
    world = make_world(max_vcpus=2, linux_start_up=ModelSettings().linux_start_up)
    known: list[str] = []
    for gap_s, action in script:
        world.advance(gap_s)
        if action == "submit":
            known.append(world.submit())
        elif known:
            world.call("TerminateJob", jobId=known[-1], reason="x")
    world.run()
    started = [effect.job_id for effect in world.of_kind(Transition) if effect.to_state == "STARTING"]
    assert started == [job_id for job_id in known if job_id in set(started)]


@relaxed
@given(st.integers(1, 5), st.floats(0.5, 10), st.lists(st.sampled_from([0.0, 0.05, 0.3, 2.0]), min_size=1, max_size=60))
def test_accepted_submissions_never_exceed_the_bucket(
    make_world: Any, depth: int, rate_per_s: float, gaps_s: list[float]
) -> None:
    world = make_world(submit_job_bucket=TokenBucket(depth, rate_per_s))
    for gap_s in gaps_s:
        world.advance(gap_s)
        try:
            world.submit()
        except Exception as error:
            assert str(error) == "Too Many Requests"
    accepted = list(world.moments("SUBMITTED").values())
    for first in range(len(accepted)):
        for last in range(first, len(accepted)):
            assert last - first + 1 <= depth + rate_per_s * (accepted[last] - accepted[first]) + 1e-6


@relaxed
@given(actions, accounts)
def test_every_transition_but_the_first_is_one_event(
    make_world: Any, script: list[Action], account: dict[str, Any]
) -> None:
    world, _ = play(make_world, script, **account)
    told = [
        (effect.resources[0].rpartition("/")[2], effect.detail["status"], effect.time_ms)
        for effect in world.of_kind(EmitEvent)
        if effect.detail_type == "Batch Job State Change"
    ]
    true = [
        (effect.job_id, effect.to_state, effect.time_ms)
        for effect in world.of_kind(Transition)
        if effect.from_state is not None
    ]
    assert told == true


@relaxed
@given(actions, accounts)
def test_what_went_wrong_on_purpose_is_in_the_ground_truth(
    make_world: Any, script: list[Action], account: dict[str, Any]
) -> None:
    world, _ = play(make_world, script, **account)
    told = {(effect.kind, effect.job_id) for effect in world.of_kind(FaultInjected)}
    for effect in world.of_kind(Transition):
        _, is_fault, kind = effect.cause.partition("fault ")
        if is_fault:
            assert (kind, effect.job_id) in told
    running = {effect.job_id for effect in world.of_kind(Transition) if effect.to_state == "STARTING"}
    assert all(job_id is None or kind == "withheld" or job_id in running for kind, job_id in told)
