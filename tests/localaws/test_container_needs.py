"""Whether a container's log group and image are there: as the seed says before moto is loaded, and as moto says afterwards."""

from __future__ import annotations

import pytest

from batchgauge.batchmodel.boundary import StartProcess
from batchgauge.localaws import seed
from batchgauge.localaws.container_needs import Holdings, SeedOnly, why_not_started
from batchgauge.localaws.moto_backends import MotoBackends
from batchgauge.localaws.service_model import load_service_model
from batchgauge.localaws.settings import ServerSettings

SETTINGS = ServerSettings(account_id="210987654321", region="eu-west-3")
REGISTRY = "210987654321.dkr.ecr.eu-west-3.amazonaws.com"


def seeded() -> MotoBackends:
    backends = MotoBackends(SETTINGS, lambda operation, parameters: pytest.fail(operation), load_service_model())
    backends.make_seed()
    return backends


@pytest.fixture(scope="module", params=[SeedOnly, seeded])
def holdings(request: pytest.FixtureRequest) -> Holdings:
    made: Holdings = request.param()
    return made


def start(image: str = "busybox", *, log_group: str = seed.DEFAULT_LOG_GROUP, must_find: bool = True) -> StartProcess:
    return StartProcess("task", "job", 1, ["true"], {}, "LINUX", log_group, "stream", "eu-west-3", image, must_find)


@pytest.mark.parametrize(
    "container",
    [
        start(),
        start(log_group=seed.WINDOWS_LOG_GROUP),
        start(log_group="/made-by-batch", must_find=False),
        start(f"{REGISTRY}/{seed.REPOSITORY}"),
        start(f"{REGISTRY}/{seed.REPOSITORY}:latest"),
        start("210987654321.dkr.ecr.us-west-2.amazonaws.com/elsewhere:1"),
    ],
)
def test_what_is_there_lets_a_container_start(container: StartProcess, holdings: Holdings) -> None:
    assert why_not_started(container, SETTINGS, holdings) is None


@pytest.mark.parametrize(
    ("container", "reason"),
    [
        (start(log_group="/nowhere"), "ResourceInitializationError"),
        (start(f"{REGISTRY}/{seed.REPOSITORY}:v404"), "CannotPullContainerError"),
        (start(f"{REGISTRY}/nowhere"), "name unknown: The repository with name 'nowhere' does not exist"),
    ],
)
def test_what_is_missing_keeps_it_from_starting(container: StartProcess, reason: str, holdings: Holdings) -> None:
    assert reason in str(why_not_started(container, SETTINGS, holdings))
