"""How many jobs a second the complete model takes through their whole life in virtual time, beside the same scenario in SimPy.

    python benchmarks/virtual_time.py [--jobs 20000] [--vcpus 1000] [--repeats 5] [--profile]

Each job goes SubmitJob → RUNNABLE → STARTING → RUNNING → SUCCEEDED by the API, AWS's rates, capacity, a scheduler's cycles and drawn
start-ups; the requests are made beforehand. Once with everything that a driver gets (answers, ground truth, events) and once without what
a driver may leave out. Both programs draw alike, and their transitions are compared before anything is printed. Needs SimPy.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import simpy

sys.path.insert(0, str(Path(__file__).parent))
from batch_scenario import START_MS, SUBMIT_EVERY_MS, Direct, submission
from sampling import sampled, show
from simpy_batch import SimpyBatch

from batchgauge.batchmodel.boundary import Effect, EmitEvent, ModelSettings, Transition

ALL_VIRTUAL = ModelSettings(max_processes=0)
QUIET = ModelSettings(max_processes=0, emits_events=False, emits_transitions=False)


@dataclass
class Outcome:
    """What came out of a run."""

    seconds: float
    effects: list[Effect]
    model_hours: float


def run_model(settings: ModelSettings, jobs: int, vcpus: int, keeps: bool) -> Outcome:
    """Submit at AWS's rate and let the rest happen; a driver that drops what it has looked at, or keeps it."""
    direct, kept = Direct(settings, vcpus), list[Effect]()
    requests = [submission(number) for number in range(1, jobs + 1)]
    gc.collect()
    begun_s = time.perf_counter()
    now_ms = START_MS
    for request in requests:
        now_ms += SUBMIT_EVERY_MS
        effects = direct.step(now_ms, "SubmitJob", request)
        if keeps:
            kept += effects
    model = direct.model
    while (next_ms := model.next_event_ms()) is not None:
        now_ms = max(next_ms, now_ms) + SUBMIT_EVERY_MS
        effects = model.step(now_ms)
        if keeps:
            kept += effects
    seconds = time.perf_counter() - begun_s
    left = direct.call(now_ms, "ListJobs", {"jobQueue": "queue", "filters": [{"name": "JOB_NAME", "values": ["*"]}]})
    assert all(job["status"] == "SUCCEEDED" for job in left["jobSummaryList"])
    return Outcome(seconds, kept, (now_ms - START_MS) / 3_600_000)


def run_simpy(settings: ModelSettings, jobs: int, vcpus: int) -> Outcome:
    """The same in SimPy."""
    environment = simpy.Environment(initial_time=START_MS)
    account = SimpyBatch(environment, settings, vcpus)

    requests = [submission(number) for number in range(1, jobs + 1)]

    def clients() -> Generator[simpy.Event, Any, None]:
        for number, request in enumerate(requests, 1):
            yield environment.timeout(SUBMIT_EVERY_MS)
            account.submit(number, request)

    gc.collect()
    begun_s = time.perf_counter()
    submitting = environment.process(clients())
    environment.run(until=submitting)
    while account.unfinished:
        environment.run(until=environment.now + 1000)
    seconds = time.perf_counter() - begun_s
    return Outcome(seconds, account.effects, (environment.now - START_MS) / 3_600_000)


def transitions(effects: list[Effect]) -> dict[tuple[str, str], float]:
    """Job and state → when, to the hundredth of a millisecond (the order of additions differs)."""
    return {
        (effect.job_id, effect.to_state): round(effect.time_ms, 2)
        for effect in effects
        if isinstance(effect, Transition)
    }


def check(ours: Outcome, theirs: Outcome, jobs: int) -> None:
    """Both programs must tell the same story, or there is nothing to compare."""
    mine, other = transitions(ours.effects), transitions(theirs.effects)
    assert len(mine) == 5 * jobs, len(mine)
    assert mine.keys() == other.keys()
    worst_ms = max(abs(mine[key] - other[key]) for key in mine)
    assert worst_ms < 0.1, worst_ms
    for outcome in (ours, theirs):
        assert sum(isinstance(effect, EmitEvent) for effect in outcome.effects) == 4 * jobs


def profile(jobs: int, vcpus: int, repeats: int) -> None:
    """Where the time goes: by module, which is by concern, then by function."""
    with sampled() as seen:
        for _ in range(repeats):
            run_model(ALL_VIRTUAL, jobs, vcpus, False)
    modules: Counter[str] = Counter()
    for name, count in seen.items():
        modules[name.partition(".")[0]] += count
    show(modules, 20)
    show(seen)


def main() -> None:
    """Measure in turn, so that a busy moment of the machine meets both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=20_000)
    parser.add_argument("--vcpus", type=int, default=1_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    # As the server does: what stays for good is out of the collector's sight, and it comes seldom.
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)
    if given.profile:
        profile(given.jobs, given.vcpus, given.repeats)
        return
    first = run_model(ALL_VIRTUAL, given.jobs, given.vcpus, True)
    check(first, run_simpy(ALL_VIRTUAL, given.jobs, given.vcpus), given.jobs)
    hours = first.model_hours
    del first
    full_s = quiet_s = simpy_s = float("inf")
    for _ in range(given.repeats):
        full_s = min(full_s, run_model(ALL_VIRTUAL, given.jobs, given.vcpus, False).seconds)
        quiet_s = min(quiet_s, run_model(QUIET, given.jobs, given.vcpus, False).seconds)
        simpy_s = min(simpy_s, run_simpy(ALL_VIRTUAL, given.jobs, given.vcpus).seconds)
    print(f"{given.jobs} jobs, {given.vcpus} vCPUs, {hours:.2f} hours of model time; best of {given.repeats}")
    print(f"model, answers + ground truth + events {given.jobs / full_s:10,.0f} jobs/s  (wanted: 30,000)")
    print(f"model, answers only                    {given.jobs / quiet_s:10,.0f} jobs/s")
    print(f"SimPy, the same transitions and events {given.jobs / simpy_s:10,.0f} jobs/s")
    print(f"ratio to SimPy                         {simpy_s / full_s:10.1f}         (wanted: 10)")


if __name__ == "__main__":
    main()
