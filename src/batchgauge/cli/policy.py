"""``batchgauge policy``: the least-privilege IAM policy for what somebody wants to do."""

from __future__ import annotations

from typing import Any

import click

from batchgauge.cli.localised import LocalisedCommand, option
from batchgauge.cli.options import with_options
from batchgauge.cli.talk import print_json
from batchgauge.core.iam_policy import Names, policy
from batchgauge.core.permissions import Use

ANY = "*"
OPTIONS = (
    option("--region", show_default=ANY, help="cli.option.policy-region"),
    option("--account", show_default=ANY, metavar="ID", help="cli.option.policy-account"),
    option("--job-queue", show_default=ANY, help="cli.option.policy-queue"),
    option("--job-definition", show_default=ANY, help="cli.option.policy-definition"),
    option("--stack", default="batchgauge", metavar="NAME", help="cli.option.policy-stack"),
    option("--repository", metavar="NAME", help="cli.option.policy-repository"),
    option("--events-queue", show_default=ANY, metavar="NAME", help="cli.option.policy-events-queue"),
    option("--lang", type=click.Choice(["ja", "en"])),
)


@click.command("policy", cls=LocalisedCommand)
@click.argument("uses", metavar="USE...", nargs=-1, required=True, type=click.Choice([use.value for use in Use]))
@with_options(OPTIONS)
def print_policy(uses: tuple[str, ...], **given: Any) -> None:
    """Print the policy for these uses; nothing is asked of AWS."""
    names = Names(
        region=given["region"] or ANY,
        account=given["account"] or ANY,
        job_queue=given["job_queue"] or ANY,
        job_definition=given["job_definition"] or ANY,
        stack=given["stack"],
        repository=given["repository"],
        events_queue=given["events_queue"] or ANY,
    )
    print_json(policy([Use(use) for use in uses], names))
