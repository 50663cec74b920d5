"""The command that ends what a run has left, to be typed as it is."""

from __future__ import annotations

from batchgauge.bootstrap import Target
from batchgauge.core.place import placed_command


def cleanup_command(run_id: str, queue: str, region: str, target: Target) -> str:
    """Works on any machine that has credentials for the account."""
    words = ["batchgauge", "cleanup", "--run-id", run_id, "--job-queue", queue, "--yes"]
    return placed_command(words, region, target.profile, target.endpoint_url)
