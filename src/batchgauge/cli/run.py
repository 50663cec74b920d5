"""``batchgauge run``: one launch at one level."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from batchgauge import bootstrap
from batchgauge.cli.from_file import SCENARIO_OPTIONS
from batchgauge.cli.guards import guards
from batchgauge.cli.judging import JUDGING_OPTIONS, judged_by, say_not_met, show_verdicts
from batchgauge.cli.language import current_translator
from batchgauge.cli.localised import LocalisedCommand, option
from batchgauge.cli.observers import OBSERVER_OPTIONS, observers
from batchgauge.cli.options import (
    AWS_OPTIONS,
    GUARD_OPTIONS,
    JOB_OPTIONS,
    LOCAL_OPTIONS,
    OUTPUT_OPTIONS,
    TARGET_OPTIONS,
    deadline,
    given_flags,
    local_settings,
    scenario,
    target,
    when_interrupted,
    with_options,
)
from batchgauge.cli.talk import print_table, say
from batchgauge.core.analysis.analysis import analyse
from batchgauge.core.documents.redaction import Redactor
from batchgauge.core.result.run_result import to_document
from batchgauge.core.scenario import DEFAULT_NUM_JOBS
from batchgauge.core.sweeps.steps import SweepStep

RUN_OPTIONS = (
    option("--num-jobs", type=int, default=DEFAULT_NUM_JOBS),
    option("--output", type=click.Path(path_type=Path), metavar="FILE"),
    option("--monitor", is_flag=True),
)


@click.command("run", cls=LocalisedCommand)
@with_options(
    SCENARIO_OPTIONS,
    TARGET_OPTIONS,
    RUN_OPTIONS,
    JOB_OPTIONS,
    JUDGING_OPTIONS,
    AWS_OPTIONS,
    LOCAL_OPTIONS,
    OBSERVER_OPTIONS,
    GUARD_OPTIONS,
    OUTPUT_OPTIONS,
)
@click.pass_context
def run(context: click.Context, /, **given: Any) -> None:
    """Start jobs at once and measure them."""
    sources = observers(given)
    asked = scenario(
        given,
        num_jobs=given["num_jobs"],
        is_monitored=given["monitor"] or given["local"],
        is_given=given_flags(context),
    )
    asked = sources.of_scenario(asked)
    asked = judged_by(asked, given, [asked.num_jobs], given_flags(context))
    local = local_settings(given)
    deadline_s = deadline(given)
    output: Path | None = given["output"]
    asked_guards = guards(given)
    on_interrupt = when_interrupted(given)
    if not asked_guards.is_dry_run:
        if output is not None:
            bootstrap.require_writable_file("--output", output)
        bootstrap.require_writable_folder("--results", given["results"])

    from batchgauge.cli.measured import exit_code, say_what_went_wrong
    from batchgauge.cli.measurement import Measurement
    from batchgauge.cli.measuring import measure

    levels = measure(
        Measurement(
            scenario=asked,
            steps=[SweepStep(level=asked.num_jobs, file=str(output.absolute()) if output is not None else "")],
            target=target(given),
            results=given["results"],
            local=local,
            reads_logs=not given["no_logs"],
            observers=sources,
            redactor=Redactor() if given["redact"] else None,
            is_quiet=given["quiet"],
            deadline_s=deadline_s,
            guards=asked_guards,
            on_interrupt=on_interrupt,
        )
    )
    result = levels[0].document
    if given["as_json"]:
        sys.stdout.buffer.write(to_document(result))
    elif not given["quiet"]:
        from batchgauge.reports.terminal import run_table

        print_table(run_table(result, result.levels[0], current_translator()))
    if not given["as_json"]:
        show_verdicts(analyse([(levels[0].path or str(result.run_id), result)]), is_quiet=given["quiet"])
    if not given["quiet"]:
        folder = bootstrap.results_folder(given["results"]).run_folder(str(result.run_id))
        if levels[0].path is not None:
            say(current_translator()("cli.saved.document", path=levels[0].path))
        if (folder / "journal.jsonl").exists():  # somebody may have deleted it
            say(current_translator()("cli.saved.journal", path=folder / "journal.jsonl"))
    say_what_went_wrong(levels)
    say_not_met(levels.not_met)
    context.exit(exit_code(levels, wanted=1))
