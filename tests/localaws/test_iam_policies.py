"""Policies are evaluated as IAM evaluates them."""

from __future__ import annotations

from typing import Any

import pytest

from batchgauge.localaws.iam_policies import Decision, decide

QUEUE = "arn:aws:batch:us-west-2:1:job-queue/q"


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (allow("batch:SubmitJob"), Decision.ALLOWED),
        (allow("batch:submitjob"), Decision.ALLOWED),
        (allow("batch:*"), Decision.ALLOWED),
        (allow("*"), Decision.ALLOWED),
        (allow(["logs:GetLogEvents", "batch:Submit???"]), Decision.ALLOWED),
        (allow("batch:SubmitJobs"), Decision.NOT_ALLOWED),
        (allow("batch.SubmitJob"), Decision.NOT_ALLOWED),
        (allow("batch:SubmitJob", QUEUE), Decision.ALLOWED),
        (allow("batch:SubmitJob", "arn:aws:batch:*:*:job-queue/*"), Decision.ALLOWED),
        (allow("batch:SubmitJob", "arn:aws:batch:*:*:job-queue/Q"), Decision.NOT_ALLOWED),
        (allow("batch:SubmitJob", "arn:aws:batch:*:*:job-definition/*"), Decision.NOT_ALLOWED),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, Decision.ALLOWED),
        ({"Effect": "Allow", "NotAction": "batch:*", "Resource": "*"}, Decision.NOT_ALLOWED),
        ({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::*"}, Decision.ALLOWED),
        ({"Effect": "Allow", "Action": "*"}, Decision.NOT_ALLOWED),
    ],
)
def test_one_statement(statement: dict[str, Any], expected: Decision) -> None:
    assert decide([document(statement)], "batch:SubmitJob", QUEUE, {}) is expected


def test_nothing_is_allowed_without_a_word() -> None:
    assert decide([], "batch:SubmitJob", QUEUE, {}) is Decision.NOT_ALLOWED
    assert decide([{}], "batch:SubmitJob", QUEUE, {}) is Decision.NOT_ALLOWED


def test_a_deny_wins_wherever_it_stands() -> None:
    deny = {"Effect": "Deny", "Action": "batch:*", "Resource": QUEUE}
    for statements in ((allow("*"), deny), (deny, allow("*"))):
        assert decide([document(*statements)], "batch:SubmitJob", QUEUE, {}) is Decision.DENIED
    assert decide([document(deny), document(allow("*"))], "batch:SubmitJob", QUEUE, {}) is Decision.DENIED


@pytest.mark.parametrize(
    ("condition", "is_allowed"),
    [
        ({"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}, True),
        ({"StringEquals": {"IAM:passedtoservice": ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"]}}, True),
        ({"StringLike": {"iam:PassedToService": "ecs-*"}}, True),
        ({"StringEquals": {"iam:PassedToService": "ecs-*"}}, False),
        ({"StringEquals": {"aws:RequestedRegion": "us-west-2"}}, False),
        ({"NumericLessThan": {"iam:PassedToService": 1}}, False),
    ],
)
def test_conditions(condition: dict[str, Any], is_allowed: bool) -> None:
    documents = [document(allow("iam:PassRole", Condition=condition))]
    decision = decide(documents, "iam:PassRole", "r", {"iam:PassedToService": "ecs-tasks.amazonaws.com"})
    assert (decision is Decision.ALLOWED) == is_allowed
