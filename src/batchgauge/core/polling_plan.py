"""Which reads show a run's jobs for the fewest calls, and how often to make them.

DescribeJobs takes 100 ids a call; ListJobs shows up to 1,000 jobs of one status a page, others' jobs among them, and less of each. ListJobs
by name is never the cheaper one here: 100 a page, the ended ones among them, where the ids are known. Nothing here knows a clock: numbers
of jobs go in, calls and seconds come out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil
from typing import Final

from batchgauge.core.job import JobState

AWS_CALLS_PER_S: Final = 50.0
"""What AWS's help page allows the calls of Batch in general, for the account and Region."""
DEFAULT_API_BUDGET: Final = 0.2
"""The share of that which watching may take for itself."""
DESCRIBED_PER_CALL: Final = 100
LISTED_PER_CALL: Final = 1000
SINGLE_CALL_SHARE: Final = 0.1
"""Of the budget: what a look that is one call may cost for the sake of precision."""
CHEAP_SHARE: Final = 0.05
"""The same for a look of several calls. More would bring 10,000 jobs of an array to 0.05 calls a job and beyond, and ask for jobs by
their ids oftener than pays."""
FINEST_INTERVAL_S: Final = 1.0
"""No finer unless asked for: the moments of a second are within what AWS's own scheduler takes for a cycle."""
LEAST_BUDGET_FACTOR: Final = 1 / 16
RECOVERY: Final = 1 / 8
"""What comes back of the budget with each look that was not throttled, as a part of the whole."""

QUEUE: Final = ""
"""The listing of the single jobs; that of an array's children is the parent's id."""


@dataclass(frozen=True, slots=True)
class PollingRules:
    """What polling may cost and how precise it shall be."""

    interval_s: float
    """Kept exactly, or the coarsest that is wanted."""
    is_interval_exact: bool = True
    api_budget: float = DEFAULT_API_BUDGET

    @property
    def calls_per_s(self) -> float:
        """The budget in calls."""
        return self.api_budget * AWS_CALLS_PER_S


@dataclass(frozen=True, slots=True)
class Crowd:
    """The jobs that one listing is expected to show in one status."""

    listing: str
    state: JobState
    own: int
    foreign: float = 0.0

    @property
    def pages(self) -> int:
        """Calls of ListJobs that show them all."""
        return max(1, ceil((self.own + self.foreign) / LISTED_PER_CALL))


@dataclass(frozen=True, slots=True)
class LookPlan:
    """One look at all jobs that have not ended."""

    listed: tuple[tuple[str, JobState], ...]
    """(listing, status), in the order of a job's life, so that a job which moves on meanwhile is seen twice and not never. Whatever does
    not show up there is asked for by its id."""
    calls: int
    """Expected."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What watching will cost and tell, said before it begins, while no job has ended."""

    interval_s: float
    """While all of the jobs wait in one status."""
    calls_per_look: int
    """The same."""
    longest_interval_s: float
    """However they are spread over statuses and pages, so long as no call is throttled."""
    most_calls_per_look: int
    """The same: no plan is dearer than asking for all by id."""
    is_listed: bool
    """Whether by ListJobs, for the most part."""
    is_over_budget: bool

    @property
    def calls_per_s(self) -> float:
        """The most, on average over the looks of one plan."""
        return max(self.calls_per_look / self.interval_s, self.most_calls_per_look / self.longest_interval_s)

    @property
    def share(self) -> float:
        """Of what AWS allows."""
        return self.calls_per_s / AWS_CALLS_PER_S


def plan_looks(crowds: Iterable[Crowd], leaving: int = 0) -> LookPlan:
    """The cheaper of two: all by id, or pages for every crowd that they show more cheaply and the rest by id.

    `leaving` is how many jobs are expected to be on no page, because they have ended or gone to a status that is not listed.
    """
    present = [crowd for crowd in crowds if crowd.own > 0]
    own = sum(crowd.own for crowd in present)
    by_id = LookPlan((), _described(own))
    listed = [crowd for crowd in present if crowd.pages * DESCRIBED_PER_CALL < crowd.own]
    rest = own - sum(crowd.own for crowd in listed)
    calls = sum(crowd.pages for crowd in listed) + _described(rest + leaving)
    if not listed or calls >= by_id.calls:
        return by_id
    listed.sort(key=lambda crowd: (crowd.state.rank, crowd.listing))
    return LookPlan(tuple((crowd.listing, crowd.state) for crowd in listed), calls)


def plan_interval_s(rules: PollingRules, calls: int, budget_factor: float = 1.0) -> float:
    """How long from one look of so many calls to the next.

    As fine as costs a small part of the budget, no coarser than wanted, and coarser all the same where the budget would not hold else.
    """
    if rules.is_interval_exact:
        return rules.interval_s
    budget = rules.calls_per_s * budget_factor
    cheap = budget * (SINGLE_CALL_SHARE if calls <= 1 else CHEAP_SHARE)
    wanted = min(max(calls / cheap, FINEST_INTERVAL_S), rules.interval_s)
    return max(wanted, calls / budget)


def next_budget_factor(factor: float, *, was_throttled: bool) -> float:
    """Halved by a throttle, given back little by little: as TCP shares a line with others whom it cannot see."""
    if was_throttled:
        return max(LEAST_BUDGET_FACTOR, factor / 2)
    return min(1.0, factor + RECOVERY)


def expect(rules: PollingRules, num_jobs: int, array_sizes: Iterable[int] = ()) -> Expectation:
    """What looking at a run's jobs will cost; `array_sizes`: of the arrays that they are children of.

    From the plan while all of them wait in one status to the dearest that can come: jobs that are spread over statuses, or have just left
    their pages, cost more calls than those that wait together, and so are looked at more seldom.
    """
    arrays = [Crowd(f"array {number}", JobState.RUNNABLE, size) for number, size in enumerate(array_sizes)]
    single = Crowd(QUEUE, JobState.RUNNABLE, num_jobs - sum(crowd.own for crowd in arrays))
    plan = plan_looks([single, *arrays])
    most = max(plan.calls, _described(num_jobs))
    interval_s, longest_s = plan_interval_s(rules, plan.calls), plan_interval_s(rules, most)
    return Expectation(
        interval_s=interval_s,
        calls_per_look=plan.calls,
        longest_interval_s=longest_s,
        most_calls_per_look=most,
        is_listed=bool(plan.listed),
        is_over_budget=max(plan.calls / interval_s, most / longest_s) > rules.calls_per_s * (1 + 1e-9),
    )


def _described(jobs: int) -> int:
    return ceil(jobs / DESCRIBED_PER_CALL)
