from __future__ import annotations

import csv
import io
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from batchgauge.core.analysis.analysis import Analysis, analyse
from batchgauge.messages import translator
from batchgauge.messages.plain import plain
from batchgauge.reports.job_files import METADATA_KEY, jobs_csv, jobs_parquet
from batchgauge.reports.junit import junit_xml
from tests.reports.runs import Setting, measured


def analysis(**given: Any) -> Analysis:
    return analyse([(f"{level}.json", measured(level, Setting(**given))) for level in (2, 20)])


def rows_of(of: Analysis) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(jobs_csv(of).decode())))


def test_csv_has_a_row_a_job_with_its_run() -> None:
    rows = rows_of(analysis())
    assert [row["level"] for row in rows] == ["2"] * 2 + ["20"] * 20
    assert rows[0]["job_name"].endswith("job001")
    assert float(rows[0]["wait_least_ms"]) == float(rows[0]["started_ms"]) - float(rows[0]["created_ms"])
    assert rows[0]["index"] == "1"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "  =", "\t+"])
def test_no_cell_is_a_formula(start: str) -> None:
    rows = rows_of(analysis(failing=2, status_reason=f"{start}cmd|' /C calc'!A0"))
    said = {row["status_reason"] for row in rows if row["status"] == "FAILED"}
    assert said == {"'" + plain(f"{start}cmd|' /C calc'!A0")}
    for row in rows:
        assert not [
            value for name, value in row.items() if not name.endswith("_ms") and value.lstrip()[:1] in {*"=+-@"} - {""}
        ]


def test_no_cell_has_a_control_code() -> None:
    rows = rows_of(analysis(failing=2, status_reason="\x1b]0;title\x07 red \u202e"))
    assert {row["status_reason"] for row in rows if row["status"] == "FAILED"} == {r"\x1b]0;title\x07 red \u202e"}


def test_a_job_that_was_not_seen_to_end_has_no_most() -> None:
    rows = rows_of(analysis(looks=4))
    open_rows = [row for row in rows if row["status"] == "RUNNING"]
    assert open_rows
    assert all(row["run_least_ms"] and not row["run_most_ms"] for row in open_rows)


def test_parquet_says_the_same_as_csv() -> None:
    pl = pytest.importorskip("polars")
    given = analysis(failing=3, refused=5)
    data = jobs_parquet(given)
    frame = pl.read_parquet(io.BytesIO(data))
    rows = rows_of(given)
    assert frame["job_id"].to_list() == [row["job_id"] or None for row in rows]
    assert frame["created_ms"].to_list() == [float(row["created_ms"]) if row["created_ms"] else None for row in rows]
    assert frame["exit_code"].dtype == pl.Int64
    assert METADATA_KEY in pl.read_parquet_metadata(io.BytesIO(data))


def test_junit_has_a_suite_a_run_and_says_what_failed() -> None:
    root = ET.fromstring(junit_xml(analysis(failing=4, status_reason="died\x00 <&> \x1b[31m"), translator("en")))
    assert [suite.get("failures") for suite in root] == ["0", "1"]
    failure = root.find(".//failure")
    assert failure is not None
    assert "5 of 20 jobs failed" in (failure.get("message") or "")
    assert (root.get("tests"), root.get("failures")) == ("6", "1")


def test_junit_skips_what_was_not_watched() -> None:
    root = ET.fromstring(junit_xml(analysis(is_monitored=False), translator("ja")))
    assert root.get("skipped") == "2"


def test_junit_has_a_case_a_threshold_with_the_value_its_interval_and_what_failed() -> None:
    texts = ["success_rate >= 99%", "mean(run_s) < 1", "p95(queue_s) < 900", "p99(run_s) < 900"]
    of = analyse([(f"{level}.json", measured(level)) for level in (2, 20)], thresholds=texts)
    root = ET.fromstring(junit_xml(of, translator("en")))
    small, large = root.findall("testsuite")

    def case(suite: ET.Element, text: str) -> ET.Element:
        [found] = [case for case in suite.findall("testcase") if case.get("name") == f"Thresholds: {text}"]
        return found

    met = case(small, "success_rate >= 99%").find("system-out")
    assert met is not None
    assert met.text == "Measured: 100 %, 95 % interval: 34.2 % – 100 % (of jobs), met"
    failure = case(large, "mean(run_s) < 1").find("failure")
    assert failure is not None
    assert "95 % interval: 30." in str(failure.text)
    assert "NOT MET" in str(failure.text)
    assert case(small, "p95(queue_s) < 900").find("skipped") is not None
    assert case(large, "p95(queue_s) < 900").find("skipped") is None
    # No level could judge it, which counts as not met: it fails once, at the last.
    assert case(small, "p99(run_s) < 900").find("skipped") is not None
    assert case(large, "p99(run_s) < 900").find("failure") is not None
    assert root.get("failures") == str(len(root.findall(".//failure"))) == "3"


def test_each_suite_has_the_verdict_on_its_level() -> None:
    runs = [(f"{level}.json", measured(level, Setting(capacity=8))) for level in (2, 20)]
    root = ET.fromstring(junit_xml(analyse(runs), translator("en")))
    found = [{entry.get("name"): entry.get("value") for entry in suite.iter("property")} for suite in root]
    assert [entry["verdict"] for entry in found] == ["none", "max-vcpus"]
    assert "maxvCpus" in str(found[1]["verdict-in-words"])
