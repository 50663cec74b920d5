"""An environment in which nothing of this computer's own AWS configuration counts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CLOSED_ENDPOINT = "http://127.0.0.1:1"
"""Nothing listens on port 1: a connection is refused at once."""


@pytest.fixture(autouse=True)
def aws_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home; its ``config`` and ``credentials`` are the AWS configuration files."""
    for name in list(os.environ):
        if name.startswith("AWS_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", CLOSED_ENDPOINT)
    return tmp_path
