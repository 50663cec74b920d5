"""Which AWS is meant, and what is known of it before anything is asked."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from batchgauge import bootstrap
from batchgauge.core.journal import CallOutcome, EnvironmentFacts
from batchgauge.core.naming import SUFFIX_ALPHABET
from batchgauge.errors import MissingExtraError
from tests.conftest import ServerHandle


@pytest.fixture(autouse=True)
def settings(server: ServerHandle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The embedded AWS's credentials in the environment, and no AWS configuration."""
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    yield


def facts_of(target: bootstrap.Target) -> EnvironmentFacts:
    async def look() -> EnvironmentFacts:
        async with bootstrap.open_aws(target) as aws:
            return aws.facts

    return asyncio.run(look())


@pytest.mark.parametrize("way", ["flag", "environment", "service's environment", "profile"])
def test_a_model_is_never_taken_for_aws_however_its_endpoint_was_set(
    server: ServerHandle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    flag = None
    if way == "flag":
        flag = server.endpoint
    elif way == "environment":
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.endpoint)
    elif way == "service's environment":
        monkeypatch.setenv("AWS_ENDPOINT_URL_BATCH", server.endpoint)
    else:
        (tmp_path / "config").write_text(f"[default]\nendpoint_url = {server.endpoint}\n")
    facts = facts_of(bootstrap.Target(endpoint_url=flag))
    assert facts.endpoint_url == server.endpoint
    assert facts.is_local
    assert facts.time_scale == 0.0005


def test_aws_itself_has_no_endpoint_and_no_time_scale() -> None:
    facts = facts_of(bootstrap.Target())
    assert (facts.endpoint_url, facts.is_local, facts.time_scale) == (None, False, None)
    assert facts.region == "us-west-2"


def test_an_endpoint_of_somebody_elses_is_not_ours() -> None:
    facts = facts_of(bootstrap.Target(endpoint_url="http://127.0.0.1:1"))
    assert (facts.endpoint_url, facts.is_local) == ("http://127.0.0.1:1", False)


def test_the_embedded_aws_is_reached_whatever_the_users_own_configuration_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "missing")
    monkeypatch.setenv("AWS_REGION", "ap-northeast-1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    (tmp_path / "config").write_text("broken [")

    async def ask() -> None:
        async with (
            bootstrap.start_local_aws(["--time-scale", "0.5"]) as local,
            bootstrap.open_aws(bootstrap.Target(profile="missing", endpoint_url="http://127.0.0.1:1"), local) as aws,
        ):
            reply = await aws.batch.describe_job_queue(local.job_queue)
            assert reply.outcome is CallOutcome.OK
            assert reply.value is not None
            assert (aws.facts.region, aws.facts.endpoint_url) == ("us-west-2", local.endpoint)
            assert (aws.facts.is_local, aws.facts.time_scale) == (True, 0.5)

    asyncio.run(ask())


def test_a_part_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    find_spec = importlib.util.find_spec

    def without_orjson(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name == "orjson" else find_spec(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", without_orjson)
    with pytest.raises(MissingExtraError) as caught:
        bootstrap.start_local_aws()
    assert (caught.value.extra, caught.value.module) == ("local", "orjson")


def test_suffixes_are_of_their_alphabet_and_differ() -> None:
    suffixes = {bootstrap.new_run_suffix() for _ in range(50)}
    assert len(suffixes) > 40
    assert all(len(suffix) == 4 and set(suffix) <= set(SUFFIX_ALPHABET) for suffix in suffixes)
