"""A run that waits says what for, within the API budget, and is never failed by it."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import msgspec
import pytest

from batchgauge.core.journal import ComputeEnvironmentFacts, WaitingLook
from batchgauge.core.progress.waiting import WaitingCode
from batchgauge.measure.explain_waiting import LOOK_INTERVAL_S
from batchgauge.ports import QueueSnapshot
from tests.measure.conftest import Bench
from tests.measure.fake_aws import DENIED, NO_CREDENTIALS, THROTTLED, Timing

MakeBench = Callable[..., Bench]
WAITED_S = 600.0


@pytest.fixture
def waiting_bench(make_bench: MakeBench) -> Bench:
    """The third job waits for ten minutes."""

    def timing(number: int) -> Timing:
        return Timing() if number < 3 else Timing(starting_s=WAITED_S, running_s=WAITED_S + 5, ended_s=WAITED_S + 35)

    return make_bench(timing=timing)


def disable(bench: Bench) -> None:
    bench.aws.environments["environment"] = ComputeEnvironmentFacts(
        name="environment", type="FARGATE", max_vcpus=16, state="DISABLED", status="VALID"
    )


def test_a_job_that_waits_is_explained_until_it_starts(waiting_bench: Bench) -> None:
    disable(waiting_bench)
    result = waiting_bench.run(waiting_bench.scenario(3)).result
    [finding] = result.waiting
    [reason] = finding.reasons
    assert (reason.code, reason.subject) == (WaitingCode.ENVIRONMENT_DISABLED, "environment")
    assert finding.jobs == 1
    assert WAITED_S * 0.8 < finding.longest_wait_ms / 1000 <= WAITED_S + 10
    assert result.levels[0].succeeded == 3


def test_it_is_shown_while_it_lasts_and_no_longer(waiting_bench: Bench) -> None:
    disable(waiting_bench)
    waiting_bench.run(waiting_bench.scenario(3))
    shown = [snapshot.waiting is not None for snapshot in waiting_bench.watcher.snapshots]
    assert any(shown)
    assert not shown[0]
    assert not shown[-1]


def test_looks_are_a_minute_apart_and_none_is_made_without_need(waiting_bench: Bench, bench: Bench) -> None:
    waiting_bench.run(waiting_bench.scenario(3))
    looks = [record for record in waiting_bench.journal.of(WaitingLook) if isinstance(record, WaitingLook)]
    assert len(looks) >= 5
    gaps = [(after.sent_ms - before.sent_ms) / 1000 for before, after in itertools.pairwise(looks)]
    assert min(gaps) > LOOK_INTERVAL_S * 0.8
    bench.run(bench.scenario(3))
    assert bench.aws.called("GetJobQueueSnapshot") == []


def test_every_call_is_accounted_for(waiting_bench: Bench) -> None:
    result = waiting_bench.run(waiting_bench.scenario(3)).result
    assert result.api is not None
    calls = result.api.operations["GetJobQueueSnapshot"].calls
    assert calls == len(waiting_bench.aws.called("GetJobQueueSnapshot")) > 0


def test_what_aws_refuses_is_not_asked_again(waiting_bench: Bench) -> None:
    waiting_bench.aws.always["GetJobQueueSnapshot"] = DENIED
    waiting_bench.aws.always["DescribeComputeEnvironments"] = THROTTLED
    disable(waiting_bench)
    result = waiting_bench.run(waiting_bench.scenario(3)).result
    assert len(waiting_bench.aws.called("GetJobQueueSnapshot")) == 1
    assert len(waiting_bench.aws.called("DescribeComputeEnvironments")) > 2
    assert [reason.code for finding in result.waiting for reason in finding.reasons] == [WaitingCode.UNDETERMINED]


def test_vanished_credentials_are_for_the_observer_to_say(waiting_bench: Bench) -> None:
    waiting_bench.aws.always["DescribeJobQueues"] = NO_CREDENTIALS
    report = waiting_bench.run(waiting_bench.scenario(3))
    assert report.error is None
    assert report.result.levels[0].succeeded == 3


def test_others_at_the_front_of_the_queue_are_counted(waiting_bench: Bench) -> None:
    waiting_bench.aws.snapshot = QueueSnapshot(("other-1", "other-2", "id-3"), used_vcpus=3.0)
    [finding] = waiting_bench.run(waiting_bench.scenario(3)).result.waiting
    [reason] = finding.reasons
    assert (reason.code, reason.position) == (WaitingCode.HEAD_OF_LINE, 2)


def test_an_embedded_aws_that_is_scaled_is_asked_sooner(waiting_bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    scaled = msgspec.structs.replace(waiting_bench.surroundings().facts, time_scale=0.1)
    monkeypatch.setattr("tests.measure.conftest.FACTS", scaled)
    waiting_bench.run(waiting_bench.scenario(3))
    looks = [record for record in waiting_bench.journal.of(WaitingLook) if isinstance(record, WaitingLook)]
    assert looks[0].longest_wait_ms < 60_000
    assert len(looks) > 50
