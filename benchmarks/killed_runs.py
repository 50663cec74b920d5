"""One run in virtual time that is killed again and again, resumed each time against the same account, and held against the ground truth."""

from __future__ import annotations

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from batchgauge.batchmodel.boundary import Answer, ModelFaults, ModelSettings
from batchgauge.core.bound import Bound
from batchgauge.core.journal import EnvironmentFacts, Record, RunOutcome
from batchgauge.core.naming import RUN_TAG
from batchgauge.core.progress.snapshot import ProgressSnapshot
from batchgauge.core.result.builder import build_result
from batchgauge.core.result.run_result import RunResult
from batchgauge.core.scenario import JobShape, Scenario
from batchgauge.core.submitting.plan import submitted_id
from batchgauge.localaws import seed
from batchgauge.localaws.settings import ServerSettings
from batchgauge.measure.inspect_target import inspect_target
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.past import Past
from batchgauge.measure.reconcile import REASON
from batchgauge.measure.resume import resume
from batchgauge.measure.run import RunReport, run
from batchgauge.measure.surroundings import Surroundings
from batchgauge.virtualaws.account import VirtualAccount
from batchgauge.virtualaws.event_loop import VirtualClock, run_virtually
from batchgauge.virtualaws.losing_gateway import LosingGateway, Losses, Network
from batchgauge.virtualaws.mortal_process import Disk, VolatileJournal, live_until

START_MS: Final = 1_790_000_000_000.0
RUN: Final = "concurrent-test-20261122T101500-x7k2"
LOADS: Final = ("workers", "workers", "burst", "rate:10", "rate:50", "ramp:2..20/5", "poisson:8@7")
FACTS: Final = EnvironmentFacts(region="us-west-2", tool_version="0", is_local=True)
TROUBLES: Final = Losses(lost=0.08, late=0.04)


class Silence:
    """`Progress` for nobody."""

    def update(self, snapshot: ProgressSnapshot) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Trial:
    """What is measured and what goes wrong; all of it from the seed."""

    seed: int
    scenario: Scenario
    kills_s: tuple[float, ...]
    """How long each process lives that is killed."""
    is_rough: bool
    """Answers lost, requests late, calls throttled, 500s."""
    is_power_lost: bool
    """What was not synced is lost at the kill."""

    @classmethod
    def of(cls, seed_: int) -> Trial:
        """The trial of a number; every second one is rough, and two of four lose what was not synced."""
        chance = random.Random(f"{seed_}/trial")
        num_jobs = chance.randint(4, 60)
        # Most of what can go wrong does so while jobs are submitted.
        kills = [
            chance.choice((0.1, 1.0, 5.0, 30.0, 120.0)) * chance.random() for _ in range(chance.choice((1, 1, 1, 2, 3)))
        ]
        scenario = Scenario(
            job=JobShape(job_queue="windows-batch-queue", job_definition="linux-countdown-job"),
            num_jobs=num_jobs,
            countdown_s=chance.randint(20, 60),
            max_workers=chance.choice((1, 4, 10)),
            load=chance.choice(LOADS),
            is_array=chance.random() < 0.1,
            is_monitored=True,
            monitor_interval_s=chance.choice((1.0, 5.0, 10.0)),
            is_interval_planned=chance.random() < 0.5,
        )
        return cls(seed_, scenario, tuple(kills), bool(seed_ % 2), bool(seed_ // 2 % 2))

    def undisturbed(self) -> Trial:
        """The same, and nothing goes wrong."""
        return Trial(self.seed, self.scenario, (), is_rough=False, is_power_lost=False)


@dataclass
class Findings:
    """What came of a trial."""

    result: RunResult
    kills: int = 0
    kills_while_submitting: int = 0
    lost_answers: int = 0
    lost: list[str] = field(default_factory=list)
    """Names of jobs that AWS has never made, or that the result does not know as AWS made them."""
    doubled: int = 0
    left: list[str] = field(default_factory=list)
    """Surplus jobs that were not ended, or of which the ledger says nothing."""
    orphans: list[str] = field(default_factory=list)
    """Jobs that still go on when the run has ended."""
    untrue: list[str] = field(default_factory=list)
    """Where the result differs from the ground truth, or from what its journal says."""

    @property
    def is_flawless(self) -> bool:
        """Whether nothing went wrong that must not."""
        return not (self.lost or self.left or self.orphans or self.untrue)


def outcome_of(trial: Trial) -> Findings:
    """Make the trial in virtual time."""
    return run_virtually(_Story(trial).tell())


class _Story:
    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self._chance = random.Random(f"{trial.seed}/story")
        self._clock = VirtualClock(START_MS)
        self._account = VirtualAccount(ModelSettings(seed=trial.seed), self._clock)
        losses = TROUBLES if trial.is_rough else Losses()
        self._network = Network(self._clock, losses, random.Random(f"{trial.seed}/network"))
        self._disk = Disk()
        self._gaps: list[tuple[float, float]] = []
        self._was_submitting = 0

    async def tell(self) -> Findings:
        for operation, parameters in seed.batch_calls(ServerSettings(max_vcpus=32)):
            assert isinstance(self._account.call(operation, parameters), Answer)
        if self._trial.is_rough:
            self._account.set_faults(
                ModelFaults(throttled={"SubmitJob": 0.15}, server_errors={"SubmitJob": 0.04, "*": 0.02})
            )
        kills = 0
        report = None
        for life_s in (*self._trial.kills_s, None):
            report = await self._live(life_s)
            if report is not None:
                break
            kills += 1
            killed_ms = self._clock.now_ms()
            self._was_submitting += not self._is_submitted()
            if self._trial.is_power_lost:
                self._disk = Disk(self._disk.after_power_failure())
            else:
                self._disk = Disk(self._disk.written)
            await self._clock.sleep(self._chance.choice((0.01, 1.0, 60.0)) * self._chance.random())
            self._gaps.append((killed_ms, self._clock.now_ms()))
        assert report is not None
        return await self._judge(report, kills)

    async def _live(self, life_s: float | None) -> RunReport | None:
        """One process, from its start to its end or its death."""
        journal = VolatileJournal(self._disk, self._clock, self._chance)
        gateway = LosingGateway(self._account, self._network)
        report: RunReport | None = await live_until(
            self._death(life_s), journal, self._process(journal, gateway), self._network.under_way
        )
        return report

    async def _death(self, life_s: float | None) -> None:
        if life_s is None:
            await asyncio.Event().wait()
            return
        await self._clock.sleep(life_s)
        for _ in range(self._chance.randint(0, 40)):  # at any step, not only where a timer has run out
            await asyncio.sleep(0)

    async def _process(self, journal: VolatileJournal, gateway: LosingGateway) -> RunReport:
        past = Past.of(list(self._disk.written))
        chance = random.Random(self._chance.random())
        facts = await inspect_target(gateway, self._trial.scenario.job, FACTS, self._clock, chance)
        around = Surroundings(
            gateway, gateway, self._clock, chance, Silence(), facts, 0, cpu_s=lambda: 0.0, tasks=gateway
        )
        if past is None:  # nothing was ever submitted: begun anew
            return await run(RUN, self._trial.scenario, journal, around, Interruption())
        return await resume(past, journal, around, Interruption())

    def _is_submitted(self) -> bool:
        past = Past.of(self._disk.written)
        if past is None:
            return False
        taken = [s for s in past.submissions.values() if s.accepted_call is not None or s.found is not None]
        return sum(s.planned.size for s in taken) == self._trial.scenario.num_jobs

    async def _judge(self, report: RunReport, kills: int) -> Findings:
        result = report.result
        found = Findings(result, kills, self._was_submitting, self._network.lost)
        while self._network.under_way:  # whatever is still on its way is done now
            await self._clock.sleep(1.0)
        await self._clock.sleep(60.0)  # jobs that were told to end have 30 s
        self._account.set_faults(ModelFaults())
        self._count_jobs(found)
        self._compare(found, report, self._disk.written)
        return found

    def _count_jobs(self, found: Findings) -> None:
        """What AWS holds beside what the result says."""
        known = {job.job_id for job in found.result.jobs}
        known_submissions = {submitted_id(job_id) for job_id in known if job_id is not None}
        by_name: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        ids = list(dict.fromkeys(transition.job_id for transition in self._account.transitions))
        for first in range(0, len(ids), 100):
            answer = self._account.call("DescribeJobs", {"jobs": ids[first : first + 100]})
            assert isinstance(answer, Answer)
            for job in answer.body["jobs"]:
                assert job["tags"][RUN_TAG] == RUN
                if ":" not in job["jobId"]:
                    by_name[job["jobName"]].append(job)
                if job["status"] not in ("SUCCEEDED", "FAILED"):
                    found.orphans.append(job["jobId"])
        for job in found.result.jobs:
            if job.job_id not in ids or job.status != "SUCCEEDED":
                found.lost.append(job.job_name)
        for name, jobs in by_name.items():
            surplus = [job for job in jobs if job["jobId"] not in known_submissions]
            found.doubled += len(surplus)
            if len(surplus) != len(jobs) - 1:
                found.lost.append(name)
            found.left.extend(
                job["jobId"] for job in surplus if job["status"] == "FAILED" and job["statusReason"] != REASON
            )
        ledger = found.result.ledger
        size = 2 if self._trial.scenario.is_array else 1
        if ledger is None or (size == 1 and (ledger.doubled, ledger.doubled_ended) != (found.doubled, found.doubled)):
            found.left.append(f"ledger {ledger} beside {found.doubled} doubled")

    def _compare(self, found: Findings, report: RunReport, records: list[Record]) -> None:
        result = found.result
        if build_result(records) != result:
            found.untrue.append("the result is not what its journal says")
        if report.error is not None or result.outcome is not RunOutcome.COMPLETE:
            found.untrue.append(f"{report.error!r}, {result.outcome}")
        ledger = result.ledger
        assert ledger is not None
        if ledger.accepted + ledger.found_again != self._trial.scenario.num_jobs or ledger.lost:
            found.untrue.append(f"{ledger}")
        found.untrue.extend(self._untrue_gaps(result))
        entered: dict[str, dict[str, float]] = defaultdict(dict)
        for transition in self._account.transitions:
            entered[transition.job_id].setdefault(transition.to_state, transition.time_ms)
        for job in result.jobs:
            truth, phases = entered[job.job_id or ""], job.phases
            instants = job.instants
            if instants is None or phases is None:
                found.untrue.append(f"{job.job_name}: no instants")
                continue
            exact = {"SUBMITTED": instants.created_ms, "RUNNING": instants.started_ms, "SUCCEEDED": instants.stopped_ms}
            if any(value != int(truth[state]) for state, value in exact.items()):
                found.untrue.append(f"{job.job_name}: {exact} is not {truth}")
            if not _holds(phases.queue_ms, truth["STARTING"] - truth["SUBMITTED"]):
                found.untrue.append(f"{job.job_name}: queue {phases.queue_ms} is not {truth}")
            if not _holds(phases.to_runnable_ms, truth["RUNNABLE"] - truth["SUBMITTED"]):
                found.untrue.append(f"{job.job_name}: to RUNNABLE {phases.to_runnable_ms} is not {truth}")

    def _untrue_gaps(self, result: RunResult) -> list[str]:
        """Each gap that is stated begins not after a kill and ends not before the resumption that followed it."""
        stated = [gap for gap in result.gaps if gap.earliest is not None and gap.latest is not None]
        lies = []
        for killed_ms, resumed_ms in self._gaps:
            if result.timestamp and killed_ms < _begun_ms(self._disk.written):
                continue  # begun anew since: nothing had been submitted
            covering = [gap for gap in stated if gap.earliest <= killed_ms + 1 and gap.latest >= resumed_ms - 1]  # type: ignore[operator]
            if not covering:
                lies.append(f"no gap over {killed_ms}..{resumed_ms} in {stated}")
        return lies


def _begun_ms(records: list[Record]) -> float:
    past = Past.of(records)
    assert past is not None
    return past.header.started_ms


def _holds(bound: Bound | None, value_ms: float) -> bool:
    """AWS's times are whole milliseconds: a phase of two of them may be off by one."""
    if bound is None:
        return False
    return (bound.earliest is None or bound.earliest <= value_ms + 1) and (
        bound.latest is None or value_ms <= bound.latest + 1
    )


def same_apart_from_the_gap(disturbed: RunResult, undisturbed: RunResult) -> list[str]:
    """What differs that must not: everything of the jobs but their own times, and of the run but its calls and its gap."""
    differences = []
    for ours, theirs in zip(disturbed.jobs, undisturbed.jobs, strict=True):
        for name in (
            "index",
            "job_name",
            "status",
            "countdown_seconds",
            "exit_code",
            "error",
            "array_index",
            "log_group",
        ):
            if getattr(ours, name) != getattr(theirs, name):
                differences.append(f"{ours.job_name}: {name} {getattr(ours, name)} is not {getattr(theirs, name)}")
        if len(ours.attempts) != len(theirs.attempts) or (ours.program is None) != (theirs.program is None):
            differences.append(f"{ours.job_name}: attempts, or its program's lines")
    for name in ("total_jobs", "successful_jobs", "failed_jobs", "outcome", "scenario", "environment", "run_id"):
        if getattr(disturbed, name) != getattr(undisturbed, name):
            differences.append(name)
    return differences


def counted(kinds: Counter[str], findings: Findings) -> None:
    """Add a trial's figures."""
    kinds.update(
        {
            "kills": findings.kills,
            "kills while submitting": findings.kills_while_submitting,
            "answers lost": findings.lost_answers,
            "jobs": findings.result.total_jobs,
            "found again": findings.result.ledger.found_again if findings.result.ledger is not None else 0,
            "lost": len(findings.lost),
            "doubled and ended": findings.doubled - len(findings.left),
            "doubled and left": len(findings.left),
            "orphans": len(findings.orphans),
            "untrue": len(findings.untrue),
        }
    )


__all__ = ["Findings", "Trial", "counted", "outcome_of", "same_apart_from_the_gap"]
