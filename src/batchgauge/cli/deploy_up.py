"""``batchgauge deploy up``: shows what will be made and what it costs, asks, makes it, and says what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import click

from batchgauge import bootstrap
from batchgauge.bootstrap.environments import OpenEnvironments, open_environments
from batchgauge.cli.asking import confirm
from batchgauge.cli.deploy_words import cost_lines, event_line, folded, names_to_be_made, next_commands, thing_lines
from batchgauge.cli.language import current_translator
from batchgauge.cli.talk import print_json, print_lines, say
from batchgauge.errors import ConfirmationNeededError, DeclinedDeploymentError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from batchgauge.provision.given_network import NetworkLook
    from batchgauge.provision.stacks import Plan

REPOSITORY: Final = "RepositoryName"


@dataclass(frozen=True, slots=True)
class Wishes:
    """How it is to be done."""

    is_dry_run: bool
    is_confirmed: bool
    is_json: bool


async def bring_up(stack: str, parameters: Mapping[str, str], target: bootstrap.Target, wishes: Wishes) -> None:
    """Plan, ask, do.

    Raises:
        DeploymentError, AwsError: it cannot be done.
        UsageError: nobody says yes.
    """
    from batchgauge.provision import stacks
    from batchgauge.provision.given_network import look_at_network
    from batchgauge.provision.template import template_text

    translate = current_translator()
    async with open_environments(target) as aws:
        plan = await stacks.plan_up(aws.stacks, stack, template_text(), parameters)
        network = await look_at_network(aws.networks, plan)
        taken = await _taken_names(plan, aws)
        _show(plan, aws, taken, network, is_data=wishes.is_dry_run and not wishes.is_json)
        if wishes.is_dry_run:
            if wishes.is_json:
                print_json({"stack": stack, "action": plan.action.value, "parameters": dict(plan.parameters)})
            say(translate("deploy.up.dry-run"))
            return
        await _require_yes(plan, wishes)
        say(translate("deploy.up.going", stack=stack))
        token = f"up-{bootstrap.new_run_suffix()}"
        made = await stacks.Deployer(aws.stacks, aws.clock, token, lambda event: say(event_line(event))).bring_up(plan)
        if made is None:
            say(translate("deploy.up.unchanged", stack=stack))
            made = plan.current
        else:
            say(translate("deploy.up.done", stack=stack))
        assert made is not None  # noqa: S101 - an update has one
        if wishes.is_json:
            print_json({"stack": stack, "stackId": made.stack_id, "action": plan.action.value, "outputs": made.outputs})
        else:
            width = max(map(len, made.outputs), default=0)
            for name, value in made.outputs.items():
                click.echo(f"{name:{width}}  {value}")
        say(translate("deploy.up.next"))
        for command in next_commands(made.outputs, plan.parameters, stack, aws.region, target):
            say(f"  {command}")


async def _taken_names(plan: Plan, aws: OpenEnvironments) -> dict[str, int]:
    """Of the job definitions that would be made, those whose names stand for others already, with their newest revisions.

    Where the account does not show them, nothing is said: whether the stack may be made does not hang on it.
    """
    if plan.action.value == "update":
        return {}
    replies = [await aws.batch.describe_job_definition(name) for name in names_to_be_made(plan.name, plan.parameters)]
    return {reply.value.name: reply.value.revision for reply in replies if reply.value is not None}


def _show(
    plan: Plan, aws: OpenEnvironments, taken: Mapping[str, int], network: NetworkLook | None, *, is_data: bool
) -> None:
    """What will be; on stdout where that is all that was asked for."""
    translate = current_translator()
    lines = [translate(f"deploy.plan.{plan.action.value}", stack=plan.name, region=aws.region)]
    if plan.current is not None and plan.action.value == "update":
        before = plan.current.parameters
        lines += [
            translate("deploy.plan.changed", name=name, old=before.get(name, "-"), new=value)
            for name, value in plan.parameters.items()
            if before.get(name) != value
        ]
        old = before.get(REPOSITORY, plan.parameters[REPOSITORY])
        if old != plan.parameters[REPOSITORY]:
            lines.append(translate("deploy.plan.repository-replaced", old=old))
    lines += thing_lines(plan.name, plan.parameters, network, translate)
    lines += [translate("deploy.taken", name=name, revision=revision) for name, revision in taken.items()]
    if aws.is_embedded:
        lines.append(translate("deploy.cost.embedded"))
    else:
        lines += cost_lines(plan.parameters, aws.region, bootstrap.price_table(), translate)
    print_lines(lambda width: [folded(line, width) for line in lines], on_stderr=not is_data)


async def _require_yes(plan: Plan, wishes: Wishes) -> None:
    if wishes.is_confirmed:
        return
    if not bootstrap.can_ask():
        raise ConfirmationNeededError(because="deploy-up", flag="--yes")
    if not await confirm(current_translator()("deploy.up.question", stack=plan.name)):
        raise DeclinedDeploymentError()
