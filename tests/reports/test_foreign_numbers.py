"""Documents whose numbers contradict each other: made by hand, by another tool, or by a clock that was set."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from batchgauge.core.analysis.analysis import analyse
from batchgauge.core.result.run_result import from_document, to_document
from batchgauge.messages import translator
from batchgauge.reports.markdown import markdown_report
from batchgauge.reports.terminal import run_table, sweep_table
from tests.reports.runs import Setting, measured

DOCUMENT = to_document(measured(3, Setting(failing=3)))


def numbers(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        if isinstance(inner, int | float) and not isinstance(inner, bool):
            yield (*path, key)
        yield from numbers(inner, (*path, key))


# A version that is not ours is refused by name (tests/core/test_result.py): it is no number that contradicts another.
PATHS = [path for path in numbers(json.loads(DOCUMENT)) if path != ("schemaVersion",)]
changes = st.lists(
    st.tuples(st.sampled_from(PATHS), st.sampled_from([0, -1, 1, 1e-300, 1e12, 1e15, -1e15])), min_size=1, max_size=5
)


@given(changes)
@settings(max_examples=60, deadline=None)  # no time is asserted: the machine may be busy with other things
def test_whatever_the_numbers_say_there_is_a_report(changed: list[tuple[tuple[Any, ...], float]]) -> None:
    document = json.loads(DOCUMENT)
    for path, value in changed:
        place = document
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = int(value) if isinstance(place[path[-1]], int) else value
    analysis = analyse([("a.json", from_document(json.dumps(document).encode())), ("b.json", measured(2))])
    translate = translator("en")
    assert markdown_report(analysis, translate).startswith("# ")
    console = Console(file=StringIO())
    console.print(sweep_table(analysis, translate))
    for run in analysis.runs:
        console.print(run_table(run.result, run.summary, translate))
