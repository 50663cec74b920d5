"""Nothing that could sign or has signed a request gets out of this layer: AWS's refusals of a signature quote what they were sent."""

from __future__ import annotations

import re
from typing import Final

HIDDEN: Final = "***"
_PATTERNS: Final = (
    re.compile(
        r"((?:x-amz-security-token|aws_session_token|SessionToken|aws_secret_access_key|SecretAccessKey)[\"']?\s*[:=]\s*[\"']?)[^\s\"'&,;]+",
        re.I,
    ),
    re.compile(r"(\w://)[^/\s]+(?=@)"),
    re.compile(r"((?:X-Amz-)?Signature=)[0-9A-Za-z%+/=]+", re.I),
    re.compile(r"((?:X-Amz-)?Credential=)[^/%,&\s]+", re.I),
    re.compile(r"\b((?:AKIA|ASIA|AROA|AIDA)[A-Z2-7]{2})[A-Z0-9]{8,124}\b"),
)
"""What stays in the first group says what was there; the key's first letters say of which kind it was."""


def without_secrets(text: str) -> str:
    """A message as it may be written down: tokens, signatures and keys are hidden."""
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\1{HIDDEN}", text)
    return text
