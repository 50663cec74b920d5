"""How many jobs a second the complete model takes through their whole life in virtual time, beside the same scenario in SimPy.

    python benchmarks/virtual_time.py [--jobs 20000] [--vcpus 1000] [--repeats 5] [--profile]

Each job goes SubmitJob → RUNNABLE → STARTING → RUNNING → SUCCEEDED by the API, AWS's rates, capacity, a scheduler's cycles and drawn
start-ups; the requests are made beforehand. Once with everything that a driver gets (answers, ground truth, events) and once without what
a driver may leave out. Both programs draw alike, and all that they say is compared before anything is printed. The time is processor time:
there is nothing to wait for, and what else the machine does matters less. Needs SimPy.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import simpy

sys.path.insert(0, str(Path(__file__).parent))
from batch_scenario import START_MS, SUBMIT_EVERY_MS, Direct, submission
from sampling import sampled, show
from simpy_batch import SimpyBatch

from batchgauge.batchmodel.boundary import Effect, EmitEvent, ModelSettings, Transition, VirtualOutput

ALL_VIRTUAL = ModelSettings(max_processes=0)
QUIET = ModelSettings(max_processes=0, emits_events=False, emits_transitions=False)


LOOK_EVERY, LOOK_AT = 997, 100
"""How often the reads of both are compared, and how many of the newest jobs are described."""
LISTED = ("SUBMITTED", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED")
Look: TypeAlias = tuple[list[Any], list[list[Any]]]


@dataclass
class Outcome:
    """What came out of a run."""

    seconds: float
    effects: list[Effect]
    model_hours: float
    looks: list[Look] = field(default_factory=list)
    """What DescribeJobs and ListJobs have answered on the way."""


def run_model(settings: ModelSettings, jobs: int, vcpus: int, keeps: bool) -> Outcome:
    """Submit at AWS's rate and let the rest happen; a driver that drops what it has looked at, or keeps it."""
    direct, kept, looks = Direct(settings, vcpus), list[Effect](), list[Look]()
    requests = [submission(number) for number in range(1, jobs + 1)]
    gc.collect()
    begun_s = time.process_time()
    now_ms = START_MS
    for number, request in enumerate(requests, 1):
        now_ms += SUBMIT_EVERY_MS
        effects = direct.step(now_ms, "SubmitJob", request)
        if keeps:
            kept += effects
            if number % LOOK_EVERY == 0:
                looks.append(look(direct, now_ms, kept))
    model = direct.model
    while (next_ms := model.next_event_ms()) is not None:
        now_ms = max(next_ms, now_ms) + SUBMIT_EVERY_MS
        effects = model.step(now_ms)
        if keeps:
            kept += effects
    seconds = time.process_time() - begun_s
    left = direct.call(now_ms, "ListJobs", {"jobQueue": "queue", "filters": [{"name": "JOB_NAME", "values": ["*"]}]})
    assert all(job["status"] == "SUCCEEDED" for job in left["jobSummaryList"])
    return Outcome(seconds, kept, (now_ms - START_MS) / 3_600_000, looks)


def look(direct: Direct, now_ms: float, effects: list[Effect]) -> Look:
    """What the newest jobs are, and what is in each state."""
    ids = [effect.job_id for effect in effects if isinstance(effect, Transition) and effect.from_state is None]
    jobs = direct.call(now_ms, "DescribeJobs", {"jobs": ids[-LOOK_AT:]})["jobs"]
    pages = [
        direct.call(now_ms, "ListJobs", {"jobQueue": "queue", "jobStatus": state, "maxResults": 100})["jobSummaryList"]
        for state in LISTED
    ]
    return list(jobs), [list(page) for page in pages]


def cluster_of(outcome: Outcome) -> str:
    """The ECS cluster of the compute environment, whose name is drawn: that of the first task."""
    details = (effect.detail for effect in outcome.effects if isinstance(effect, EmitEvent))
    arn = next(detail["container"]["taskArn"] for detail in details if "taskArn" in detail["container"])
    return str(arn).split("/")[1]


def run_simpy(settings: ModelSettings, jobs: int, vcpus: int, cluster: str = "", keeps: bool = False) -> Outcome:
    """The same in SimPy, its effects kept or dropped likewise."""
    environment = simpy.Environment(initial_time=START_MS)
    account, kept = SimpyBatch(environment, settings, vcpus, cluster), list[Effect]()
    requests = [submission(number) for number in range(1, jobs + 1)]
    looks: list[Look] = []

    def clients() -> Generator[simpy.Event, Any, None]:
        for number, request in enumerate(requests, 1):
            yield environment.timeout(SUBMIT_EVERY_MS)
            account.submit(request)
            if not keeps:
                account.effects.clear()
            elif number % LOOK_EVERY == 0:
                asked = list(account.jobs)[-LOOK_AT:]
                listed = [account.list_jobs(state, 100) for state in LISTED]
                looks.append((account.describe_jobs(asked), listed))

    gc.collect()
    begun_s = time.process_time()
    submitting = environment.process(clients())
    environment.run(until=submitting)
    while account.unfinished:
        environment.run(until=environment.now + 1000)
        if not keeps:
            account.effects.clear()
    seconds = time.process_time() - begun_s
    kept += account.effects
    return Outcome(seconds, kept, (environment.now - START_MS) / 3_600_000, looks)


def told(effects: list[Effect]) -> dict[tuple[str, str], list[tuple[Any, ...]]]:
    """What was said of each job (of each task, for output), kind by kind, in order; details and lines as far as they go."""
    said: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
    for effect in effects:
        if isinstance(effect, Transition):
            said.setdefault(("transition", effect.job_id), []).append(tuple(effect))
        elif isinstance(effect, EmitEvent):
            detail = dict(effect.detail)
            said.setdefault(("event", effect.resources[0]), []).append((*effect[:2], detail, effect.time_ms))
        elif isinstance(effect, VirtualOutput):
            said.setdefault(("output", effect.task_id), []).append((*effect[1:3], list(effect.lines)))
    return said


def check(ours: Outcome, theirs: Outcome, jobs: int) -> None:
    """Both programs must say the same, times, event details, output, and answers to reads, or there is nothing to compare."""
    mine, other = told(ours.effects), told(theirs.effects)
    counts = Counter(kind for (kind, _), all_said in mine.items() for _ in all_said)
    assert counts == {"transition": 5 * jobs, "event": 4 * jobs, "output": jobs}, counts
    assert mine.keys() == other.keys()
    for key, said in mine.items():
        assert said == other[key], (said, other[key])
    assert len(ours.looks) == len(theirs.looks) == jobs // LOOK_EVERY
    for mine_look, other_look in zip(ours.looks, theirs.looks, strict=True):
        assert mine_look == other_look, (mine_look, other_look)


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
    check(first, run_simpy(ALL_VIRTUAL, given.jobs, given.vcpus, cluster_of(first), True), given.jobs)
    hours = first.model_hours
    del first
    full_s = quiet_s = simpy_s = float("inf")
    for _ in range(given.repeats):
        full_s = min(full_s, run_model(ALL_VIRTUAL, given.jobs, given.vcpus, False).seconds)
        quiet_s = min(quiet_s, run_model(QUIET, given.jobs, given.vcpus, False).seconds)
        simpy_s = min(simpy_s, run_simpy(ALL_VIRTUAL, given.jobs, given.vcpus).seconds)
    print(
        f"{given.jobs} jobs, {given.vcpus} vCPUs, {hours:.2f} hours of model time; processor time, best of {given.repeats}"
    )
    print(f"model, answers + ground truth + events {given.jobs / full_s:10,.0f} jobs/s  (wanted: 30,000)")
    print(f"model, answers only                    {given.jobs / quiet_s:10,.0f} jobs/s")
    print(f"SimPy, all of the same                 {given.jobs / simpy_s:10,.0f} jobs/s")
    print(f"ratio to SimPy                         {simpy_s / full_s:10.1f}         (wanted: 10)")


if __name__ == "__main__":
    main()
