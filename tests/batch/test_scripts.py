"""What the scripts in batch/ promise beyond the specification's own lines."""

from __future__ import annotations

import ast
import json
import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SPECIFIED = (
    "concurrent-job-launcher.py",
    "analyze-test-results.py",
    "run-concurrency-tests.sh",
    "run-concurrency-tests.ps1",
    "setup.sh",
    "setup.ps1",
    "quickstart.ps1",
    "create-job-definition.sh",
    "requirements.txt",
    "job-definitions/windows-countdown-job.json",
)
OURS = ("quickstart.sh", "create-job-definition.ps1")
PYTHON_SCRIPTS = sorted((ROOT / "batch").glob("*.py"))


@pytest.mark.parametrize("name", [*SPECIFIED, *OURS])
def test_the_file_is_there_and_a_script_can_be_started(name: str) -> None:
    path = ROOT / "batch" / name
    assert path.is_file()
    assert os.access(path, os.X_OK) or path.suffix not in (".sh", ".py")


def test_the_specifications_list_of_files_is_this_one(specification: str) -> None:
    [listing] = [block for block in specification.split("```") if "├──" in block]
    named = [line.split("── ")[1].split()[0] for line in listing.splitlines() if "── " in line]
    folder = "job-definitions/"
    assert [name for name in named if name != folder] == [Path(name).name for name in SPECIFIED]


@pytest.mark.parametrize("path", PYTHON_SCRIPTS, ids=lambda path: path.name)
def test_python_3_6_can_read_the_scripts(path: Path) -> None:
    """An old Python has to get as far as saying what is missing."""
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 6))


def test_requirements_say_what_pyproject_says() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = (ROOT / "batch" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    listed = [line for line in lines if line and not line.startswith("#")]
    assert listed == [*project["dependencies"], *extras["report"], *extras["local"]]


@pytest.mark.parametrize(
    "line",
    [
        "python3 concurrent-job-launcher.py --num-jobs 1",
        "python3 analyze-test-results.py test-results",
        "./run-concurrency-tests.sh",
        "./create-job-definition.sh",
    ],
)
def test_without_the_virtual_environment_the_remedy_is_named(
    line: str, bare_shell: Any, make_project: Callable[..., Any]
) -> None:
    done = bare_shell.bash(make_project(has_venv=False).batch, line)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "error: the virtual environment .venv is missing",
        "hint: run ./setup.sh (Windows: .\\setup.ps1) in the folder batch, once",
    ]


def test_the_scripts_speak_japanese_too(bare_shell: Any, make_project: Callable[..., Any]) -> None:
    project = make_project(has_venv=False)
    done = bare_shell.bash(project.batch, "./run-concurrency-tests.sh", BATCHGAUGE_LANG="", LC_ALL="ja_JP.UTF-8")
    assert "仮想環境" in done.stderr


def test_scripts_work_from_any_folder_and_with_spaces_in_paths(
    shell: Any, make_project: Callable[..., Any], tmp_path: Path
) -> None:
    """The user's relative paths and the results stay relative to where the user is."""
    project = make_project("a project with spaces")
    elsewhere = tmp_path / "some where else"
    elsewhere.mkdir()
    line = f"'{project.batch}/concurrent-job-launcher.py' --job-queue windows-batch-queue"
    done = shell.bash(
        elsewhere,
        f"{line} --job-definition windows-countdown-job --num-jobs 1 --countdown 0 --output 'my result.json'",
        f"'{project.batch}/create-job-definition.sh' --dry-run",
    )
    assert done.returncode == 0, done.stderr
    assert json.loads((elsewhere / "my result.json").read_text(encoding="utf-8"))["totalJobs"] == 1
    assert (elsewhere / "test-results" / "runs").is_dir()
    assert json.loads(done.stdout[done.stdout.index("{") :])["jobDefinitionName"] == "windows-countdown-job"


def test_flags_hold_over_the_environment(bare_shell: Any, project: Any) -> None:
    variables = {"JOB_QUEUE": "from-environment", "JOB_DEFINITION": "from-environment"}
    done = bare_shell.bash(project.batch, "./run-concurrency-tests.sh --local --job-queue from-flag", **variables)
    assert done.returncode == 1
    assert "from-flag" in done.stderr
    assert "from-environment" not in done.stderr


def test_a_missing_queue_is_one_line_with_its_remedy(bare_shell: Any, project: Any) -> None:
    done = bare_shell.bash(project.batch, "./run-concurrency-tests.sh")
    assert done.returncode == 2
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["error", "hint"]


def test_a_customised_job_definition_file_is_registered(shell: Any, project: Any, server: Any) -> None:
    """The specification's section on programs of one's own."""
    path = project.batch / "job-definitions" / "windows-countdown-job.json"
    template = json.loads(path.read_text(encoding="utf-8"))
    template["jobDefinitionName"] = "my-app"
    template["containerProperties"]["command"] = [
        "powershell.exe",
        "-Command",
        "C:\\test\\your-app.exe $(Ref::customParam)",
    ]
    template["parameters"] = {"customParam": "default-value"}
    path.write_text(json.dumps(template), encoding="utf-8")
    done = shell.bash(project.batch, "./create-job-definition.sh")
    assert done.returncode == 0, done.stderr
    assert "my-app:1" in done.stdout
    [registered] = server.client("batch").describe_job_definitions(jobDefinitionName="my-app")["jobDefinitions"]
    assert registered["containerProperties"]["command"][2:] == ["C:\\test\\your-app.exe", "Ref::customParam"]
    assert registered["parameters"] == {"customParam": "default-value"}


@pytest.mark.usefixtures("pwsh")
def test_the_powershell_scripts_hand_on_lists_switches_and_spaces(bare_shell: Any, project: Any) -> None:
    (project.batch / "_project.py").write_text("import json, sys; print(json.dumps(sys.argv[1:]))", encoding="utf-8")
    done = bare_shell.pwsh(
        project.batch,
        ".\\run-concurrency-tests.ps1 -Levels 2,5 -Results 'my results' -Pause 0.5 -Local",
        JOB_QUEUE="from environment",
    )
    environment = ["--job-queue", "from environment"]
    parameters = ["--levels=2,5", "--results=my results", "--pause=0.5", "--local"]
    assert json.loads(done.stdout) == ["sweep", "--force", *environment, *parameters]


@pytest.mark.usefixtures("pwsh")
@pytest.mark.parametrize("levels", ["2,5,10,20", "'2,5,10,20'", "2, 5, 10, 20"])
def test_levels_are_never_read_as_one_number_with_thousands_separators(
    bare_shell: Any, project: Any, levels: str
) -> None:
    (project.batch / "_project.py").write_text("import json, sys; print(json.dumps(sys.argv[1:]))", encoding="utf-8")
    done = bare_shell.pwsh(project.batch, f".\\run-concurrency-tests.ps1 -Levels {levels}")
    assert json.loads(done.stdout) == ["sweep", "--force", "--levels=2,5,10,20"]


@pytest.mark.usefixtures("pwsh")
def test_levels_as_an_argument_of_the_process_are_text(bare_shell: Any, project: Any) -> None:
    (project.batch / "_project.py").write_text("import json, sys; print(json.dumps(sys.argv[1:]))", encoding="utf-8")
    done = bare_shell.bash(project.batch, "pwsh run-concurrency-tests.ps1 -Levels 2,5,10,20")
    assert json.loads(done.stdout) == ["sweep", "--force", "--levels=2,5,10,20"]


@pytest.mark.usefixtures("pwsh")
@pytest.mark.parametrize("script", ["quickstart", "run-concurrency-tests", "create-job-definition", "setup"])
def test_a_parameter_that_is_not_there_is_refused_by_name(bare_shell: Any, project: Any, script: str) -> None:
    (project.batch / "_project.py").write_text("print('was run')", encoding="utf-8")
    done = bare_shell.bash(project.batch, f"pwsh {script}.ps1 -Countdwn 9")
    assert "Countdwn" in done.stderr + done.stdout
    assert "was run" not in done.stdout
    assert done.returncode != 0


@pytest.mark.usefixtures("pwsh")
def test_run_concurrency_tests_ps1_helps(bare_shell: Any, project: Any) -> None:
    done = bare_shell.pwsh(project.batch, ".\\run-concurrency-tests.ps1 -Help")
    assert done.returncode == 0
    assert "-JobQueue" in done.stdout
    assert "JOB_QUEUE" in done.stdout


@pytest.mark.usefixtures("pwsh")
def test_quickstart_ps1_helps_without_anything_installed(bare_shell: Any, make_project: Callable[..., Any]) -> None:
    done = bare_shell.pwsh(make_project(has_venv=False).batch, ".\\quickstart.ps1 -Help")
    assert done.returncode == 0
    for parameter in ("-JobQueue", "-JobDefinition", "-Region", "-NumJobs", "-Help"):
        assert parameter in done.stdout
