"""``batchgauge local``: the embedded AWS for any client."""

from __future__ import annotations

import contextlib
import json
import math
import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import click

from batchgauge.cli.language import current_translator
from batchgauge.cli.localised import LocalisedCommand, LocalisedGroup, option
from batchgauge.cli.options import require, with_options
from batchgauge.cli.talk import say

MAX_PORT = 65535
EXPORTED = {
    "AWS_ENDPOINT_URL": "endpoint",
    "AWS_ACCESS_KEY_ID": "accessKeyId",
    "AWS_SECRET_ACCESS_KEY": "secretAccessKey",
    "AWS_REGION": "region",
    "AWS_DEFAULT_REGION": "region",
}
"""The variables that point any AWS client here, with where their values stand in the announcement."""
SHELLS: Mapping[str, Callable[[str, str], str]] = {
    "posix": lambda name, value: f"export {name}={shlex.quote(value)}",
    "powershell": lambda name, value: f'$env:{name} = "{value}"',
}
SERVE_OPTIONS = (
    option("--host", default="127.0.0.1"),
    option("--port", type=int, default=4566),
    option("--region", default="us-west-2", help="cli.option.local-region"),
    option("--time-scale", type=float, default=0.05),
    option("--max-vcpus", type=int, default=16),
    option("--submit-rate", type=float, default=50.0),
    option("--submit-burst", type=float, default=50.0),
    option("--api-rate", type=float, default=50.0),
    option("--api-burst", type=float, default=100.0),
    option("--logs-rate", type=float, default=1.0),
    option("--max-processes", type=int, default=5000),
    option("--seed", type=int, default=0),
    option("--ground-truth", type=click.Path(path_type=Path), metavar="FILE"),
    option("--state", type=click.Path(path_type=Path), metavar="DIR"),
    option("--faults", type=click.Path(path_type=Path), metavar="FILE"),
    option("--enforce-iam", is_flag=True),
    option("--model", type=click.Path(path_type=Path), metavar="FILE"),
    option("--shell", type=click.Choice(sorted(SHELLS)), default="powershell" if sys.platform == "win32" else "posix"),
    option("--json", "as_json", is_flag=True, help="cli.option.local-json"),
    option("--end-with-stdin", is_flag=True),
    option("--lang", type=click.Choice(["ja", "en"])),
)


@click.group("local", cls=LocalisedGroup)
def local() -> None:
    """Serve the embedded AWS."""


@local.command("serve", cls=LocalisedCommand)
@with_options(SERVE_OPTIONS)
def serve(**given: Any) -> None:
    """Serve until told to end."""
    _check(given)
    from batchgauge.bootstrap import serve_local_aws

    data = sys.stdout

    def announce(said: Mapping[str, Any]) -> None:
        _print_announcement(said, data, given["shell"], given["as_json"])

    # What libraries print is talk, not data.
    with contextlib.redirect_stdout(sys.stderr):
        serve_local_aws(
            announce,
            host=given["host"],
            port=given["port"],
            region=given["region"],
            time_scale=given["time_scale"],
            max_vcpus=given["max_vcpus"],
            submit_rate_per_s=given["submit_rate"],
            submit_burst=given["submit_burst"],
            api_rate_per_s=given["api_rate"],
            api_burst=given["api_burst"],
            logs_rate_scale=given["logs_rate"],
            max_processes=given["max_processes"],
            seed=given["seed"],
            ground_truth=given["ground_truth"],
            state_folder=given["state"],
            faults_file=given["faults"],
            model_file=given["model"],
            enforces_iam=given["enforce_iam"],
            is_ended_with_stdin=given["end_with_stdin"],
        )


def _check(given: Mapping[str, Any]) -> None:
    require(0 <= given["port"] <= MAX_PORT, "--port", given["port"], "port")
    require(0 <= given["time_scale"] < math.inf, "--time-scale", given["time_scale"], "not-negative")
    require(given["max_vcpus"] >= 1, "--max-vcpus", given["max_vcpus"], "at-least-one")
    require(given["logs_rate"] >= 0, "--logs-rate", given["logs_rate"], "not-negative")
    require(given["max_processes"] >= 0, "--max-processes", given["max_processes"], "not-negative")
    for calls in ("submit", "api"):
        rate, burst = given[f"{calls}_rate"], given[f"{calls}_burst"]
        require(rate > 0, f"--{calls}-rate", rate, "positive")
        require(burst >= 1, f"--{calls}-burst", burst, "at-least-one")


def _print_announcement(said: Mapping[str, Any], data: IO[str], shell: str, as_json: bool) -> None:
    if as_json:
        print(json.dumps(said), file=data, flush=True)
        return
    for name, key in EXPORTED.items():
        print(SHELLS[shell](name, said[key]), file=data)
    data.flush()
    say(
        current_translator()(
            "cli.local.serving", endpoint=said["endpoint"], queue=said["jobQueue"], definition=said["jobDefinition"]
        )
    )
