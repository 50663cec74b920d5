"""The table of the embedded AWS's behaviour names tests that exist, and leaves no operation of the API out."""

from __future__ import annotations

import re
from pathlib import Path

import botocore.session
import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "embedded-aws.md").read_text(encoding="utf-8")
NAMED_TESTS = sorted(set(re.findall(r"`([\w/]+\.py)::(test_\w+)`", PAGE)))
OPERATIONS = PAGE.partition("## Operations")[2].partition("\n## ")[0]


def test_no_operation_is_missing_and_none_is_invented() -> None:
    first_cells = [line.split("|")[1] for line in OPERATIONS.splitlines() if line.startswith("| `")]
    named = [name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)]
    known = botocore.session.get_session().get_service_model("batch").operation_names
    assert sorted(named) == sorted(known)


def test_every_behaviour_has_its_test() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.rstrip().endswith("shown by |")]
    assert len(rows) > 50
    assert [row for row in rows if "::test_" not in row.split("|")[-2]] == []


@pytest.mark.parametrize(("file", "name"), NAMED_TESTS)
def test_a_test_that_is_named_exists(file: str, name: str) -> None:
    source = (ROOT / "tests" / file).read_text(encoding="utf-8")
    assert re.search(rf"^(async )?def {name}\(", source, re.MULTILINE)
