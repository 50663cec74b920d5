"""``batchgauge remove-events``: takes away the rule and the queue that a run left behind."""

from __future__ import annotations

import asyncio
from typing import Any

import click

from batchgauge import bootstrap
from batchgauge.cli.language import current_translator
from batchgauge.cli.localised import LocalisedCommand, option
from batchgauge.cli.options import AWS_OPTIONS, require, with_options
from batchgauge.cli.talk import say
from batchgauge.core.naming import event_route_name, is_run_id
from batchgauge.errors import EventRouteLeftError


@click.command("remove-events", cls=LocalisedCommand)
@click.argument("run_id", metavar="RUN")
@with_options(AWS_OPTIONS, (option("--lang", type=click.Choice(["ja", "en"])),))
def remove_events(run_id: str, **given: Any) -> None:
    """Take away the rule and the queue of a run that was killed."""
    require(is_run_id(run_id), "RUN", run_id, "run-id")
    target = bootstrap.Target(given["region"], given["profile"], given["endpoint_url"])
    trouble = asyncio.run(_remove(run_id, target))
    name = event_route_name(run_id)
    if trouble is not None:
        raise EventRouteLeftError(name=name, detail=trouble)
    say(current_translator()("cli.events.removed", name=name))


async def _remove(run_id: str, target: bootstrap.Target) -> str | None:
    """None where nothing is left, else what went wrong last."""
    from batchgauge.measure.event_route import remove_route

    async with bootstrap.open_aws(target) as aws:
        return await remove_route(aws.event_routes, run_id, aws.clock, bootstrap.new_random())
