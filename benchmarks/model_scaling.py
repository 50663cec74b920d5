"""What a call of the model costs beside 1,000 and beside 100,000 known jobs, what a job weighs, and how an array of 10,000 comes in.

    python benchmarks/model_scaling.py [--few 1000] [--many 100000] [--repeats 7]

The known jobs are finished and running ones, as after some hours. Each figure is the best of several; the ratios are what counts.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
import tracemalloc
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from batch_scenario import START_MS, Direct, submission

from batchgauge.batchmodel.boundary import EncodedJson, ModelSettings, TokenBucket

UNLIMITED = TokenBucket(1e12, 1e12)
SETTINGS = ModelSettings(
    max_processes=0,
    submit_job_bucket=UNLIMITED,
    other_api_bucket=UNLIMITED,
    fargate_launch_bucket=UNLIMITED,
    emits_events=False,
    emits_transitions=False,
)
VCPUS = 10_000
CALLS = 300


class Known:
    """A model that knows so many jobs."""

    def __init__(self, jobs: int) -> None:
        self.direct = Direct(SETTINGS, VCPUS)
        self.now_ms = START_MS
        self.ids: list[str] = []
        for number in range(1, jobs + 1):
            self.ids.append(self.call("SubmitJob", submission(number))["jobId"])
        while (next_ms := self.direct.model.next_event_ms()) is not None:
            self.now_ms = max(self.now_ms, next_ms)
            self.direct.model.step(self.now_ms)

    def call(self, operation: str, parameters: Mapping[str, Any]) -> Any:
        """The answer."""
        return self.direct.call(self.now_ms, operation, parameters)


def microseconds(known: Known, repeats: int, operation: str, parameters: Callable[[int], Mapping[str, Any]]) -> float:
    """Of one call, with its answer encoded as far as the model encodes it."""
    best_s = float("inf")
    for _ in range(repeats):
        spent_s = 0.0
        for number in range(CALLS):
            asked = parameters(number)
            begun_s = time.perf_counter()
            body = known.call(operation, asked)
            if isinstance(body, EncodedJson):
                assert body.content
            spent_s += time.perf_counter() - begun_s
        best_s = min(best_s, spent_s / CALLS)
    return best_s * 1e6


def describe_others(known: Known) -> Callable[[int], Mapping[str, Any]]:
    """A hundred jobs that nobody has asked about: nothing of them is kept."""
    pages = [known.ids[first : first + 100] for first in range(0, len(known.ids), 100)]
    kept = known.direct.model._reads._describer._kept

    def page(number: int) -> Mapping[str, Any]:
        kept.clear()
        return {"jobs": pages[number * 37 % len(pages)]}

    return page


def describe_the_same(known: Known) -> Callable[[int], Mapping[str, Any]]:
    """The same hundred jobs again and again, as whoever waits for them does."""
    return lambda number: {"jobs": known.ids[:100]}


def list_page(_: Known) -> Callable[[int], Mapping[str, Any]]:
    """The newest hundred of those that SUCCEEDED."""
    return lambda number: {"jobQueue": "queue", "jobStatus": "SUCCEEDED", "maxResults": 100}


def submit_one(_: Known) -> Callable[[int], Mapping[str, Any]]:
    """One more job."""
    return submission


CASES: tuple[tuple[str, str, Callable[[Known], Callable[[int], Mapping[str, Any]]]], ...] = (
    ("DescribeJobs (100, others)", "DescribeJobs", describe_others),
    ("DescribeJobs (100, the same)", "DescribeJobs", describe_the_same),
    ("ListJobs (100)", "ListJobs", list_page),
    ("SubmitJob", "SubmitJob", submit_one),
)


def kilobytes_a_job(jobs: int) -> float:
    """Of a finished job, as Python's allocator counts it."""
    tracemalloc.start()
    known = Known(100)
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    for number in range(101, jobs + 101):
        known.call("SubmitJob", submission(number))
    while (next_ms := known.direct.model.next_event_ms()) is not None:
        known.now_ms = max(known.now_ms, next_ms)
        known.direct.model.step(known.now_ms)
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return (after - before) / jobs / 1024


def array_milliseconds(size: int) -> tuple[float, float, float]:
    """Until SubmitJob of an array is answered, until all children are there, and the longest single step on the way."""
    direct = Direct(ModelSettings(max_processes=0), 16)
    parameters = {**submission(1), "arrayProperties": {"size": size}}
    begun_s = time.perf_counter()
    job_id = direct.call(START_MS, "SubmitJob", parameters)["jobId"]
    answered_s = time.perf_counter() - begun_s
    total_s = longest_s = 0.0
    there = 0
    while there < size:
        next_ms = direct.model.next_event_ms()
        assert next_ms is not None
        begun_s = time.perf_counter()
        direct.model.step(next_ms)
        took_s = time.perf_counter() - begun_s
        total_s, longest_s = total_s + took_s, max(longest_s, took_s)
        answer = direct.call(next_ms, "DescribeJobs", {"jobs": [job_id]})
        summary = answer["jobs"][0]["arrayProperties"]["statusSummary"]
        there = summary["RUNNABLE"] + summary["STARTING"] + summary["RUNNING"]
    return answered_s * 1000, total_s * 1000, longest_s * 1000


def main() -> None:
    """Print a line a figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--few", type=int, default=1_000)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=7)
    given = parser.parse_args()
    few, many = Known(given.few), Known(given.many)
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)
    print(f"{'µs a call, with known jobs:':30} {given.few:>10} {given.many:>10}  ratio (wanted: 1.3 at most)")
    for name, operation, asked in CASES:
        first = microseconds(few, given.repeats, operation, asked(few))
        second = microseconds(many, given.repeats, operation, asked(many))
        print(f"{name:30} {first:10.1f} {second:10.1f}  {second / first:.2f}")
    del few, many
    print(f"a known job weighs {kilobytes_a_job(20_000):.2f} KB   (wanted: 1.5 at most)")
    answered, total, longest = (
        min(figures) for figures in zip(*[array_milliseconds(10_000) for _ in range(3)], strict=True)
    )
    print(
        f"an array of 10,000: accepted in {answered:.2f} ms (wanted: 100 at most), all there after {total:.0f} ms of work,"
    )
    print(f"    the longest step {longest:.1f} ms")


if __name__ == "__main__":
    main()
