"""A test environment in words: its parts, its cost, its events, and the commands that come next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from batchgauge.cli.main import COMMANDS
from batchgauge.core.cost import standing_cost
from batchgauge.core.cost.standing_cost import LINUX, WINDOWS, job_cost, memory_gb
from batchgauge.core.place import placed_command
from batchgauge.messages import Translator, plain
from batchgauge.provision.template import definition_names

if TYPE_CHECKING:
    from rich.text import Text

    from batchgauge.bootstrap import Target
    from batchgauge.bootstrap.environments import StackEvent
    from batchgauge.core.cost.prices import PriceTable
    from batchgauge.provision.given_network import NetworkLook

Parameters = Mapping[str, str]
SHORT_KIND: Final = "AWS::"
NO_EC2: Final = "0"
FOLD: Final = "  "
"""Before what goes on of a line that is longer than the terminal is wide."""


def thing_lines(stack: str, parameters: Parameters, network: NetworkLook | None, translate: Translator) -> list[str]:
    """A line for each part that will stand."""
    if parameters["VpcId"]:
        given = "network-given" if network is None else f"network-given.{network}"
        lines = [translate(f"deploy.thing.{given}", vpc=parameters["VpcId"], subnets=parameters["SubnetIds"])]
    else:
        lines = [translate("deploy.thing.network-made", cidr=parameters["VpcCidr"])]
    lines += [
        translate("deploy.thing.security-group"),
        translate("deploy.thing.roles"),
        translate("deploy.thing.repository", name=parameters["RepositoryName"]),
        translate("deploy.thing.log-group", name=f"/aws/batch/{stack}", days=parameters["LogRetentionDays"]),
        translate("deploy.thing.fargate", queue=f"{stack}-queue", vcpus=parameters["MaxvCpus"]),
    ]
    windows, linux = definition_names(stack, parameters)
    if _has_windows(parameters):
        version = parameters["WindowsVersion"]
        lines.append(translate("deploy.thing.windows-definition", name=windows, version=version))
    if _has_linux(parameters):
        lines.append(translate("deploy.thing.linux-definition", name=linux))
    if parameters["Ec2MaxvCpus"] != NO_EC2:
        lines.append(translate("deploy.thing.ec2", queue=f"{stack}-ec2-queue", vcpus=parameters["Ec2MaxvCpus"]))
    if parameters["Events"] == "true":
        lines.append(translate("deploy.thing.events", name=f"{stack}-events"))
    return [f"  {line}" for line in lines]


def names_to_be_made(stack: str, parameters: Parameters) -> list[str]:
    """Of the job definitions that will stand; they belong to the account, not to the stack alone."""
    windows, linux = definition_names(stack, parameters)
    names = [windows] if _has_windows(parameters) else []
    names += [linux] if _has_linux(parameters) else []
    return names + ([f"{linux}-ec2"] if parameters["Ec2MaxvCpus"] != NO_EC2 else [])


def cost_lines(parameters: Parameters, region: str, table: PriceTable, translate: Translator) -> list[str]:
    """What it costs to have, and what a job costs."""
    lines = [translate("deploy.cost.standing")]
    for system, is_there in ((WINDOWS, _has_windows(parameters)), (LINUX, _has_linux(parameters))):
        if is_there:
            lines.append(_job_line(system, parameters, region, table, translate))
    if parameters["Ec2MaxvCpus"] != NO_EC2:
        lines.append(translate("deploy.cost.ec2"))
    lines.append(
        translate("deploy.cost.storage", image=standing_cost.IMAGE_GB_MONTH, logs=standing_cost.LOGGED_GB)
        if parameters["Events"] != "true"
        else translate(
            "deploy.cost.storage-and-events",
            image=standing_cost.IMAGE_GB_MONTH,
            logs=standing_cost.LOGGED_GB,
            calls=standing_cost.MILLION_QUEUE_CALLS,
        )
    )
    lines.append(translate("deploy.cost.rates", fargate=table.as_of, others=standing_cost.RATES_AS_OF))
    return lines


def _job_line(system: str, parameters: Parameters, region: str, table: PriceTable, translate: Translator) -> str:
    vcpus, memory_mib = float(parameters["JobVcpus"]), float(parameters["JobMemoryMiB"])
    has_address = parameters["AssignPublicIp"] == "ENABLED"
    cost = job_cost(table, region, system, vcpus, memory_mib, has_public_address=has_address)
    words = {"system": system.capitalize(), "vcpus": f"{vcpus:g}", "memory": f"{memory_gb(memory_mib):g}"}
    if cost.hour is None or cost.least is None:
        return translate("deploy.cost.job-unknown", region=region, **words)
    return translate(
        "deploy.cost.job-provisional" if cost.is_provisional else "deploy.cost.job",
        hour=cost.hour,
        least=cost.least,
        minutes=f"{cost.billing_minimum_s / 60:g}",
        currency=cost.currency,
        most=cost.hour * int(int(parameters["MaxvCpus"]) // vcpus),
        jobs=int(int(parameters["MaxvCpus"]) // vcpus),
        **words,
    )


def event_line(event: StackEvent) -> str:
    """As CloudFormation says it; its words are nobody's to translate."""
    line = f"  {event.status:28} {event.kind.removeprefix(SHORT_KIND):32} {event.logical_id}"
    return f"{line}  {event.reason}" if event.reason and event.status.endswith("_FAILED") else line


def next_commands(outputs: Parameters, parameters: Parameters, stack: str, region: str, target: Target) -> list[str]:
    """Images, check, run, and the way back, all at the same AWS; only commands that this version has."""
    definition = outputs.get("WindowsJobDefinition") or outputs.get("LinuxJobDefinition", "")
    measured = ["--job-queue", outputs.get("JobQueue", ""), "--job-definition", definition]
    commands = [
        *_pushes(outputs, parameters),
        ["check", *measured],
        ["run", *measured, "--num-jobs", "2", "--countdown", "30", "--monitor"],
        ["deploy", "down", "--stack", stack],
    ]
    place = (region, target.profile, target.endpoint_url)
    return [placed_command(["batchgauge", *command], *place) for command in commands if command[0] in COMMANDS]


def _pushes(outputs: Parameters, parameters: Parameters) -> Iterator[list[str]]:
    """Of each image that the stack's own repository is to hold."""
    systems = {
        "WindowsImage": ["--windows", "2019" if "2019" in parameters["WindowsVersion"] else "2022"],
        "LinuxImage": ["--linux"],
    }
    for output, flags in systems.items():
        image = outputs.get(output, "")
        if image.startswith(outputs.get("RepositoryUri", "\0")):
            named = ["--repository", outputs.get("RepositoryName", ""), "--tag", image.rpartition(":")[2]]
            yield ["image", "push", *named, *flags]


def _has_windows(parameters: Parameters) -> bool:
    return parameters["System"] != "linux"


def _has_linux(parameters: Parameters) -> bool:
    return parameters["System"] != "windows"


def folded(line: str, width: int) -> Text:
    """A line for a terminal, parted between words; what goes on is indented deeper."""
    from rich.text import Text

    from batchgauge.reports.wrapping import wrapped

    text = plain(line).lstrip()
    indent = " " * (len(plain(line)) - len(text))
    first, *others = wrapped(text, max(width - len(indent) - len(FOLD), 1))
    return Text("\n".join([indent + first, *(indent + FOLD + other for other in others)]))
