"""A container registry over HTTP: the distribution protocol of OCI (``/v2/…``), as ECR and Microsoft's registry speak it.

Proxies are those of the environment (``HTTPS_PROXY``, ``NO_PROXY``), the certificate authorities the system's or those of
the file that is given. A registry on this computer's loopback is spoken to without encryption, as Docker does.
"""

from __future__ import annotations

import asyncio
import json
import re
import ssl
from collections.abc import Iterable, Iterator, Mapping
from http.client import HTTPException, HTTPResponse
from typing import Final
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

from batchgauge.core.images.image import MANIFESTS, ImageReference, digest_of
from batchgauge.errors import RegistryError

PIECE_BYTES: Final = 1024 * 1024
TIMEOUT_S: Final = 600.0
"""Without a byte: a registry that has taken gigabytes computes their digest before it answers."""
NOT_FOUND: Final = 404
UNAUTHORIZED: Final = 401
DETAIL_LENGTH: Final = 300
_LOOPBACK: Final = re.compile(r"(localhost|127\.\d+\.\d+\.\d+)(:\d+)?")
_CHALLENGE: Final = re.compile(r'(\w+)="([^"]*)"')


def is_on_loopback(image: ImageReference) -> bool:
    """Whether its registry is on this computer."""
    return _LOOPBACK.fullmatch(image.registry) is not None


class HttpImageRegistry:
    """`ImageRegistry` of the repository that `image` names."""

    def __init__(self, image: ImageReference, authorization: str | None = None, ca_bundle: str | None = None) -> None:
        self._image = image
        scheme = "http" if is_on_loopback(image) else "https"
        self._base = f"{scheme}://{image.registry}/v2/{image.repository}/"
        self._authorization = authorization
        context = ssl.create_default_context(cafile=ca_bundle)
        # As with AWS's endpoints: what is on this computer is not asked for through a proxy.
        proxies = [ProxyHandler({})] if is_on_loopback(image) else []
        self._opener = build_opener(*proxies, HTTPSHandler(context=context))

    async def read_manifest(self, version: str) -> bytes:
        """The manifest of a tag or a digest, or the list of manifests that it is."""
        headers = {"Accept": ", ".join(MANIFESTS)}
        return self._checked(version, await asyncio.to_thread(self._read, f"manifests/{version}", headers))

    async def read_blob(self, digest: str) -> bytes:
        """A small blob."""
        return self._checked(digest, await asyncio.to_thread(self._read, f"blobs/{digest}", {}))

    def blob_pieces(self, digest: str) -> Iterator[bytes]:
        """A large one, read piece by piece; whoever takes the pieces waits for them."""
        with self._open("GET", f"blobs/{digest}", {}) as answer:
            while piece := self._piece(answer):
                yield piece

    async def has_blob(self, digest: str) -> bool:
        """Whether it is there already."""
        return await asyncio.to_thread(self._has, digest)

    async def add_blob(self, digest: str, size_bytes: int, pieces: Iterable[bytes]) -> None:
        """Store a blob; the registry holds it against its digest."""
        await asyncio.to_thread(self._add, digest, size_bytes, pieces)

    async def put_manifest(self, version: str, manifest: bytes, media_type: str) -> None:
        """Make the image known under a tag; its blobs must be there."""
        headers = {"Content-Type": media_type, "Content-Length": str(len(manifest))}
        await asyncio.to_thread(self._send, "PUT", f"manifests/{version}", headers, [manifest])

    def _read(self, path: str, headers: Mapping[str, str]) -> bytes:
        with self._open("GET", path, headers) as answer:
            return b"".join(iter(lambda: self._piece(answer), b""))

    def _checked(self, version: str, content: bytes) -> bytes:
        """The content, if it is what its digest says; a tag says nothing."""
        if ":" in version and digest_of(content) != version:
            raise self._error(0, f"not the content of {version}")
        return content

    def _piece(self, answer: HTTPResponse) -> bytes:
        try:
            return answer.read(PIECE_BYTES)
        except (OSError, HTTPException) as error:
            raise self._error(0, repr(error)) from error

    def _has(self, digest: str) -> bool:
        try:
            self._send("HEAD", f"blobs/{digest}", {})
        except RegistryError as error:
            if error.status == NOT_FOUND:
                return False
            raise
        return True

    def _add(self, digest: str, size_bytes: int, pieces: Iterable[bytes]) -> None:
        place = self._send("POST", "blobs/uploads/", {"Content-Length": "0"}, [])
        if not place:
            raise self._error(0, "no Location for an upload")
        to = f"{place}{'&' if '?' in place else '?'}{urlencode({'digest': digest})}"
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size_bytes)}
        self._send("PUT", to, headers, pieces)

    def _send(self, method: str, path: str, headers: Mapping[str, str], body: Iterable[bytes] | None = None) -> str:
        """Whither the answer points, as a whole URL."""
        with self._open(method, path, headers, body) as answer:
            place = answer.headers.get("Location", "")
            return urljoin(answer.url, place) if place else ""

    def _open(
        self, method: str, path: str, headers: Mapping[str, str], body: Iterable[bytes] | None = None
    ) -> HTTPResponse:
        """The answer, after showing what the registry asks for where it asks."""
        try:
            return self._open_once(method, path, headers, body)
        except HTTPError as error:
            challenge = error.headers.get("WWW-Authenticate", "")
            if error.code != UNAUTHORIZED or not challenge.lower().startswith("bearer ") or method == "PUT":
                raise self._refusal(error) from error
        self._authorization = f"Bearer {self._token(challenge)}"
        try:
            return self._open_once(method, path, headers, body)
        except HTTPError as error:
            raise self._refusal(error) from error

    def _open_once(
        self, method: str, path: str, headers: Mapping[str, str], body: Iterable[bytes] | None
    ) -> HTTPResponse:
        url = self._safe(urljoin(self._base, path))
        request = Request(url, method=method, headers=dict(headers), data=body)  # noqa: S310 - http and https only
        if self._authorization is not None:
            # Not on a redirect's way: where the blobs lie is another server, which takes no other's word.
            request.add_unredirected_header("Authorization", self._authorization)
        try:
            answer: HTTPResponse = self._opener.open(request, timeout=TIMEOUT_S)
        except HTTPError:
            raise
        except (OSError, HTTPException) as error:
            raise self._error(0, str(getattr(error, "reason", error)) or repr(error)) from error
        return answer

    def _token(self, challenge: str) -> str:
        """Of a registry that gives one to everybody."""
        told = dict(_CHALLENGE.findall(challenge))
        query = urlencode({name: told[name] for name in ("service", "scope") if name in told})
        try:
            with self._opener.open(self._safe(f"{told['realm']}?{query}"), timeout=TIMEOUT_S) as answer:
                said = json.load(answer)
            return str(said.get("token") or said["access_token"])
        except (OSError, HTTPException, ValueError, KeyError) as error:
            raise self._error(UNAUTHORIZED, str(error)) from error

    def _safe(self, url: str) -> str:
        """The URL, wherever a registry may have sent us: encrypted, or on this computer."""
        parts = urlsplit(url)
        if parts.scheme == "https" or (parts.scheme == "http" and _LOOPBACK.fullmatch(parts.netloc)):
            return url
        raise self._error(0, f"not encrypted: {url}")

    def _refusal(self, error: HTTPError) -> RegistryError:
        try:
            said = " ".join(error.read().decode("utf-8", "replace").split())[:DETAIL_LENGTH]
        except (OSError, HTTPException):
            said = ""
        return self._error(error.code, said or str(error.reason))

    def _error(self, status: int, detail: str) -> RegistryError:
        return RegistryError(image=f"{self._image.registry}/{self._image.repository}", status=status, detail=detail)
