"""``batchgauge image``: the container image that the jobs run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from batchgauge.bootstrap import Target
from batchgauge.cli.language import current_translator
from batchgauge.cli.localised import LocalisedCommand, LocalisedGroup, option
from batchgauge.cli.options import AWS_OPTIONS, with_options
from batchgauge.cli.talk import print_json, say, say_hint
from batchgauge.core.place import placed_command

if TYPE_CHECKING:
    from batchgauge.core.images.image import ImageReference, System
    from batchgauge.provision.push_image import Base, Contents, PushedImage

MIB = 1024 * 1024
STEPS = 10
"""How often the progress of a copy is said."""
PUSH_OPTIONS = (
    option("--windows", type=click.Choice(["2022", "2019"]), default="2022"),
    option("--linux", is_flag=True),
    option("--program", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
    option("--base"),
    option("--repository", show_default="windows-countdown, linux-countdown"),
    option("--tag", default="latest", help="cli.option.image-tag"),
    option("--to"),
)
OUTPUT_OPTIONS = (
    option("--json", "as_json", is_flag=True, help="cli.option.image-json"),
    option("--lang", type=click.Choice(["ja", "en"])),
)


@click.group("image", cls=LocalisedGroup)
def image() -> None:
    """Container images."""


@image.command("push", cls=LocalisedCommand)
@with_options(PUSH_OPTIONS, AWS_OPTIONS, OUTPUT_OPTIONS)
def push(**given: Any) -> None:
    """Put the countdown into an image and the image into ECR, without Docker."""
    contents = _contents(given["linux"], given["program"])
    base = _base(given["base"], given["windows"], given["linux"], given["profile"])
    image, pushed = asyncio.run(_push(contents, base, given))
    _report(image, base, pushed, contents, given)


def _contents(is_linux: bool, program: Path | None) -> Contents:
    from batchgauge.bootstrap.images import built_countdown
    from batchgauge.provision.push_image import Contents

    system: System = "linux" if is_linux else "windows"
    if program is None:
        name = "countdown" if is_linux else "countdown.exe"
        return Contents(system, name, built_countdown(system).read_bytes())
    return Contents(system, program.name, program.read_bytes())


def _base(given: str | None, windows: str, is_linux: bool, profile: str | None) -> Base | None:
    from batchgauge.bootstrap.images import open_registry
    from batchgauge.provision.push_image import BASES, SERVER_CORE_PATH, Base

    if given is None and is_linux:
        return None
    name = given or BASES[windows]
    reference = _reference("--base", name)
    registry = open_registry(reference, profile=profile)
    return Base(name, registry, reference.version, SERVER_CORE_PATH if given is None else None)


def _reference(flag: str, text: str) -> ImageReference:
    from batchgauge.core.images.image import read_reference
    from batchgauge.errors import InvalidOptionError

    try:
        return read_reference(text)
    except ValueError:
        raise InvalidOptionError(flag=flag, value=text, expected="image") from None


async def _push(contents: Contents, base: Base | None, given: Mapping[str, Any]) -> tuple[ImageReference, PushedImage]:
    from batchgauge.bootstrap.images import open_image_repositories, open_registry
    from batchgauge.provision.push_image import name_image, push_image

    if given["to"]:
        image, authorization = _reference("--to", given["to"]), None
    else:
        repository = given["repository"] or f"{contents.system}-countdown"
        target = Target(given["region"], given["profile"], given["endpoint_url"])
        async with open_image_repositories(target) as repositories:
            image = _reference("--tag", f"{await repositories.find_or_create(repository)}:{given['tag']}")
            if not await repositories.has_registry():
                say_hint(current_translator()("cli.image.name-only"))
                named = await name_image(repositories, repository, given["tag"], contents, given["windows"])
                return image, named
            authorization = await repositories.authorization()
    registry = open_registry(image, authorization, given["profile"])
    return image, await push_image(registry, image.version, contents, base, _Said())


class _Said:
    """Says how far a copy is, a few times in all."""

    def __init__(self) -> None:
        self._step = 0

    def __call__(self, done_bytes: int, total_bytes: int) -> None:
        step = done_bytes * STEPS // total_bytes
        if step > self._step and total_bytes >= MIB:
            self._step = step
            done, total = f"{done_bytes // MIB:,}", f"{total_bytes // MIB:,}"
            say(current_translator()("cli.image.copied", done=done, total=total))


def _report(
    image: ImageReference, base: Base | None, pushed: PushedImage, contents: Contents, given: Mapping[str, Any]
) -> None:
    if given["as_json"]:
        print_json(
            {
                "image": str(image),
                "digest": pushed.digest,
                "base": base.name if base is not None else None,
                "system": contents.system,
                "osVersion": pushed.os_version,
                "command": contents.command,
                "copiedBytes": pushed.copied_bytes,
                "keptBytes": pushed.kept_bytes,
            }
        )
        return
    translate = current_translator()
    click.echo(str(image))
    say(translate("cli.image.pushed", digest=pushed.digest, version=pushed.os_version or contents.system))
    if contents.system == "windows":
        words = ["batchgauge", "job-definition", "register", "--image", str(image)]
        command = placed_command(words, given["region"], given["profile"], given["endpoint_url"])
        say_hint(translate("cli.image.next", command=command))
