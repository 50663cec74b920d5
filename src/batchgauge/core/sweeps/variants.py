"""Variants of a sweep: the same levels with another queue, job definition or job size (Fargate beside EC2, a cold image beside a warm one).

Written as the command line takes it: ``large:vcpus=4,memory=8192``, ``ec2:queue=ec2-queue,definition=my-job:3``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final

import msgspec

from batchgauge.core.scenario import JobShape
from batchgauge.errors import InvalidOptionError

FLAG: Final = "--variant"
NAME_PATTERN: Final = r"^[A-Za-z0-9_-]{1,32}$"
"""It is part of file names, and of no other program's syntax."""
_NAME: Final = re.compile(NAME_PATTERN, re.ASCII)
_POSITIVE: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?", re.ASCII)


class Variant(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A name, and what is other than in the scenario."""

    name: str
    queue: str | None = None
    definition: str | None = None
    vcpus: float | None = None
    memory_mib: int | None = None

    def of(self, job: JobShape) -> JobShape:
        """The job of this variant."""
        return msgspec.structs.replace(
            job,
            job_queue=self.queue or job.job_queue,
            job_definition=self.definition or job.job_definition,
            vcpus=job.vcpus if self.vcpus is None else self.vcpus,
            memory_mib=job.memory_mib if self.memory_mib is None else self.memory_mib,
        )


def parse_variants(texts: Sequence[str]) -> tuple[Variant, ...]:
    """All of them, in the order given.

    Raises:
        InvalidOptionError: one is none, or a name stands twice.
    """
    variants = tuple(map(parse_variant, texts))
    names = [variant.name for variant in variants]
    for text, name in zip(texts, names, strict=True):
        if names.count(name) > 1:
            raise InvalidOptionError(flag=FLAG, value=text, expected="variant-name-once")
    return variants


def parse_variant(text: str) -> Variant:
    """``NAME:key=value,…`` of queue, definition, vcpus and memory (MiB); a name alone is the job as it is.

    Raises:
        InvalidOptionError: it is none.
    """
    name, has_changes, rest = text.partition(":")
    if not _NAME.match(name.strip()):
        raise InvalidOptionError(flag=FLAG, value=text, expected="variant")
    found: dict[str, str] = {}
    for pair in rest.split(",") if has_changes else ():
        key, is_pair, value = (part.strip() for part in pair.partition("="))
        if not is_pair or not value or key in found or key not in ("queue", "definition", "vcpus", "memory"):
            raise InvalidOptionError(flag=FLAG, value=text, expected="variant")
        found[key] = value
    vcpus = _positive(found.get("vcpus"), text)
    memory = _positive(found.get("memory"), text)
    if memory is not None and memory != int(memory):
        raise InvalidOptionError(flag=FLAG, value=text, expected="variant")
    return Variant(
        name=name.strip(),
        queue=found.get("queue"),
        definition=found.get("definition"),
        vcpus=vcpus,
        memory_mib=None if memory is None else int(memory),
    )


def _positive(number: str | None, text: str) -> float | None:
    if number is None:
        return None
    value = float(number) if _POSITIVE.fullmatch(number) else 0.0
    if not 0 < value < math.inf:
        raise InvalidOptionError(flag=FLAG, value=text, expected="variant")
    return value
