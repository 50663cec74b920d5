"""A judgment over where a task would start: Fargate is not in every Availability Zone, and for Windows in fewer."""

from __future__ import annotations

from collections.abc import Iterator

from batchgauge.core.checks.fargate_zones import fargate_zones
from batchgauge.core.checks.outcome import Check, CheckCode, CheckKind, aws_command, failed, warning
from batchgauge.core.checks.setup import Asked, DefinitionSetup, Setup, Unread


def check_zones(definition: DefinitionSetup, setup: Setup, asked: Asked) -> Iterator[Check]:
    """Subnets in zones without it; nothing is said where all is well, or where zones were not shown."""
    subnets = setup.subnets
    zones = fargate_zones(setup.region, is_windows=definition.is_windows)
    if isinstance(subnets, Unread) or not definition.is_fargate or not zones:
        return
    outside = [entry for entry in subnets if entry.zone_id and entry.zone_id not in zones]
    if not outside:
        return
    # What AWS does with a job that is to start there is documented nowhere; where there is no other subnet, it can start nowhere.
    judge = failed if len(outside) == len(subnets) else warning
    query = ("--query", "Subnets[].[SubnetId,AvailabilityZoneId]")
    words = ("ec2", "describe-subnets", "--subnet-ids", *(entry.subnet_id for entry in subnets), *query)
    yield judge(
        CheckKind.NETWORK,
        CheckCode.SUBNET_ZONE_WITHOUT_FARGATE,
        fix=aws_command(asked, setup.region, *words),
        subnets=", ".join(f"{entry.subnet_id} ({entry.zone_id})" for entry in outside),
        system="Windows" if definition.is_windows else "Linux",
        region=setup.region,
        zones=", ".join(zones),
    )
