"""One look at all jobs that have not ended: pages of ListJobs, and DescribeJobs for what they do not show.

A page proves something of the jobs on it only. A job that is on none has ended, or moved on while the pages were read, or is not visible:
it is asked for by its id, which shows an ended job's details at the same time, and nothing is asked of it again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from batchgauge.core.job import JobState
from batchgauge.core.polling_plan import (
    DESCRIBED_PER_CALL,
    LISTED_PER_CALL,
    QUEUE,
    Crowd,
    LookPlan,
    PollingRules,
    plan_looks,
)
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.live_jobs import LiveJobs, Place
from batchgauge.measure.looks import Looks, SeenPage
from batchgauge.ports import BatchGateway

CALLS_IN_FLIGHT: Final = 4
POOR_PAGES: Final = 2
"""After so many pages in a row that show fewer of ours than DescribeJobs would in as many calls, the rest is asked for by id."""
FORGETTING: Final = 0.9
"""What stays, from look to look, of the number of foreign jobs that a listing once showed: now and then it is worth a try again."""
HELD_BACK_LOOKS: Final = 2
"""For so many looks, ended jobs that would not fill a call of DescribeJobs wait for others, while there is anything else to look at."""
RECHECK_LOOKS: Final = 5
"""A missing job will show up on a page when it becomes visible; by its id it is asked for in every fifth look only. The same holds for one
that no page would show, once it has been missing for `SETTLING_S`."""
SETTLING_S: Final = 30.0


class LookAtAll:
    """Plans looks and makes them, with what earlier ones taught about the listings."""

    def __init__(self, gateway: BatchGateway, looks: Looks, live: LiveJobs, queue: str, rules: PollingRules) -> None:
        self._gateway = gateway
        self._looks = looks
        self._live = live
        self._queue = queue
        self._rules = rules
        self._foreign: dict[Place, float] = {}
        self._leaving = 0
        """How many of the last look's jobs had left their pages."""
        self._held_back: dict[int, int] = {}
        """Jobs that have ended and were not asked for yet → for how many looks."""
        self._count = 0
        self._passed_over: set[int] = set()
        """Jobs that were never seen and could have been asked for by id."""

    def plan(self, waiting: Sequence[int]) -> LookPlan:
        """The cheapest look at these jobs."""
        self._count += 1
        waiting = self._without_long_missing(waiting)
        crowds = [
            Crowd(listing, state, own, self._foreign.get((listing, state), 0.0))
            for (listing, state), own in self._live.count(waiting).items()
        ]
        has_no_listing = not self._queue and any(crowd.listing == QUEUE for crowd in crowds)
        if has_no_listing or self._looks.is_listing_refused:
            return LookPlan((), -(-len(waiting) // DESCRIBED_PER_CALL))
        return plan_looks(crowds, self._leaving)

    async def look(self, plan: LookPlan, waiting: Sequence[int], interval_s: float, interruption: Interruption) -> None:
        """Make the look. What AWS does not answer now is left to the next one."""
        waiting = self._without_long_missing(waiting)
        for place in self._foreign.keys() - set(plan.listed):
            self._foreign[place] *= FORGETTING
        if not plan.listed:
            self._leaving = 0
            await self._describe(waiting, interruption)
            return
        own = self._live.count(waiting)
        before = {index: self._live.place(index) for index in waiting}
        seen: set[int] = set()
        is_whole = True
        for place in plan.listed:
            is_whole = await self._list(place, own[place], seen, len(waiting), interruption) and is_whole
            if interruption.is_requested:
                return
            if self._looks.is_listing_refused:
                await self._describe(waiting, interruption)
                return
        unseen = [index for index in waiting if index not in seen]
        by_id = [index for index in unseen if before[index] not in plan.listed]
        left = [index for index in unseen if before[index] in plan.listed]
        # Where pages could not be read, who is on them is not known: the next look will tell.
        left = self._worth_asking(left) if is_whole else []
        self._leaving = len(left)
        asked = by_id + self._without_held_back(left, by_id, before, is_any_seen=bool(seen))
        await self._describe(asked[: self._most(plan, interval_s)], interruption)

    def _without_long_missing(self, waiting: Sequence[int]) -> Sequence[int]:
        if self._count % RECHECK_LOOKS == 0 or not self._live.has_missing:
            return waiting
        return [index for index in waiting if not self._live.is_missing(index, SETTLING_S)]

    def _worth_asking(self, left: Sequence[int]) -> list[int]:
        """Of the jobs that have left their pages: those that are worth a place in DescribeJobs now."""
        missing = {index for index in left if self._live.is_missing(index)}
        if self._count % RECHECK_LOOKS == 0:
            missing.clear()
        # Many that were never seen are likely not visible yet: they have until the next look to show up on a page.
        new = {index for index in left if not self._live.was_seen(index)} - self._passed_over - missing
        if len(new) <= DESCRIBED_PER_CALL:
            new.clear()
        self._passed_over |= new
        return [index for index in left if index not in missing and index not in new]

    def _without_held_back(
        self, left: list[int], by_id: Sequence[int], before: Mapping[int, Place], *, is_any_seen: bool
    ) -> list[int]:
        """`left` without the last few, where these would need a call for themselves and have only ended: that is still true later.

        Jobs that were RUNNING lose nothing by it, since AWS stamps their ends.
        """
        few = (len(by_id) + len(left)) % DESCRIBED_PER_CALL
        ended = [index for index in left if before[index][1] is JobState.RUNNING]
        ended.sort(key=lambda index: -self._held_back.get(index, 0))  # those that have waited already go first
        needs_a_call = 0 < few <= len(ended)
        held = ended[-few:] if needs_a_call and is_any_seen else []
        if any(self._held_back.get(index, 0) >= HELD_BACK_LOOKS for index in held):
            held = []
        self._held_back = {index: self._held_back.get(index, 0) + 1 for index in held}
        return [index for index in left if index not in self._held_back]

    def _most(self, plan: LookPlan, interval_s: float) -> int:
        """How many jobs may be asked for by id: many that end at once can wait for a look or two, their times are exact."""
        if self._rules.is_interval_exact:
            return 1 << 62
        calls = self._rules.calls_per_s * interval_s - len(plan.listed)
        return max(plan.calls, int(calls), 1) * DESCRIBED_PER_CALL

    async def _list(
        self, place: Place, expected: int, seen: set[int], waiting: int, interruption: Interruption
    ) -> bool:
        """All pages of one status of one listing, as long as they are worth it; False where AWS would not answer."""
        token: str | None = None
        own = foreign = poor = 0
        while True:
            page = await self._page(place, token, interruption)
            if page is None:
                return False
            seen.update(page.own)
            own += len(page.own)
            foreign += page.foreign
            token = page.next_token
            poor = poor + 1 if len(page.own) < DESCRIBED_PER_CALL else 0
            if token is None:
                self._foreign[place] = float(foreign)
                return True
            if poor >= POOR_PAGES or len(seen) >= waiting:
                is_hidden = own < expected / 2
                worth_it = LISTED_PER_CALL * expected / DESCRIBED_PER_CALL if is_hidden else 0.0
                self._foreign[place] = max(float(foreign), worth_it)
                return True

    async def _page(self, place: Place, token: str | None, interruption: Interruption) -> SeenPage | None:
        listing, state = place
        if listing == QUEUE:
            return await self._looks.list_page(lambda: self._gateway.list_jobs(self._queue, state, token), interruption)
        return await self._looks.list_page(lambda: self._gateway.list_children(listing, state, token), interruption)

    async def _describe(self, indexes: Sequence[int], interruption: Interruption) -> None:
        places = asyncio.Semaphore(CALLS_IN_FLIGHT)

        async def one(first: int) -> None:
            async with places:
                await self._looks.describe(indexes[first : first + DESCRIBED_PER_CALL], interruption)

        outcomes = await asyncio.gather(
            *(one(first) for first in range(0, len(indexes), DESCRIBED_PER_CALL)), return_exceptions=True
        )
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
