from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from batchgauge.core.checks.setup import Setup
from batchgauge.provision.read_setup import read_setup
from tests.core.test_check_setup import ASKED, SETUP

STEPS = 20
"""Of the event loop: more than a whole check takes."""
ANSWERS: dict[str, Any] = {
    "identity": SETUP.identity,
    "queue": SETUP.queue,
    "environments": SETUP.environments,
    "definition": SETUP.definition,
    "role": SETUP.execution_role,
    "role_rights": None,
    "image": SETUP.image,
    "has_log_group": True,
    "subnets": SETUP.subnets,
    "fargate_quota": SETUP.quota,
    "others": None,
}


@dataclass
class SlowSource:
    """Answers with what is well, a turn of the event loop after each question."""

    region: str = SETUP.region

    def __getattr__(self, name: str) -> Callable[..., Any]:
        async def answer(*_: object) -> Any:
            await asyncio.sleep(0)
            return ANSWERS[name]

        return answer


async def given_up_after(steps: int, *, is_quick: bool) -> Setup | None:
    source: Any = SlowSource()
    looking = asyncio.ensure_future(read_setup(source, ASKED, is_quick=is_quick))
    for _ in range(steps):
        await asyncio.sleep(0)
    looking.cancel()
    [found] = await asyncio.gather(looking, return_exceptions=True)
    return None if isinstance(found, BaseException) else found


@pytest.mark.parametrize("is_quick", [True, False])
def test_a_look_that_is_given_up_at_any_step_leaves_no_call_that_nobody_awaits(*, is_quick: bool) -> None:
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        found = [asyncio.run(given_up_after(steps, is_quick=is_quick)) for steps in range(STEPS)]
        gc.collect()
    assert found[0] is None
    assert found[-1] is not None, "the last one was not given up: every step before its end was"
    assert [str(warning.message) for warning in warned if issubclass(warning.category, RuntimeWarning)] == []
