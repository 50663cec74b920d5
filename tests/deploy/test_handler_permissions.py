"""What CloudFormation asks for in the name of its caller, against AWS's own resource provider schemas, which cfn-lint carries."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import cfnlint
import pytest

from batchgauge.core.iam.permissions import NEEDS, Use

TEMPLATE = Path(__file__).parents[2] / "deploy" / "cloudformation" / "batchgauge.yaml"
SCHEMAS = Path(cfnlint.__file__).parent / "data" / "schemas" / "resources"
TYPES: Final = sorted(set(re.findall(r"^    Type: (AWS::\S+)$", TEMPLATE.read_text(encoding="utf-8"), re.MULTILINE)))
OF_OTHER_PROPERTIES: Final = {
    "batch:setcapacitytags": "tags of capacity",
    "ec2:associatesubnetcidrblock": "IPv6",
    "ec2:attachvpngateway": "a VPN gateway",
    "ec2:authorizesecuritygroupingress": "nobody reaches a job",
    "ec2:createvpcencryptioncontrol": "encryption controls",
    "ec2:detachvpngateway": "a VPN gateway",
    "ec2:disassociatesubnetcidrblock": "IPv6",
    "ec2:modifyvpctenancy": "tenancy",
    "ec2:revokesecuritygroupingress": "nobody reaches a job",
    "ec2:updatesecuritygroupruledescriptionsingress": "nobody reaches a job",
    "ecr:deletelifecyclepolicy": "a lifecycle policy",
    "ecr:deleterepositorypolicy": "a policy of the repository",
    "ecr:putimagescanningconfiguration": "scanning",
    "ecr:putimagetagmutability": "immutable tags",
    "ecr:putlifecyclepolicy": "a lifecycle policy",
    "ecr:setrepositorypolicy": "a policy of the repository",
    "firehose:tagdeliverystream": "log delivery",
    "iam:deleterolepermissionsboundary": "boundaries",
    "iam:putrolepermissionsboundary": "boundaries",
    "logs:associatekmskey": "a key of one's own",
    "logs:createlogdelivery": "log delivery",
    "logs:deleteindexpolicy": "index policies",
    "logs:deleteresourcepolicy": "resource policies",
    "logs:deleteretentionpolicy": "no retention",
    "logs:disassociatekmskey": "a key of one's own",
    "logs:putbearertokenauthentication": "bearer tokens",
    "logs:putdataprotectionpolicy": "data protection",
    "logs:putindexpolicy": "index policies",
    "logs:putloggroupdeletionprotection": "deletion protection",
    "logs:putresourcepolicy": "resource policies",
    "s3:rest.put.object": "log delivery",
}
"""Properties that the template gives to nothing."""
OF_WHAT_NEVER_CHANGES: Final = {
    "ec2:replaceroute": "the route's target",
    "ec2:updatesecuritygroupruledescriptionsegress": "the rule's description",
    **{f"{service}:untagresource": "tags" for service in ("batch", "ecr", "events", "logs")},
    "sqs:untagqueue": "tags",
}
"""No parameter of the template leads there."""
LEFT_OUT: Final = {*OF_OTHER_PROPERTIES, *OF_WHAT_NEVER_CHANGES}
OTHER_SERVICES: Final = ("eks:", "kms:")
"""Of environments on EKS, and of keys of one's own."""


@pytest.fixture(scope="module")
def handlers() -> Mapping[str, set[str]]:
    """The permissions of each resource type of the template, over all that is done to it, in small letters as IAM compares them."""
    found: dict[str, set[str]] = {}
    for path in SCHEMAS.glob("*.json"):
        text = path.read_text(encoding="utf-8")
        if not any(f'"{name}"' in text for name in TYPES):
            continue  # most of them: to parse all takes seconds
        schema: dict[str, Any] = json.loads(text)
        if schema.get("typeName") not in TYPES:
            continue
        done = [verb for name, verb in schema.get("handlers", {}).items() if name != "list"]
        found.setdefault(schema["typeName"], set()).update(
            each.lower() for verb in done for each in verb.get("permissions", ())
        )
    return found


def test_the_policy_for_deploy_has_what_aws_says_the_handlers_need(handlers: Mapping[str, set[str]]) -> None:
    assert sorted(handlers) == TYPES
    needed = set().union(*handlers.values()) - LEFT_OUT
    ours = {action.lower() for need in NEEDS[Use.DEPLOY] for action in need.actions}
    assert sorted(each for each in needed - ours if not each.startswith(OTHER_SERVICES)) == []


def test_what_is_left_out_is_still_asked_for_by_some_handler(handlers: Mapping[str, set[str]]) -> None:
    assert LEFT_OUT - set().union(*handlers.values()) == set()
