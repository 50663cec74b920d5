"""The benchmark of the verdicts in small: one account of each kind, judged by documents and by the columns that are made of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from known_limits import KINDS, draw, sweep
from verdicts import outcome_of

from batchgauge import bootstrap
from batchgauge.core.limits import judge_limits
from batchgauge.reports.job_files import jobs_parquet
from tests.core.test_table_summary import close
from tests.store.test_verdict_of_columns import plain


@pytest.mark.parametrize("kind", KINDS)
def test_the_limit_of_an_account_is_named(kind: str, tmp_path: Path) -> None:
    known = draw(kind, 1)
    analysis = sweep(known)
    outcome = outcome_of(known, analysis)
    assert outcome.named == kind, outcome.shown
    assert outcome.is_close, outcome.shown
    columns = tmp_path / "jobs.parquet"
    columns.write_bytes(jobs_parquet(analysis))
    assert close(plain(judge_limits(bootstrap.read_analysis(columns))), plain(judge_limits(analysis)))
