"""``batchgauge prices``: what Fargate and EC2's instances cost, from AWS's own Price List."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import click

from batchgauge import bootstrap
from batchgauge.cli.language import current_translator
from batchgauge.cli.localised import LocalisedCommand, option
from batchgauge.cli.options import with_options
from batchgauge.cli.pricing import newest_prices
from batchgauge.cli.talk import print_table, say, say_warning
from batchgauge.core.cost.prices import EMBEDDED, PRICE_LIST, PriceTable, newest_of, table_document

OPTIONS = (
    option("--region", "regions", multiple=True, help="cli.option.prices-region"),
    option("--instance-type", "instance_types", multiple=True, metavar="NAME", help="cli.option.prices-instance-type"),
    option("--job-queue", help="cli.option.prices-job-queue"),
    option("--show", is_flag=True, help="cli.option.prices-show"),
    option("--output", type=click.Path(path_type=Path), metavar="FILE", help="cli.option.prices-output"),
    option("--json", "as_json", is_flag=True),
    option("--profile"),
    option("--endpoint-url"),
    option("--lang", type=click.Choice(["ja", "en"])),
)


@click.command("prices", cls=LocalisedCommand)
@with_options(OPTIONS)
def prices(**given: Any) -> None:
    """Read prices, or show those that are known."""
    regions: tuple[str, ...] = given["regions"]
    table = newest_prices() if given["show"] else asyncio.run(_read(given))
    shown = regions or tuple(sorted(table.regions))
    if given["output"] is not None:
        bootstrap.write_file("--output", given["output"], table_document(table))
        say(current_translator()("cli.prices.written", path=given["output"]))
    if given["as_json"]:
        sys.stdout.buffer.write(table_document(table))
        sys.stdout.buffer.flush()
        return
    from batchgauge.reports.cost_words import instance_table_of, price_table_of

    print_table(price_table_of(table, shown, current_translator()))
    if any(table.instances.get(region) for region in shown):
        print_table(instance_table_of(table, shown, current_translator()))


async def _read(given: dict[str, Any]) -> PriceTable:
    """What AWS says, kept for later runs unless it goes elsewhere or comes from an embedded AWS, whose prices are made up."""
    from batchgauge.provision.read_prices import instance_types_of, read_prices, without_price

    translate = current_translator()
    known = newest_prices()
    target = bootstrap.Target(None, given["profile"], given["endpoint_url"])
    wanted: tuple[str, ...] = given["instance_types"]
    if given["job_queue"]:
        place = bootstrap.Target(next(iter(given["regions"]), None), given["profile"], given["endpoint_url"])
        async with bootstrap.open_setup(place) as source:
            wanted += await instance_types_of(source, given["job_queue"])
    async with bootstrap.open_prices(target, given["regions"]) as aws:
        origin = EMBEDDED if aws.is_embedded else PRICE_LIST
        read = await read_prices(
            aws.prices, aws.regions, bootstrap.today(), known, origin=origin, instance_types=wanted
        )
    for region in aws.regions:
        missing = without_price(read, region, wanted)
        if missing:
            say_warning(translate("cli.prices.no-instance", types=", ".join(missing), region=region))
    if aws.is_embedded:
        say_warning(translate("cli.prices.embedded"))
    elif given["output"] is None:
        held = bootstrap.user_prices()
        path = bootstrap.user_prices_path()
        kept = newest_of((read, held)) if held is not None and held.source == PRICE_LIST else read
        bootstrap.write_file("prices", path, table_document(kept))
        say(translate("cli.prices.written", path=path))
    return read
