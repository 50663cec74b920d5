"""``batchgauge deploy down``: shows what will go, asks, removes what is in the way, deletes, and proves that nothing is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from batchgauge import bootstrap
from batchgauge.bootstrap.environments import OpenEnvironments, open_environments
from batchgauge.cli.asking import confirm
from batchgauge.cli.deploy_words import event_line
from batchgauge.cli.language import current_translator
from batchgauge.cli.talk import say
from batchgauge.errors import ConfirmationNeededError, DeclinedDeploymentError, JobsLeftError, StackLeftError

if TYPE_CHECKING:
    from batchgauge.bootstrap.environments import Stack
    from batchgauge.provision.stacks import Contents, Witness

REASON: Final = "batchgauge deploy down"
NAMED_JOBS: Final = 3


async def take_down(stack: str, target: bootstrap.Target, *, is_dry_run: bool, is_confirmed: bool) -> None:
    """Look, ask, do.

    Raises:
        DeploymentError, AwsError: something is left, or nobody can say.
        UsageError: nobody says yes.
    """
    from batchgauge.provision.stacks import Contents, Witness, find_ours

    translate = current_translator()
    async with open_environments(target) as aws:
        found = await find_ours(aws.stacks, stack)
        if found is None:
            say(translate("deploy.down.nothing", stack=stack, region=aws.region))
            return
        contents = Contents(await aws.stacks.resources(found.stack_id))
        witness = Witness(aws.account, aws.batch, aws.repositories, aws.endpoint)
        environment = _Environment(aws, found, contents, witness)
        await environment.look()
        environment.show()
        if is_dry_run:
            say(translate("deploy.down.dry-run"))
            return
        await _require_yes(stack, is_confirmed)
        await environment.empty()
        await environment.delete()


async def _require_yes(stack: str, is_confirmed: bool) -> None:
    if is_confirmed:
        return
    if not bootstrap.can_ask():
        raise ConfirmationNeededError(because="deploy-down", flag="--yes")
    if not await confirm(current_translator()("deploy.down.question", stack=stack)):
        raise DeclinedDeploymentError()


class _Environment:
    """One stack on its way out."""

    def __init__(self, aws: OpenEnvironments, stack: Stack, contents: Contents, witness: Witness) -> None:
        from batchgauge.measure.end_queue import QueueEmptier

        self._aws = aws
        self._stack = stack
        self._contents = contents
        self._witness = witness
        self._emptier = QueueEmptier(aws.batch, aws.clock, bootstrap.new_random(), aws.endpoint)
        self._queues: tuple[str, ...] = ()
        self._jobs: tuple[str, ...] = ()
        self._images: dict[str, int] = {}

    async def look(self) -> None:
        """Find what stands in the way."""
        from batchgauge.provision.stacks import REPOSITORY

        self._queues = await self._witness.standing_queues(self._contents)
        self._jobs = await self._emptier.live(self._queues)
        for repository in self._contents.names(REPOSITORY):
            count = await self._aws.repositories.count_images(repository)
            if count is not None:
                self._images[repository] = count

    def show(self) -> None:
        """A line a resource on stdout, then what goes with them."""
        translate = current_translator()
        stack = self._stack
        say(translate("deploy.down.plan", stack=stack.name, region=self._aws.region, status=stack.status))
        for resource in self._contents.standing:
            click.echo(f"{resource.kind}  {resource.physical_id}")
        if self._jobs:
            say(translate("deploy.down.jobs", count=len(self._jobs)))
        for repository, count in self._images.items():
            if count:
                say(translate("deploy.down.images", count=count, repository=repository))

    async def empty(self) -> None:
        """End jobs, delete images.

        Raises:
            JobsLeftError: not all could be ended.
        """
        translate = current_translator()
        if self._jobs:
            left = await self._emptier.end(self._queues, self._jobs, REASON)
            if left:
                named = ", ".join(left[:NAMED_JOBS]) + (", …" if len(left) > NAMED_JOBS else "")
                raise JobsLeftError(jobs=len(left), ids=named, detail="")
            say(translate("deploy.down.jobs-ended", count=len(self._jobs)))
        for repository, count in self._images.items():
            if count:
                await self._aws.repositories.delete_images(repository)
                say(translate("deploy.down.images-deleted", count=count, repository=repository))

    async def delete(self) -> None:
        """Delete the stack and ask the services themselves.

        Raises:
            StackFailedError, StackLeftError: something is left.
        """
        from batchgauge.provision.stacks import Deployer

        translate = current_translator()
        aws, stack = self._aws, self._stack
        token = f"down-{bootstrap.new_run_suffix()}"
        await Deployer(aws.stacks, aws.clock, token, lambda event: say(event_line(event))).take_down(stack)
        left = await self._witness.left(self._contents)
        if left:
            raise StackLeftError(stack=stack.name, left=", ".join(left))
        count = len(self._contents.standing)
        # One that AWS has rolled back holds nothing any more.
        say(translate("deploy.down.done" if count else "deploy.down.done-empty", stack=stack.name, count=count))
