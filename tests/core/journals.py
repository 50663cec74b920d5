"""Whole journals of runs whose truth is known."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from hypothesis import strategies as st

from batchgauge.core.journal import (
    Call,
    CallOutcome,
    Ended,
    EnvironmentFacts,
    Found,
    Header,
    Interrupted,
    Look,
    Plan,
    PlannedJob,
    Record,
    RunOutcome,
    Sighting,
    Started,
    to_ranges,
)
from batchgauge.core.naming import job_name
from batchgauge.core.scenario import JobShape, Scenario
from tests.core.lives import EPOCH_MS, TrueLife, gaps_ms, lives

RUN = "concurrent-test-20261122T101500-x7k2"
OFFSET_MS = 123.25
"""AWS's clock minus ours in these journals."""


@dataclass(frozen=True)
class TrueRun:
    """A journal and what truly happened."""

    records: list[Record]
    lives: dict[int, TrueLife]
    """The jobs that AWS made, by index."""
    lost: set[int]
    """Those of them whose SubmitJob answer was lost."""
    throttles: int


def header(num_jobs: int = 3, *, is_monitored: bool = True, **environment: object) -> Header:
    return Header(
        run_id=RUN,
        started_ms=EPOCH_MS - 1_000_000,
        utc_offset_s=32_400,
        scenario=Scenario(
            job=JobShape(job_queue="queue", job_definition="definition"), num_jobs=num_jobs, is_monitored=is_monitored
        ),
        environment=msgspec.convert({"region": "us-west-2", "toolVersion": "0", **environment}, EnvironmentFacts),
    )


def plan_of(num_jobs: int) -> Plan:
    return Plan(jobs=tuple(PlannedJob(index, job_name(RUN, index), 0.0) for index in range(1, num_jobs + 1)))


@st.composite
def runs(draw: st.DrawFn) -> TrueRun:
    """Runs in which some jobs are refused, some answers lost, some never looked at, and the end may come early."""
    num_jobs = draw(st.integers(1, 5))
    begun = EPOCH_MS - 900_000
    records: list[Record] = [header(num_jobs), plan_of(num_jobs), Started(at_ms=begun)]
    made: dict[int, TrueLife] = {}
    lost: set[int] = set()
    throttles = 0
    for index in range(1, num_jobs + 1):
        tries = draw(st.integers(0, 2))
        throttles += tries
        fate = draw(st.sampled_from(["taken", "taken", "refused", "lost", "not sent"]))
        if fate == "not sent":
            throttles -= tries
            continue
        life = draw(lives())
        created = life.created_ms - OFFSET_MS
        sent, received = created - draw(gaps_ms), created + draw(gaps_ms)
        records += [_call(index, sent - 9 + n, sent - 8 + n, CallOutcome.THROTTLED, n + 1) for n in range(tries)]
        outcome = {"taken": CallOutcome.OK, "refused": CallOutcome.REFUSED, "lost": CallOutcome.AMBIGUOUS}[fate]
        records.append(_call(index, sent, received, outcome, tries + 1))
        if fate == "lost":
            records.append(Found(job=index, job_id=f"id-{index}", at_ms=received + 1_000))
            lost.add(index)
        if fate != "refused":
            made[index] = life
    records += draw(_looks(made))
    if draw(st.booleans()):
        records.append(Interrupted(at_ms=EPOCH_MS + 5e6, cause="SIGINT"))
    if draw(st.booleans()):
        records.append(Ended(at_ms=EPOCH_MS + 5e6 + 1, outcome=RunOutcome.COMPLETE, cpu_s=0.5))
    return TrueRun(records, made, lost, throttles)


@st.composite
def _looks(draw: st.DrawFn, made: dict[int, TrueLife]) -> list[Record]:
    now = EPOCH_MS + 1_000_000  # after every submission
    seen: dict[int, Sighting] = {}
    looks: list[Record] = []
    for _ in range(draw(st.integers(0, 4))):
        covered = sorted(draw(st.sets(st.sampled_from(sorted(made)))) if made else set())
        sent = now + draw(gaps_ms)
        read = sent + draw(gaps_ms)
        now = read + draw(gaps_ms)
        sightings = [msgspec.structs.replace(made[i].seen_at(read + OFFSET_MS), job=i) for i in covered]
        changed = tuple(sighting for sighting in sightings if seen.get(sighting.job) != sighting)
        seen |= {sighting.job: sighting for sighting in changed}
        looks.append(
            Look(operation="DescribeJobs", sent_ms=sent, received_ms=now, covered=to_ranges(covered), changed=changed)
        )
    return looks


def _call(job: int, sent_ms: float, received_ms: float, outcome: CallOutcome, attempt: int) -> Call:
    is_ok = outcome is CallOutcome.OK
    return Call(
        operation="SubmitJob",
        sent_ms=sent_ms,
        received_ms=received_ms,
        outcome=outcome,
        job=job,
        attempt=attempt,
        job_id=f"id-{job}" if is_ok else None,
        error=None if is_ok else "SomeException",
        message=None if is_ok else "No.",
    )
