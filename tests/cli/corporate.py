"""A company's network in small: an authority of its own, TLS in front of a server, and a proxy that has to be asked for the way."""

from __future__ import annotations

import asyncio
import base64
import datetime
import ipaddress
import ssl
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST = "aws.corporate.test"
"""No name server knows it: only the proxy finds the way there."""
ENDPOINT = f"https://{HOST}"
USER = "taro:p%40ss"
EXPECTED_USER = base64.b64encode(b"taro:p@ss").decode()

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Authority:
    """Files in PEM: the authority's certificate; a server's certificate with its key."""

    certificate: Path
    server: Path

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server)
        return context


def make_authority(folder: Path) -> Authority:
    """One that has signed for `HOST` and for the loopback address."""
    authority_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    names = [x509.DNSName(HOST), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    authority = _certificate("Corporate CA", authority_key, None, authority_key)
    server = _certificate(HOST, server_key, names, authority_key, issuer="Corporate CA")
    made = Authority(folder / "corporate-ca.pem", folder / "server.pem")
    made.certificate.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    made.server.write_bytes(
        server.public_bytes(serialization.Encoding.PEM)
        + server_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return made


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    names: list[Any] | None,
    signer: ec.EllipticCurvePrivateKey,
    issuer: str | None = None,
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer or name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=names is None, path_length=None), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if names is not None:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(signer, hashes.SHA256())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


@dataclass
class Network:
    """Where the proxy and the TLS front listen, and what the proxy was asked for."""

    proxy_port: int
    front_port: int
    asked: list[str] = field(default_factory=list)
    """The targets of CONNECT that were let through."""

    @property
    def proxy(self) -> str:
        return f"http://{USER}@127.0.0.1:{self.proxy_port}"

    @property
    def front(self) -> str:
        """Past the proxy."""
        return f"https://127.0.0.1:{self.front_port}"


@contextmanager
def network(server_port: int, tls: ssl.SSLContext) -> Iterator[Network]:
    """In a thread of its own, in front of a server on loopback."""
    ready: list[Network] = []
    started, loop = threading.Event(), asyncio.new_event_loop()
    end = asyncio.Event()

    async def serve() -> None:
        async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await _join(reader, writer, server_port)

        async with await asyncio.start_server(forward, "127.0.0.1", 0, ssl=tls) as front:
            made = Network(0, front.sockets[0].getsockname()[1])
            async with await asyncio.start_server(_proxy(made), "127.0.0.1", 0) as proxy:
                made.proxy_port = proxy.sockets[0].getsockname()[1]
                ready.append(made)
                started.set()
                await end.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    started.wait()
    try:
        yield ready[0]
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


def _proxy(known: Network) -> Handler:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, _ = head.splitlines()[0].split()
        if f"Proxy-Authorization: Basic {EXPECTED_USER}".lower() not in head.lower():
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        elif method != "CONNECT":
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        else:
            known.asked.append(target)
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await _join(reader, writer, known.front_port)
            return
        await writer.drain()
        writer.close()

    return handle


async def _join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    """Carry bytes both ways until both are done."""
    there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.gather(_pump(reader, there_writer), _pump(there_reader, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError, asyncio.CancelledError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    with suppress(OSError, RuntimeError):
        writer.close()
