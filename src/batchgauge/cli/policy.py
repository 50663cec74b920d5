"""``batchgauge policy``: the least-privilege IAM policy for what somebody wants to do."""

from __future__ import annotations

import re
from typing import Any, Final

import click

from batchgauge.cli.language import current_translator
from batchgauge.cli.localised import LocalisedCommand, option
from batchgauge.cli.options import require, with_options
from batchgauge.cli.talk import print_json, say_warning
from batchgauge.core.iam.permissions import Use
from batchgauge.core.iam.policy import MANAGED_POLICY_CHARACTERS, Names, characters_of, policy

ANY = "*"
ACCOUNT: Final = re.compile(r"\d{12}")
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
    account = given["account"]
    require(account in (None, ANY) or ACCOUNT.fullmatch(account) is not None, "--account", account, "account-id")
    names = Names(
        region=given["region"] or ANY,
        account=account or ANY,
        job_queue=given["job_queue"] or ANY,
        job_definition=given["job_definition"] or ANY,
        stack=given["stack"],
        repository=given["repository"],
        events_queue=given["events_queue"] or ANY,
    )
    document = policy([Use(use) for use in uses], names)
    print_json(document)
    size = characters_of(document)
    if size > MANAGED_POLICY_CHARACTERS:
        say_warning(current_translator()("policy.too-long", size=size, most=MANAGED_POLICY_CHARACTERS))
