"""The limit on open files."""

from __future__ import annotations

import pytest

from batchgauge.bootstrap import OTHER_OPEN_FILES, most_submissions_at_once
from batchgauge.host import open_files
from batchgauge.host.open_files import open_file_limit


def test_the_limit_is_the_one_that_holds_now() -> None:
    resource = pytest.importorskip("resource")  # not on Windows
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert open_file_limit() == (soft if soft != resource.RLIM_INFINITY else open_files.WHERE_UNKNOWN)


@pytest.mark.parametrize(
    ("limit", "connections"), [(100_000, 1_000), (1_024, 1_024 - OTHER_OPEN_FILES), (OTHER_OPEN_FILES, 10), (1, 10)]
)
def test_connections_leave_room_for_everything_else(
    monkeypatch: pytest.MonkeyPatch, limit: int, connections: int
) -> None:
    resource = pytest.importorskip("resource")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (limit, limit))
    assert most_submissions_at_once() == connections
