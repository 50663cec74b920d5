"""``--redact`` on the command line: what is written and shown names nobody, and the journal keeps everything."""

from __future__ import annotations

import json

from tests.faults.conftest import TARGET, WATCHED, StartCommand

NAMES = (
    "windows-batch-queue",
    "windows-countdown-job",
    "windows-batch-environment",
    "127.0.0.1",
    "owner-of-it",
    "-job001",
)


def test_a_run_is_written_and_shown_without_names(start_at: StartCommand) -> None:
    more = ("--parameter", "who=owner-of-it", "--output", "shared.json", "--json", "--redact")
    done = start_at("run", *TARGET, *WATCHED, "--num-jobs", 2, "--countdown", 0, *more).end()
    assert done.exit_code == 0, done.stderr
    [document] = done.folder.glob("test-results/runs/*/result.json")
    [journal] = done.folder.glob("test-results/runs/*/journal.jsonl")
    shared = (document.read_text(), (done.folder / "shared.json").read_text(), done.stdout)
    assert len(set(shared)) == 1
    account = json.loads(journal.read_text().splitlines()[0])["record"]["environment"]["accountId"]
    for name in (*NAMES, account):
        assert name not in shared[0], name
        assert name in journal.read_text(), "it is the source: what was measured can be made from it again"
    assert [job.status for job in done.result.jobs] == ["SUCCEEDED"] * 2
    assert done.result.job_queue == "queue-1"


def test_a_sweep_and_its_report_have_the_same_placeholders(start_at: StartCommand) -> None:
    arguments = (
        "sweep",
        *TARGET,
        "--levels",
        "1,2",
        "--pause",
        0,
        "--countdown",
        0,
        "--monitor-interval",
        0.2,
        "--redact",
    )
    done = start_at(*arguments).end()
    assert done.exit_code == 0, done.stderr
    results = done.folder / "test-results"
    report = (results / "performance-report.md").read_text(encoding="utf-8")
    documents = [json.loads(path.read_text()) for path in sorted(results.glob("test-case-*.json"))]
    assert {document["jobQueue"] for document in documents} == {"queue-1"}
    assert {document["environment"]["computeEnvironments"][0]["name"] for document in documents} == {"environment-1"}
    assert "`queue-1`" in report
    for name in NAMES:
        assert name not in report, name


def test_an_analysis_leaves_the_documents_whole(start_at: StartCommand, start: StartCommand) -> None:
    done = start_at("sweep", *TARGET, "--levels", "1", "--countdown", 0, "--monitor-interval", 0.2).end()
    assert done.exit_code == 0, done.stderr
    results = done.folder / "test-results"
    before = {path: path.read_bytes() for path in results.rglob("*.json")}
    again = start("analyze", "test-results", "--output", "shared", "--redact").end()
    assert again.exit_code == 0, again.stderr
    report = (done.folder / "shared" / "performance-report.md").read_text(encoding="utf-8")
    assert "`queue-1`" in report
    for name in NAMES:
        assert name not in report, name
    assert {path: path.read_bytes() for path in results.rglob("*.json")} == before
