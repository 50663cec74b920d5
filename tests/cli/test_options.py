"""From flags to a scenario."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies

from batchgauge.cli.options import LocalSettings, local_settings, scenario
from batchgauge.cli.sweep import parse_levels
from batchgauge.errors import ConflictingOptionsError, InvalidOptionError, MissingOptionError, UsageError

DEFAULTS: dict[str, Any] = {
    "job_queue": "queue",
    "job_definition": "definition",
    "countdown": 30,
    "parameters": (),
    "command": None,
    "environment": (),
    "vcpus": None,
    "memory": None,
    "max_workers": 10,
    "load": "workers",
    "is_array": False,
    "monitor_interval": 10.0,
    "api_budget": 0.2,
    "local": False,
    "time_scale": 0.05,
    "max_vcpus": 16,
    "region": None,
    "profile": None,
    "endpoint_url": None,
}


def asked(**flags: Any) -> Any:
    num_jobs = flags.pop("num_jobs", 5)
    return scenario({**DEFAULTS, **flags}, num_jobs=num_jobs, is_monitored=True, is_given=flags.__contains__)


@pytest.mark.parametrize(
    ("flags", "flag"),
    [
        ({"num_jobs": 0}, "--num-jobs"),
        ({"countdown": -1}, "--countdown"),
        ({"max_workers": 0}, "--max-workers"),
        ({"load": "rate:fast"}, "--load"),
        ({"monitor_interval": 0.0}, "--monitor-interval"),
        ({"monitor_interval": float("nan")}, "--monitor-interval"),
        ({"monitor_interval": float("inf")}, "--monitor-interval"),
        ({"api_budget": 0.0}, "--api-budget"),
        ({"api_budget": 1.1}, "--api-budget"),
        ({"api_budget": float("nan")}, "--api-budget"),
        ({"vcpus": 0.0}, "--vcpus"),
        ({"vcpus": float("inf")}, "--vcpus"),
        ({"memory": 0}, "--memory"),
        ({"parameters": ("a",)}, "--parameter"),
        ({"parameters": ("=a",)}, "--parameter"),
        ({"environment": ("a",)}, "--environment"),
        ({"command": ""}, "--command"),
        ({"command": "[]"}, "--command"),
        ({"command": "[1]"}, "--command"),
        ({"command": '["a"'}, "--command"),
        ({"command": 'a "b'}, "--command"),
    ],
)
def test_a_value_out_of_range_is_named_by_its_flag(flags: dict[str, Any], flag: str) -> None:
    with pytest.raises(InvalidOptionError) as refused:
        asked(**flags)
    assert refused.value.flag == flag


@pytest.mark.parametrize("missing", ["job_queue", "job_definition"])
def test_a_queue_and_a_definition_are_needed_except_with_local(missing: str) -> None:
    without: dict[str, Any] = {missing: None}
    with pytest.raises(MissingOptionError) as refused:
        asked(**without)
    assert refused.value.flag == "--" + missing.replace("_", "-")
    assert asked(**without, local=True).num_jobs == 5


def test_pairs_are_split_at_the_first_equals_sign() -> None:
    shape = asked(parameters=("a=b=c",), environment=("PATH=",)).job
    assert shape.parameters == {"a": "b=c"}
    assert shape.environment == {"PATH": ""}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (r"C:\test\countdown.exe 30", (r"C:\test\countdown.exe", "30")),
        (r'"C:\Program Files\a.exe" x', (r"C:\Program Files\a.exe", "x")),
        ("echo it's #1", ("echo", "it's", "#1")),
        (r'["a b", "c\\d"]', ("a b", r"c\d")),
    ],
)
def test_a_command_is_words_or_a_json_array(text: str, words: tuple[str, ...]) -> None:
    assert asked(command=text).job.command == words


def test_a_command_of_ones_own_takes_no_countdown_unless_one_is_given() -> None:
    assert asked(command="a").countdown_s is None
    assert asked(command="a", countdown=7).countdown_s == 7


def test_the_countdown_is_what_the_job_is_given() -> None:
    assert asked(parameters=("countdownSeconds=2",)).countdown_s == 2
    assert asked(parameters=("countdownSeconds=2.5",)).countdown_s is None
    with pytest.raises(ConflictingOptionsError):
        asked(parameters=("countdownSeconds=2",), countdown=3)


def test_looks_at_a_scaled_aws_are_scaled_too_unless_they_are_asked_for() -> None:
    assert asked().monitor_interval_s == 10
    assert asked(local=True).monitor_interval_s == 0.5
    assert asked(local=True, time_scale=0.5).monitor_interval_s == 5
    assert asked(local=True, time_scale=3.0).monitor_interval_s == 10
    assert asked(local=True, monitor_interval=10.0).monitor_interval_s == 10


def test_an_interval_that_nobody_gave_is_planned() -> None:
    assert asked().is_interval_planned
    assert asked(local=True).is_interval_planned
    assert not asked(monitor_interval=10.0).is_interval_planned
    assert asked(api_budget=0.5).api_budget == 0.5


@pytest.mark.parametrize("flag", ["endpoint_url", "profile"])
def test_local_goes_with_no_other_aws(flag: str) -> None:
    with pytest.raises(ConflictingOptionsError):
        local_settings({**DEFAULTS, "local": True, flag: "x"})


def test_local_settings_become_options_of_local_serve() -> None:
    assert local_settings(DEFAULTS) is None
    settings = local_settings({**DEFAULTS, "local": True, "region": "eu-central-1"})
    assert settings == LocalSettings(0.05, 16, "eu-central-1")
    assert settings.as_options() == ["--time-scale", "0.05", "--max-vcpus", "16", "--region", "eu-central-1"]


def test_levels_keep_their_order() -> None:
    assert parse_levels("20, 2,5") == ((20, 2, 5), False)


@pytest.mark.parametrize(("text", "first"), [("auto", (2,)), (" auto:5, 2", (2, 5)), ("auto:1", (1,))])
def test_levels_may_be_left_to_a_search_that_begins_with_some(text: str, first: tuple[int, ...]) -> None:
    assert parse_levels(text) == (first, True)


@pytest.mark.parametrize("text", ["auto:", "automatic", "auto:x", "auto 2", "2:3"])
def test_what_is_no_search_is_refused(text: str) -> None:
    with pytest.raises(InvalidOptionError):
        parse_levels(text)


@given(strategies.text(max_size=8))
def test_levels_are_numbers_of_at_least_one_or_refused(text: str) -> None:
    try:
        levels, _ = parse_levels(text)
    except UsageError:
        return
    assert levels
    assert min(levels) >= 1


@pytest.mark.parametrize("load", ["workers", "burst", "rate:50", "ramp:0..50/60", "poisson:2.5"])
def test_the_load_is_the_scenarios(load: str) -> None:
    assert asked(load=load).load == load


def test_a_bound_on_what_is_in_flight_holds_for_workers_only() -> None:
    assert asked(load="workers", max_workers=3).max_workers == 3
    with pytest.raises(ConflictingOptionsError) as refused:
        asked(load="rate:50", max_workers=3)
    assert (refused.value.flag, refused.value.other) == ("--max-workers", "--load rate:50")


def test_jobs_may_be_asked_for_as_arrays() -> None:
    assert asked(is_array=True).is_array
    assert not asked().is_array
