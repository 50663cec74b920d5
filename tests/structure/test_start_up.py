"""``--help`` must not wait for the AWS client: what starting the command imports, and what it leaves for later."""

from __future__ import annotations

import subprocess
import sys

import pytest

LATE = [
    "aiobotocore",
    "aiohttp",
    "botocore",
    "boto3",
    "moto",
    "httptools",
    "rich",
    "matplotlib",
    "numpy",
    "asyncio",
    "msgspec",
    "orjson",
    "concurrent.futures",
    "multiprocessing",
]


def modules_after(statement: str) -> set[str]:
    """What a fresh interpreter has imported after a statement."""
    program = f"{statement}\nimport sys\nprint(chr(10).join(sys.modules))"
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines())


@pytest.fixture(scope="module")
def bare() -> set[str]:
    """Installed packages may put something into every interpreter (``.pth`` files): that is not ours."""
    return modules_after("")


def test_importing_the_command_imports_nothing_heavy(bare: set[str]) -> None:
    imported = modules_after("import batchgauge.cli.main") - bare
    assert imported & set(LATE) == set()


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["no-such-command"]])
def test_help_and_wrong_usage_import_nothing_heavy(arguments: list[str], bare: set[str]) -> None:
    statement = (
        "import contextlib, io\n"
        "from batchgauge.cli.main import main\n"
        "quiet = io.StringIO()\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):\n"
        f"    main({arguments!r})"
    )
    assert (modules_after(statement) - bare) & set(LATE) == set()
