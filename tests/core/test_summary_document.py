from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import msgspec

from batchgauge.core.analysis import SkippedFile, analyse
from batchgauge.core.summary_document import SummaryDocument, summary_json
from tests.reports.runs import Setting, measured

ROOT = Path(__file__).parents[2]


def test_the_published_schema_is_that_of_the_document() -> None:
    checked = subprocess.run(
        [sys.executable, ROOT / "scripts" / "schemas", "--check"], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stdout) == (0, "")


def test_the_summary_is_read_back_as_its_own_type() -> None:
    runs = [(f"{level}.json", measured(level, Setting(failing=3))) for level in (2, 20)]
    text = summary_json(analyse(runs, [SkippedFile("x.json", "no")]))
    read = msgspec.json.decode(text, type=SummaryDocument)
    assert [run.statistics.level for run in read.runs] == [2, 20]
    assert read.skipped[0].reason == "no"
    assert {"jobs-failed", "capacity-reached"} <= {entry["code"] for entry in json.loads(text)["findings"]}
