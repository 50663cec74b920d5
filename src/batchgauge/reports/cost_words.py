"""What a run cost, and what prices there are, in words and tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from batchgauge.core.analysis.analysis import AnalysedRun
from batchgauge.core.bound import Bound
from batchgauge.core.cost.billing import Billing
from batchgauge.core.cost.prices import LINUX, MIB_PER_GB, WINDOWS, PriceTable
from batchgauge.messages import Translator
from batchgauge.reports.markdown_syntax import table
from batchgauge.reports.quantities import NOT_MEASURED, count, duration
from batchgauge.reports.run_names import run_name


def run_cost_in_words(cost: Billing, translate: Translator) -> str:
    """Money and what it is for; or only that, and why there is no money."""
    billed = {"vcpu_hours": amount(cost.vcpu_hours), "gb_hours": amount(cost.gb_hours)}
    money = money_in_words(cost, translate)
    if cost.cost.amount is None:
        return translate("run.cost-none", cost=money, **billed)
    words = translate("run.cost-value", cost=money, **billed)
    return f"{words} ({', '.join(_by_what(cost, translate))})"


def money_in_words(cost: Billing, translate: Translator) -> str:
    """``0.12 – 0.15 USD``, or why there is none."""
    of_jobs = cost.cost
    if of_jobs.amount is None:
        region, system, as_of = of_jobs.region or "", of_jobs.system or "", of_jobs.as_of or ""
        return translate(f"no-cost.{of_jobs.reason}", region=region, system=system, as_of=as_of)
    return f"{amount(of_jobs.amount)} {of_jobs.currency}"


def _by_what(cost: Billing, translate: Translator) -> Iterator[str]:
    of_jobs = cost.cost
    source = translate(f"price-source.{of_jobs.source}")
    yield translate("run.cost-prices", as_of=of_jobs.as_of, source=source)
    if of_jobs.idle_s is not None:
        yield translate("run.cost-shared", idle=duration(of_jobs.idle_s * 1000))
    if of_jobs.billing_minimum_s:
        yield translate("run.cost-minimum", minimum=duration(of_jobs.billing_minimum_s * 1000))
    if of_jobs.system == WINDOWS:
        yield translate("run.cost-licence")
    if of_jobs.is_provisional:
        yield translate("run.cost-provisional")


def amount(bound: Bound | None) -> str:
    """As many digits as tell something apart from nothing."""
    if bound is None or bound.earliest is None:
        return NOT_MEASURED
    if bound.latest is None:
        return f"≥ {_digits(bound.earliest)}"
    low, high = _digits(bound.earliest), _digits(bound.latest)
    return low if low == high else f"{low} – {high}"


def _digits(value: float) -> str:
    return f"{value:,.2f}" if value >= 1 or value == 0 else f"{value:.2g}" if value >= 0.0001 else "< 0.0001"


def cost_table(runs: Sequence[AnalysedRun], translate: Translator) -> str:
    """A row a run: what was billed, and what it cost."""
    names = ("level", "cost", "billed-vcpu-hours", "billed-gb-hours", "billed-tasks")
    rows = [
        (
            run_name(run),
            money_in_words(cost, translate),
            amount(cost.vcpu_hours),
            amount(cost.gb_hours),
            count(cost.tasks),
        )
        for run in runs
        if (cost := run.result.billing) is not None
    ]
    return table([translate(f"column.{name}") for name in names], rows, text_columns=2)


def price_table_of(prices: PriceTable, regions: Sequence[str], translate: Translator) -> Table:
    """The prices of some Regions for the terminal."""
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for position, name in enumerate(("region", "system", "vcpu-hour", "gb-hour", "licence", "price-date")):
        shown.add_column(
            Text(translate(f"column.{name}")), justify="left" if position < 2 or position == 5 else "right"
        )
    for region in regions:
        for system in sorted(prices.regions.get(region, {})):
            entry = prices.prices_of(region, system)
            if entry is None:
                continue
            licence = f"{entry.licence_vcpu_hour:g}" if entry.licence_vcpu_hour else "–"
            code = f"price-source.{entry.source}" + (".provisional" if entry.is_provisional else "")
            date = f"{entry.as_of} ({translate(code)})"
            row = (region, system, f"{entry.vcpu_hour:g}", f"{entry.gb_hour:g}", licence, date)
            shown.add_row(*map(Text, row))
    return shown


def instance_table_of(prices: PriceTable, regions: Sequence[str], translate: Translator) -> Table:
    """The prices of EC2's instances in some Regions, an hour on demand."""
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for position, name in enumerate(
        ("region", "instance-type", "vcpus", "memory-gib", "linux-hour", "windows-hour", "price-date")
    ):
        is_text = position < 2 or position == 6
        shown.add_column(Text(translate(f"column.{name}")), justify="left" if is_text else "right")
    for region in regions:
        for kind in sorted(prices.instances.get(region, {})):
            entry = prices.instance_of(region, kind)
            if entry is None:
                continue
            hours = (f"{entry.hour[system]:g}" if system in entry.hour else "–" for system in (LINUX, WINDOWS))
            date = f"{entry.as_of} ({translate(f'price-source.{entry.source}')})"
            row = (region, kind, f"{entry.vcpus:g}", f"{entry.memory_mib / MIB_PER_GB:g}", *hours, date)
            shown.add_row(*map(Text, row))
    return shown
