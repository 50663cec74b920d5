"""``batchgauge job-definition``: what a measurement on AWS needs registered."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from batchgauge import bootstrap
from batchgauge.cli.language import current_translator
from batchgauge.cli.localised import LocalisedCommand, LocalisedGroup, option
from batchgauge.cli.options import AWS_OPTIONS, with_options
from batchgauge.cli.talk import print_json, say_warning

if TYPE_CHECKING:
    from batchgauge.provision.job_definition import PreparedDefinition, Registration, Wishes

REGISTER_OPTIONS = (
    option("--name", show_default="windows-countdown-job"),
    option("--file", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="cli.option.template"),
    option("--image"),
    option("--execution-role", show_default="BatchExecutionRole"),
    option("--job-role", show_default="BatchJobRole"),
    option("--log-group", show_default="/aws/batch/windows-jobs"),
)
OUTPUT_OPTIONS = (
    option("--dry-run", is_flag=True),
    option("--json", "as_json", is_flag=True, help="cli.option.register-json"),
    option("--lang", type=click.Choice(["ja", "en"])),
)


@click.group("job-definition", cls=LocalisedGroup)
def job_definition() -> None:
    """Job definitions."""


@job_definition.command("register", cls=LocalisedCommand)
@with_options(REGISTER_OPTIONS, AWS_OPTIONS, OUTPUT_OPTIONS)
def register(**given: Any) -> None:
    """Register the Windows countdown job definition, or one of the user's own."""
    from batchgauge.provision.job_definition import Wishes, packaged_template, read_template

    file: Path | None = given["file"]
    template = packaged_template() if file is None else read_template(file.read_bytes(), str(file))
    wishes = Wishes(
        name=given["name"],
        image=given["image"],
        execution_role=given["execution_role"],
        job_role=given["job_role"],
        log_group=given["log_group"],
    )
    target = bootstrap.Target(given["region"], given["profile"], given["endpoint_url"])
    prepared, registration = asyncio.run(_register(target, template, wishes, is_dry_run=given["dry_run"]))
    _warn(prepared)
    if registration is None:
        print_json(prepared.definition)
    elif given["as_json"]:
        print_json(_document(registration))
    else:
        _print_lines(registration)


async def _register(
    target: bootstrap.Target, template: dict[str, Any], wishes: Wishes, *, is_dry_run: bool
) -> tuple[PreparedDefinition, Registration | None]:
    from batchgauge.provision.job_definition import prepare
    from batchgauge.provision.job_definition import register as register_definition

    async with bootstrap.open_account(target) as aws:
        prepared = await prepare(aws.account, template, wishes)
        return prepared, None if is_dry_run else await register_definition(aws.account, prepared)


def _warn(prepared: PreparedDefinition) -> None:
    for note in prepared.notes:
        say_warning(current_translator()(f"note.{note.code}", subject=note.subject))


def _document(registration: Registration) -> dict[str, object]:
    prepared, registered = registration.prepared, registration.registered
    return {
        "jobDefinitionName": registered.name,
        "revision": registered.revision,
        "jobDefinitionArn": registered.arn,
        "accountId": prepared.account_id,
        "region": prepared.region,
        "image": prepared.container["image"],
        "executionRoleArn": prepared.container.get("executionRoleArn"),
        "jobRoleArn": prepared.container.get("jobRoleArn"),
        "logGroup": prepared.log_group,
        "isLogGroupCreated": registration.is_log_group_created,
        "notes": [{"code": note.code, "subject": note.subject} for note in prepared.notes],
    }


def _print_lines(registration: Registration) -> None:
    translate = current_translator()
    said = _document(registration)
    log_group_word = "log-group-created" if registration.is_log_group_created else "log-group"
    for word, key in (
        ("account", "accountId"),
        ("region", "region"),
        ("image", "image"),
        ("execution-role", "executionRoleArn"),
        ("job-role", "jobRoleArn"),
        (log_group_word, "logGroup"),
    ):
        if said[key] is not None:
            click.echo(translate(f"cli.registered.{word}", value=said[key]))
    click.echo(translate("cli.registered.definition", name=said["jobDefinitionName"], revision=said["revision"]))
