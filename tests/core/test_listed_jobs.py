"""Statistics of single jobs are the same whether these are records or columns; of too many columns there are none."""

from __future__ import annotations

import random

import msgspec
import pytest

from batchgauge.core.analysis import listed_jobs as module
from batchgauge.core.analysis.analysis import Analysis, analyse
from batchgauge.core.analysis.of_tables import analyse_tables
from batchgauge.core.columns.job_table import table_of
from batchgauge.core.findings.estimates import endings, phase_estimates
from batchgauge.core.findings.far_off import took_far_longer
from batchgauge.core.findings.scaling_law import FoundLaw, scaling_law
from tests.reports.runs import Setting, measured

RUNS = [
    (f"{level}-{seed}.json", measured(level, Setting(failing=9, refused=11), seed=seed))
    for level in (2, 5, 10, 20)
    for seed in (1, 2)
]


def as_columns() -> Analysis:
    return analyse_tables(
        [(file, msgspec.structs.replace(result, jobs=()), table_of(result.jobs)) for file, result in RUNS]
    )


def test_columns_say_the_same_as_records() -> None:
    records, columns = analyse(RUNS), as_columns()
    assert columns.has_columns
    assert phase_estimates(columns) == phase_estimates(records) != ()
    assert endings(columns) == endings(records) != ()
    assert list(took_far_longer(columns)) == list(took_far_longer(records))
    law = scaling_law(records, random.Random(1))
    assert isinstance(law, FoundLaw)
    assert scaling_law(columns, random.Random(1)) == law


def test_of_too_many_columns_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 1)
    columns = as_columns()
    assert phase_estimates(columns) == ()
    assert endings(columns) == ()
    assert scaling_law(columns, random.Random(1)) is None
