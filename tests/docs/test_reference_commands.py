"""The pages of check, explain and prices: their commands exist and take their flags, both languages show the same ones, links hold."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from batchgauge.cli.main import cli

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
PAGES = ("check", "explain", "prices")


def commands(path: Path) -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```$", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line]


@pytest.mark.parametrize("page", PAGES)
def test_every_command_takes_the_flags_that_it_is_shown_with(page: str) -> None:
    shown = commands(REFERENCE / f"{page}.md")
    assert shown
    for line in shown:
        name, *arguments = shlex.split(line)[1:]
        context = click.Context(cli, info_name="batchgauge")
        command = cli.get_command(context, name)
        assert command is not None
        command.make_context(name, arguments, parent=context)


@pytest.mark.parametrize("page", PAGES)
def test_both_languages_show_the_same_commands_actions_and_codes(page: str) -> None:
    english, japanese = REFERENCE / f"{page}.md", REFERENCE / f"{page}.ja.md"
    assert commands(english) == commands(japanese)
    quoted = [
        set(re.findall(r"`([a-z]+:[A-Z]\w+)`|(0x[0-9A-F]{8})", path.read_text(encoding="utf-8")))
        for path in (english, japanese)
    ]
    assert quoted[0] == quoted[1]


@pytest.mark.parametrize("path", [path for page in PAGES for path in sorted(REFERENCE.glob(f"{page}.*md"))])
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target
