"""``batchgauge deploy``: a whole test environment on AWS, by one CloudFormation template."""

from __future__ import annotations

import asyncio
import re
from typing import Any, Final

import click

from batchgauge import bootstrap
from batchgauge.cli.localised import LocalisedCommand, LocalisedGroup, option
from batchgauge.cli.options import AWS_OPTIONS, require, with_options
from batchgauge.core.naming import DEFAULT_STACK
from batchgauge.errors import MissingOptionError

STACK_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,99}")
"""CloudFormation's rule, and short enough for the names that are made of it."""
REPOSITORY_NAME: Final = re.compile(r"(?=.{2,256}$)[a-z0-9]+(?:[._/-][a-z0-9]+)*")
"""ECR's rule, as the template has it."""
RETENTION_DAYS: Final = ("1", "3", "5", "7", "14", "30", "60", "90", "120", "150", "180", "365")
"""CloudWatch Logs takes no others (up to a year)."""
STACK_OPTIONS = (option("--stack", default=DEFAULT_STACK, metavar="NAME"),)
TEMPLATE_OPTIONS = (
    option("--windows", is_flag=True, help="cli.option.deploy-windows"),
    option("--linux", is_flag=True, help="cli.option.deploy-linux"),
    option("--windows-version", type=click.Choice(["2019", "2022"]), show_default="2022"),
    option("--max-vcpus", type=int, show_default="16", help="cli.option.deploy-max-vcpus"),
    option("--ec2-max-vcpus", type=int, show_default="0"),
    option("--vcpus", type=click.Choice(["1", "2", "4"]), show_default="1", help="cli.option.deploy-vcpus"),
    option("--memory", type=int, metavar="MIB", show_default="2048", help="cli.option.deploy-memory"),
    option("--vpc", metavar="ID"),
    option("--subnets", metavar="IDS"),
    option("--no-public-ip", is_flag=True),
    option("--repository", metavar="NAME", show_default="batchgauge-countdown", help="cli.option.deploy-repository"),
    option("--windows-image", metavar="IMAGE"),
    option("--linux-image", metavar="IMAGE"),
    option("--log-retention", type=click.Choice(RETENTION_DAYS), metavar="DAYS", show_default="7"),
    option("--events-queue", is_flag=True, help="cli.option.deploy-events-queue"),
)
UP_OPTIONS = (
    option("--dry-run", is_flag=True, help="cli.option.deploy-dry-run"),
    option("--yes", is_flag=True, help="cli.option.deploy-yes"),
    option("--json", "as_json", is_flag=True, help="cli.option.deploy-json"),
)
DOWN_OPTIONS = (
    option("--dry-run", is_flag=True, help="cli.option.down-dry-run"),
    option("--yes", is_flag=True, help="cli.option.down-yes"),
)
LANGUAGE_OPTIONS = (option("--lang", type=click.Choice(["ja", "en"])),)


@click.group("deploy", cls=LocalisedGroup)
def deploy() -> None:
    """A test environment on AWS."""


@deploy.command("template", cls=LocalisedCommand)
@with_options(TEMPLATE_OPTIONS, LANGUAGE_OPTIONS)
def template(**given: Any) -> None:
    """Print the template; flags become its defaults."""
    from batchgauge.provision.template import default_parameters, template_text, with_defaults, with_fitting_memory

    text, parameters = template_text(), _parameters(given)
    fitting = with_fitting_memory(parameters, {**default_parameters(text), **parameters})
    click.echo(with_defaults(text, fitting), nl=False)


@deploy.command("up", cls=LocalisedCommand)
@with_options(STACK_OPTIONS, TEMPLATE_OPTIONS, UP_OPTIONS, AWS_OPTIONS, LANGUAGE_OPTIONS)
def up(**given: Any) -> None:
    """Make or change the environment."""
    from batchgauge.cli.deploy_up import bring_up

    _require_stack_name(given["stack"])
    asyncio.run(bring_up(given["stack"], _parameters(given), _target(given), _up_wishes(given)))


@deploy.command("down", cls=LocalisedCommand)
@with_options(STACK_OPTIONS, DOWN_OPTIONS, AWS_OPTIONS, LANGUAGE_OPTIONS)
def down(**given: Any) -> None:
    """Delete the environment, and prove that nothing is left."""
    from batchgauge.cli.deploy_down import take_down

    _require_stack_name(given["stack"])
    target = _target(given)
    asyncio.run(take_down(given["stack"], target, is_dry_run=given["dry_run"], is_confirmed=given["yes"]))


def _up_wishes(given: dict[str, Any]) -> Any:
    from batchgauge.cli.deploy_up import Wishes

    return Wishes(given["dry_run"], given["yes"], given["as_json"])


def _require_stack_name(name: str) -> None:
    require(STACK_NAME.fullmatch(name) is not None, "--stack", name, "stack-name")


def _target(given: dict[str, Any]) -> bootstrap.Target:
    return bootstrap.Target(given["region"], given["profile"], given["endpoint_url"])


def _parameters(given: dict[str, Any]) -> dict[str, str]:
    """The template's parameters, as far as the flags name them.

    Raises:
        UsageError: a flag is out of its range, or needs another one.
    """
    _check(given)
    if given["windows"] or given["linux"]:
        both = given["windows"] and given["linux"]
        given = {**given, "system": "both" if both else "windows" if given["windows"] else "linux"}
    version = given["windows_version"]
    named = {
        "System": given.get("system"),
        "WindowsVersion": f"WINDOWS_SERVER_{version}_CORE" if version else None,
        "JobVcpus": given["vcpus"],
        "JobMemoryMiB": given["memory"],
        "MaxvCpus": given["max_vcpus"],
        "Ec2MaxvCpus": given["ec2_max_vcpus"],
        "VpcId": given["vpc"],
        "SubnetIds": given["subnets"],
        "AssignPublicIp": "DISABLED" if given["no_public_ip"] else None,
        "RepositoryName": given["repository"],
        "WindowsImage": given["windows_image"],
        "LinuxImage": given["linux_image"],
        "LogRetentionDays": given["log_retention"],
        "Events": "true" if given["events_queue"] else None,
    }
    return {name: str(value) for name, value in named.items() if value is not None}


def _check(given: dict[str, Any]) -> None:
    for flag, least, expected in (("max_vcpus", 1, "at-least-one"), ("ec2_max_vcpus", 0, "not-negative")):
        value = given[flag]
        require(value is None or value >= least, "--" + flag.replace("_", "-"), value, expected)
    repository = given["repository"]
    is_name = repository is None or REPOSITORY_NAME.fullmatch(repository) is not None
    require(is_name, "--repository", repository, "repository-name")
    if bool(given["vpc"]) != bool(given["subnets"]):
        raise MissingOptionError(flag="--subnets" if given["vpc"] else "--vpc")
