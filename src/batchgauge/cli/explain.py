"""``batchgauge explain``: why a job waits or failed, and what to do."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from batchgauge import bootstrap
from batchgauge.cli.language import current_translator
from batchgauge.cli.localised import LocalisedCommand, option
from batchgauge.cli.options import AWS_OPTIONS, with_options
from batchgauge.cli.talk import print_lines, say
from batchgauge.errors import ConflictingOptionsError, LocalRunGoneError, MissingOptionError

if TYPE_CHECKING:
    from batchgauge.core.diagnosis.explanation import Explanation
    from batchgauge.core.result.run_result import RunResult

OPTIONS = (
    option("--job-queue", help="cli.option.explain-job-queue"),
    option("--run", help="cli.option.explain-run"),
    option("--all-failed", is_flag=True),
    option("--results", type=click.Path(path_type=Path), default=Path("test-results"), help="cli.option.runs-results"),
    option("--json", "as_json", is_flag=True),
    option("--lang", type=click.Choice(["ja", "en"])),
)


@click.command("explain", cls=LocalisedCommand)
@click.argument("job", metavar="JOB", required=False)
@with_options(OPTIONS, AWS_OPTIONS)
def explain(job: str | None, **given: Any) -> None:
    """Say why a job waits or failed."""
    if given["all_failed"]:
        if job is not None:
            raise ConflictingOptionsError(flag="--all-failed", other="JOB")
        _explain_run(bootstrap.read_run(given["results"], given["run"] or "latest"), as_json=given["as_json"])
        return
    if job is None:
        raise MissingOptionError(flag="JOB")
    target = bootstrap.Target(given["region"], given["profile"], given["endpoint_url"])
    if given["run"] is not None:
        result = bootstrap.read_run(given["results"], given["run"])
        job, target = _job_of_run(result, job), _target_of_run(result, target)
    region, explanation = asyncio.run(_find(target, job, given["job_queue"]))

    from batchgauge.core.diagnosis.explanation import ExplanationReport, explanation_document

    if given["as_json"]:
        sys.stdout.buffer.write(explanation_document(ExplanationReport(region=region, job=explanation)))
        sys.stdout.buffer.flush()
        return
    from batchgauge.core.place import place_words
    from batchgauge.reports.diagnosis_words import explanation_lines

    where = place_words(region, target.profile, target.endpoint_url)
    print_lines(lambda width: explanation_lines(explanation, width, current_translator(), where))


def _explain_run(result: RunResult, *, as_json: bool) -> None:
    """From the run's own journal: AWS is not asked, so it works when the jobs are long gone."""
    from batchgauge.core.diagnosis.explanation import ExplanationReport, explanation_document, group_failures

    groups = group_failures(result)
    failed = sum(group.jobs for group in groups)
    if as_json:
        report = ExplanationReport(run_id=result.run_id, failed=failed, groups=groups)
        sys.stdout.buffer.write(explanation_document(report))
        sys.stdout.buffer.flush()
        return
    from batchgauge.core.place import place_words
    from batchgauge.reports.diagnosis_words import group_lines

    translate = current_translator()
    place = result.environment
    where = place_words(place.region, place.profile, place.endpoint_url) if place is not None else ""
    print_lines(lambda width: group_lines(groups, width, translate, where))
    say(translate("explain.run", run=result.run_id, failed=failed, jobs=result.total_jobs))


async def _find(target: bootstrap.Target, job: str, queue: str | None) -> tuple[str, Explanation]:
    from batchgauge.measure.explain_job import JobExplainer

    async with bootstrap.open_aws(target) as aws:
        endpoint = aws.facts.endpoint_url or f"AWS Batch, {aws.facts.region}"
        explainer = JobExplainer(aws.batch, aws.traces, aws.clock.now_ms, endpoint)
        return aws.facts.region, await explainer.explain(await explainer.find(job, queue))


def _job_of_run(result: RunResult, wanted: str) -> str:
    """The id of the job that is meant, by its id, its name, or how one of them begins or ends; as it stands where the run has none."""
    named = [entry for entry in result.jobs if entry.job_id is not None and wanted in (entry.job_id, entry.job_name)]
    alike = [
        entry
        for entry in result.jobs
        if entry.job_id is not None
        and (entry.job_id.startswith(wanted) or entry.job_name.startswith(wanted) or entry.job_name.endswith(wanted))
    ]
    found = named or alike
    if len(found) > 1:
        from batchgauge.errors import JobAmbiguousError

        shown = ", ".join(f"{entry.job_name} ({entry.job_id})" for entry in found[:5])
        raise JobAmbiguousError(job=wanted, jobs=shown + (", …" if len(found) > 5 else ""))
    return str(found[0].job_id) if found else wanted


def _target_of_run(result: RunResult, asked: bootstrap.Target) -> bootstrap.Target:
    """Where the run was measured, unless a flag says otherwise.

    Raises:
        LocalRunGoneError: on an embedded AWS that has ended with it.
    """
    environment = result.environment
    if environment is None:
        return asked
    if environment.has_own_server:
        raise LocalRunGoneError(run=str(result.run_id))
    return bootstrap.Target(
        asked.region or environment.region,
        asked.profile or environment.profile,
        asked.endpoint_url or environment.endpoint_url,
    )
