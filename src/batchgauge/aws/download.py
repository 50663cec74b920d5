"""A small document behind an address that AWS has signed: it needs no signature of ours, and gets no credential."""

from __future__ import annotations

import asyncio
import ssl
import urllib.request
from typing import Final

LIMIT_S: Final = 5.0
LIMIT_BYTES: Final = 1 << 20


async def download_text(url: str, ca_bundle: str | None = None) -> str:
    """The document; empty where it does not come, is too large, or the address is no web page's."""
    if not url.startswith(("https://", "http://127.0.0.1")):
        return ""
    try:
        return await asyncio.to_thread(_download, url, ca_bundle)
    except (OSError, ValueError):
        return ""


def _download(url: str, ca_bundle: str | None) -> str:
    # A company's own authority, where AWS's tools are told of one.
    context = ssl.create_default_context(cafile=ca_bundle)
    with urllib.request.urlopen(url, timeout=LIMIT_S, context=context) as answer:  # noqa: S310  (looked at above)
        data: bytes = answer.read(LIMIT_BYTES + 1)
    return data.decode("utf-8") if len(data) <= LIMIT_BYTES else ""
