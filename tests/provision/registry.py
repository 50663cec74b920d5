"""A container registry for tests: the distribution protocol, as far as pushing and pulling need it, on a thread of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "given-to-everybody"


@dataclass
class Registry:
    """What it holds, what it was asked, and what it is to do wrong."""

    host: str = ""
    blobs: dict[str, bytes] = field(default_factory=dict)
    manifests: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    """(method, path, Authorization)"""
    wants_token: bool = False
    redirects_to: str = ""
    """Another registry's host: blobs are read there."""
    refusals: dict[str, list[int]] = field(default_factory=dict)
    """Statuses that the next requests of a method get."""

    def add(self, content: bytes) -> str:
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        self.blobs[digest] = content
        return digest

    def add_manifest(self, version: str, document: Any, media_type: str) -> str:
        return self.keep_manifest(version, json.dumps(document).encode(), media_type)

    def keep_manifest(self, version: str, content: bytes, media_type: str) -> str:
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        self.manifests[version] = self.manifests[digest] = (media_type, content)
        return digest

    def asked(self, method: str) -> list[str]:
        return [path for asked, path, _ in self.requests if asked == method]


@contextmanager
def running_registry() -> Iterator[Registry]:
    registry = Registry()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name that it has
            """Nothing."""

        def answer(self, status: int, content: bytes = b"", **headers: str) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        def is_refused(self) -> bool:
            said = self.headers.get("Authorization", "")
            registry.requests.append((self.command, self.path, said))
            waiting = registry.refusals.get(self.command)
            if waiting:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.answer(waiting.pop(0), b'{"errors":[{"code":"TEST","message":"not  now"}]}')
                return True
            if registry.wants_token and not self.path.startswith("/token") and said != f"Bearer {TOKEN}":
                realm = f'Bearer realm="http://{registry.host}/token",service="test",scope="repository:x:pull"'
                self.answer(401, b"{}", WWW_Authenticate=realm)
                return True
            return False

        def do_GET(self) -> None:
            if self.is_refused():
                return
            last = self.path.rpartition("/")[2]
            if self.path.startswith("/token"):
                self.answer(200, json.dumps({"token": TOKEN}).encode())
            elif "/manifests/" in self.path and last in registry.manifests:
                media_type, content = registry.manifests[last]
                self.answer(200, content, Content_Type=media_type)
            elif "/blobs/" in self.path and registry.redirects_to:
                self.answer(307, Location=f"http://{registry.redirects_to}{self.path}")
            elif "/blobs/" in self.path and last in registry.blobs:
                self.answer(200, registry.blobs[last])
            else:
                self.answer(404, b'{"errors":[{"code":"UNKNOWN"}]}')

        do_HEAD = do_GET  # noqa: N815 - http.server looks for it

        def do_POST(self) -> None:
            if not self.is_refused():
                self.answer(202, Location=f"{urlsplit(self.path).path}7?state=x")

        def do_PUT(self) -> None:
            if self.is_refused():
                return
            content = self.rfile.read(int(self.headers["Content-Length"]))
            parts = urlsplit(self.path)
            if "/manifests/" in parts.path:
                document = json.loads(content)
                named = [document["config"], *document["layers"]]
                if any(blob["digest"] not in registry.blobs for blob in named if not blob.get("urls")):
                    self.answer(400, b'{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN"}]}')
                    return
                registry.keep_manifest(parts.path.rpartition("/")[2], content, self.headers["Content-Type"])
                self.answer(201)
            elif parse_qs(parts.query)["digest"] == [registry.add(content)]:
                self.answer(201)
            else:
                self.answer(400, b'{"errors":[{"code":"DIGEST_INVALID"}]}')

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    registry.host = f"127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


WINDOWS_VERSION = "10.0.20348.2966"


def add_windows_base(registry: Registry, *, is_foreign: bool = False) -> dict[str, Any]:
    """``windows/servercore:ltsc2022`` in small, in a list with other systems'; its manifest."""
    layer = b"x" * 3_000_000
    place = {"urls": ["https://elsewhere.example/layer"]} if is_foreign else {}
    digest = f"sha256:{hashlib.sha256(layer).hexdigest()}" if is_foreign else registry.add(layer)
    config = {
        "created": "2026-11-10T00:00:00Z",
        "architecture": "amd64",
        "os": "windows",
        "os.version": WINDOWS_VERSION,
        "config": {"Cmd": ["c:\\windows\\system32\\cmd.exe"], "Entrypoint": ["x"]},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + "1" * 64]},
        "history": [{"created_by": "Apply image 10.0.20348.1"}],
    }
    encoded = json.dumps(config).encode()
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": {
            "mediaType": "application/vnd.docker.container.image.v1+json",
            "size": len(encoded),
            "digest": registry.add(encoded),
        },
        "layers": [
            {
                "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
                "size": len(layer),
                "digest": digest,
                **place,
            }
        ],
    }
    wanted = registry.add_manifest("one", manifest, str(manifest["mediaType"]))
    entries = [
        ("linux", "amd64", "", "sha256:" + "a" * 64),
        ("windows", "amd64", "10.0.20348.999", "sha256:" + "b" * 64),
        ("windows", "amd64", WINDOWS_VERSION, wanted),
        ("windows", "arm64", "10.0.99999.1", "sha256:" + "c" * 64),
    ]
    platforms = [
        {
            "digest": digest,
            "platform": {"os": os, "architecture": machine, **({"os.version": version} if version else {})},
        }
        for os, machine, version, digest in entries
    ]
    index = {"schemaVersion": 2, "manifests": platforms}
    registry.add_manifest("ltsc2022", index, "application/vnd.docker.distribution.manifest.list.v2+json")
    return manifest
