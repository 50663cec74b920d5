"""The benchmark of the verdicts in small: one account of each kind, judged by documents and by the columns that are made of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from known_limits import KINDS, draw, sweep
from limits_over_http import draw_over_http, faults_of, model_of
from verdicts import outcome_of

from batchgauge import bootstrap
from batchgauge.batchmodel.boundary import ModelSettings
from batchgauge.core.limits.judging import judge_limits
from batchgauge.localaws import fault_plan, model_file
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


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_takes_the_same_account(kind: str) -> None:
    """What the sweeps over HTTP hand to it, as files."""
    known = draw_over_http(kind, 1)
    settings, faults = known.settings, known.settings.faults
    told = model_file.decode(json.dumps(model_of(settings)).encode()).applied_to(ModelSettings())
    for name in ("fargate_vcpu_quota", "fargate_launch_bucket", "dispatch_bucket", "registry_mib_per_s", "contention"):
        assert getattr(told, name) == getattr(settings, name)
    assert told.virtual_duration == settings.virtual_duration
    plan = fault_plan.decode(json.dumps(faults_of(known)).encode())
    assert plan.jobs.for_model().crashes == faults.crashes
    assert sum(plan.jobs.withheld_vcpus.values()) == sum(faults.withheld_vcpus.values())
    assert len(plan.requests) == (kind == "client")
