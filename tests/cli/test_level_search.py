"""``sweep --levels auto``, ``--order random`` and ``--variant`` on the embedded AWS, over HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from batchgauge import bootstrap
from batchgauge.cli.sweep import sweep_asked
from batchgauge.core.result.run_result import from_document
from batchgauge.core.sweeps.auto_levels import Stop
from batchgauge.errors import ConflictingOptionsError, InvalidOptionError, MissingOptionError
from tests.cli.conftest import Command
from tests.cli.test_resume import kill_when_known

TARGET = ("--job-queue", "windows-batch-queue", "--job-definition", "linux-countdown-job")
QUICK = ("--monitor-interval", 0.2, "--pause", 0, "--no-logs")
SEARCH = ("sweep", *TARGET, "--levels", "auto:8", "--largest-level", 17)


def test_the_ceiling_of_the_embedded_aws_is_found_and_named(at_server: Command, tmp_path: Path) -> None:
    """maxvCpus of 16: one job of 17 waits."""
    done = at_server(*SEARCH, *QUICK, "--countdown", 3, "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    [search] = said["searches"]
    assert search["measured"] == [8, 16, 17]
    assert (search["unchanged"], search["limited"], search["limit"], search["stop"]) == (16, 17, "max-vcpus", "found")
    assert search["holds"]["value"] == 16
    assert "Level 3, chosen by what came before: 17 jobs at once" in done.stderr
    results = tmp_path / "test-results"
    assert [path.name for path in sorted(results.glob("test-case-*.json"))] == [
        "test-case-1-level-8.json",
        "test-case-2-level-16.json",
        "test-case-3-level-17.json",
    ]
    report = (results / "performance-report.md").read_text(encoding="utf-8")
    assert "Highest level at which nothing changed: 16. First level with a limit: 17 (maxvCpus: 16 jobs" in report
    assert "As measured: 8, 16, 17." in report
    again = at_server("resume", "sweep-")
    assert again.returncode == 0
    assert "is complete" in again.stderr


def test_a_plan_of_a_search_is_the_most_that_it_can_come_to(at_server: Command, tmp_path: Path) -> None:
    done = at_server("sweep", *TARGET, "--levels", "auto", "--repeats", 2, "--warm-up", 1, "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)["plan"]
    assert plan["isAtMost"]
    levels = [level["jobs"] for level in plan["levels"]]
    assert levels[0] == 2, "what warms up"
    assert max(levels) == 32, "twice what maxvCpus hold"
    assert not (tmp_path / "test-results").exists()
    bounded = at_server("sweep", *TARGET, "--levels", "auto", "--max-jobs", 20, "--dry-run", "--lang", "ja")
    assert "多くても次のとおりです" in bounded.stdout
    assert "多重度 2, 4, 8" in bounded.stdout
    refused = at_server("sweep", *TARGET, "--levels", "auto", "--max-jobs", 1)
    assert refused.returncode == 2
    assert "--max-jobs" in refused.stderr


GIVEN = {
    "levels": "2,5",
    "largest_level": None,
    "repeats": 1,
    "warm_up": 0,
    "order": "given",
    "seed": None,
    "variants": (),
}


@pytest.mark.parametrize(
    ("flags", "refused"),
    [
        ({"levels": "auto", "order": "random"}, ConflictingOptionsError),
        ({"levels": "auto:8", "largest_level": 4}, InvalidOptionError),
        ({"largest_level": 40}, MissingOptionError),
        ({"seed": 3}, MissingOptionError),
        ({"order": "random", "seed": -1}, InvalidOptionError),
        ({"variants": ("a:cpus=3",)}, InvalidOptionError),
    ],
)
def test_what_does_not_go_together_is_refused(flags: dict[str, object], refused: type[Exception]) -> None:
    with pytest.raises(refused):
        sweep_asked({**GIVEN, **flags})


def test_a_random_order_without_a_seed_draws_one() -> None:
    assert sweep_asked({**GIVEN, "order": "random"}).seed is not None
    assert sweep_asked({**GIVEN, "order": "random", "seed": 0}).seed == 0
    assert sweep_asked(GIVEN).seed is None


def test_a_killed_search_goes_on_planning_from_what_is_done(
    server: Any, tmp_path: Path, bare_environment: dict[str, str], at_server: Command
) -> None:
    flags = ("--levels", "auto:1,3", "--max-jobs", "7", "--countdown", "2", *map(str, QUICK))
    kill_when_known(server, ("sweep", *TARGET, *flags), tmp_path, bare_environment, jobs=2)
    [record] = (tmp_path / "test-results" / "sweeps").iterdir()
    done = at_server("resume", record.stem)
    assert done.returncode == 0, done.stderr
    sweep = bootstrap.find_sweep(tmp_path / "test-results", record.stem)
    assert sweep is not None
    assert sweep.auto is not None
    assert [step.level for step in sweep.steps] == [1, 3]
    assert [(end.stop, end.next_level) for end in sweep.auto.ends] == [(Stop.JOBS, 6)]
    assert "Stopped by --max-jobs: level 6 would pass it." in done.stdout
    documents = sorted(tmp_path.glob("test-results/test-case-*.json"))
    assert [from_document(document.read_bytes()).total_jobs for document in documents] == [1, 3]


def test_variants_by_a_file_in_random_order_with_a_warm_up_are_kept_apart(at_server: Command, tmp_path: Path) -> None:
    (tmp_path / "scenario.yaml").write_text(
        "levels: [1]\norder: random\nseed: 7\nwarm_up: 1\npause: 0\n"
        "variants:\n  - { name: small, vcpus: 1, memory: 2048 }\n  - { name: large, vcpus: 4, memory: 8192 }\n"
        "job: { queue: windows-batch-queue, definition: linux-countdown-job, countdown: 1 }\n"
        "watching: { interval: 0.2, logs: false }\n",
        encoding="utf-8",
    )
    done = at_server("sweep", "--scenario", "scenario.yaml")
    assert done.returncode == 0, done.stderr
    results = tmp_path / "test-results"
    found = {path.name: from_document(path.read_bytes()) for path in results.glob("test-case-*.json")}
    assert sorted(found) == [
        f"test-case-{name}.{variant}.json" for name in ("0-warm-up-1", "1-level-1") for variant in ("large", "small")
    ]
    for name, result in found.items():
        assert result.environment is not None
        assert result.scenario is not None
        assert result.scenario.place is not None
        assert result.environment.job_vcpus == (4.0 if ".large." in name else 1.0)
        assert result.scenario.place.order == "random@7"
        assert result.is_warm_up == ("warm-up" in name)
    assert sorted(result.scenario.place.position for result in found.values() if result.scenario) == [1, 2, 3, 4]  # type: ignore[union-attr]
    report = (results / "performance-report.md").read_text(encoding="utf-8")
    assert "random order (seed 7)" in report
    assert "**Variant `large`**" in report
    compared = at_server("compare", results, results, "--base-variant", "small", "--new-variant", "large", "--json")
    assert compared.returncode == 0, compared.stderr
    document = json.loads(compared.stdout)
    assert [level["level"] for level in document["levels"]] == [1]
    assert {"vcpus", "memory"} <= {difference["condition"] for difference in document["conditions"]}
    unknown = at_server("compare", results, results, "--base-variant", "huge")
    assert unknown.returncode == 2
    assert "large, small" in unknown.stderr
