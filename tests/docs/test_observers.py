"""``docs/reference/observers.md``: its flags and its command exist, and every permission it names is one that we use."""

from __future__ import annotations

import re
from pathlib import Path

import botocore.session
import click
import pytest

from batchgauge.cli.main import COMMANDS
from batchgauge.cli.remove_events import remove_events
from batchgauge.cli.run import run
from batchgauge.cli.sweep import sweep

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "reference" / "observers.md").read_text(encoding="utf-8")
IAM_NAMES = {"ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility"}
"""IAM's name of a batch of calls is that of the single one."""


@pytest.mark.parametrize("command", [run, sweep])
def test_its_flags_are_those_of_the_command(command: click.Command) -> None:
    named = set(re.findall(r"`(--[a-z-]+)", TEXT))
    taken = {flag for parameter in command.params for flag in parameter.opts}
    assert named
    assert named <= taken


def test_its_command_is_there() -> None:
    assert re.search(r"`batchgauge remove-events RUN`", TEXT)
    assert "remove-events" in COMMANDS
    assert next(parameter.name for parameter in remove_events.params) == "run_id"


def test_every_permission_is_an_operation_that_the_adapters_call() -> None:
    permissions = re.findall(r"`(events|sqs|ecs|cloudwatch):([A-Za-z]+)`", TEXT)
    assert len(permissions) > 15
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src" / "batchgauge" / "aws").glob("*.py"))
    session = botocore.session.get_session()
    for service, operation in permissions:
        assert operation in session.get_service_model(service).operation_names
        if operation not in ("TagResource", "TagQueue"):  # tags go along with what is made
            assert f'"{operation}"' in source or (operation in IAM_NAMES and f'"{operation}Batch"' in source)
