"""The file of certificates that stands in the place of the AWS SDK's own."""

from __future__ import annotations

import ssl

from batchgauge.errors import CaBundleError


def require_ca_bundle(path: str | None) -> None:
    """Find out before the first call whether the file can be used: each call would fail in a way that looks like AWS's fault.

    Raises:
        CaBundleError: it is not there, or holds no certificate.
    """
    if not path:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except ssl.SSLError as error:
        raise CaBundleError(path=path, detail=error.reason or str(error)) from error
    except OSError as error:
        raise CaBundleError(path=path, detail=error.strerror or str(error)) from error
