"""All judgments over what jobs stand on: pure, in the order in which jobs come to need it."""

from __future__ import annotations

from batchgauge.core.checks.container import check_container
from batchgauge.core.checks.definition import check_definition
from batchgauge.core.checks.outcome import Check, CheckCode, CheckKind, aws_command, failed, ok
from batchgauge.core.checks.queue import check_queue
from batchgauge.core.checks.setup import Asked, Setup, Unread


def check_setup(setup: Setup, asked: Asked) -> tuple[Check, ...]:
    """What was found; without credentials nothing else can be said."""
    identity = setup.identity
    if isinstance(identity, Unread):
        fix = aws_command(asked, setup.region, "sts", "get-caller-identity")
        words = {"error": identity.error, "region": setup.region}
        unusable = CheckCode.CREDENTIALS_UNUSABLE
        return (failed(CheckKind.CREDENTIALS, unusable, words, fix=fix, said=identity.detail),)
    who = {"account": identity.account_id, "arn": identity.arn, "region": setup.region}
    checks = (
        ok(CheckKind.CREDENTIALS, CheckCode.CREDENTIALS_OK, who),
        *check_queue(setup, asked),
        *check_definition(setup, asked),
        *check_container(setup, asked),
    )
    order = list(CheckKind)
    return tuple(sorted(checks, key=lambda check: order.index(check.kind)))
