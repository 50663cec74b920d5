"""The pages on the countdown and on its image: links lead somewhere, flags exist, both languages have the same parts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from batchgauge.cli.image import push
from batchgauge.localaws.countdown_load import HELP

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs" / "guides" / "windows-image.md", ROOT / "docs" / "reference" / "countdown.md"]


def japanese(page: Path) -> Path:
    return page.with_suffix(".ja.md")


@pytest.mark.parametrize("page", [*PAGES, *map(japanese, PAGES)], ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")) if "://" not in link]
    assert links
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_both_languages_have_the_same_parts(page: Path) -> None:
    texts = [path.read_text(encoding="utf-8") for path in (page, japanese(page))]
    for shape in (r"^## ", r"^\|", r"^- "):
        english, other = (re.findall(shape, text, re.MULTILINE) for text in texts)
        assert len(english) == len(other), shape
    blocks = [re.findall(r"^```(?:sh)?\n(.*?)^```", text, re.MULTILINE | re.DOTALL) for text in texts]
    assert blocks[0] == blocks[1]


def test_the_flags_of_image_push_are_all_there() -> None:
    taken = {flag for parameter in push.params for flag in parameter.opts}
    named = set(re.findall(r"`(--[a-z-]+)", PAGES[0].read_text(encoding="utf-8")))
    of_docker = {"--provenance", "--dry-run"}
    assert named - of_docker <= taken
    assert {flag for flag in taken if flag not in {"--lang", "--profile", "--endpoint-url", "--region"}} <= named


def test_the_options_of_the_countdown_are_all_there() -> None:
    options = re.findall(r"^  (--[a-z-]+ ?\S*)", HELP, re.MULTILINE)
    assert len(options) == 7
    for page in (PAGES[1], japanese(PAGES[1])):
        text = page.read_text(encoding="utf-8")
        assert [option for option in options if option != "--help " and f"| `{option.strip()}` |" not in text] == []


def test_what_codebuild_is_told_can_be_read() -> None:
    told = yaml.safe_load((ROOT / "deploy" / "windows" / "buildspec.yml").read_text(encoding="utf-8"))
    commands = told["phases"]["build"]["commands"]
    assert commands[0] == "python scripts/build-countdown dist"
    arguments = commands[1].split()
    assert arguments[:3] == ["batchgauge", "image", "push"]
    assert {word for word in arguments if word.startswith("--")} <= {flag for p in push.params for flag in p.opts}
