"""Log streams, read once after the jobs have ended."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.job import JobState
from batchgauge.core.journal import Call, LogLook, Sighting
from batchgauge.measure.interruption import Interruption
from batchgauge.measure.read_logs import CALLS_PER_S, MAX_PAGES, MAX_STREAMS, LogReader, sample
from batchgauge.ports import LogLine, LogPage, Reply
from tests.core.journals import plan_of
from tests.measure.conftest import Bench
from tests.measure.fake_aws import DENIED, REFUSED, THROTTLED
from tests.measure.virtual_time import run_virtually


def ended(index: int, stream: str | None = "stream", state: JobState = JobState.SUCCEEDED) -> Sighting:
    return Sighting(job=index, state=state, log_stream=stream, log_group="/aws/batch/job")


def looks_after_reading(bench: Bench, *sightings: Sighting, interruption: Interruption | None = None) -> list[LogLook]:
    recorder = bench.recorder()
    recorder.record(plan_of(len(sightings)))

    async def work() -> None:
        for sighting in sightings:
            recorder.saw(sighting)
        stop = interruption or Interruption()
        await LogReader(bench.aws, recorder, bench.aws.clock, bench.chance, stop).read()

    run_virtually(work())
    return [record for record in bench.journal.records if isinstance(record, LogLook)]


def test_a_stream_is_read_to_its_end_and_its_lines_keep_both_times(bench: Bench) -> None:
    [look] = looks_after_reading(bench, ended(1))
    assert look.lines == ((0, 40), (1, 41), (2, 42))
    assert not look.is_truncated
    assert look.error is None


def test_only_jobs_that_ended_and_wrote_are_read(bench: Bench) -> None:
    looks = looks_after_reading(bench, ended(1), ended(2, None), ended(3, state=JobState.RUNNING))
    assert [look.job for look in looks] == [1]


def test_an_empty_stream_is_read_a_second_time_after_a_while(bench: Bench) -> None:
    bench.aws.log_lines = 0
    [look] = looks_after_reading(bench, ended(1))
    assert look.lines == ()
    assert len([token for _, _, token in bench.aws.called("GetLogEvents") if token is None]) == 2


def test_a_stream_that_cannot_be_read_is_recorded_with_its_error(bench: Bench) -> None:
    bench.aws.always["GetLogEvents"] = REFUSED
    [look] = looks_after_reading(bench, ended(1))
    assert (look.lines, look.error) == ((), "ClientException")


def test_permissions_that_are_missing_are_no_reason_to_fail(bench: Bench) -> None:
    bench.aws.always["GetLogEvents"] = DENIED
    looks = looks_after_reading(bench, ended(1), ended(2))
    assert {look.error for look in looks} == {"AccessDeniedException"}


def test_a_throttled_read_is_tried_again(bench: Bench) -> None:
    bench.aws.trouble_next("GetLogEvents", THROTTLED, None, THROTTLED)
    [look] = looks_after_reading(bench, ended(1))
    assert len(look.lines) == 3
    calls = [record for record in bench.journal.records if isinstance(record, Call)]
    assert [call.attempt for call in calls] == [1, 2, 1, 2]


def test_a_stream_without_end_is_cut_off_and_says_so(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = iter(range(100))

    async def page(group: str, stream: str, token: str | None = None) -> Reply[LogPage]:
        del group, stream, token
        number = next(pages)
        return await bench.aws._call("GetLogEvents", None, lambda: LogPage((LogLine(number, number, ""),), f"{number}"))

    monkeypatch.setattr(bench.aws, "read_log_page", page)
    [look] = looks_after_reading(bench, ended(1))
    assert look.is_truncated
    assert len(look.lines) == MAX_PAGES


def test_the_pace_leaves_room_for_others(bench: Bench) -> None:
    looks_after_reading(bench, *(ended(n) for n in range(1, 11)))
    calls = [record for record in bench.journal.records if isinstance(record, Call)]
    gaps = [after.sent_ms - before.sent_ms for before, after in pairwise(calls)]
    assert min(gaps) >= 1000 / CALLS_PER_S


def test_an_interruption_ends_the_reading(bench: Bench) -> None:
    interruption = Interruption()
    interruption.request("SIGINT")
    assert looks_after_reading(bench, *(ended(n) for n in range(1, 6)), interruption=interruption) == []


@given(st.integers(0, 2_000))
def test_a_sample_is_even_in_order_and_no_larger_than_allowed(count: int) -> None:
    sightings = [ended(n) for n in range(1, count + 1)]
    chosen = [sighting.job for sighting in sample(sightings)]
    assert len(chosen) == min(count, MAX_STREAMS)
    assert chosen == sorted(set(chosen))
    gaps = [after - before for before, after in pairwise(chosen)]
    assert not gaps or max(gaps) - min(gaps) <= 1
