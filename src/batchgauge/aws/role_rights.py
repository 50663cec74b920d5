"""What a role's own policies allow: those attached to it, and those written into it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote

from batchgauge.core.checks.setup import RoleRights

EVERYTHING: Final = "*"
Ask = Callable[..., Awaitable[Any]]


async def read_role_rights(ask: Ask, role: str) -> RoleRights:
    """Of a role by its name; `ask` as `BotoSetup` does."""
    attached, written = await asyncio.gather(
        ask("iam", "ListAttachedRolePolicies", "list_attached_role_policies", RoleName=role),
        ask("iam", "ListRolePolicies", "list_role_policies", RoleName=role),
    )
    arns = [policy["PolicyArn"] for policy in attached["AttachedPolicies"]]
    documents = await asyncio.gather(
        *(_attached(ask, arn) for arn in arns), *(_written(ask, role, name) for name in written["PolicyNames"])
    )
    allowed = dict.fromkeys(action for document in documents for action in allowed_actions(document))
    # A role takes at most twenty policies, and a page holds a hundred: a longer list is not to be taken for a whole one.
    is_whole = not (attached.get("IsTruncated") or written.get("IsTruncated"))
    return RoleRights(
        policies=(*(arn.rpartition("/")[2] for arn in arns), *written["PolicyNames"]),
        allowed=tuple(allowed) if is_whole else (EVERYTHING,),
    )


async def _attached(ask: Ask, arn: str) -> Any:
    policy = await ask("iam", "GetPolicy", "get_policy", PolicyArn=arn)
    version = policy["Policy"]["DefaultVersionId"]
    answer = await ask("iam", "GetPolicyVersion", "get_policy_version", PolicyArn=arn, VersionId=version)
    return answer["PolicyVersion"]["Document"]


async def _written(ask: Ask, role: str, name: str) -> Any:
    return (await ask("iam", "GetRolePolicy", "get_role_policy", RoleName=role, PolicyName=name))["PolicyDocument"]


def allowed_actions(document: Mapping[str, Any] | str) -> Iterator[str]:
    """Patterns of what a policy's statements allow on something; percent-encoded JSON on the wire, which botocore decodes."""
    if isinstance(document, str):
        try:
            document = json.loads(unquote(document))
        except ValueError:
            document = ""
    if not isinstance(document, Mapping):
        yield EVERYTHING  # nothing is held against a role whose policy cannot be read
        return
    for statement in _listed(document.get("Statement")):
        if statement.get("Effect") == "Allow":
            yield from [EVERYTHING] if "NotAction" in statement else map(str, _listed(statement.get("Action")))


def _listed(value: Any) -> Sequence[Any]:
    if value is None:
        return ()
    return value if isinstance(value, list) else [value]
