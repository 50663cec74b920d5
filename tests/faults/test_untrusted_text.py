"""Whatever others have written into names and reasons: no terminal obeys it, no report takes it for markup, no path follows it."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import msgspec
import pytest
from markdown_it import MarkdownIt

from batchgauge.core.journal import EnvironmentFacts, Header, Plan, PlannedJob
from batchgauge.core.result.run_result import RunResult, to_document
from batchgauge.core.scenario import JobShape, Scenario
from batchgauge.store.journal import encode_line
from tests.faults.conftest import TARGET, WATCHED, StartCommand
from tests.reports.runs import Setting, measured

ESCAPES = "\x1b[31m\x1b]0;owned\x07\x9b2J\x08\r\u202e\u2066\u200b"
MARKUP = "<script>alert(1)</script> [red]rich[/red] [link](http://evil.example) ![i](http://evil.example/i.png) | `a` $x^{2$ {0} %s"
HOSTILE = f"{ESCAPES}\n# heading\n{MARKUP}=cmd()"
UNSAFE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def assert_harmless(text: str) -> None:
    """Nothing in it but lines of visible characters."""
    bad = {character for character in text if unicodedata.category(character) in UNSAFE and character != "\n"}
    assert not bad, {hex(ord(character)) for character in bad}


def tokens_of(markdown: str) -> Iterator[Any]:
    for block in MarkdownIt("commonmark", {"html": True}).enable("table").parse(markdown):
        yield block
        yield from block.children or ()


def assert_no_foreign_markup(markdown: str) -> None:
    assert_harmless(markdown)
    kinds = [token.type for token in tokens_of(markdown)]
    assert "link_open" not in kinds
    assert not {"html_block", "html_inline"} & set(kinds)
    images = [token.attrs["src"] for token in tokens_of(markdown) if token.type == "image"]
    assert images in ([], ["performance-charts.png"])
    headings = re.findall(r"^#+ (.*)$", markdown, re.MULTILINE)
    assert "heading" not in headings


def hostile(value: Any, name: str = "") -> Any:
    """A document in which every free text is hostile."""
    match value:
        case Enum():
            return value
        case str():
            return value if name == "load" else HOSTILE
        case msgspec.Struct():
            return type(value)(**{each: hostile(getattr(value, each), each) for each in value.__struct_fields__})
        case dict():
            return {f"{HOSTILE}{key}": hostile(entry, name) for key, entry in value.items()}
        case tuple() | list():
            return tuple(hostile(entry, name) for entry in value)
        case _:
            return value


def documents(folder: Path) -> None:
    setting = Setting(failing=2, refused=5, is_local=True)
    runs: tuple[RunResult, ...] = (measured(3, setting), measured(7, setting))
    for number, run in enumerate(runs):
        (folder / f"hostile {number} [red]<b>$x^{{.json").write_bytes(to_document(hostile(run)))
    (folder / f"broken {ESCAPES.replace('/', '')}<i>.json").write_text("{")
    (folder / "wrong.json").write_text(json.dumps({"schemaVersion": 1, "outcome": HOSTILE}))


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("flags", [(), ("--json",), ("--redact",)])
def test_analyze_shows_hostile_documents_as_text(
    start: StartCommand, tmp_path: Path, language: str, flags: tuple[str, ...]
) -> None:
    folder = tmp_path / "foreign"
    folder.mkdir()
    documents(folder)
    done = start("analyze", "foreign", "--lang", language, *flags).end()
    assert done.exit_code == 0, done.stderr
    assert_harmless(done.stdout)
    assert_harmless(done.stderr)
    report = (folder / "performance-report.md").read_text(encoding="utf-8")
    assert_no_foreign_markup(report)
    assert ("alert(1)" in report) == ("--redact" not in flags), "the documents were read"
    assert (folder / "performance-charts.png").read_bytes().startswith(b"\x89PNG")
    left = [path.name for path in tmp_path.iterdir() if not path.name.startswith(".")]
    assert left == ["foreign"], "nothing is written elsewhere"


def test_a_folder_of_nothing_but_hostile_names_is_said_harmlessly(start: StartCommand, tmp_path: Path) -> None:
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / f"{ESCAPES}.json").write_text("{")
    done = start("analyze", "foreign").end()
    assert done.exit_code == 1
    assert_harmless(done.stderr)


def test_a_reason_that_somebody_else_gave_is_text_everywhere(
    server: Any, start_at: StartCommand, start: StartCommand, until_running: Callable[[int], list[str]]
) -> None:
    running = start_at("sweep", *TARGET, "--levels", 2, "--countdown", 600, "--monitor-interval", 0.2, "--json")
    for job_id in until_running(2):
        server.client("batch").terminate_job(jobId=job_id, reason=HOSTILE)
    done = running.end()
    assert done.exit_code == 3, done.stderr
    assert_harmless(done.stdout)
    assert_harmless(done.stderr)
    report = (done.folder / "test-results" / "performance-report.md").read_text(encoding="utf-8")
    assert_no_foreign_markup(report)
    for path in done.folder.rglob("*.json"):
        assert_harmless(path.read_text(encoding="utf-8"))
    assert [job.status_reason for job in done.result.jobs] == [HOSTILE] * 2, "kept as it is, only shown as text"


def test_a_run_shows_a_hostile_reason_in_its_table_as_text(
    server: Any, start_at: StartCommand, until_running: Callable[[int], list[str]]
) -> None:
    running = start_at("run", *TARGET, *WATCHED, "--num-jobs", 1, "--countdown", 600)
    [job_id] = until_running(1)
    server.client("batch").terminate_job(jobId=job_id, reason=HOSTILE)
    done = running.end()
    assert done.exit_code == 3, done.stderr
    assert_harmless(done.stdout)
    assert_harmless(done.stderr)
    assert "alert(1)" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", f"--{HOSTILE}"),
        ("run", "--num-jobs", HOSTILE),
        ("run", "--local", "--load", HOSTILE),
        ("run", "--local", "--parameter", HOSTILE.replace("=", "")),
        ("run", "--local", "--output", f"no-folder/{HOSTILE}"),
        ("sweep", "--local", "--levels", HOSTILE),
        ("quickstart", "--profile", HOSTILE),
        ("run", *TARGET, "--endpoint-url", HOSTILE),
        ("run", *TARGET, "--profile", HOSTILE),
        ("run", "--job-queue", HOSTILE, "--job-definition", HOSTILE),
        ("analyze", HOSTILE),
        ("remove-events", HOSTILE),
        ("status", HOSTILE),
        ("cleanup", HOSTILE),
        ("cleanup", "--run-id", HOSTILE, "--job-queue", HOSTILE),
        ("run", "--job-queue", HOSTILE, "--job-definition", HOSTILE, "--dry-run"),
        ("status", "latest", "--results", HOSTILE),
        ("runs", "--results", HOSTILE),
        ("observe", "--job-queue", HOSTILE, "--name-prefix", HOSTILE, "--deadline", "1s"),
        ("observe", "--array-job-id", HOSTILE, "--until-idle", HOSTILE),
        ("job-definition", "register", "--file", HOSTILE),
        ("local", "serve", "--faults", HOSTILE),
        (HOSTILE,),
    ],
    ids=lambda arguments: " ".join(arguments)[:30].encode("ascii", "backslashreplace").decode(),
)
def test_arguments_are_quoted_harmlessly(
    server: Any, start_at: StartCommand, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "no-folder").write_text("")
    done = start_at(*arguments).end()
    assert done.exit_code in (1, 2), done.stderr
    assert_harmless(done.stdout)
    assert_harmless(done.stderr)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "run",
    [
        "../../elsewhere",
        "concurrent-test-20261122T101500-x7k2/../..",
        "/etc",
        "",
        "concurrent-test-٢٠٢٦١١٢٢T101500-x7k2",
    ],
)
def test_a_run_that_is_none_is_refused_before_anything_is_asked(start: StartCommand, run: str) -> None:
    done = start("remove-events", run).end()
    assert done.exit_code == 2
    error, _ = done.complaint
    assert "RUN" in error


def test_a_registered_template_is_printed_harmlessly(start_at: StartCommand, tmp_path: Path) -> None:
    template = {
        "jobDefinitionName": "hostile",
        "type": "container",
        "containerProperties": {
            "image": "busybox",
            "command": [HOSTILE],
            "environment": [{"name": "A", "value": HOSTILE}],
        },
    }
    (tmp_path / "template.json").write_text(json.dumps(template))
    done = start_at("job-definition", "register", "--file", "template.json", "--dry-run", "--image", "busybox").end()
    assert_harmless(done.stdout)
    assert_harmless(done.stderr)
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["containerProperties"]["command"] == [HOSTILE]


def hostile_runs(results: Path) -> None:
    """A run whose every text is hostile, under a name that is too."""
    header = Header(
        run_id=HOSTILE,
        started_ms=1_790_000_000_000.0,
        utc_offset_s=0,
        scenario=Scenario(job=JobShape(job_queue=HOSTILE, job_definition=HOSTILE)),
        environment=hostile(EnvironmentFacts(region="r", tool_version="0", platform="p", endpoint_url="e")),
    )
    plan = Plan(jobs=(PlannedJob(1, HOSTILE, 0.0),))
    folder = results / "runs" / f"{ESCAPES}[red]"
    folder.mkdir(parents=True)
    (folder / "journal.jsonl").write_bytes(encode_line(header) + encode_line(plan))
    (results / "runs" / f"broken{ESCAPES}").mkdir()
    (results / "runs" / f"broken{ESCAPES}" / "journal.jsonl").write_text("no journal\n\n")
    document = results / "runs" / f"document{ESCAPES}"
    document.mkdir()
    (document / "result.json").write_bytes(to_document(hostile(measured(2))))


@pytest.mark.parametrize(
    "arguments",
    [
        ("runs",),
        ("runs", "--json"),
        ("status", "[red]"),
        ("status", "[red]", "--json"),
        ("status", "broken"),
        ("status", "nobody"),
    ],
)
def test_kept_runs_are_listed_and_shown_harmlessly(
    start: StartCommand, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    hostile_runs(tmp_path / "test-results")
    done = start(*arguments).end()
    assert done.exit_code in (0, 1, 2), done.stderr
    assert "Traceback" not in done.stderr
    assert_harmless(done.stdout)
    assert_harmless(done.stderr)


def test_jobs_of_others_are_watched_as_text(server: Any, start_at: StartCommand) -> None:
    batch = server.client("batch")
    job = batch.submit_job(
        jobName="others-job",
        jobQueue="windows-batch-queue",
        jobDefinition="linux-countdown-job",
        parameters={"countdownSeconds": "600"},
    )
    batch.terminate_job(jobId=job["jobId"], reason=HOSTILE)
    server.finished_job(job["jobId"])
    watch = (
        "observe",
        "--job-queue",
        "windows-batch-queue",
        "--name-prefix",
        "others-",
        "--until-idle",
        "1s",
        "--monitor-interval",
        0.2,
    )
    done = start_at(*watch).end()
    assert done.exit_code == 3, done.stderr
    assert "alert(1)" in done.stdout
    assert_harmless(done.stdout)
    assert_harmless(done.stderr)
    shared = start_at(*watch, "--redact", "--json", "--quiet").end()
    assert "alert(1)" not in shared.stdout
    assert "others-job" not in shared.stdout
    assert_harmless(shared.stdout)
