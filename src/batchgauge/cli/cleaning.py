"""The command that ends what a run has left, to be typed as it is."""

from __future__ import annotations

import shlex

from batchgauge.bootstrap import Target


def cleanup_command(run_id: str, queue: str, region: str, target: Target) -> str:
    """Works on any machine that has credentials for the account."""
    words = ["batchgauge", "cleanup", "--run-id", run_id, "--job-queue", queue, "--region", region]
    words += ["--profile", target.profile] if target.profile else []
    words += ["--endpoint-url", target.endpoint_url] if target.endpoint_url else []
    return shlex.join([*words, "--yes"])
