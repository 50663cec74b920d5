"""What everybody looks at first: a row a level, its repeats taken together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from batchgauge.core.analysis.analysis import AnalysedRun
from batchgauge.core.bound import UNKNOWN, Bound, exactly, hull
from batchgauge.core.findings.repeats import taken_together
from batchgauge.core.findings.rules import most_surely_held
from batchgauge.core.stats.summary import Summary
from batchgauge.messages import Translator
from batchgauge.reports.markdown_syntax import table
from batchgauge.reports.quantities import NOT_MEASURED, count, counts, duration, per_second, percents
from batchgauge.reports.run_names import names_of
from batchgauge.reports.statistics import submitted_so_far, success_so_far

Runs = Sequence[AnalysedRun]


def glance_table(runs: Runs, translate: Translator) -> str:
    """The report's; how many repeats a row has stands beside the level where any has several."""
    rows = taken_together(runs)
    has_repeats = is_repeated(runs)
    names = ["level", *(["repeats"] if has_repeats else ()), "submission-success", "job-success", "submit-mean"]
    names += ["submissions-per-s", "queue-mean", "start-up-mean", "run-mean", "places-held", "throttles"]
    cells = ((_name(row, runs), *([count(len(row))] if has_repeats else ()), *_cells(row, translate)) for row in rows)
    return table([translate(f"column.{name}") for name in names], cells, text_columns=0)


def glance_notes(runs: Runs, translate: Translator) -> Iterator[str]:
    """How to read the ranges of repeats, where there are any."""
    if is_repeated(runs):
        yield translate("glance.repeats")


def is_repeated(runs: Runs) -> bool:
    """Whether any row stands for several runs."""
    return any(len(row) > 1 for row in taken_together(runs))


def sweep_rows(runs: Runs, translate: Translator) -> Iterator[tuple[str, ...]]:
    """The terminal's: as much of it as fits there."""
    for row in taken_together(runs):
        succeeded, level = sum(run.summary.succeeded for run in row), sum(run.summary.level for run in row)
        name = _name(row, runs)
        yield (
            name if len(row) == 1 else translate("glance.level", name=name, repeats=len(row)),
            f"{count(succeeded)}/{count(level)}" if row[0].summary.is_monitored else NOT_MEASURED,
            *_times(row, translate, array=translate("cell.array")),
            _counts(row, _places_held, of_capacity=True),
            _counts(row, lambda run: run.summary.throttles),
        )


def _name(row: Runs, runs: Runs) -> str:
    """The level alone where the row has all runs of it, else which of them."""
    first = row[0]
    level, variant = first.summary.level, first.variant
    of_level = sum((run.summary.level, run.variant) == (level, variant) for run in runs)
    name = count(level) if len(row) == of_level else names_of(level, [run.repeat for run in row])
    return name if variant is None else f"{variant} {name}"


def _cells(row: Runs, translate: Translator) -> Iterator[str]:
    accepted = counts([run.summary.accepted for run in row])
    yield _across(row, lambda run: submitted_so_far(run.summary), percents, translate)
    yield _across(row, lambda run: success_so_far(run.summary), percents, translate)
    yield from _times(row, translate, array=translate("cell.one-array", jobs=accepted))
    yield _counts(row, _places_held, of_capacity=True)
    yield _counts(row, lambda run: run.summary.throttles)


def _times(row: Runs, translate: Translator, *, array: str) -> Iterator[str]:
    """The phases' means; a single array job has no rate of submission, and `array` stands there."""
    yield _means(row, lambda run: run.summary.submit, translate)
    is_array = row[0].summary.is_one_array
    yield array if is_array else _across(row, lambda run: run.summary.submissions_per_s, per_second, translate)
    yield _means(row, lambda run: run.summary.queue, translate)
    yield _means(row, lambda run: run.summary.start_up, translate)
    yield _means(row, lambda run: run.summary.run, translate)


def _means(row: Runs, pick: Callable[[AnalysedRun], Summary | None], translate: Translator) -> str:
    return _across(row, lambda run: mean.mean if (mean := pick(run)) is not None else None, duration, translate)


def _across(
    row: Runs,
    pick: Callable[[AnalysedRun], Bound | float | None],
    write: Callable[[Bound | None], str],
    translate: Translator,
) -> str:
    """From the least that any repeat may have to the most; of how many repeats, where it is not known of all."""
    picked = [exactly(value) if isinstance(value, int | float) else value for value in map(pick, row)]
    known = [bound for bound in picked if bound is not None and bound != UNKNOWN]
    if not known:
        return NOT_MEASURED
    words = write(hull(known))
    if len(known) == len(row):
        return words
    return translate("glance.some", value=words, known=count(len(known)), repeats=count(len(row)))


def _places_held(run: AnalysedRun) -> int | None:
    """From STARTING on: jobs shorter than their start-up never run all at once."""
    return None if run.summary.max_running is None else most_surely_held(run)


def _counts(row: Runs, pick: Callable[[AnalysedRun], int | None], *, of_capacity: bool = False) -> str:
    known = [number for number in map(pick, row) if number is not None]
    capacity = row[0].summary.capacity_jobs
    words = counts(known)
    if not known or not of_capacity or capacity is None:
        return words
    return f"{words.replace(' ', '')}/{count(capacity)}"
