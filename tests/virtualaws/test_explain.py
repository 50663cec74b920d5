"""Jobs explained in virtual time: what would take minutes on a server, or cannot be made to happen there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from batchgauge.batchmodel.boundary import Answer, ModelFaults
from batchgauge.core.diagnosis.causes import CauseCode, Certainty
from batchgauge.core.diagnosis.explanation import Explanation
from batchgauge.core.progress.waiting import WaitingCode
from batchgauge.measure.explain_job import JobExplainer
from batchgauge.virtualaws.event_loop import run_virtually

MakeRegion = Callable[..., Any]
QUEUE, DEFINITION = "windows-batch-queue", "windows-countdown-job"


def called(region: Any, operation: str, **arguments: Any) -> dict[str, Any]:
    answer = region.account.call(operation, arguments)
    assert isinstance(answer, Answer), answer
    return dict(answer.body)


def explained(
    region: Any, after_s: float, *, queue: str = QUEUE, then: Callable[[str], None] = lambda _job: None, **more: Any
) -> Explanation:
    """A job that was submitted so long ago; `then` acts on it half-way."""

    async def go() -> Explanation:
        region.make_seed()
        prepare = more.pop("prepare", None)
        if prepare is not None:
            prepare()
        arguments = {"jobName": "job", "jobQueue": queue, "jobDefinition": DEFINITION, **more}
        job_id = str(called(region, "SubmitJob", **arguments)["jobId"])
        await region.clock.sleep(after_s / 2)
        then(job_id)
        await region.clock.sleep(after_s / 2)
        explainer = JobExplainer(region.gateway, region.gateway, region.clock.now_ms, "virtual")
        return await explainer.explain(await explainer.find("job"))

    return run_virtually(go())


def test_a_job_that_ran_into_its_timeout(make_region: MakeRegion) -> None:
    explanation = explained(
        make_region(16),
        3_000,
        parameters={"countdownSeconds": "1800"},
        timeout={"attemptDurationSeconds": 60},
    )
    [cause] = explanation.causes
    assert (cause.code, cause.certainty, cause.arguments) == (
        CauseCode.TIMED_OUT,
        Certainty.KNOWN,
        {"timeout_s": 60},
    )


@pytest.mark.parametrize(
    ("faults", "code", "certainty"),
    [
        (ModelFaults(image_pull_failures=1.0), CauseCode.IMAGE_REGISTRY, Certainty.LIKELY),
        (ModelFaults(crashes=1.0), CauseCode.OUT_OF_MEMORY, Certainty.KNOWN),
    ],
)
def test_what_goes_wrong_on_purpose(
    faults: ModelFaults, code: CauseCode, certainty: Certainty, make_region: MakeRegion
) -> None:
    explanation = explained(make_region(16, faults=faults), 3_000, parameters={"countdownSeconds": "900"})
    assert [(cause.code, cause.certainty) for cause in explanation.causes] == [(code, certainty)]


def test_a_job_that_somebody_cancelled_while_it_waited(make_region: MakeRegion) -> None:
    region = make_region(16)
    region_full = {"parameters": {"countdownSeconds": "3600"}, "arrayProperties": {"size": 16}}

    def fill() -> None:
        called(region, "SubmitJob", jobName="fill", jobQueue=QUEUE, jobDefinition=DEFINITION, **region_full)

    def cancel(job_id: str) -> None:
        called(region, "CancelJob", jobId=job_id, reason="Alice needs the place")

    explanation = explained(region, 600, prepare=fill, then=cancel)
    [cause] = explanation.causes
    assert (cause.code, cause.certainty, cause.said) == (
        CauseCode.ENDED_BY_REQUEST,
        Certainty.LIKELY,
        "Alice needs the place",
    )


def test_a_job_that_waits_for_a_place_is_told_what_holds_it(make_region: MakeRegion) -> None:
    region = make_region(16)

    def fill() -> None:
        called(
            region,
            "SubmitJob",
            jobName="fill",
            jobQueue=QUEUE,
            jobDefinition=DEFINITION,
            parameters={"countdownSeconds": "3600"},
            arrayProperties={"size": 16},
        )

    explanation = explained(region, 600, prepare=fill)
    assert explanation.waited_s == pytest.approx(600, abs=1)
    assert WaitingCode.AT_MAX_VCPUS in [reason.code for reason in explanation.waiting]


def test_a_windows_job_on_spare_capacity_is_told_awss_own_reason(make_region: MakeRegion) -> None:
    region = make_region(16)

    def spot() -> None:
        called(
            region,
            "CreateComputeEnvironment",
            computeEnvironmentName="spot",
            type="MANAGED",
            computeResources={
                "type": "FARGATE_SPOT",
                "maxvCpus": 4,
                "subnets": ["subnet-1"],
                "securityGroupIds": ["sg-1"],
            },
        )
        order = [{"order": 1, "computeEnvironment": "spot"}]
        called(region, "CreateJobQueue", jobQueueName="spot", priority=1, computeEnvironmentOrder=order)

    explanation = explained(region, 1_200, queue="spot", prepare=spot)
    assert explanation.waiting[0].code is WaitingCode.JOB_REQUIREMENT
    assert explanation.waiting[0].said.startswith("MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT")


def test_a_whole_name_is_found_behind_a_page_of_newer_ones_that_aws_takes_for_it(make_region: MakeRegion) -> None:
    async def go() -> tuple[str, str]:
        region = make_region(16)
        region.make_seed()
        names = ["job", *["JOB"] * 100]  # to AWS's search one name: the newest first, a hundred a page
        submitted = []
        for name in names:
            body = called(region, "SubmitJob", jobName=name, jobQueue=QUEUE, jobDefinition=DEFINITION)
            submitted.append(str(body["jobId"]))
            await region.clock.sleep(1)
        explainer = JobExplainer(region.gateway, region.gateway, region.clock.now_ms, "virtual")
        return submitted[0], await explainer.find("job")

    wanted, found = run_virtually(go())
    assert found == wanted
