"""The accounts with one known limit as servers of the embedded AWS, and `batchgauge sweep` over them: real time, real HTTP.

The accounts are those of `known_limits`, with jobs and start-up ten times as fast, so that a sweep takes a minute or two: rates and
places stay what they are (pulls share a registry in the time of start-up: there ten times as many come through in a second). A slow way
to AWS is a server that answers SubmitJob late. Levels and repeats share a server; between two of them every bucket fills up.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from known_limits import Known, draw

from batchgauge import bootstrap
from batchgauge.batchmodel.boundary import Distribution, ModelFaults, ModelSettings, TokenBucket
from batchgauge.core.analysis.analysis import Analysis
from batchgauge.localaws.seed import COMPUTE_ENVIRONMENT

FASTER = 10.0
FASTER_WITHOUT_CAPACITY = 20.0
"""There jobs last minutes, so that AWS has said something before they get their places: what is patient with it is scaled too."""
SHORTEST_MS = 3_000.0
"""Waiting is told from the scheduler's cycle by more than a second and a half: jobs must last longer."""
LOG_CALLS_PER_S = 10.0
"""GetLogEvents in us-west-2, which `--logs-rate` multiplies; the bucket is a second deep."""
FEWEST_LOG_CALLS_PER_S = 2.0
"""A bucket of one token or two, which runs over between any two calls, shows what it gave and not what flows in; the server's are no deeper
than a second's inflow."""
BATCHGAUGE = [sys.executable, "-m", "batchgauge"]
LIMIT_S = 900


def draw_over_http(kind: str, seed: int) -> Known:
    """The same configuration, ten times as fast where that is no rate."""
    known = draw(kind, seed)
    scale = FASTER_WITHOUT_CAPACITY if kind == "no-capacity" else FASTER
    settings = known.settings
    duration = settings.virtual_duration
    median_ms = max(SHORTEST_MS, duration.median_ms / scale)
    faster = replace(settings, time_scale=1 / scale, virtual_duration=Distribution(median_ms, duration.sigma))
    truth = known.truth
    if kind == "image-pull":

        def truth(analysis: Analysis) -> dict[str, float]:
            return {name: per_s * scale for name, per_s in known.truth(analysis).items()}

    log_bucket, per_s = known.log_bucket, LOG_CALLS_PER_S
    if kind == "log-delivery":
        per_s = max(FEWEST_LOG_CALLS_PER_S, log_bucket.rate_per_s)

        def truth(_: Analysis) -> dict[str, float]:
            return {"refill_per_s": per_s}

    return replace(known, settings=faster, truth=truth, log_bucket=TokenBucket(max(1.0, per_s), per_s))


def sweep_over_http(known: Known) -> Analysis:
    """A server, the sweep as a user types it, and what it wrote read back."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with _server(known, folder) as pointing:
            command = [*BATCHGAUGE, "sweep", "--job-queue", "windows-batch-queue", "--command", "work"]
            command += ["--job-definition", "linux-countdown-job", "--levels", ",".join(map(str, known.levels))]
            # Hundreds at once: on two busy cores a few workers would be the limit themselves.
            is_burst = known.kind == "launch-rate"
            command += ["--load", "burst"] if is_burst else ["--max-workers", str(known.max_workers)]
            command += [
                "--repeats",
                str(known.repeats),
                "--pause",
                f"{_pause_s(known):.1f}",
                "--results",
                str(folder / "results"),
                "--quiet",
            ]
            done = subprocess.run(
                command, env=pointing, cwd=folder, capture_output=True, text=True, timeout=LIMIT_S, check=False
            )
        if done.returncode not in (0, 3):
            raise RuntimeError(f"{known.kind} {known.seed}: exit code {done.returncode}: {done.stderr}")
        return bootstrap.read_analysis(folder / "results")


def _pause_s(known: Known) -> float:
    """Until every bucket that limits is full again."""
    settings = known.settings
    buckets = [settings.submit_job_bucket, settings.fargate_launch_bucket, settings.dispatch_bucket]
    return 1.0 + max((bucket.depth / bucket.rate_per_s for bucket in buckets if bucket is not None), default=0.0)


@contextmanager
def _server(known: Known, folder: Path) -> Iterator[dict[str, str]]:
    """The environment that points at it."""
    (folder / "model.json").write_text(json.dumps(model_of(known.settings)))
    (folder / "faults.json").write_text(json.dumps(faults_of(known)))
    bucket = known.settings.submit_job_bucket
    options = ["--time-scale", str(known.settings.time_scale), "--max-vcpus", str(known.max_vcpus)]
    options += ["--submit-rate", str(bucket.rate_per_s), "--submit-burst", str(bucket.depth), "--seed", str(known.seed)]
    options += ["--logs-rate", str(known.log_bucket.rate_per_s / LOG_CALLS_PER_S), "--max-processes", "0"]
    options += ["--model", str(folder / "model.json"), "--faults", str(folder / "faults.json")]
    server = subprocess.Popen(
        [*BATCHGAUGE, "local", "serve", "--port", "0", "--json", "--end-with-stdin", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        said = json.loads(server.stdout.readline())
        yield {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "AWS_ENDPOINT_URL": said["endpoint"],
            "AWS_ACCESS_KEY_ID": said["accessKeyId"],
            "AWS_SECRET_ACCESS_KEY": said["secretAccessKey"],
            "AWS_REGION": said["region"],
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }
    finally:
        server.stdin.close()
        server.wait(60)


def model_of(settings: ModelSettings) -> dict[str, Any]:
    """As a file for ``--model``."""
    duration, law = settings.virtual_duration, settings.contention
    said: dict[str, Any] = {
        "schedulerCycleMs": settings.scheduler_cycle_ms,
        "fargateLaunchBucket": _bucket(settings.fargate_launch_bucket),
        "virtualDuration": {"medianMs": duration.median_ms, "sigma": duration.sigma},
    }
    if settings.dispatch_bucket is not None:
        said["dispatchBucket"] = _bucket(settings.dispatch_bucket)
    if settings.fargate_vcpu_quota is not None:
        said["fargateVcpuQuota"] = settings.fargate_vcpu_quota
    if settings.registry_mib_per_s is not None:
        said["registryMibPerS"] = settings.registry_mib_per_s
    if law is not None:
        said["contention"] = {"queueing": law.queueing, "crosstalk": law.crosstalk, "free": law.free}
    return said


def _bucket(bucket: TokenBucket) -> dict[str, float]:
    return {"depth": bucket.depth, "ratePerS": bucket.rate_per_s}


def faults_of(known: Known) -> dict[str, Any]:
    """As a file for ``--faults``."""
    faults: ModelFaults = known.settings.faults
    crash = faults.crash_after
    said: dict[str, Any] = {
        "jobs": {
            "withheldVcpus": {COMPUTE_ENVIRONMENT: sum(faults.withheld_vcpus.values())},
            "imagePullFailures": faults.image_pull_failures,
            "crashes": faults.crashes,
            "crashAfter": {"medianMs": crash.median_ms, "sigma": crash.sigma},
        }
    }
    if known.kind == "client":
        said["requests"] = [{"fault": "slow", "operation": "SubmitJob", "delayMs": 2 * known.mean_way_ms}]
    return said
