"""Requests of the right shape and any content: the model answers or refuses each, and goes on."""

from __future__ import annotations

from typing import Any

import botocore.session
import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batchgauge.batchmodel.boundary import Answer, ApiCall, Refusal
from batchgauge.localaws.service_model import RequestShapeError, load_service_model

API = botocore.session.get_session().get_service_model("batch")
OPERATIONS = {operation.name: operation for operation in load_service_model()._exact.values()}
ARN = "arn:aws:batch:us-west-2:123456789012:"
WORDS = st.sampled_from(
    (
        f"q d e d:1 {ARN}job-queue/q {ARN}job-definition/d:1 {ARN}compute-environment/e {ARN}job/x"
        " FARGATE EC2 container MANAGED ENABLED DISABLED VCPU MEMORY 1 2 2048 0.25 JOB_NAME AFTER_CREATED_AT"
        " SEQUENTIAL N_TO_N Ref::x x* * : arn: \u00e9 nan -1 JOB FIRST CHILD "
    ).split(" ")
)
NUMBERS = st.sampled_from([0, 1, 2, 3, 10, 60, 100, 600, 1000, 10_000, -1, 2**31 - 1])


def values(shape: Any, depth: int = 0) -> st.SearchStrategy[Any]:
    """Values of a shape; what is optional is mostly left out, the more so the deeper it stands."""
    match shape.type_name:
        case "structure":
            required = {name: values(shape.members[name], depth + 1) for name in shape.required_members}
            others = [name for name in shape.members if name not in required and depth < 4]
            if not others:
                return st.fixed_dictionaries(required)
            return st.lists(st.sampled_from(others), max_size=2, unique=True).flatmap(
                lambda chosen: st.fixed_dictionaries(
                    {**required, **{name: values(shape.members[name], depth + 1) for name in chosen}}
                )
            )
        case "list":
            return st.lists(values(shape.member, depth + 1), max_size=2) if depth < 5 else st.just([])
        case "map":
            return st.dictionaries(WORDS, WORDS, max_size=2)
        case "boolean":
            return st.booleans()
        case "string":
            return st.sampled_from(shape.enum) if shape.enum else WORDS
        case "float" | "double":
            return st.floats(0, 1000)
        case _:
            return NUMBERS


CONTAINER = {
    "image": "i",
    "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}],
}
RESOURCES = {"type": "FARGATE", "maxvCpus": 4, "subnets": ["s"], "securityGroupIds": ["g"]}
GOOD: dict[str, dict[str, Any]] = {
    "SubmitJob": {"jobName": "x", "jobQueue": "q", "jobDefinition": "d"},
    "RegisterJobDefinition": {"jobDefinitionName": "d", "type": "container", "containerProperties": CONTAINER},
    "CreateComputeEnvironment": {"computeEnvironmentName": "f", "type": "MANAGED", "computeResources": RESOURCES},
    "CreateJobQueue": {
        "jobQueueName": "r",
        "priority": 1,
        "computeEnvironmentOrder": [{"order": 1, "computeEnvironment": "e"}],
    },
    "UpdateJobQueue": {"jobQueue": "q"},
    "UpdateComputeEnvironment": {"computeEnvironment": "e"},
    "ListJobs": {"jobQueue": "q"},
}
"""What would be accepted: a request with some of its members replaced gets further than one made of nothing but chance."""


def request(name: str) -> st.SearchStrategy[tuple[str, Any]]:
    """A request of this operation, and what it consists of."""
    shape = API.operation_model(name).input_shape
    good = GOOD.get(name, {})
    others = [member for member in shape.members if member not in good] or list(shape.members)
    near = st.lists(st.sampled_from(others), max_size=2, unique=True).flatmap(
        lambda chosen: st.fixed_dictionaries({member: values(shape.members[member], 1) for member in chosen})
    )
    return st.tuples(st.just(name), st.one_of(values(shape), near.map(lambda changed: {**good, **changed})))


SERVED = [name for name in OPERATIONS if not any(word in name for word in ("Service", "QuotaShare", "Consumable"))]
requests = st.sampled_from(sorted([*SERVED, "SubmitJob", "SubmitJob", "RegisterJobDefinition"])).flatmap(request)


def with_known_jobs(value: Any, names: dict[str, str]) -> Any:
    """The value with our stand-ins for job ids replaced."""
    if isinstance(value, dict):
        return {key: with_known_jobs(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [with_known_jobs(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(st.tuples(requests, st.sampled_from([0.0, 0.5, 100.0])), max_size=12))
def test_every_request_is_answered_or_refused(make_world: Any, script: list[tuple[tuple[str, Any], float]]) -> None:
    world = make_world()
    first, array = world.submit(), world.submit(arrayProperties={"size": 2})
    names = {"JOB": first, "FIRST": array, "CHILD": f"{array}:1"}
    for (operation, parameters), gap_s in script:
        world.advance(gap_s)
        body = orjson.dumps(with_known_jobs(parameters, names))
        try:
            checked = OPERATIONS[operation].parameters("", "", body)
        except RequestShapeError:
            continue
        [outcome] = [
            effect
            for effect in world.step(world.now_ms, ApiCall(-1, operation, checked))
            if isinstance(effect, Answer | Refusal)
        ]
        if isinstance(outcome, Refusal):
            assert (outcome.status, outcome.code) == (400, "ClientException")
        else:
            orjson.dumps(outcome.body, default=dict)
    world.advance(10_000)
    for state in ("RUNNABLE", "SUCCEEDED", "FAILED"):
        for queue in world.call("DescribeJobQueues")["jobQueues"]:
            world.listed(jobQueue=queue["jobQueueName"], jobStatus=state)
