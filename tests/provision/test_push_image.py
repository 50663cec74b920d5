"""An image with the countdown in it, put together and pushed over HTTP; the registry is the tests' own."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import io
import json
import shutil
import socket
import subprocess
import tarfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from batchgauge.core.images.image import (
    ImageReference,
    System,
    program_layer,
    read_reference,
    with_folder_on_path,
)
from batchgauge.errors import NoSuchImageError, RegistryError
from batchgauge.host.image_registry import HttpImageRegistry
from batchgauge.provision.push_image import SERVER_CORE_PATH, Base, Contents, PushedImage, push_image
from tests.provision.registry import TOKEN, WINDOWS_VERSION, Registry, add_windows_base, running_registry

ROOT = Path(__file__).parents[2]
PROGRAM = Contents("windows", "countdown.exe", b"MZ program")


@pytest.fixture
def source() -> Iterator[Registry]:
    with running_registry() as registry:
        yield registry


@pytest.fixture
def target() -> Iterator[Registry]:
    with running_registry() as registry:
        yield registry


def push(
    target: Registry,
    source: Registry | None = None,
    contents: Contents = PROGRAM,
    tag: str = "v1",
    authorization: str | None = None,
    search_path: str | None = None,
) -> tuple[PushedImage, list[tuple[int, int]]]:
    told: list[tuple[int, int]] = []
    base = None
    if source is not None:
        at = ImageReference(source.host, "windows/servercore", "ltsc2022")
        base = Base(str(at), HttpImageRegistry(at), at.version, search_path)
    registry = HttpImageRegistry(ImageReference(target.host, "windows-countdown", tag), authorization)
    pushed = asyncio.run(push_image(registry, tag, contents, base, lambda done, total: told.append((done, total))))
    return pushed, told


def stored(target: Registry, tag: str = "v1") -> tuple[dict[str, Any], dict[str, Any]]:
    """The manifest and the configuration under a tag."""
    manifest = json.loads(target.manifests[tag][1])
    return manifest, json.loads(target.blobs[manifest["config"]["digest"]])


def entries_of(layer: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(layer))) as tar:
        return {entry.name: entry for entry in tar}


def test_a_layer_goes_on_top_of_the_base_and_the_base_comes_along(source: Registry, target: Registry) -> None:
    base = add_windows_base(source)
    pushed, told = push(target, source)
    manifest, config = stored(target)
    assert manifest["mediaType"] == target.manifests["v1"][0] == base["mediaType"]
    assert manifest["layers"][:-1] == base["layers"]
    assert target.blobs[base["layers"][0]["digest"]] == source.blobs[base["layers"][0]["digest"]]
    assert (pushed.os_version, pushed.copied_bytes, pushed.kept_bytes) == (WINDOWS_VERSION, 3_000_000, 0)
    assert told[-1] == (3_000_000, 3_000_000)
    assert told == sorted(told)
    assert (config["os"], config["os.version"], config["architecture"]) == ("windows", WINDOWS_VERSION, "amd64")
    assert config["config"] == {"Cmd": ["C:\\test\\countdown.exe", "30"]}, "an ENTRYPOINT would take a job's command"
    layer = target.blobs[manifest["layers"][-1]["digest"]]
    assert config["rootfs"]["diff_ids"][-1] == f"sha256:{hashlib.sha256(gzip.decompress(layer)).hexdigest()}"
    assert len(config["rootfs"]["diff_ids"]) == len(config["history"]) == len(manifest["layers"]) == 2
    assert pushed.digest in target.manifests


def test_a_windows_layer_is_a_tar_of_windows_own_kind(source: Registry, target: Registry) -> None:
    add_windows_base(source)
    push(target, source)
    entries = entries_of(target.blobs[stored(target)[0]["layers"][-1]["digest"]])
    assert list(entries) == ["Files", "Hives", "Files/test", "Files/test/countdown.exe"]
    assert all(entry.pax_headers["MSWINDOWS.rawsd"] for entry in entries.values())
    assert entries["Files/test/countdown.exe"].size == len(PROGRAM.content)


def test_the_same_again_is_the_same_image_and_copies_nothing(
    source: Registry, target: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")  # nor does a proxy matter on this computer
    add_windows_base(source)
    first, _ = push(target, source)
    target.requests.clear()
    second, told = push(target, source, tag="v2")
    assert second.digest == first.digest
    assert (second.copied_bytes, second.kept_bytes, told) == (0, 3_000_000, [])
    assert target.asked("POST") == []


def test_a_program_is_found_by_its_name_where_the_base_s_path_is_known(source: Registry, target: Registry) -> None:
    add_windows_base(source)
    push(target, source, search_path=SERVER_CORE_PATH)
    [path] = stored(target)[1]["config"]["Env"]
    dockerfile = (ROOT / "deploy" / "windows" / "Dockerfile").read_text(encoding="utf-8")
    assert f'ENV {path.replace("=", "=" + chr(34))}"' in dockerfile  # ENV PATH="…"
    named = {"config": {"Env": ["A=1", r"Path=C:\dotnet"]}}
    assert with_folder_on_path(named, r"C:\test", None)["config"]["Env"] == ["A=1", r"Path=C:\test;C:\dotnet"]
    assert with_folder_on_path({}, r"C:\test", None) == {}, "the registry's own PATH would be lost"


def test_layers_that_stay_where_they_are_are_not_copied(source: Registry, target: Registry) -> None:
    base = add_windows_base(source, is_foreign=True)
    pushed, _ = push(target, source)
    assert (pushed.copied_bytes, pushed.kept_bytes) == (0, 0)
    assert stored(target)[0]["layers"][0] == base["layers"][0]


def test_a_linux_image_stands_on_nothing(target: Registry) -> None:
    push(target, None, Contents("linux", "countdown", b"\x7fELF"))
    manifest, config = stored(target)
    [layer] = manifest["layers"]
    entries = entries_of(target.blobs[layer["digest"]])
    assert list(entries) == ["tmp", "usr", "usr/local", "usr/local/bin", "usr/local/bin/countdown"]
    assert (entries["tmp"].mode, entries["usr/local/bin/countdown"].mode) == (0o1777, 0o755)
    assert config["config"]["Cmd"] == ["/usr/local/bin/countdown", "30"]
    assert (config["os"], config["config"]["Env"]) == ("linux", ["PATH=/usr/local/bin"])


def test_a_base_for_another_system_is_refused(source: Registry, target: Registry) -> None:
    index = {"manifests": [{"digest": "sha256:" + "0" * 64, "platform": {"os": "linux", "architecture": "amd64"}}]}
    source.add_manifest("ltsc2022", index, "application/vnd.oci.image.index.v1+json")
    with pytest.raises(NoSuchImageError) as refused:
        push(target, source)
    assert refused.value.system == "windows"


def test_a_registry_that_gives_a_token_to_everybody_is_asked_for_it(source: Registry, target: Registry) -> None:
    add_windows_base(source)
    source.wants_token = True
    push(target, source)
    assert [path for path in source.asked("GET") if path.startswith("/token?service=test&scope=repository")]
    assert source.requests[-1][2] == f"Bearer {TOKEN}"


def test_what_is_shown_to_one_registry_is_not_shown_to_where_it_sends_us(source: Registry, target: Registry) -> None:
    base = add_windows_base(target)
    target.redirects_to = source.host
    source.blobs = dict(target.blobs)
    at = ImageReference(target.host, "windows-countdown", "v1")
    registry = HttpImageRegistry(at, "Basic secret")
    assert asyncio.run(registry.read_blob(base["config"]["digest"])) == source.blobs[base["config"]["digest"]]
    assert [said for _, _, said in target.requests] == ["Basic secret"]
    assert [said for _, _, said in source.requests] == [""]


def test_a_copy_that_is_refused_for_a_moment_is_tried_again(source: Registry, target: Registry) -> None:
    base = add_windows_base(source)
    target.refusals["PUT"] = [500, 503]
    push(target, source)
    assert base["layers"][0]["digest"] in target.blobs


@pytest.mark.parametrize(("status", "tries"), [(503, 3), (403, 1)])
def test_a_registry_that_goes_on_refusing_is_named(status: int, tries: int, source: Registry, target: Registry) -> None:
    add_windows_base(source)
    target.refusals["PUT"] = [status] * 9
    with pytest.raises(RegistryError) as refused:
        push(target, source, authorization="Basic secret")
    assert (refused.value.status, refused.value.image) == (status, f"{target.host}/windows-countdown")
    assert "not now" in refused.value.detail
    assert len(target.asked("PUT")) == tries
    assert "v1" not in target.manifests, "no image is known before all of it is there"


def test_a_copy_ends_when_it_is_given_up(source: Registry, target: Registry) -> None:
    """At Ctrl-C; the thread that copies would keep the command from ending."""
    add_windows_base(source)
    is_copying = threading.Event()

    class Endless(HttpImageRegistry):
        def blob_pieces(self, digest: str) -> Iterator[bytes]:
            while True:
                yield b"x"

    async def scenario() -> None:
        at = ImageReference(source.host, "windows/servercore", "ltsc2022")
        registry = HttpImageRegistry(ImageReference(target.host, "x", "v1"))
        base = Base("base", Endless(at), at.version)
        task = asyncio.create_task(push_image(registry, "v1", PROGRAM, base, lambda *_: is_copying.set()))
        await asyncio.to_thread(is_copying.wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scenario())
    assert "v1" not in target.manifests


def test_content_that_is_not_its_digests_is_refused(source: Registry) -> None:
    base = add_windows_base(source)
    digest = base["config"]["digest"]
    source.blobs[digest] += b" "
    with pytest.raises(RegistryError, match="not the content"):
        asyncio.run(HttpImageRegistry(ImageReference(source.host, "x", "v1")).read_blob(digest))


def test_a_registry_that_is_not_there_is_named() -> None:
    with running_registry() as gone:
        host = gone.host
    with pytest.raises(RegistryError) as refused:
        asyncio.run(HttpImageRegistry(ImageReference(host, "x", "v1")).has_blob("sha256:" + "0" * 64))
    assert refused.value.status == 0
    assert refused.value.is_passing


def test_no_registry_leads_us_to_a_file_or_to_plain_http(source: Registry, target: Registry) -> None:
    add_windows_base(source)
    registry = HttpImageRegistry(ImageReference(source.host, "x", "v1"))
    for place in ("file:///etc/passwd", "http://elsewhere.example/x"):
        with pytest.raises(RegistryError, match="not encrypted"):
            registry._send("PUT", place, {}, [])


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("mcr.microsoft.com/windows/servercore:ltsc2022", ("mcr.microsoft.com", "windows/servercore", "ltsc2022")),
        ("localhost:5000/a", ("localhost:5000", "a", "latest")),
        (
            "1.dkr.ecr.x.amazonaws.com/a/b@sha256:" + "0" * 64,
            ("1.dkr.ecr.x.amazonaws.com", "a/b", "sha256:" + "0" * 64),
        ),
    ],
)
def test_the_name_of_an_image_is_read(text: str, parts: tuple[str, str, str]) -> None:
    reference = read_reference(text)
    assert (reference.registry, reference.repository, reference.version) == parts
    assert str(reference).startswith(text)


@pytest.mark.parametrize(
    "text", ["", "servercore", "windows/servercore:x", "host.example/UPPER", "host.example/a:b c", "host.example/"]
)
def test_a_name_without_its_registry_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        read_reference(text)


@pytest.mark.parametrize("system", ["windows", "linux"])
def test_a_layer_is_the_same_whenever_it_is_made(system: System) -> None:
    assert program_layer(system, "/a/b", b"x") == program_layer(system, "/a/b", b"x")


@pytest.fixture
def docker_registry(tmp_path: Path) -> Iterator[str]:
    """The distribution project's own registry (Debian's docker-registry), where it is installed."""
    program = shutil.which("docker-registry")
    if program is None or shutil.which("skopeo") is None:
        pytest.skip("needs docker-registry and skopeo")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{taken.getsockname()[1]}"
    storage = json.dumps({"filesystem": {"rootdirectory": str(tmp_path / "storage")}})
    (tmp_path / "registry.yml").write_text(f"version: 0.1\nstorage: {storage}\nhttp: {{addr: '{host}'}}\n")
    process = subprocess.Popen([program, "serve", str(tmp_path / "registry.yml")], stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", int(host.partition(":")[2]))).close()
                break
            except OSError:
                time.sleep(0.02)
        yield host
    finally:
        process.terminate()
        process.wait()


def test_a_registry_that_is_not_ours_takes_it_and_another_client_reads_it(
    docker_registry: str, source: Registry, tmp_path: Path
) -> None:
    add_windows_base(source)
    pushed, _ = push(Registry(host=docker_registry), source)
    command = ["skopeo", "--override-os", "windows", "copy", "--src-tls-verify=false"]
    place = f"docker://{docker_registry}/windows-countdown:v1"
    subprocess.run([*command, place, f"dir:{tmp_path / 'copy'}"], check=True, capture_output=True)
    manifest = (tmp_path / "copy" / "manifest.json").read_bytes()
    assert f"sha256:{hashlib.sha256(manifest).hexdigest()}" == pushed.digest
