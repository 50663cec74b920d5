"""``docs/reference/sweeps.md``: its flags exist, and what it shows is understood."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import yaml

from batchgauge.cli.compare import compare
from batchgauge.cli.sweep import parse_levels, sweep
from batchgauge.core.sweeps.scenario_file import ScenarioFile, options_of
from batchgauge.core.sweeps.variants import parse_variants

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "reference" / "sweeps.md").read_text(encoding="utf-8")


def test_its_flags_are_those_of_the_commands() -> None:
    named = set(re.findall(r"(--[a-z][a-z-]+)", TEXT))
    taken = {flag for command in (sweep, compare) for parameter in command.params for flag in parameter.opts}
    assert len(named) > 10
    assert named <= taken


def test_its_levels_and_variants_are_understood() -> None:
    for text in re.findall(r"`--levels ([^`]+)`", TEXT):
        assert parse_levels(text)[0]
    [example] = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    options = options_of(msgspec.convert(yaml.safe_load(example), ScenarioFile))
    assert [variant.name for variant in parse_variants(options["--variant"])] == ["fargate", "ec2"]


def test_its_links_lead_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)", TEXT) if "://" not in link]
    assert links
    assert all((ROOT / "docs" / "reference" / link).exists() for link in links)
