"""What was measured and how, as rows of (item, value); where runs differ, every value that occurs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from batchgauge.core.analysis.analysis import AnalysedRun, Analysis
from batchgauge.core.findings.differences import countdowns_of
from batchgauge.core.journal import EnvironmentFacts
from batchgauge.core.scenario import Scenario
from batchgauge.messages import Translator
from batchgauge.reports.load_words import load_in_words
from batchgauge.reports.markdown_syntax import code

MAX_VALUES = 10
"""Different values that a row names."""


def condition_rows(analysis: Analysis, translate: Translator) -> Iterator[tuple[str, str]]:
    """The rows, without those of which no file says anything."""
    for item, show in _ITEMS.items():
        values = list(dict.fromkeys(value for run in analysis.runs if (value := show(run, translate))))
        if values:
            more = " …" if len(values) > MAX_VALUES else ""
            yield translate(f"fact.{item}"), "; ".join(values[:MAX_VALUES]) + more


def _aws(environment: EnvironmentFacts, translate: Translator) -> str | None:
    region = code(environment.region)
    if environment.is_local:
        return translate("fact.aws-embedded", region=region, scale=environment.time_scale)
    account = code(environment.account_id) if environment.account_id else translate("fact.unknown")
    return translate("fact.aws-real", region=region, account=account)


def _environments(environment: EnvironmentFacts, translate: Translator) -> str | None:
    return ", ".join(
        translate(
            "fact.environment",
            name=code(entry.name),
            type=code(entry.type or "?"),
            max_vcpus=entry.max_vcpus if entry.max_vcpus is not None else "?",
        )
        for entry in environment.compute_environments
    )


def _job_size(environment: EnvironmentFacts, translate: Translator) -> str | None:
    if environment.job_vcpus is None and environment.job_memory_mib is None:
        return None
    vcpus = "?" if environment.job_vcpus is None else f"{environment.job_vcpus:g}"
    memory = "?" if environment.job_memory_mib is None else f"{environment.job_memory_mib:,}"
    return translate("fact.job-size-value", vcpus=vcpus, memory=memory)


def _platform(environment: EnvironmentFacts, _: Translator) -> str | None:
    parts = (environment.job_platform, environment.operating_system_family)
    return ", ".join(code(part) for part in parts if part)


def _tool(environment: EnvironmentFacts, translate: Translator) -> str | None:
    return translate(
        "fact.tool-value",
        version=code(environment.tool_version),
        python=code(environment.python_version or "?"),
        platform=code(environment.platform or "?"),
    )


def _countdown(run: AnalysedRun, _: Translator) -> str | None:
    seconds = sorted(countdowns_of(run))
    return ", ".join(f"{value} s" for value in seconds[:MAX_VALUES])


def _command(scenario: Scenario, _: Translator) -> str | None:
    return " ".join(code(word) for word in scenario.job.command or ())


def _load(scenario: Scenario, translate: Translator) -> str | None:
    words = load_in_words(scenario, translate)
    return f"{words}; {translate('load.array')}" if scenario.is_array and scenario.load_shape.is_open else words


def _monitoring(run: AnalysedRun, translate: Translator) -> str | None:
    scenario, polling = run.result.scenario, run.result.polling
    if scenario is None:
        return None
    if not scenario.is_monitored:
        return translate("fact.monitoring-none")
    if scenario.watches_events:
        return translate("fact.monitoring-events", interval=f"{scenario.look_interval_s:g}")
    if polling is not None and polling.shortest_interval_s < polling.longest_interval_s:
        shortest, longest = f"{polling.shortest_interval_s:g}", f"{polling.longest_interval_s:g}"
        return translate("fact.monitoring-planned", shortest=shortest, longest=longest)
    interval_s = polling.shortest_interval_s if polling is not None else scenario.monitor_interval_s
    return translate("fact.monitoring-value", interval=f"{interval_s:g}")


Show = Callable[[AnalysedRun, Translator], str | None]


def _of_environment(show: Callable[[EnvironmentFacts, Translator], str | None]) -> Show:
    return lambda run, translate: show(run.result.environment, translate) if run.result.environment else None


def _of_scenario(show: Callable[[Scenario, Translator], str | None]) -> Show:
    return lambda run, translate: show(run.result.scenario, translate) if run.result.scenario else None


_ITEMS: dict[str, Show] = {
    "queue": lambda run, _: code(run.result.job_queue),
    "definition": lambda run, _: code(run.result.job_definition),
    "aws": _of_environment(_aws),
    "endpoint": _of_environment(lambda facts, _: code(facts.endpoint_url) if facts.endpoint_url else None),
    "environments": _of_environment(_environments),
    "job-size": _of_environment(_job_size),
    "platform": _of_environment(_platform),
    "countdown": _countdown,
    "command": _of_scenario(_command),
    "load": _of_scenario(_load),
    "monitoring": _monitoring,
    "log-group": _of_environment(lambda facts, _: code(facts.log_group) if facts.log_group else None),
    "tool": _of_environment(_tool),
}
