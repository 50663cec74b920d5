"""What a measurement has to pass: the plan, limits, questions, and what others have in the queue."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click
import msgspec

from batchgauge import bootstrap
from batchgauge.cli.asking import confirm
from batchgauge.cli.language import current_translator
from batchgauge.cli.pricing import newest_prices
from batchgauge.cli.talk import say, say_warning
from batchgauge.core.harmless_json import harmless
from batchgauge.core.planning.measurement_plan import (
    MeasurementPlan,
    is_large,
    plan_measurement,
    refuse_beyond,
    shortest_s,
)
from batchgauge.core.planning.of_variants import together
from batchgauge.errors import ConfirmationNeededError, DeclinedError

if TYPE_CHECKING:
    import random

    from batchgauge.bootstrap import OpenAws
    from batchgauge.cli.measurement import Measurement
    from batchgauge.cli.variant_targets import Targets
    from batchgauge.core.journal import ForeignJobs


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets a measurement pass, or does not."""

    measurement: Measurement
    targets: Targets
    aws: OpenAws
    chance: random.Random
    levels: Mapping[str | None, Sequence[int]]
    """By variant, the levels of its runs; of a search, the most that it can come to."""

    async def pass_through(self) -> Mapping[str | None, ForeignJobs]:
        """Return when it may start: with what others have in each variant's queue.

        Raises:
            TooManyJobsError, TooExpensiveError, CostUnknownError, ConfirmationNeededError, DeclinedError: it may not.
            click.exceptions.Exit: only the plan was asked for, and has been printed.
        """
        asked = self.measurement.guards
        plan = self._plan()
        others = {variant: await self.count_others(variant=variant) for variant in self.targets}
        if asked.is_dry_run:
            self._print(plan, others)
        refuse_beyond(plan, asked.limits)
        self._name_short_deadline(plan)
        await self._name_expiring_credentials(plan)
        if asked.is_dry_run:
            raise click.exceptions.Exit(0)
        if self.measurement.local is None:
            await self._ask_about(plan, others)
        return others

    async def count_others(self, run_id: str = "", variant: str | None = None) -> ForeignJobs:
        """What others have in a variant's queue now."""
        from batchgauge.core.polling_plan import AWS_CALLS_PER_S
        from batchgauge.measure.bulk_end import Pace
        from batchgauge.measure.count_others import OthersCounter
        from batchgauge.measure.retrying import READ_BACK_OFF, Persistence

        aws, scenario = self.aws, self.targets[variant].scenario
        counter = OthersCounter(
            aws.batch,
            Persistence(aws.clock, self.chance, READ_BACK_OFF, lambda *_: None),
            Pace(aws.clock, scenario.api_budget * AWS_CALLS_PER_S),
            aws.clock,
            scenario.job.job_queue,
            run_id,
        )
        return await counter.count(is_before_start=True)

    def _plan(self) -> MeasurementPlan:
        assumptions = self.measurement.assumptions
        table = newest_prices()
        plans = {
            variant: plan_measurement(target.scenario, self.levels[variant], target.facts, table, assumptions)
            for variant, target in self.targets.items()
        }
        plan = together(plans, pause_s=assumptions.pause_s)
        return msgspec.structs.replace(plan, is_at_most=self.measurement.search is not None)

    def _print(self, plan: MeasurementPlan, others: Mapping[str | None, ForeignJobs]) -> None:
        first = next(iter(others.values()))
        if self.measurement.guards.as_json:
            document: dict[str, object] = {"plan": plan, "foreignJobs": first}
            if len(others) > 1:
                document["foreignJobsByVariant"] = others
            sys.stdout.buffer.write(harmless(msgspec.json.format(msgspec.json.encode(document), indent=2)) + b"\n")
            sys.stdout.buffer.flush()
            return
        from batchgauge.reports.plan_lines import plan_lines

        facts = next(iter(self.targets.values())).facts
        for line in plan_lines(plan, others, facts, current_translator()):
            click.echo(line)

    async def _ask_about(self, plan: MeasurementPlan, others: Mapping[str | None, ForeignJobs]) -> None:
        from batchgauge.reports.plan_lines import cost_in_words

        translate, asked = current_translator(), self.measurement.guards
        # Variants may share a queue: of each one question.
        for queue, counted in {
            self.targets[variant].scenario.job.job_queue: each for variant, each in others.items()
        }.items():
            await self._ask_about_queue(queue, counted)
        if is_large(plan) and not asked.is_confirmed:
            cost = cost_in_words(plan.cost, translate)
            code = "cli.guard.large-at-most" if plan.is_at_most else "cli.guard.large"
            await _require_yes(translate(code, jobs=plan.jobs, cost=cost), "large")

    async def _ask_about_queue(self, queue: str, others: ForeignJobs) -> None:
        from batchgauge.reports.plan_lines import others_in_words

        translate, asked = current_translator(), self.measurement.guards
        is_local = next(iter(self.targets.values())).facts.is_local
        if others.error is not None:
            say_warning(translate("cli.shared-queue.not-counted", error=others.error))
        if others.total and (is_local or asked.shares_queue or asked.is_confirmed):
            if not self.measurement.is_quiet:
                say_warning(translate("cli.shared-queue.others", queue=queue, jobs=others_in_words(others)))
        elif others.total:
            question = translate("cli.shared-queue.question", queue=queue, jobs=others_in_words(others))
            await _require_yes(question, "shared-queue")

    def _name_short_deadline(self, plan: MeasurementPlan) -> None:
        """A deadline that even the shortest time of the plan does not keep; a search is planned to end by its own."""
        deadline_s = self.measurement.deadline_s
        lasts_s = None if plan.is_at_most else shortest_s(plan, self.measurement.pause_s)
        # An embedded AWS of our own scales the times that the plan assumes.
        is_watched = self.measurement.scenario.is_monitored and self.measurement.local is None
        if deadline_s is None or lasts_s is None or lasts_s <= deadline_s or not is_watched:
            return
        from batchgauge.reports.quantities import duration

        lasts = duration(lasts_s * 1000)
        say_warning(current_translator()("cli.deadline.short", deadline=duration(deadline_s * 1000), lasts=lasts))

    async def _name_expiring_credentials(self, plan: MeasurementPlan) -> None:
        expire_ms = await self.aws.credentials_expire_ms()
        if expire_ms is None:
            return
        left_s = (expire_ms - self.aws.clock.now_ms()) / 1000
        lasts_s = None if plan.duration_s is None else plan.duration_s.latest
        if lasts_s is not None and lasts_s < left_s:
            return
        from batchgauge.reports.quantities import duration

        translate = current_translator()
        left = duration(max(0.0, left_s) * 1000)
        if lasts_s is None:
            say_warning(translate("cli.credentials.expire-open", left=left))
        else:
            say_warning(translate("cli.credentials.expire", left=left, lasts=duration(lasts_s * 1000)))
        say(f"{translate('cli.hint')}: {translate('cli.credentials.renew')}")


async def _require_yes(question: str, because: str) -> None:
    if not bootstrap.can_ask():
        raise ConfirmationNeededError(because=because, flag="--yes")
    if not await confirm(question):
        raise DeclinedError()
