from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import msgspec

from batchgauge.core.analysis.analysis import SkippedFile, analyse
from batchgauge.core.documents.summary import SummaryDocument, summary_json
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


def test_the_verdict_stands_there_with_its_evidence_for_every_level() -> None:
    runs = [(f"{level}.json", measured(level, Setting(capacity=8))) for level in (2, 20)]
    [verdict] = json.loads(summary_json(analyse(runs)))["verdicts"]
    assert (verdict["variant"], verdict["firstLevel"], verdict["unchangedLevel"]) == (None, 20, 2)
    assert [(level["level"], level["held"]["kind"], level["held"]["code"]) for level in verdict["levels"]] == [
        (2, "none", "none"),
        (20, "limit", "max-vcpus"),
    ]
    overall = verdict["overall"]
    assert overall == verdict["levels"][1]["held"]
    assert (overall["level"], overall["evidence"]["waited"], overall["evidence"]["jobs"]["value"]) == (20, 12, 8)
    assert overall["delayMs"] > 0


def test_what_weighs_more_than_any_delay_has_none_in_json() -> None:
    runs = [(f"{level}.json", measured(level, Setting(failing=3))) for level in (2, 20)]
    [verdict] = json.loads(summary_json(analyse(runs)))["verdicts"]
    failures = verdict["levels"][1]["held"]
    assert (failures["code"], failures["delayMs"], failures["evidence"]["failed"]) == ("failures", None, 6)
