"""What a search for the levels has found, and in which order the runs were measured, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Final

from batchgauge.core.analysis.analysis import AnalysedRun, Analysis
from batchgauge.core.stats.estimate import Estimate
from batchgauge.core.sweeps.auto_levels import AUTO
from batchgauge.core.sweeps.level_search import LevelSearch
from batchgauge.core.verdict import Verdict
from batchgauge.messages import Translator
from batchgauge.reports.quantities import count, percent
from batchgauge.reports.run_names import run_name
from batchgauge.reports.verdict_words import name_of, number_in_words

VALUES: Final = ("jobs", "refill_per_s", "rate_per_s", "images_per_s", "slowdown", "share")
"""The field of a limit that is its value, whichever it has."""
MOST_NAMED: Final = 40
"""Runs whose order is told one by one."""


def searches_in_words(analysis: Analysis, translate: Translator) -> Iterator[str]:
    """A sentence or two for each variant; nothing where the levels were given."""
    for search in analysis.searches:
        said = search_in_words(search, translate)
        yield said if search.variant is None else f"{translate('report.variant', variant=search.variant)}: {said}"


def search_in_words(search: LevelSearch, translate: Translator) -> str:
    """What was found, and why it ended."""
    between = "" if translate.language == "ja" else " "
    return between.join((_found(search, translate), _stop(search, translate)))


def _found(search: LevelSearch, translate: Translator) -> str:
    unchanged, limited = search.bracket.unchanged, search.bracket.limited
    words = {
        "count": count(len(search.levels)),
        "unchanged": count(unchanged),
        "limited": count(limited),
        "limit": "" if search.held is None else limit_in_short(search.held, translate),
    }
    match unchanged, limited:
        case None, None:
            return translate("search.nothing", **words)
        case _, None:
            return translate("search.unlimited", **words)
        case None, _:
            return translate("search.limited", **words)
    return translate("search.found", **words)


def _stop(search: LevelSearch, translate: Translator) -> str:
    if search.end is None:
        return translate("search.stop.open")
    return translate(f"search.stop.{search.end.stop}", next=count(search.end.next_level))


def limit_in_short(verdict: Verdict, translate: Translator) -> str:
    """The limit's name and value: ``maxvCpus: 16 jobs at once``."""
    values = {field.name: getattr(verdict, field.name) for field in fields(verdict)}
    name = name_of(verdict, translate)
    for field in VALUES:
        if isinstance(value := values.get(field), Estimate):
            shown = percent(value.value) if field == "share" else number_in_words(value.value)
            return translate("search.limit", name=name, value=translate(f"search.value.{field}", value=shown))
    return name


def order_in_words(analysis: Analysis, translate: Translator) -> Iterator[str]:
    """That the runs were not measured in the order of the tables, and in which; nothing where the levels were as given."""
    chance = [order for order in analysis.orders if order != AUTO]
    runs = _as_measured(analysis)
    if chance:
        seeds = ", ".join(translate("report.order.seed", seed=order.partition("@")[2]) for order in chance)
        yield translate("report.order.random", seeds=seeds, runs=runs)
    elif AUTO in analysis.orders:
        yield translate("report.order.auto", runs=runs)


def _as_measured(analysis: Analysis) -> str:
    placed = sorted((place, name) for run in analysis.runs if (place := _position(run)) for name in [run_name(run)])
    names = [name for _, name in placed]
    return ", ".join(names[:MOST_NAMED]) + (" …" if len(names) > MOST_NAMED else "")


def _position(run: AnalysedRun) -> tuple[str, int] | None:
    place = run.result.scenario.place if run.result.scenario is not None else None
    return None if place is None else (place.sweep_id, place.position)
