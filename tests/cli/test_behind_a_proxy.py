"""A company's proxy and its certificates: every connection of ours goes by them, as AWS's own tools do."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.cli.corporate import ENDPOINT, HOST, Authority, Network, make_authority, network

JOB = ("--job-queue", "windows-batch-queue", "--job-definition", "linux-countdown-job", "--countdown", "0")
RUN = ("run", *JOB, "--num-jobs", "2", "--monitor", "--monitor-interval", "0.5", "--quiet")
DRY = ("job-definition", "register", "--dry-run")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def corporate(server: Any, authority: Authority) -> Iterator[Network]:
    with network(int(urlsplit(server.endpoint).port or 0), authority.server_context()) as made:
        yield made


@pytest.fixture
def office(server: Any, batchgauge: Any, corporate: Network) -> Any:
    """Runs a command at a desk there: AWS is reached through the proxy only."""
    kept = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION")
    pointing = {name: server.environment[name] for name in kept}
    cleared = {name: "" for name in os.environ if name.lower().endswith("_proxy")}

    def run(*arguments: object, **variables: str) -> Any:
        there = {**cleared, **pointing, "AWS_ENDPOINT_URL": ENDPOINT, "HTTPS_PROXY": corporate.proxy, **variables}
        return batchgauge(*arguments, environ={name: value for name, value in there.items() if value})

    return run


def said(done: Any) -> tuple[int, list[str]]:
    return done.returncode, [line.partition(":")[0] for line in done.stderr.splitlines()]


@pytest.mark.parametrize("load", [(), ("--load", "burst"), ("--events",)], ids=["workers", "burst", "events"])
def test_a_run_goes_through_the_proxy_with_the_companys_authority(
    load: tuple[str, ...], office: Any, corporate: Network, authority: Authority
) -> None:
    """Submissions, looks, tasks, logs and events: no other way leads there."""
    done = office(*RUN, *load, "--json", AWS_CA_BUNDLE=str(authority.certificate))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["successfulJobs"] == 2
    assert set(corporate.asked) == {f"{HOST}:443"}


def test_the_profile_can_name_the_authority(office: Any, server: Any, authority: Authority, tmp_path: Path) -> None:
    keys = [f"{name.lower()} = {server.environment[name]}" for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")]
    lines = ["[profile office]", f"ca_bundle = {authority.certificate}", *keys]
    config = tmp_path / "config"
    config.write_text("\n".join(lines), encoding="utf-8")
    done = office(*DRY, "--profile", "office", AWS_CONFIG_FILE=str(config))
    assert done.returncode == 0, done.stderr


def test_certificates_hold_without_a_proxy_too(office: Any, corporate: Network, authority: Authority) -> None:
    """The warm connections of a burst check them themselves."""
    done = office(*RUN, "--load", "burst", **_direct(corporate), AWS_CA_BUNDLE=str(authority.certificate))
    assert done.returncode == 0, done.stderr
    assert corporate.asked == []


@pytest.mark.parametrize("is_direct", [False, True])
def test_without_the_authority_nothing_is_submitted_and_the_remedy_is_named(
    is_direct: bool, office: Any, corporate: Network
) -> None:
    done = office(*RUN, **(_direct(corporate) if is_direct else {}))
    assert said(done) == (1, ["error", "hint"])
    assert "is not trusted: unable to get local issuer certificate" in done.stderr
    assert "AWS_CA_BUNDLE" in done.stderr


def test_a_file_of_certificates_that_is_not_there_is_said_at_once(office: Any, tmp_path: Path) -> None:
    done = office(*RUN, AWS_CA_BUNDLE=str(tmp_path / "missing.pem"))
    assert said(done) == (2, ["error", "hint"])
    assert "missing.pem" in done.stderr


def test_a_file_without_a_certificate_is_said_at_once(office: Any, tmp_path: Path) -> None:
    file = tmp_path / "der.cer"
    file.write_bytes(b"\x30\x82\x01\x00")
    assert said(office(*RUN, AWS_CA_BUNDLE=str(file))) == (2, ["error", "hint"])


def test_it_does_not_matter_to_the_embedded_aws(batchgauge: Any, tmp_path: Path) -> None:
    variables = {"AWS_CA_BUNDLE": str(tmp_path / "missing.pem"), "HTTPS_PROXY": "http://127.0.0.1:1"}
    done = batchgauge(
        *("run", "--local", "--num-jobs", 1, "--countdown", 0, "--time-scale", 0.001),
        environ={**variables, "HTTP_PROXY": "http://127.0.0.1:1"},
    )
    assert done.returncode == 0, done.stderr


def test_a_proxy_that_asks_for_a_password_is_told_apart_and_no_password_is_shown(
    office: Any, corporate: Network, authority: Authority
) -> None:
    wrong = f"http://taro:wr0ng@127.0.0.1:{corporate.proxy_port}"
    done = office(*DRY, HTTPS_PROXY=wrong, AWS_CA_BUNDLE=str(authority.certificate))
    assert said(done) == (1, ["error", "hint"])
    assert "407 Proxy Authentication Required" in done.stderr
    assert "HTTPS_PROXY" in done.stderr
    assert "wr0ng" not in done.stderr


def test_a_proxy_that_is_not_there_is_told_apart(office: Any) -> None:
    done = office(*DRY, HTTPS_PROXY="http://127.0.0.1:1")
    assert said(done) == (1, ["error", "hint"])
    assert "Connection refused" in done.stderr
    assert "HTTPS_PROXY" in done.stderr


@pytest.mark.parametrize(
    "command",
    [("check", "--job-queue", "q", "--job-definition", "d"), ("deploy", "up", "--dry-run"), ("explain", "job")],
)
def test_whatever_asks_aws_says_the_same_of_a_proxy_that_is_not_there(command: tuple[str, ...], office: Any) -> None:
    done = office(*command, HTTPS_PROXY="http://127.0.0.1:1")
    assert said(done) == (1, ["error", "hint"])
    assert "HTTPS_PROXY" in done.stderr
    assert "aws configure" not in done.stderr
    assert "proxy-failed" not in done.stderr


def test_what_no_proxy_names_is_reached_without_it(office: Any, corporate: Network, authority: Authority) -> None:
    """And so not at all here, where only the proxy knows the name."""
    done = office(*DRY, NO_PROXY=HOST, AWS_CA_BUNDLE=str(authority.certificate))
    assert said(done) == (1, ["error", "hint"])
    assert corporate.asked == []


def _direct(corporate: Network) -> dict[str, str]:
    return {"AWS_ENDPOINT_URL": corporate.front, "HTTPS_PROXY": ""}
