"""Before a run: the quick part of the check, beside what is looked at anyway."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final, TypeAlias

from batchgauge.cli.language import current_translator
from batchgauge.cli.talk import print_lines, say_warning
from batchgauge.core.checks.all_checks import check_setup
from batchgauge.core.checks.outcome import Check, CheckCode, CheckStatus
from batchgauge.core.checks.setup import Asked
from batchgauge.errors import SetupNotReadyError
from batchgauge.provision.read_setup import read_setup

if TYPE_CHECKING:
    from batchgauge.bootstrap import OpenAws
    from batchgauge.cli.measurement import Measurement
    from batchgauge.core.scenario import Scenario

PATIENCE_S: Final = 2.0
"""How long a run waits for what is still unknown when all else is ready: a check that is late is better than a start that is."""
WORTH_SAYING: Final = frozenset({CheckCode.REFERENCE_EMBEDDED, CheckCode.RUNTIME_PLATFORM_DOUBTFUL})
"""The warnings that the run itself would not show."""

Checking: TypeAlias = asyncio.Task[tuple[Check, ...]]


@contextmanager
def first_look(measurement: Measurement, scenarios: Sequence[Scenario], aws: OpenAws) -> Iterator[Checking | None]:
    """Begin to look at what each of these would start; None where nobody wants it, or where everything is the tool's own."""
    if not measurement.guards.checks_first or measurement.local is not None:
        yield None
        return
    checking = asyncio.create_task(_look(aws, [_asked(measurement, scenario) for scenario in scenarios]))
    try:
        yield checking
    finally:
        checking.cancel()


def _asked(measurement: Measurement, scenario: Scenario) -> Asked:
    job = scenario.job
    return Asked(
        queue=job.job_queue,
        definition=job.job_definition,
        countdown_s=scenario.countdown_s,
        command=job.command,
        parameters=dict(job.parameters),
        vcpus=job.vcpus,
        memory_mib=job.memory_mib,
        profile=measurement.target.profile,
        endpoint_url=measurement.target.endpoint_url,
    )


async def _look(aws: OpenAws, wanted: Sequence[Asked]) -> tuple[Check, ...]:
    """What is the same for several is said once."""
    setups = await asyncio.gather(*(read_setup(aws.setup, asked, is_quick=True) for asked in wanted))
    found: list[Check] = []
    for asked, setup in zip(wanted, setups, strict=True):
        found += [check for check in check_setup(setup, asked) if check not in found]
    return tuple(found)


async def require_ready(checking: Checking | None, measurement: Measurement) -> None:
    """Return when nothing is known to make every job fail; what was not read in time is left open.

    Raises:
        SetupNotReadyError: something is; it has been said. Where only the plan was asked for, it is said and no more.
    """
    if checking is None:
        return
    checks: tuple[Check, ...] = ()
    with suppress(TimeoutError):
        checks = await asyncio.wait_for(checking, PATIENCE_S)  # which ends it where it is late
    failed = tuple(check for check in checks if check.status is CheckStatus.FAILED)
    if failed:
        from batchgauge.reports.check_words import check_lines

        print_lines(lambda width: check_lines(failed, width, current_translator()), on_stderr=True)
        if not measurement.guards.is_dry_run:
            raise SetupNotReadyError(failed=len(failed))
    if not measurement.is_quiet:
        from batchgauge.reports.check_words import check_in_words

        for check in checks:
            if check.code in WORTH_SAYING:
                say_warning(check_in_words(check, current_translator()))
