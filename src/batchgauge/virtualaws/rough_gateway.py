"""`VirtualGateway` as a real network and a real service are: no two calls take the same time, and some answers are out of date."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from batchgauge.batchmodel.boundary import Refusal, Transition
from batchgauge.core.job import JobState
from batchgauge.ports import Clock
from batchgauge.virtualaws.account import VirtualAccount
from batchgauge.virtualaws.gateway import VirtualGateway

ONLY_FROM_RUNNING: Final = ("startedAt", "stoppedAt", "statusReason")


@dataclass(frozen=True, slots=True)
class Roughness:
    """How rough. Shares are from 0 to 1, each drawn for each call."""

    shortest_way_ms: float = 5.0
    mean_way_ms: float = 20.0
    """There, and back: each the shortest and an exponentially distributed rest, so that one way is often much longer than the other."""
    stale_share: float = 0.0
    """Of the reads of jobs."""
    stale_by_ms: float = 0.0
    """At most so old is what they show, evenly drawn."""
    seed: int = 1


class RoughGateway(VirtualGateway):
    """Stale answers show each job as it was some time before."""

    def __init__(self, account: VirtualAccount, clock: Clock, roughness: Roughness) -> None:
        super().__init__(account, clock)
        self._roughness = roughness
        self._chance = random.Random(f"{roughness.seed}/rough")  # noqa: S311 - no secret
        self._lives: dict[str, list[Transition]] = defaultdict(list)
        self._known = 0
        self.stale_reads = 0

    def way_s(self) -> float:
        """How long a request, or an answer, is on its way."""
        rough = self._roughness
        return (
            rough.shortest_way_ms + self._chance.expovariate(1 / (rough.mean_way_ms - rough.shortest_way_ms))
        ) / 1000

    def _answer(self, service: str, operation: str, arguments: Mapping[str, Any]) -> Mapping[str, Any] | Refusal:
        answer = super()._answer(service, operation, arguments)
        name = {"DescribeJobs": "jobs", "ListJobs": "jobSummaryList"}.get(operation)
        is_stale = self._chance.random() < self._roughness.stale_share
        age_ms = self._chance.random() * self._roughness.stale_by_ms
        if name is None or isinstance(answer, Refusal) or not is_stale:
            return answer
        self.stale_reads += 1
        as_of_ms = self._account.now_ms() - age_ms
        self._learn()
        return {**answer, name: [job for shown in answer[name] if (job := self._as_of(shown, as_of_ms)) is not None]}

    def _learn(self) -> None:
        for transition in self._account.transitions[self._known :]:
            self._lives[transition.job_id].append(transition)
        self._known = len(self._account.transitions)

    def _as_of(self, shown: Mapping[str, Any], as_of_ms: float) -> Mapping[str, Any] | None:
        life = self._lives[shown["jobId"]]
        position = bisect_right(life, as_of_ms, key=lambda transition: transition.time_ms) - 1
        if position < 0:
            return None
        then = life[position]
        if position == len(life) - 1:
            return shown
        job = {key: value for key, value in shown.items() if key not in ONLY_FROM_RUNNING}
        job["status"] = then.to_state
        job["container"] = {"taskArn": None} if "container" in shown else {}
        if "attempts" in shown:
            job["attempts"] = [attempt for attempt in shown["attempts"] if attempt.get("stoppedAt", 0) <= as_of_ms]
        if then.to_state == JobState.RUNNING:
            job["startedAt"] = int(then.time_ms)
        return job
