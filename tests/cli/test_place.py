"""Commands that are printed ask the account, Region and endpoint that the command before them was given."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import polib
import pytest

from batchgauge import messages
from batchgauge.bootstrap import Target
from batchgauge.cli.cleaning import cleanup_command
from batchgauge.cli.deploy_words import next_commands
from batchgauge.cli.localised import LocalisedCommand, option
from batchgauge.cli.observers import removal_command
from batchgauge.cli.place import place_of
from batchgauge.core.place import place_words
from batchgauge.errors import BatchgaugeError, JobQueueNotUsableError, MissingOptionError, StackFailedError

TARGET = Target(None, "two words", "http://127.0.0.1:9")
PLACE = " --region eu-west-1 --profile 'two words' --endpoint-url http://127.0.0.1:9"
CATALOGUES = Path(messages.__file__).parent / "catalogues"
NO_WHOLE_COMMAND = {"check.queue-without-environments.fix", "check.environment-missing.fix"}
"""They say a flag of a command that the reader has to complete."""


def test_what_deploy_up_prints_goes_to_the_same_aws() -> None:
    outputs = {
        "JobQueue": "q",
        "LinuxJobDefinition": "d",
        "RepositoryUri": "r",
        "RepositoryName": "n",
        "LinuxImage": "r:x",
    }
    printed = next_commands(outputs, {"WindowsVersion": "2022"}, "stack", "eu-west-1", TARGET)
    assert [shlex.split(line)[1] for line in printed] == ["image", "check", "run", "deploy"]
    assert [line for line in printed if not line.endswith(PLACE)] == []


def test_what_ends_jobs_and_routes_goes_to_the_same_aws() -> None:
    assert cleanup_command("run", "q", "eu-west-1", TARGET).endswith(PLACE)
    assert removal_command("run", "eu-west-1", TARGET).endswith(PLACE)


@pytest.mark.parametrize(
    "error",
    [
        StackFailedError(stack="s", status="x", resource="r", reason="because", flag="up"),
        JobQueueNotUsableError(queue="q", state="DISABLED", status="VALID"),
        MissingOptionError(flag="--job-queue"),
    ],
    ids=lambda error: error.code,
)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_commands_of_a_hint_go_to_the_same_aws(error: BatchgaugeError, language: messages.Language) -> None:
    @click.command(cls=LocalisedCommand)
    @option("--region")
    @option("--profile")
    @option("--endpoint-url")
    def fails(**_: str) -> None:
        raise error

    with pytest.raises(type(error)) as raised:
        fails.main(shlex.split(PLACE), standalone_mode=False)
    hint = messages.describe_error(raised.value, messages.translator(language), place_of(raised.value))[1]
    assert hint is not None
    assert PLACE in hint


def test_nothing_that_was_given_is_nothing_more_to_type() -> None:
    assert place_words(None, None, None) == ""


@pytest.mark.parametrize("language", ["en", "ja"])
def test_no_command_of_the_aws_cli_is_said_without_its_place(language: str) -> None:
    said = (entry for path in sorted((CATALOGUES / language).rglob("*.po")) for entry in polib.pofile(str(path)))
    command = re.compile(r"aws (batch|logs|cloudformation|ecr|iam|ec2) [a-z]+-[a-z-]+(?! *[^ ]*{where})")
    placeless = [e.msgid for e in said if command.search(e.msgstr) and "{where}" not in e.msgstr]
    assert set(placeless) <= NO_WHOLE_COMMAND
