"""Names and ARNs: what they look like and what they are made of."""

from __future__ import annotations

import re
from typing import Final

from batchgauge.batchmodel.refusals import client_error

RESOURCE_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,128}")
JOB_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")


class Names:
    """The ARNs of one account and Region."""

    def __init__(self, region: str, account_id: str) -> None:
        self.region = region
        self.account_id = account_id
        self.job_prefix = self.arn("job", "")
        """With a job's id after it, the job's ARN: made often enough to be short."""

    def arn(self, kind: str, name: str) -> str:
        """The ARN of a Batch resource: kind ``job``, ``job-queue``, ``job-definition`` …"""
        return f"arn:aws:batch:{self.region}:{self.account_id}:{kind}/{name}"

    def ecs_arn(self, kind: str, name: str) -> str:
        """The ARN of an ECS resource: kind ``cluster``, ``task``, ``container`` …"""
        return f"arn:aws:ecs:{self.region}:{self.account_id}:{kind}/{name}"


def check_resource_name(name: str) -> None:
    """Refuse a name that AWS would not give to a resource."""
    if not RESOURCE_NAME.fullmatch(name):
        raise client_error(f"Provided name {name} is not supported pattern[a-zA-Z_0-9-]{{1,128}}")


def name_in(name_or_arn: str, kind: str) -> str:
    """The name of a resource that may be given as a name or as an ARN of this kind."""
    if name_or_arn.startswith("arn:"):
        return name_or_arn.partition(f":{kind}/")[2]
    return name_or_arn


def split_revision(name: str) -> tuple[str, int | None]:
    """``name:3`` is the name and its revision; a plain name has none, and a revision that is no number is -1, which nothing has."""
    plain, colon, revision = name.rpartition(":")
    if not colon:
        return name, None
    return plain, int(revision) if revision.isascii() and revision.isdigit() else -1
