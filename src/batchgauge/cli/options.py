"""Flags that `run`, `sweep` and `quickstart` share, and what they turn into."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from batchgauge.bootstrap import Target
from batchgauge.cli.durations import parse_duration_s
from batchgauge.cli.localised import option
from batchgauge.core.polling_plan import DEFAULT_API_BUDGET
from batchgauge.core.private_values import looks_secret
from batchgauge.core.scenario import (
    COUNTDOWN_PARAMETER,
    DEFAULT_COUNTDOWN_S,
    DEFAULT_LOAD,
    DEFAULT_MAX_WORKERS,
    DEFAULT_MONITOR_INTERVAL_S,
    JobShape,
    Scenario,
)
from batchgauge.core.schedule import parse_load
from batchgauge.errors import ConflictingOptionsError, InvalidOptionError, MissingOptionError, SecretInEnvironmentError

CONNECTIONS_FOR_LOOKS = 10
MIN_LOCAL_INTERVAL_S = 0.5

F = TypeVar("F", bound=Callable[..., Any])

TARGET_OPTIONS = (
    option("--job-queue"),
    option("--job-definition"),
)
JOB_OPTIONS = (
    option("--countdown", type=int, default=DEFAULT_COUNTDOWN_S),
    option("--parameter", "parameters", multiple=True, metavar="K=V"),
    option("--command", metavar="TEXT"),
    option("--environment", multiple=True, metavar="K=V"),
    option("--vcpus", type=float),
    option("--memory", type=int, metavar="MIB"),
    option("--load", default=DEFAULT_LOAD, metavar="TEXT"),
    option("--max-workers", type=int, default=DEFAULT_MAX_WORKERS),
    option("--array", "is_array", is_flag=True),
    option("--monitor-interval", type=float, default=DEFAULT_MONITOR_INTERVAL_S, show_default=False),
    option("--api-budget", type=float, default=DEFAULT_API_BUDGET, metavar="SHARE"),
    option("--deadline", metavar="DURATION"),
)
AWS_OPTIONS = (
    option("--region", show_default="us-west-2"),
    option("--profile"),
    option("--endpoint-url"),
)
GUARD_OPTIONS = (
    option("--on-interrupt", type=click.Choice(["cancel", "leave"])),
    option("--dry-run", is_flag=True, help="cli.option.plan-only"),
    option("--max-cost", type=float, metavar="USD"),
    option("--max-jobs", type=int),
    option("--assumed-run", metavar="DURATION"),
    option("--billing-minimum", metavar="DURATION"),
    option("--shared-queue", type=click.Choice(["ask", "ok"]), default="ask"),
    option("--no-check", is_flag=True),
    option("--yes", is_flag=True),
)
LOCAL_OPTIONS = (
    option("--local", is_flag=True),
    option("--time-scale", type=float, default=0.05),
    option("--max-vcpus", type=int, default=16),
)
OUTPUT_OPTIONS = (
    option("--results", type=click.Path(path_type=Path), default=Path("test-results")),
    option("--no-logs", is_flag=True),
    option("--redact", is_flag=True),
    option("--json", "as_json", is_flag=True),
    option("--quiet", is_flag=True),
    option("--lang", type=click.Choice(["ja", "en"])),
)


def with_options(*groups: Sequence[Callable[[F], F]]) -> Callable[[F], F]:
    """Apply groups of options so that the help shows them in this order."""

    def decorate(function: F) -> F:
        for group in reversed(groups):
            for add in reversed(group):
                function = add(function)
        return function

    return decorate


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """How the embedded AWS is to be started."""

    time_scale: float = 0.05
    max_vcpus: int = 16
    region: str | None = None

    def as_options(self) -> list[str]:
        """As ``batchgauge local serve`` takes them."""
        options = ["--time-scale", f"{self.time_scale:g}", "--max-vcpus", str(self.max_vcpus)]
        return [*options, "--region", self.region] if self.region else options


def local_settings(given: dict[str, Any]) -> LocalSettings | None:
    """None where real AWS (or an endpoint) is meant."""
    if not given["local"]:
        return None
    for flag in ("endpoint_url", "profile"):
        if given[flag]:
            raise ConflictingOptionsError(flag="--" + flag.replace("_", "-"), other="--local")
    require(0 <= given["time_scale"] < math.inf, "--time-scale", given["time_scale"], "not-negative")
    require(given["max_vcpus"] >= 1, "--max-vcpus", given["max_vcpus"], "at-least-one")
    return LocalSettings(given["time_scale"], given["max_vcpus"], given["region"])


def deadline(given: dict[str, Any]) -> float | None:
    """The seconds of ``--deadline``; None where there is none.

    Raises:
        InvalidOptionError: it is no length of time, or none at all.
    """
    if given["deadline"] is None:
        return None
    seconds = parse_duration_s("--deadline", given["deadline"])
    require(seconds > 0, "--deadline", given["deadline"], "duration")
    return seconds


def when_interrupted(given: dict[str, Any]) -> str | None:
    """What ``--on-interrupt`` says; an embedded AWS of our own takes its jobs along, so none can be left there.

    Raises:
        ConflictingOptionsError: they are to be left all the same.
    """
    on_interrupt: str | None = given["on_interrupt"]
    if on_interrupt == "leave" and given["local"]:
        raise ConflictingOptionsError(flag="--on-interrupt leave", other="--local")
    return on_interrupt


def target(given: dict[str, Any]) -> Target:
    """Which AWS the flags mean; a connection for every submission in flight and some for the looks."""
    return Target(
        region=given["region"],
        profile=given["profile"],
        endpoint_url=given["endpoint_url"],
        max_connections=given["max_workers"] + CONNECTIONS_FOR_LOOKS,
    )


def scenario(given: dict[str, Any], *, num_jobs: int, is_monitored: bool, is_given: Callable[[str], bool]) -> Scenario:
    """The scenario that the flags describe; the queue and the definition may still be empty where ``--local`` names them.

    `is_given` says of a flag's name whether the user gave it, or the default holds.

    Raises:
        UsageError: a flag is missing or out of its range.
    """
    require(num_jobs >= 1, "--num-jobs", num_jobs, "at-least-one")
    require(given["countdown"] >= 0, "--countdown", given["countdown"], "not-negative")
    require(given["max_workers"] >= 1, "--max-workers", given["max_workers"], "at-least-one")
    require(0 < given["monitor_interval"] < math.inf, "--monitor-interval", given["monitor_interval"], "positive")
    require(0 < given["api_budget"] <= 1, "--api-budget", given["api_budget"], "share")
    require(given["vcpus"] is None or 0 < given["vcpus"] < math.inf, "--vcpus", given["vcpus"], "positive")
    require(given["memory"] is None or given["memory"] > 0, "--memory", given["memory"], "positive")
    for flag in ("job_queue", "job_definition"):
        if not given[flag] and not given["local"]:
            raise MissingOptionError(flag="--" + flag.replace("_", "-"))
    command = _command(given["command"])
    parameters = _pairs("--parameter", given["parameters"])
    return Scenario(
        job=JobShape(
            job_queue=given["job_queue"] or "",
            job_definition=given["job_definition"] or "",
            parameters=parameters,
            command=command,
            environment=_environment(given["environment"]),
            vcpus=given["vcpus"],
            memory_mib=given["memory"],
        ),
        num_jobs=num_jobs,
        countdown_s=_countdown_s(given["countdown"], command, parameters, is_given),
        max_workers=given["max_workers"],
        is_monitored=is_monitored,
        monitor_interval_s=_monitor_interval_s(given, is_given),
        load=_load(given["load"], is_given),
        is_array=given["is_array"],
        is_interval_planned=not is_given("monitor_interval"),
        api_budget=given["api_budget"],
    )


def _environment(pairs: Sequence[str]) -> dict[str, str]:
    environment = _pairs("--environment", pairs)
    for name, value in environment.items():
        if looks_secret(name, value):
            raise SecretInEnvironmentError(flag="--environment", name=name)
    return environment


def _load(text: str, is_given: Callable[[str], bool]) -> str:
    """The load shape, checked; a bound on what is in flight would make an open loop a closed one, so the two exclude each other."""
    load = parse_load(text)
    if load.is_open and is_given("max_workers"):
        raise ConflictingOptionsError(flag="--max-workers", other=f"--load {load}")
    return str(load)


def _countdown_s(
    seconds: int, command: tuple[str, ...] | None, parameters: Mapping[str, str], is_given: Callable[[str], bool]
) -> int | None:
    """How long the job's countdown is; None where it has none, or says so in a way of its own."""
    named = parameters.get(COUNTDOWN_PARAMETER)
    if named is not None:
        if is_given("countdown"):
            raise ConflictingOptionsError(flag=f"--parameter {COUNTDOWN_PARAMETER}", other="--countdown")
        return int(named) if named.isascii() and named.isdigit() else None
    # A command of one's own takes no countdown, unless one is asked for.
    return None if command is not None and not is_given("countdown") else seconds


def _monitor_interval_s(given: dict[str, Any], is_given: Callable[[str], bool]) -> float:
    """The specification's ten seconds suit AWS's minutes: where start-up is scaled, the default is scaled with it."""
    interval_s: float = given["monitor_interval"]
    if not given["local"] or is_given("monitor_interval"):
        return interval_s
    time_scale: float = given["time_scale"]
    return min(interval_s, max(MIN_LOCAL_INTERVAL_S, interval_s * time_scale))


def given_flags(context: click.Context) -> Callable[[str], bool]:
    """Whether a flag of this call was given by the user."""
    return lambda name: context.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT


def require(condition: bool, flag: str, value: object, expected: str) -> None:
    """Raise InvalidOptionError where a flag's value is out of its range."""
    if not condition:
        raise InvalidOptionError(flag=flag, value=str(value), expected=expected)


def _pairs(flag: str, texts: Sequence[str]) -> dict[str, str]:
    pairs = {}
    for text in texts:
        key, separator, value = text.partition("=")
        require(bool(separator and key), flag, text, "key-equals-value")
        pairs[key] = value
    return pairs


def _command(text: str | None) -> tuple[str, ...] | None:
    """A JSON array of strings, or words with double quotes; backslashes are left alone, since Windows paths hold them."""
    if text is None:
        return None
    if text.lstrip().startswith("["):
        try:
            words = json.loads(text)
        except ValueError:
            words = None
        require(isinstance(words, list) and bool(words), "--command", text, "command")
        require(all(isinstance(word, str) for word in words), "--command", text, "command")
        return tuple(words)
    lexer = shlex.shlex(text, posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.escape, lexer.quotes, lexer.commenters = True, "", '"', ""
    try:
        parts = tuple(lexer)
    except ValueError:
        parts = ()
    require(bool(parts), "--command", text, "command")
    return parts
