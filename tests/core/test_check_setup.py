"""The judgments over what jobs stand on: each changes one fact of a setup in which all is well."""

from __future__ import annotations

from typing import Any, TypeVar

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.checks.all_checks import check_setup
from batchgauge.core.checks.fargate_sizes import LINUX_SIZES, WINDOWS_SIZES
from batchgauge.core.checks.outcome import (
    Check,
    CheckCode,
    CheckStatus,
    check_schema,
    outcome_of,
    report_document,
    report_of,
)
from batchgauge.core.checks.setup import (
    Asked,
    DefinitionSetup,
    EnvironmentSetup,
    Identity,
    ImagePlatform,
    ImageSetup,
    LogSetup,
    OthersJobs,
    QueueSetup,
    QuotaSetup,
    RoleRights,
    RoleSetup,
    Setup,
    SubnetSetup,
    Unread,
    Way,
)

REGION = "us-west-2"
TASKS = ("ecs-tasks.amazonaws.com",)
EXECUTION_ROLE = "arn:aws:iam::111122223333:role/Execution"
DEFINITION = DefinitionSetup(
    name="windows-countdown-job",
    revision=3,
    status="ACTIVE",
    platform="FARGATE",
    operating_system_family="WINDOWS_SERVER_2022_CORE",
    cpu_architecture="X86_64",
    image="111122223333.dkr.ecr.us-west-2.amazonaws.com/app:v1",
    vcpus=1.0,
    memory_mib=2048,
    execution_role=EXECUTION_ROLE,
    job_role="arn:aws:iam::111122223333:role/Job",
    assigns_public_ip=True,
    log=LogSetup(group="/aws/batch/windows-jobs"),
    command=("powershell.exe", "-Command", "countdown.exe", "Ref::countdownSeconds"),
    timeout_s=600,
)
LINUX = msgspec.structs.replace(DEFINITION, operating_system_family="LINUX")
ENVIRONMENT = EnvironmentSetup(
    name="environment", state="ENABLED", status="VALID", type="FARGATE", max_vcpus=16, subnets=("subnet-1",)
)
QUEUE = QueueSetup(
    name="queue",
    arn="arn:aws:batch:us-west-2:111122223333:job-queue/queue",
    state="ENABLED",
    status="VALID",
    environments=("arn:environment",),
)
WINDOWS_2022 = ImagePlatform(system="windows", architecture="amd64", version="10.0.20348.2966")
IMAGE = ImageSetup(digest="sha256:aa", platforms=(WINDOWS_2022,))
SUBNET = SubnetSetup(subnet_id="subnet-1", way=Way.INTERNET_GATEWAY)
QUOTA = QuotaSetup(code="L-3032A538", name="Fargate On-Demand vCPU resource count", value=6)
SETUP = Setup(
    region=REGION,
    identity=Identity(account_id="111122223333", arn="arn:aws:iam::111122223333:user/me"),
    queue=QUEUE,
    environments=(ENVIRONMENT,),
    definition=DEFINITION,
    execution_role=RoleSetup(arn=EXECUTION_ROLE, trusted_services=TASKS),
    job_role=RoleSetup(arn="arn:job", trusted_services=TASKS),
    image=IMAGE,
    subnets=(SUBNET,),
    quota=QUOTA,
)
ASKED = Asked(queue="queue", definition="windows-countdown-job", num_jobs=5, countdown_s=30)
DENIED = Unread(operation="GetRole", error="AccessDenied", detail="not authorized")


T = TypeVar("T", bound=msgspec.Struct)


def changed(fact: T, **fields: Any) -> T:
    return msgspec.structs.replace(fact, **fields)


def with_definition(**fields: Any) -> Setup:
    return changed(SETUP, definition=changed(DEFINITION, **fields))


def with_environment(**fields: Any) -> Setup:
    return changed(SETUP, environments=(changed(ENVIRONMENT, **fields),))


def wrong(setup: Setup, asked: Asked = ASKED) -> dict[CheckCode, CheckStatus]:
    """What is not well, by its code."""
    return {check.code: check.status for check in check_setup(setup, asked) if check.status is not CheckStatus.OK}


FAILED, WARNING, OPEN = CheckStatus.FAILED, CheckStatus.WARNING, CheckStatus.NOT_CHECKED


def test_where_all_is_well_every_check_is_ok() -> None:
    checks = check_setup(SETUP, ASKED)
    assert wrong(SETUP) == {}
    assert outcome_of(checks) is CheckStatus.OK
    assert len({check.kind for check in checks}) == 16


CASES = [
    (changed(SETUP, queue=None, environments=()), CheckCode.QUEUE_MISSING, FAILED),
    (changed(SETUP, queue=changed(QUEUE, state="DISABLED")), CheckCode.QUEUE_DISABLED, FAILED),
    (changed(SETUP, queue=changed(QUEUE, status="INVALID")), CheckCode.QUEUE_INVALID, FAILED),
    (changed(SETUP, environments=()), CheckCode.ENVIRONMENT_MISSING, FAILED),
    (with_environment(state="DISABLED"), CheckCode.ENVIRONMENT_DISABLED, FAILED),
    (with_environment(status="INVALID"), CheckCode.ENVIRONMENT_INVALID, FAILED),
    (with_environment(max_vcpus=0), CheckCode.CAPACITY_NONE, FAILED),
    (with_environment(max_vcpus=4), CheckCode.CAPACITY_BELOW_LEVEL, WARNING),
    (changed(SETUP, quota=changed(QUOTA, value=0.25)), CheckCode.QUOTA_TOO_SMALL, FAILED),
    (changed(SETUP, quota=changed(QUOTA, value=4)), CheckCode.QUOTA_BELOW_LEVEL, WARNING),
    (changed(SETUP, others=OthersJobs(runnable=3)), CheckCode.QUEUE_SHARED, WARNING),
    (changed(SETUP, definition=None), CheckCode.DEFINITION_MISSING, FAILED),
    (with_definition(status="INACTIVE"), CheckCode.DEFINITION_INACTIVE, FAILED),
    (with_definition(type="multinode"), CheckCode.DEFINITION_OTHER_TYPE, WARNING),
    (with_environment(type="EC2"), CheckCode.PLATFORM_MISMATCH, FAILED),
    (with_environment(type="FARGATE_SPOT"), CheckCode.WINDOWS_ON_SPOT, FAILED),
    (
        changed(with_definition(cpu_architecture="ARM64"), image=changed(IMAGE, platforms=())),
        CheckCode.WINDOWS_ARCHITECTURE,
        FAILED,
    ),
    (with_definition(settings=("ulimits",)), CheckCode.WINDOWS_SETTINGS, FAILED),
    (with_definition(settings=("platformVersion=1.4.0",)), CheckCode.WINDOWS_SETTINGS, FAILED),
    (with_definition(memory_mib=1024), CheckCode.SIZE_INVALID, FAILED),
    (with_definition(vcpus=0.5, memory_mib=1024), CheckCode.SIZE_INVALID, FAILED),
    (with_definition(vcpus=None), CheckCode.SIZE_MISSING, FAILED),
    (with_definition(command=("cmd", "app.exe $(Ref::n)")), CheckCode.REFERENCE_EMBEDDED, WARNING),
    (with_definition(command=("app.exe", "Ref::other")), CheckCode.REFERENCE_WITHOUT_VALUE, FAILED),
    (with_definition(timeout_s=None), CheckCode.TIMEOUT_NONE, WARNING),
    (with_definition(timeout_s=30), CheckCode.TIMEOUT_BELOW_COUNTDOWN, FAILED),
    (with_definition(execution_role=""), CheckCode.ROLE_NOT_GIVEN, FAILED),
    (changed(SETUP, execution_role=None), CheckCode.ROLE_MISSING, FAILED),
    (
        changed(SETUP, job_role=RoleSetup(arn="arn:job", trusted_services=("ec2.amazonaws.com",))),
        CheckCode.ROLE_UNTRUSTING,
        FAILED,
    ),
    (changed(SETUP, execution_rights=RoleRights()), CheckCode.ROLE_LACKS_RIGHTS, FAILED),
    (
        changed(SETUP, execution_rights=RoleRights(policies=("p",), allowed=("S3:*", "ecr:*"))),
        CheckCode.ROLE_LACKS_RIGHTS,
        WARNING,
    ),
    (
        changed(with_definition(command=("app.exe",)), job_rights=RoleRights()),
        CheckCode.ROLE_WITHOUT_POLICIES,
        WARNING,
    ),
    (changed(SETUP, image=None), CheckCode.IMAGE_MISSING, FAILED),
    (with_definition(image="mcr.microsoft.com/windows/servercore:ltsc2022"), CheckCode.IMAGE_ELSEWHERE, OPEN),
    (
        changed(SETUP, image=changed(IMAGE, platforms=(ImagePlatform(system="linux", architecture="amd64"),))),
        CheckCode.IMAGE_OTHER_PLATFORM,
        FAILED,
    ),
    (
        changed(SETUP, image=changed(IMAGE, platforms=(changed(WINDOWS_2022, version="10.0.17763.5"),))),
        CheckCode.IMAGE_OTHER_PLATFORM,
        FAILED,
    ),
    (with_definition(log=LogSetup(driver="splunk")), CheckCode.LOG_DRIVER, WARNING),
    (changed(SETUP, has_log_group=False), CheckCode.LOG_GROUP_MISSING, FAILED),
    (with_definition(assigns_public_ip=False), CheckCode.SUBNET_NEEDS_PUBLIC_IP, FAILED),
    (changed(SETUP, subnets=(changed(SUBNET, way=Way.NONE),)), CheckCode.SUBNET_WITHOUT_WAY, FAILED),
    (changed(SETUP, subnets=(changed(SUBNET, way=Way.OTHER),)), CheckCode.SUBNET_WAY_UNKNOWN, OPEN),
    (changed(SETUP, subnets=(changed(SUBNET, free_addresses=4),)), CheckCode.ADDRESSES_BELOW_LEVEL, WARNING),
    (changed(SETUP, execution_role=DENIED), CheckCode.DENIED, OPEN),
    (changed(SETUP, quota=Unread(operation="GetServiceQuota", error="Oops")), CheckCode.UNREADABLE, OPEN),
]


@pytest.mark.parametrize(("setup", "code", "status"), CASES, ids=[case[1].value for case in CASES])
def test_one_thing_that_is_wrong_is_found_and_nothing_else(setup: Setup, code: CheckCode, status: CheckStatus) -> None:
    assert wrong(setup) == {code: status}


def test_windows_on_ec2_is_said_beside_the_mismatch() -> None:
    assert set(wrong(with_definition(platform="EC2"))) == {
        CheckCode.WINDOWS_ON_EC2,
        CheckCode.PLATFORM_MISMATCH,
        CheckCode.NETWORK_OF_INSTANCES,
    }


def test_a_job_that_fits_nowhere() -> None:
    assert CheckCode.CAPACITY_TOO_SMALL in wrong(SETUP, changed(ASKED, vcpus=32.0))


def test_without_a_runtime_platform_the_registry_decides_or_the_name_makes_it_doubtful() -> None:
    plain = changed(DEFINITION, operating_system_family="")
    known = changed(SETUP, definition=plain)
    assert wrong(known)[CheckCode.RUNTIME_PLATFORM_MISSING] is FAILED
    named = changed(plain, image="111122223333.dkr.ecr.us-west-2.amazonaws.com/windows-app:v1")
    unread = changed(SETUP, definition=named, image=changed(IMAGE, platforms=()))
    assert wrong(unread) == {CheckCode.RUNTIME_PLATFORM_DOUBTFUL: WARNING}


def test_an_execution_role_is_made_with_its_policy_and_a_job_role_without() -> None:
    made = {
        check.kind.value: check.fix.splitlines()
        for check in check_setup(changed(SETUP, execution_role=None, job_role=None), ASKED)
        if check.code is CheckCode.ROLE_MISSING
    }
    create, attach = made["execution-role"]
    assert create.startswith("aws iam create-role --role-name Execution ")
    policy = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    assert attach == f"aws iam attach-role-policy --role-name Execution --policy-arn {policy} --region {REGION}"
    assert len(made["job-role"]) == 1


def test_rights_are_looked_for_only_where_they_are_needed_and_seen() -> None:
    unread = Unread(operation="ListRolePolicies", error="AccessDenied")
    unseen = check_setup(changed(SETUP, execution_rights=unread, job_rights=unread), ASKED)
    roles = [check for check in unseen if check.kind.value in ("execution-role", "job-role")]
    assert [check.code.value for check in roles] == ["role-ok", "denied", "role-ok", "denied"]
    enough = RoleRights(policies=("p",), allowed=("ecr:Get*", "ecr:BatchGetImage", "ecr:BatchCheck*", "logs:*Log*"))
    assert (
        wrong(changed(SETUP, execution_rights=enough, job_rights=RoleRights())) == {}
    )  # countdown asks nothing of AWS
    elsewhere = with_definition(image="public.ecr.aws/x:1", log=LogSetup(driver="json-file"))
    assert CheckCode.ROLE_LACKS_RIGHTS not in wrong(changed(elsewhere, execution_rights=RoleRights()))


def test_a_group_that_the_driver_is_to_make_takes_a_right_that_aws_s_policy_lacks() -> None:
    creating = with_definition(log=LogSetup(group="/mine", creates_group=True))
    rights = RoleRights(policies=("p",), allowed=("ecr:*", "logs:CreateLogStream", "logs:PutLogEvents"))
    setup = changed(creating, has_log_group=False, execution_rights=rights)
    [fix] = [check.fix for check in check_setup(setup, ASKED) if check.code is CheckCode.ROLE_LACKS_RIGHTS]
    assert fix == f"aws logs create-log-group --log-group-name /mine --region {REGION}"


def test_in_other_partitions_the_policy_is_theirs() -> None:
    elsewhere = changed(DEFINITION, execution_role="arn:aws-cn:iam::111122223333:role/Execution")
    checks = check_setup(changed(SETUP, definition=elsewhere, execution_role=None), ASKED)
    [check] = [check for check in checks if check.code is CheckCode.ROLE_MISSING]
    assert "arn:aws-cn:iam::aws:policy/service-role/" in check.fix


def test_the_remedy_for_an_embedded_reference_names_that_one() -> None:
    checks = check_setup(with_definition(command=("cmd", "/c", "app.exe --n=Ref::count-of_all;")), ASKED)
    [check] = [check for check in checks if check.code is CheckCode.REFERENCE_EMBEDDED]
    assert check.arguments["reference"] == "Ref::count-of_all"


@pytest.mark.parametrize(
    ("region", "zones", "definition", "status"),
    [
        ("us-east-1", ("use1-az3", "use1-az4"), DEFINITION, CheckStatus.WARNING),
        ("us-east-1", ("use1-az3",), DEFINITION, CheckStatus.FAILED),
        ("us-east-1", ("use1-az3",), LINUX, None),
        ("us-east-1", ("",), DEFINITION, None),
        ("us-west-1", ("usw1-az2",), LINUX, CheckStatus.FAILED),
        ("us-west-2", ("usw2-az4",), DEFINITION, None),
    ],
)
def test_a_zone_without_fargate_is_named(
    region: str, zones: tuple[str, ...], definition: DefinitionSetup, status: CheckStatus | None
) -> None:
    subnets = tuple(changed(SUBNET, subnet_id=f"s-{zone}", zone_id=zone) for zone in zones)
    setup = changed(SETUP, region=region, subnets=subnets, definition=definition)
    found = [each for each in check_setup(setup, ASKED) if each.code is CheckCode.SUBNET_ZONE_WITHOUT_FARGATE]
    assert [each.status for each in found] == ([status] if status is not None else [])
    assert all(each.arguments["subnets"] == f"s-{zones[0]} ({zones[0]})" for each in found)


def test_the_remedy_shows_the_main_tables_routes_too() -> None:
    checks = check_setup(changed(SETUP, subnets=(changed(SUBNET, way=Way.NONE),)), ASKED)
    [check] = [check for check in checks if check.code is CheckCode.SUBNET_WITHOUT_WAY]
    assert "association.subnet-id" not in check.fix, "which finds tables that name the subnet only"
    assert "Associations[].[SubnetId,Main]" in check.fix


def test_a_subnet_with_all_endpoints_needs_no_way_out() -> None:
    endpoints = ("ecr.api", "ecr.dkr", "logs", "s3")
    assert wrong(changed(SETUP, subnets=(SubnetSetup(subnet_id="s", way=Way.NONE, endpoints=endpoints),))) == {}


def test_one_environment_that_cannot_be_used_is_only_a_warning_beside_another() -> None:
    resting = changed(ENVIRONMENT, name="resting", state="DISABLED")
    assert wrong(changed(SETUP, environments=(ENVIRONMENT, resting))) == {CheckCode.ENVIRONMENT_DISABLED: WARNING}


def test_without_credentials_nothing_else_is_said() -> None:
    setup = Setup(region=REGION, identity=Unread(operation="", error="no-credentials"))
    assert wrong(setup) == {CheckCode.CREDENTIALS_UNUSABLE: FAILED}
    assert len(check_setup(setup, ASKED)) == 1


def test_the_quick_part_leaves_out_what_costs_calls_and_stops_nothing() -> None:
    quick = changed(SETUP, is_quick=True, quota=None, subnets=())
    kinds = {check.kind.value for check in check_setup(quick, ASKED)}
    assert not kinds & {"network", "quota", "others-jobs"}


@pytest.mark.parametrize("sizes", [LINUX_SIZES, WINDOWS_SIZES], ids=["linux", "windows"])
def test_every_size_of_fargate_is_taken(sizes: Any) -> None:
    definition = LINUX if sizes is LINUX_SIZES else DEFINITION
    for vcpus, memories in sizes.items():
        for memory_mib in memories:
            setup = changed(SETUP, definition=changed(definition, vcpus=vcpus, memory_mib=memory_mib))
            assert CheckCode.SIZE_INVALID not in wrong(setup)


@given(vcpus=st.sampled_from([0.25, 0.5, 1, 2, 3, 4, 8, 16, 32]), memory_mib=st.integers(1, 300_000))
def test_any_other_size_is_refused_as_fargate_does(vcpus: float, memory_mib: int) -> None:
    is_taken = memory_mib in LINUX_SIZES.get(vcpus, ())
    setup = changed(SETUP, definition=changed(LINUX, vcpus=vcpus, memory_mib=memory_mib))
    assert (CheckCode.SIZE_INVALID in wrong(setup)) is not is_taken


def test_a_remedy_is_a_command_that_a_shell_reads_as_one_word_each() -> None:
    hostile = changed(QUEUE, name="q'; rm -rf / #", state="DISABLED")
    [check] = [each for each in check_setup(changed(SETUP, queue=hostile), ASKED) if each.status is FAILED]
    assert check.fix.startswith("aws batch update-job-queue --job-queue '")
    assert check.fix.endswith("--state ENABLED --region us-west-2")


def test_the_report_is_of_its_published_schema() -> None:
    checks: tuple[Check, ...] = ()
    for setup, _, _ in CASES:
        checks += check_setup(setup, ASKED)
    document = msgspec.json.decode(report_document(report_of(REGION, ASKED, checks)))
    jsonschema.validate(document, msgspec.json.decode(check_schema()))
    assert document["outcome"] == "failed"
