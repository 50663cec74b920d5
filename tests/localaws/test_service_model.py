"""Routes and request shapes come from AWS's own service model."""

from __future__ import annotations

from typing import Any

import botocore.session
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchgauge.localaws.service_model import RequestShapeError, ServiceModel, load_service_model

MODEL = load_service_model()
DESCRIPTION = botocore.session.get_session().get_service_model("batch")
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=8,
)


def checked(path: str, body: Any) -> Any:
    """The parameters that reach the model."""
    found = MODEL.find("POST", path)
    assert found is not None
    return found[0].parameters(found[1], "", orjson.dumps(body))


def test_every_operation_has_its_route() -> None:
    assert set(DESCRIPTION.operation_names) == MODEL.operation_names
    for name in DESCRIPTION.operation_names:
        http = DESCRIPTION.operation_model(name).http
        found = MODEL.find(http["method"], http["requestUri"].replace("{resourceArn}", "arn%3Aaws%3Abatch"))
        assert found is not None
        assert found[0].name == name


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v1/submitjob"), ("POST", "/v1/nothing"), ("GET", "/v1/tags/"), ("GET", "/")]
)
def test_an_unknown_route_is_none(method: str, path: str) -> None:
    assert MODEL.find(method, path) is None


def test_tag_operations_take_their_parameters_from_path_and_query() -> None:
    found = MODEL.find("DELETE", "/v1/tags/arn%3Aaws%3Abatch%3Ax%3Ay%3Ajob%2Fz")
    assert found is not None
    operation, rest = found
    parameters = operation.parameters(rest, "tagKeys=a%20b&tagKeys=c", b"")
    assert parameters == {"resourceArn": "arn:aws:batch:x:y:job/z", "tagKeys": ["a b", "c"]}


def test_nulls_and_unknown_members_are_left_out() -> None:
    body = {
        "jobName": "a",
        "jobQueue": "q",
        "jobDefinition": "d",
        "parameters": None,
        "surprise": 1,
        "timeout": {"x": 2},
    }
    assert checked("/v1/submitjob", body) == {"jobName": "a", "jobQueue": "q", "jobDefinition": "d", "timeout": {}}


@pytest.mark.parametrize(
    ("path", "body", "complaint"),
    [
        ("/v1/submitjob", {"jobQueue": "q", "jobDefinition": "d"}, "jobName must not be null"),
        ("/v1/submitjob", {"jobName": 1, "jobQueue": "q", "jobDefinition": "d"}, "jobName must be a string"),
        ("/v1/submitjob", [], "Request body must be a JSON object"),
        ("/v1/describejobs", {"jobs": "a"}, "jobs must be a list"),
        ("/v1/describejobs", {"jobs": [None]}, r"jobs\[0\] must be a string"),
        ("/v1/listjobs", {"jobStatus": "DONE"}, "jobStatus must satisfy enum value set"),
        ("/v1/listjobs", {"maxResults": True}, "maxResults must be an integer"),
        ("/v1/listjobs", {"maxResults": 2**31}, "maxResults must be between"),
        (
            "/v1/registerjobdefinition",
            {"jobDefinitionName": "d", "type": "container", "retryStrategy": {"evaluateOnExit": [{}]}},
            r"retryStrategy.evaluateOnExit\[0\].action must not be null",
        ),
        (
            "/v1/registerjobdefinition",
            {"jobDefinitionName": "d", "type": "container", "tags": {"": "x"}},
            "tags key must have length",
        ),
    ],
)
def test_a_request_of_another_shape_is_refused(path: str, body: Any, complaint: str) -> None:
    with pytest.raises(RequestShapeError, match=complaint):
        checked(path, body)


def test_an_empty_map_of_tags_is_as_good_as_none_where_tags_may_be_left_out() -> None:
    body = {"jobName": "a", "jobQueue": "q", "jobDefinition": "d", "tags": {}, "parameters": {}}
    assert checked("/v1/submitjob", body) == {
        "jobName": "a",
        "jobQueue": "q",
        "jobDefinition": "d",
        "parameters": {},
    }
    with pytest.raises(RequestShapeError, match="tags must have length"):
        checked("/v1/tags/arn", {"tags": {}})


def test_a_body_that_is_no_json_is_refused() -> None:
    found = MODEL.find("POST", "/v1/listjobs")
    assert found is not None
    with pytest.raises(RequestShapeError, match="not valid JSON"):
        found[0].parameters("", "", b"{")


def test_a_retry_action_may_be_in_lower_case() -> None:
    body = {
        "jobDefinitionName": "d",
        "type": "container",
        "retryStrategy": {"attempts": 2, "evaluateOnExit": [{"action": "retry", "onExitCode": "1"}]},
    }
    assert checked("/v1/registerjobdefinition", body)["retryStrategy"]["evaluateOnExit"][0]["action"] == "retry"


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(MODEL.operation_names)), st.dictionaries(st.text(max_size=10), JSON, max_size=5))
def test_any_json_is_checked_or_refused_never_a_failure(name: str, body: dict[str, Any]) -> None:
    description = DESCRIPTION.operation_model(name)
    found = MODEL.find(description.http["method"], description.http["requestUri"].replace("{resourceArn}", "arn"))
    assert found is not None
    # Members of the right names, so that the check gets below the surface.
    named = dict(zip(description.input_shape.members, body.values(), strict=False))
    try:
        assert isinstance(found[0].parameters(found[1], "", orjson.dumps(named)), dict)
    except RequestShapeError as error:
        assert str(error)


def test_a_shape_that_contains_itself_is_checked_to_its_depth() -> None:
    document = {
        "operations": {"Do": {"http": {"method": "POST", "requestUri": "/do"}, "input": {"shape": "Node"}}},
        "shapes": {
            "Node": {"type": "structure", "members": {"next": {"shape": "Node"}, "name": {"shape": "Name"}}},
            "Name": {"type": "string"},
        },
    }
    found = ServiceModel(document).find("POST", "/do")
    assert found is not None
    assert found[0].parameters("", "", b'{"next":{"next":{"name":"x"}}}') == {"next": {"next": {"name": "x"}}}
    with pytest.raises(RequestShapeError, match=r"next\.name must be a string"):
        found[0].parameters("", "", b'{"next":{"name":1}}')
