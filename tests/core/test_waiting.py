"""Which jobs wait too long, and what the looks say of why."""

from __future__ import annotations

from typing import Any

import pytest

from batchgauge.core.bound import Bound
from batchgauge.core.job import JobState
from batchgauge.core.journal import Attempt, ComputeEnvironmentFacts, QueueFacts, Sighting, WaitingLook
from batchgauge.core.observed.timeline import AttemptInstants, Phases
from batchgauge.core.progress.waiting import (
    FIRST_WAIT_S,
    STALLED_S,
    WaitingCode,
    WaitingCollector,
    WaitingReason,
    explain,
    find_waiting,
    longest_wait,
)

NOW = 1e12


def job(number: int, state: JobState, *, age_s: float, waited_s: float | None = None, **more: Any) -> Sighting:
    created = NOW - age_s * 1000
    started = None if waited_s is None else created + waited_s * 1000
    return Sighting(job=number, state=state, created_ms=created, started_ms=started, **more)


def look(**more: Any) -> WaitingLook:
    return WaitingLook(
        **{
            "sent_ms": NOW,
            "received_ms": NOW + 1,
            "jobs": "1-3",
            "longest_wait_ms": 70_000.0,
            "queue": QueueFacts(name="queue", state="ENABLED", status="VALID"),
            "environments": (environment(),),
            **more,
        }
    )


def environment(name: str = "environment", **more: Any) -> ComputeEnvironmentFacts:
    return ComputeEnvironmentFacts(**{"name": name, "max_vcpus": 16, "state": "ENABLED", "status": "VALID", **more})


def codes(*looks: WaitingLook, job_vcpus: float | None = 1.0) -> list[WaitingCode]:
    return [reason.code for each in looks for reason in explain(each, job_vcpus)]


class TestWhoWaits:
    def test_a_minute_is_not_too_long_and_more_is(self) -> None:
        assert find_waiting([job(1, JobState.RUNNABLE, age_s=FIRST_WAIT_S)], now_ms=NOW, unmoved_s=0) is None
        found = find_waiting([job(1, JobState.RUNNABLE, age_s=FIRST_WAIT_S + 1)], now_ms=NOW, unmoved_s=0)
        assert found is not None
        assert (found.jobs, found.longest_s, found.is_stalled) == ((1,), FIRST_WAIT_S + 1, False)

    def test_peers_that_waited_long_set_the_measure(self) -> None:
        peers = [job(number, JobState.SUCCEEDED, age_s=500, waited_s=100) for number in (1, 2, 3)]
        waiting = [job(4, JobState.RUNNABLE, age_s=299), job(5, JobState.RUNNABLE, age_s=301)]
        found = find_waiting([*peers, *waiting], now_ms=NOW, unmoved_s=0)
        assert found is not None
        assert found.jobs == (5,)

    def test_a_scaled_aws_is_expected_to_be_faster(self) -> None:
        sightings = [job(1, JobState.RUNNABLE, age_s=7)]
        assert find_waiting(sightings, now_ms=NOW, unmoved_s=0) is None
        assert find_waiting(sightings, now_ms=NOW, unmoved_s=0, time_scale=0.1) is not None
        assert find_waiting([job(1, JobState.RUNNABLE, age_s=2)], now_ms=NOW, unmoved_s=0, time_scale=0.0) is None

    def test_a_retry_waits_since_the_attempt_before_ended(self) -> None:
        attempts = (Attempt(started_ms=NOW - 100_000, stopped_ms=NOW - 10_000),)
        sightings = [job(1, JobState.RUNNABLE, age_s=500, attempts=attempts)]
        assert find_waiting(sightings, now_ms=NOW, unmoved_s=0) is None

    def test_running_and_ended_jobs_never_wait(self) -> None:
        sightings = [job(1, JobState.RUNNING, age_s=9999), job(2, JobState.FAILED, age_s=9999)]
        assert find_waiting(sightings, now_ms=NOW, unmoved_s=9999) is None
        assert find_waiting([], now_ms=NOW, unmoved_s=9999) is None

    def test_a_run_in_which_nothing_moves_has_stalled(self) -> None:
        sightings = [job(1, JobState.STARTING, age_s=20), job(2, JobState.SUCCEEDED, age_s=20, waited_s=1)]
        assert find_waiting(sightings, now_ms=NOW, unmoved_s=STALLED_S) is None
        found = find_waiting(sightings, now_ms=NOW, unmoved_s=STALLED_S + 1)
        assert found is not None
        assert (found.jobs, found.is_stalled) == ((1,), True)
        running = job(3, JobState.RUNNING, age_s=20, waited_s=1)
        assert find_waiting([*sightings, running], now_ms=NOW, unmoved_s=STALLED_S + 1) is None

    def test_awss_words_are_counted(self) -> None:
        sightings = [job(n, JobState.RUNNABLE, age_s=99, status_reason="because") for n in (1, 2)]
        found = find_waiting([*sightings, job(3, JobState.PENDING, age_s=99)], now_ms=NOW, unmoved_s=0)
        assert found is not None
        assert (dict(found.said), found.pending) == ({"because": 2}, 1)


class TestReasons:
    def test_without_any_sign_it_is_undetermined(self) -> None:
        assert codes(look()) == [WaitingCode.UNDETERMINED]
        assert codes(look(queue=None, environments=()), job_vcpus=None) == [WaitingCode.UNDETERMINED]

    @pytest.mark.parametrize(
        ("changed", "code"),
        [
            ({"queue": QueueFacts(name="queue", state="DISABLED", status="VALID")}, WaitingCode.QUEUE_DISABLED),
            ({"queue": QueueFacts(name="queue", state="ENABLED", status="INVALID")}, WaitingCode.QUEUE_INVALID),
            ({"environments": (environment(state="DISABLED"),)}, WaitingCode.ENVIRONMENT_DISABLED),
            ({"environments": (environment(status="INVALID"),)}, WaitingCode.ENVIRONMENT_INVALID),
            ({"environments": (environment(status_reason="VcpuLimitExceeded"),)}, WaitingCode.QUOTA),
            ({"environments": (environment(max_vcpus=0.5),)}, WaitingCode.JOB_TOO_LARGE),
            ({"used_vcpus": 16.0}, WaitingCode.AT_MAX_VCPUS),
            ({"front": 5, "position": 3}, WaitingCode.HEAD_OF_LINE),
            ({"front": 100, "position": None}, WaitingCode.HEAD_OF_LINE),
            ({"pending": 2}, WaitingCode.DEPENDENCY),
            ({"said": (("Something new", 1),)}, WaitingCode.AWS_SAYS),
            ({"said": (("UNDETERMINED - who knows", 1),)}, WaitingCode.UNDETERMINED),
        ],
    )
    def test_each_sign_has_its_code(self, changed: dict[str, Any], code: WaitingCode) -> None:
        assert codes(look(**changed)) == [code]

    @pytest.mark.parametrize(
        ("said", "code"),
        [
            ("CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - no", WaitingCode.NO_INSTANCE_CAPACITY),
            ("MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE - no", WaitingCode.MAX_RESOURCE),
            ("MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - no", WaitingCode.JOB_REQUIREMENT),
            ("MISCONFIGURATION:SERVICE_ROLE_PERMISSIONS - no", WaitingCode.SERVICE_ROLE),
        ],
    )
    def test_a_blocked_jobs_reason_is_recognised_and_kept(self, said: str, code: WaitingCode) -> None:
        [reason] = explain(look(said=((said, 2),)), 1.0)
        assert reason == WaitingReason(code=code, jobs=2, said=said)

    def test_room_that_is_left_is_no_reason(self) -> None:
        assert codes(look(used_vcpus=15.0)) == [WaitingCode.UNDETERMINED]
        assert codes(look(used_vcpus=15.0), job_vcpus=2.0) == [WaitingCode.AT_MAX_VCPUS]
        assert codes(look(front=5, position=0)) == [WaitingCode.UNDETERMINED]

    def test_a_limit_that_is_not_known_explains_nothing(self) -> None:
        unknown = (environment(), environment("other", max_vcpus=None))
        assert codes(look(used_vcpus=99.0, environments=unknown), job_vcpus=99.0) == [WaitingCode.UNDETERMINED]

    def test_causes_stand_before_what_follows_from_them(self) -> None:
        found = look(used_vcpus=16.0, front=9, position=4, environments=(environment(status="INVALID"),))
        assert codes(found) == [WaitingCode.ENVIRONMENT_INVALID, WaitingCode.AT_MAX_VCPUS, WaitingCode.HEAD_OF_LINE]


class TestFindings:
    def test_looks_with_the_same_reasons_are_one_finding(self) -> None:
        collector = WaitingCollector()
        collector.add(look(used_vcpus=16.0), 1.0)
        collector.add(look(used_vcpus=15.5, sent_ms=NOW + 60_000, received_ms=NOW + 60_001, jobs="1-2"), 1.0)
        collector.add(look(sent_ms=NOW + 120_000, received_ms=NOW + 120_001), 1.0)
        full, unexplained = collector.findings()
        assert (full.since_ms, full.until_ms, full.jobs, full.looks) == (NOW, NOW + 60_001, 3, 2)
        assert [reason.code for reason in unexplained.reasons] == [WaitingCode.UNDETERMINED]

    def test_the_jobs_of_all_its_looks_and_what_they_waited_in_the_end_are_in_a_finding(self) -> None:
        collector = WaitingCollector()
        collector.add(look(used_vcpus=16.0, jobs="1-3"), 1.0)
        collector.add(look(used_vcpus=16.0, jobs="3-4"), 1.0)
        waits = {1: Bound(5.0, 9.0), 2: Bound(7.0, 8.0), 4: Bound(6.0, 7.0), 5: Bound(99.0, 99.0)}
        [finding] = collector.findings(waits)
        assert (finding.jobs, finding.indexes, finding.waited_ms) == (4, "1-4", Bound(7.0, 9.0))
        [finding] = collector.findings({**waits, 3: Bound(4.0, None)})
        assert finding.waited_ms == Bound(7.0, None)
        [finding] = collector.findings()
        assert finding.waited_ms is None

    def test_a_job_that_is_tried_again_waits_since_its_attempt_before_ended(self) -> None:
        attempts = (
            AttemptInstants(starting_ms=Bound(2.0, 3.0), stopped_ms=100.0),
            AttemptInstants(starting_ms=Bound(140.0, 150.0)),
        )
        assert longest_wait(Phases(queue_ms=Bound(2.0, 3.0)), attempts) == Bound(40.0, 50.0)
        assert longest_wait(Phases(queue_ms=Bound(60.0, None)), ()) == Bound(60.0, None)
        assert longest_wait(None, ()) is None
