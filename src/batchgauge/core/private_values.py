"""Values that users give to their jobs: what is told of them in documents, and which are refused since they look like secrets."""

from __future__ import annotations

import hashlib
import itertools
import re
from typing import Final

import msgspec

from batchgauge.core.scenario import Scenario

FINGERPRINT_DIGITS: Final = 8
"""Of SHA-256, in hexadecimal: enough to tell two runs' values apart, too few to be taken for a proof of any value."""
_FINGERPRINT: Final = re.compile(rf"sha256:[0-9a-f]{{{FINGERPRINT_DIGITS}}}")

_SECRET_WORDS: Final = frozenset(
    {
        "SECRET",
        "SECRETS",
        "PASSWORD",
        "PASSWD",
        "PASSPHRASE",
        "PASS",
        "PWD",
        "TOKEN",
        "CREDENTIAL",
        "CREDENTIALS",
        "APIKEY",
    }
)
_SECRET_PAIRS: Final = frozenset({("ACCESS", "KEY"), ("API", "KEY"), ("PRIVATE", "KEY"), ("SIGNING", "KEY")})
_SECRET_VALUES: Final = (
    re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b"),
    re.compile(r"://[^/\s:@]*:[^/\s@]+@"),  # a URL with a password
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
)
_NO_SECRET: Final = re.compile(r"|\d{1,6}|true|false|/.*|[A-Za-z]:\\.*|arn:.*", re.IGNORECASE | re.DOTALL)
"""Nothing, a size, a switch, a path, the name of a secret: what a variable such as ``TOKEN_FILE`` holds."""


def looks_secret(name: str, value: str) -> bool:
    """Whether an environment variable seems to hold a password, a key or a token."""
    if any(pattern.search(value) for pattern in _SECRET_VALUES):
        return True
    words = re.split(r"[^A-Z0-9]+", name.upper())
    is_named_so = not _SECRET_WORDS.isdisjoint(words) or not _SECRET_PAIRS.isdisjoint(itertools.pairwise(words))
    return is_named_so and not _NO_SECRET.fullmatch(value)


def documented(scenario: Scenario) -> Scenario:
    """The scenario as documents and reports show it: environment variables by their names, and a fingerprint in the place of each value."""
    environment = scenario.job.environment
    if not environment:
        return scenario
    shown = {name: _fingerprint(value) for name, value in environment.items()}
    return msgspec.structs.replace(scenario, job=msgspec.structs.replace(scenario.job, environment=shown))


def _fingerprint(value: str) -> str:
    if _FINGERPRINT.fullmatch(value):  # it is one already
        return value
    return f"sha256:{hashlib.sha256(value.encode()).hexdigest()[:FINGERPRINT_DIGITS]}"
