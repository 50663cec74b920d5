"""This machine: its clock, its chance, its scheduler, and the person at the terminal."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from batchgauge.core.naming import SUFFIX_ALPHABET, SUFFIX_LENGTH

if TYPE_CHECKING:
    pass


def now_ms() -> float:
    """UTC milliseconds by the system's clock: what files are stamped with."""
    return time.time() * 1000


def today() -> str:
    """The date, UTC, as ``2026-11-24``."""
    return time.strftime("%Y-%m-%d", time.gmtime())


def new_random() -> random.Random:
    """Chance for back-off jitter, seeded by the system."""
    return random.Random(secrets.randbits(64))  # noqa: S311  (jitter, not a secret)


def new_run_suffix() -> str:
    """What keeps the ids of runs of the same second apart."""
    return "".join(secrets.choice(SUFFIX_ALPHABET) for _ in range(SUFFIX_LENGTH))


def local_utc_offset_s() -> int:
    """The local time's offset from UTC now, in seconds."""
    return time.localtime().tm_gmtoff


def ask_for_prompt_turns() -> None:
    """Have the scheduler let this thread run soon after it wakes, where it can be asked."""
    from batchgauge.host.prompt_turns import ask_for_prompt_turns as ask

    ask()


def process_cpu_s() -> float:
    """Processor time of this process so far, in seconds."""
    return time.process_time()


def can_ask() -> bool:
    """Whether there is a person at a terminal who can be asked."""
    from batchgauge.host.terminal import can_ask as is_there_anybody

    return is_there_anybody()


async def read_line() -> str | None:
    """What the person types; None where nothing more can come."""
    from batchgauge.host.terminal import read_line as read

    return await read()


def on_end_requested(react: Callable[[str], None]) -> AbstractContextManager[None]:
    """Call `react` with the signal's name, in the running event loop, for each Ctrl-C or SIGTERM within the context."""
    from batchgauge.host.signals import on_end_requested as listen

    return listen(react)
