from __future__ import annotations

import msgspec
import pytest

from batchgauge.core.analysis.analysis import Analysis, analyse
from batchgauge.core.bound import exactly
from batchgauge.core.findings.kinds import Phase, RepeatsDrifted
from batchgauge.core.findings.repeat_drift import repeat_drifts
from batchgauge.core.findings.rules import find
from batchgauge.core.result.run_result import RunResult
from batchgauge.messages import Language, translator
from batchgauge.messages.language import LANGUAGES
from batchgauge.reports.wording import in_words
from tests.reports.runs import Setting, measured


def slower(result: RunResult, times: float, hour: int) -> RunResult:
    """Run times so many times as long, measured at that hour."""
    jobs = []
    for job in result.jobs:
        assert job.phases is not None
        assert job.phases.run_ms is not None
        run_ms = exactly((job.phases.run_ms.earliest or 0.0) * times)
        jobs.append(msgspec.structs.replace(job, phases=msgspec.structs.replace(job.phases, run_ms=run_ms)))
    return msgspec.structs.replace(result, jobs=tuple(jobs), timestamp=f"2026-11-22T{hour:02d}:00:00")


def sweep(repeats: int, grows: float, levels: tuple[int, ...] = (2, 5, 10, 20)) -> Analysis:
    return analyse(
        [
            (f"{level}-{hour}.json", slower(measured(level, seed=hour + 1), 1 + grows * hour, hour))
            for level in levels
            for hour in range(repeats)
        ]
    )


@pytest.mark.parametrize("repeats", [0, 1, 3])
def test_three_repeats_say_nothing(repeats: int) -> None:
    assert repeat_drifts(sweep(repeats, 0.1)) == ()


def test_run_times_that_grow_from_repeat_to_repeat_drift() -> None:
    [run] = [drift for drift in repeat_drifts(sweep(4, 0.1)) if drift.phase is Phase.RUN]
    assert run.is_drift
    assert (run.levels, run.repeats) == (4, 16)
    assert run.interval.earliest is not None
    assert run.interval.earliest > 0.05
    assert run.per_repeat.earliest == pytest.approx(0.1 / 1.15, rel=0.1)


def test_without_a_drift_none_is_named() -> None:
    drifts = repeat_drifts(sweep(4, 0.0))
    assert {Phase.SUBMIT, Phase.RUN} <= {drift.phase for drift in drifts}
    assert not any(drift.is_drift for drift in drifts)


def test_runs_in_other_conditions_do_not_drift() -> None:
    docs = [(f"{n}.json", measured(5, Setting(countdown_s=30 + n), seed=n)) for n in range(4)]
    assert repeat_drifts(analyse(docs)) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_drift_stands_out_in_words(language: Language) -> None:
    [found] = [entry for entry in find(sweep(4, 0.1)) if isinstance(entry, RepeatsDrifted)]
    assert (found.phases, found.runs) == ((Phase.RUN,), 16)
    words = in_words(found, translator(language), str)
    assert translator(language)("phase.run") in words
    assert not any(isinstance(entry, RepeatsDrifted) for entry in find(sweep(4, 0.0)))
