"""``batchgauge image push`` as a user calls it: into a registry of the tests' own, with ECR's part by the embedded AWS."""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from batchgauge.bootstrap import Target
from batchgauge.bootstrap.images import open_image_repositories
from tests.provision.registry import WINDOWS_VERSION, Registry, add_windows_base, running_registry

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def registry() -> Iterator[Registry]:
    with running_registry() as running:
        add_windows_base(running)
        yield running


def test_the_image_is_pushed_and_what_to_do_next_is_said(
    batchgauge: Command, registry: Registry, tmp_path: Path
) -> None:
    (tmp_path / "app.exe").write_bytes(b"MZ mine")
    to, base = f"{registry.host}/windows-countdown:v1", f"{registry.host}/windows/servercore:ltsc2022"
    done = batchgauge("image", "push", "--program", "app.exe", "--base", base, "--to", to)
    assert (done.returncode, done.stdout.strip()) == (0, to), done.stderr
    assert WINDOWS_VERSION in done.stderr
    assert f"job-definition register --image {to}" in done.stderr
    again = json.loads(batchgauge("image", "push", "--program", "app.exe", "--base", base, "--to", to, "--json").stdout)
    assert again["command"] == ["C:\\test\\app.exe", "30"]
    assert (again["image"], again["osVersion"], again["copiedBytes"]) == (to, WINDOWS_VERSION, 0)
    assert again["digest"] in registry.manifests


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("--base", "servercore"), 2, "--base"),
        (("--to", "x"), 2, "--to"),
        (("--windows", "2016"), 2, "2016"),
        (("--to", "127.0.0.1:9/x", "--linux"), 1, "127.0.0.1:9/x"),
    ],
)
def test_bad_input_is_said_with_its_remedy(
    arguments: tuple[str, ...], code: int, word: str, batchgauge: Command, tmp_path: Path
) -> None:
    (tmp_path / "app.exe").write_bytes(b"MZ mine")
    done = batchgauge("image", "push", "--program", "app.exe", *arguments)
    assert done.returncode == code
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["error", "hint"]
    assert word in done.stderr


@pytest.mark.parametrize("is_by_profile", [False, True])
def test_certificates_that_cannot_be_used_are_said_at_once(
    batchgauge: Command, tmp_path: Path, is_by_profile: bool
) -> None:
    (tmp_path / "app.exe").write_bytes(b"MZ mine")
    (tmp_path / "config").write_text("[profile office]\nca_bundle = missing.pem\n", encoding="utf-8")
    environ = {"AWS_CONFIG_FILE": str(tmp_path / "config")} if is_by_profile else {"AWS_CA_BUNDLE": "missing.pem"}
    profile = ("--profile", "office") if is_by_profile else ()
    done = batchgauge("image", "push", "--program", "app.exe", "--to", "example.com/i:1", *profile, environ=environ)
    assert done.returncode == 2
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["error", "hint"]
    assert "missing.pem" in done.stderr


def test_without_a_build_the_remedy_is_named(batchgauge: Command, tmp_path: Path) -> None:
    done = batchgauge("image", "push", environ={"BATCHGAUGE_NATIVE_FOLDER": str(tmp_path)})
    assert done.returncode == 2
    assert "scripts/build-countdown" in done.stderr


def test_ecr_gives_the_repository_and_the_way_in(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)

    async def ask() -> tuple[str, str, str, str]:
        async with open_image_repositories(Target()) as ecr:
            found = await ecr.find_or_create("windows-countdown")
            made = await ecr.find_or_create("made-here")
            return found, made, await ecr.find_or_create("made-here"), await ecr.authorization()

    found, made, again, authorization = asyncio.run(ask())
    assert found == "123456789012.dkr.ecr.us-west-2.amazonaws.com/windows-countdown"
    assert made == again == "123456789012.dkr.ecr.us-west-2.amazonaws.com/made-here"
    kind, _, token = authorization.partition(" ")
    assert kind == "Basic"
    assert base64.b64decode(token).startswith(b"AWS:")


def test_an_embedded_aws_is_given_the_name_alone(at_server: Command, server: Any, tmp_path: Path) -> None:
    (tmp_path / "app.exe").write_bytes(b"MZ mine")
    named = ("image", "push", "--program", "app.exe", "--repository", "mine", "--tag", "v1", "--windows", "2019")
    for _ in range(2):
        done = at_server(*named)
        assert done.returncode == 0, done.stderr
        assert "no registry" in done.stderr
    assert done.stdout.strip().endswith("/mine:v1")
    [image] = server.client("ecr").describe_images(repositoryName="mine")["imageDetails"]
    assert image["imageTags"] == ["v1"]
    said = json.loads(at_server(*named, "--json").stdout)
    assert (said["digest"], said["osVersion"][:8]) == (image["imageDigest"], "10.0.177")
