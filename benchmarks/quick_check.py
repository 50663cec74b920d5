"""How much later a run starts for looking first: the whole command with and without ``--no-check``, in turn, on an embedded AWS.

    python benchmarks/quick_check.py [--repeats 10]

One job of no length; the server answers at once, so what is measured is the tool's own work. On a machine that
others use look at the processor time. Not on Windows.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

RUN = ("run", "--job-queue", "windows-batch-queue", "--job-definition", "linux-countdown-job")
ONE_JOB = ("--num-jobs", "1", "--countdown", "0", "--quiet")


def main() -> None:
    """Print each way's times."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=10)
    repeats: int = parser.parse_args().repeats
    serve = [sys.executable, "-m", "batchgauge", "local", "serve", "--port", "0", "--json", "--end-with-stdin"]
    with subprocess.Popen(serve, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        known = json.loads(server.stdout.readline())
        environment = {
            **os.environ,
            "AWS_ENDPOINT_URL": known["endpoint"],
            "AWS_ACCESS_KEY_ID": known["accessKeyId"],
            "AWS_SECRET_ACCESS_KEY": known["secretAccessKey"],
            "AWS_REGION": known["region"],
        }
        measure(environment, repeats)
        server.terminate()


def measure(environment: dict[str, str], repeats: int) -> None:
    """In turn, so that whatever else the machine does falls on both."""
    took_s: dict[str, list[tuple[float, float]]] = {"with the check": [], "--no-check": []}
    with tempfile.TemporaryDirectory() as folder:
        for repeat in range(repeats + 1):
            for name, flags in (("with the check", ()), ("--no-check", ("--no-check",))):
                began_s, began_cpu_s = time.perf_counter(), children_cpu_s()
                command = [sys.executable, "-m", "batchgauge", *RUN, *ONE_JOB, *flags]
                subprocess.run(command, env=environment, cwd=folder, check=True, capture_output=True)
                if repeat:  # the first one waits for the server's other services
                    took_s[name].append((time.perf_counter() - began_s, children_cpu_s() - began_cpu_s))
    for name, times in took_s.items():
        wall, cpu = ([each[kind] for each in times] for kind in (0, 1))
        print(
            f"{name:16} median {statistics.median(wall):.3f} s, fastest {min(wall):.3f} s; "
            f"processor median {statistics.median(cpu):.3f} s, least {min(cpu):.3f} s"
        )


def children_cpu_s() -> float:
    """Processor time of all commands that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
