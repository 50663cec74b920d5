"""The CloudFormation template that comes with the tool: its text, its parameters, and the same text with other defaults."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import yaml

from batchgauge.core.checks.fargate_sizes import memory_for
from batchgauge.core.naming import DEFAULT_STACK
from batchgauge.errors import InvalidOptionError

TEMPLATE_NAME: Final = "batchgauge.yaml"
VCPUS: Final = "JobVcpus"
MEMORY: Final = "JobMemoryMiB"
PLAIN: Final = re.compile(r"[0-9A-Za-z][\w./-]*")
DESCRIPTION_BEGIN: Final = "A whole test environment for batchgauge"
"""By which a stack is known to be made of it, whoever made it and how."""


def template_text() -> str:
    """The template as it ships; in a checkout, the one of ``deploy/``."""
    packaged = files(__package__).joinpath(TEMPLATE_NAME)
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    in_checkout = Path(__file__).parents[3] / "deploy" / "cloudformation" / TEMPLATE_NAME
    return in_checkout.read_text(encoding="utf-8")


def default_parameters(template: str) -> dict[str, str]:
    """The template's parameters with their defaults."""
    parameters: Mapping[str, Mapping[str, Any]] = yaml.load(template, Loader=_Loader)["Parameters"]  # noqa: S506
    return {name: str(parameter["Default"]) for name, parameter in parameters.items()}


def definition_names(stack: str, parameters: Mapping[str, str]) -> tuple[str, str]:
    """Of the stack's job definitions, for Windows and for Linux, as the template makes them of its name.

    Names of job definitions are the account's: two stacks that shared them would register revisions over each other's.
    """
    before = "" if stack == DEFAULT_STACK else f"{stack}-"
    windows, linux = (parameters[f"{system}JobDefinitionName"] for system in ("Windows", "Linux"))
    return windows or f"{before}windows-countdown-job", linux or f"{before}linux-countdown-job"


def with_fitting_memory(given: Mapping[str, str], parameters: Mapping[str, str]) -> dict[str, str]:
    """`given` with the least memory that goes with the vCPUs, where nobody named one and what `parameters` have does not fit.

    Raises:
        InvalidOptionError: the memory that was named goes with no such number of vCPUs.
    """
    memory = parameters[MEMORY]
    sizes = memory_for(float(parameters[VCPUS]), is_windows=True)  # the fewer ones: the same size serves both systems
    if int(memory) in sizes:
        return dict(given)
    if MEMORY in given or not sizes:
        raise InvalidOptionError(flag="--memory", value=memory, expected="fargate-memory")
    return {**given, MEMORY: str(sizes[0])}


def with_defaults(template: str, parameters: Mapping[str, str]) -> str:
    """The same template, word for word, but for these parameters' defaults."""
    for name, value in parameters.items():
        pattern = re.compile(rf"(^  {re.escape(name)}:\n(?:    .*\n)*?    Default: )(.*)$", re.MULTILINE)
        template, count = pattern.subn(partial(_replaced, value), template)
        if count != 1:
            raise KeyError(name)
    return template


def _replaced(value: str, found: re.Match[str]) -> str:
    """A number stays a number, and a text that could be taken for something else is quoted, as it was before."""
    is_plain = PLAIN.fullmatch(value) is not None and not found[2].startswith('"')
    return found[1] + (value if is_plain else yaml.safe_dump(value, default_style='"', width=1_000_000).strip())


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Reads CloudFormation's short forms as nothing: only the parameters are wanted, which have none."""


_Loader.add_multi_constructor("!", lambda *_: None)
