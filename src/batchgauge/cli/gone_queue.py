"""A run whose queue is not there any more: whether it is gone, or only looked for in the wrong place."""

from __future__ import annotations

from batchgauge import bootstrap
from batchgauge.core.journal import EnvironmentFacts
from batchgauge.errors import JobQueueNotFoundError, ResumedElsewhereError


async def require_gone(
    run_id: str, before: EnvironmentFacts, target: bootstrap.Target, not_found: JobQueueNotFoundError
) -> None:
    """Return where the account and the Region are the run's own: then the queue was deleted, and its jobs ended with it.

    Raises:
        ResumedElsewhereError: they are others; nothing that AWS says there is about the run.
        JobQueueNotFoundError: nobody knows which the run's own are.
    """
    if before.account_id is None or before.job_queue_arn is None:
        raise not_found
    async with bootstrap.open_account(target) as opened:
        account, region = await opened.account.account_id(), opened.account.region
    if (account, region) != (before.account_id, before.region):
        found = before.job_queue_arn.replace(before.account_id, account).replace(before.region, region)
        raise ResumedElsewhereError(run=run_id, expected=before.job_queue_arn, found=found)
