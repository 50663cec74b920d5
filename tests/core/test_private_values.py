"""What is told of the values that users give to their jobs."""

from __future__ import annotations

import pytest

from batchgauge.core.private_values import documented, looks_secret
from batchgauge.core.scenario import JobShape, Scenario


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG"),
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("db_password", "hunter2"),
        ("DB_PASS", "hunter2"),
        ("GITHUB_TOKEN", "ghp_abc"),
        ("API-KEY", "x"),
        ("DATABASE_URL", "postgres://app:hunter2@db/app"),
        ("PEM", "-----BEGIN RSA PRIVATE KEY-----"),
        ("ANYTHING", "ASIAIOSFODNN7EXAMPLE"),
    ],
)
def test_what_looks_like_a_secret_is_known_by_its_name_or_its_value(name: str, value: str) -> None:
    assert looks_secret(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GREETING", "hello"),
        ("MAX_TOKENS", "512"),
        ("TOKEN_COUNT", "12"),
        ("PASSWORD_FILE", "/run/secrets/password"),
        ("SECRET_ARN", "arn:aws:secretsmanager:us-west-2:123456789012:secret:x"),
        ("USE_TOKEN", "true"),
        ("API_TOKEN", ""),
        ("PWD", "/work"),
        ("KEYBOARD", "ja"),
        ("BYPASS", "on"),
        ("ENDPOINT", "https://example.com:8443/path"),
    ],
)
def test_what_does_not_is_left_alone(name: str, value: str) -> None:
    assert not looks_secret(name, value)


def scenario(**environment: str) -> Scenario:
    return Scenario(job=JobShape(job_queue="q", job_definition="d", environment=environment))


def test_documents_tell_values_apart_without_saying_them() -> None:
    one, other = documented(scenario(A="hello", B="hello")), documented(scenario(A="world", B="hello"))
    assert set(one.job.environment) == {"A", "B"}
    assert "hello" not in str(one)
    assert one.job.environment["A"] == one.job.environment["B"] != other.job.environment["A"]
    assert documented(one) == one
    assert documented(scenario()) == scenario()
