"""What became of the load that a countdown was to make: its line before the last one.

    countdown load cpu_wanted_s=15.000 cpu_used_s=14.982 cpu_rounds=7423110 memory_wanted_bytes=… io_wanted_bytes=… …

How much of it was had says how much the jobs were in each other's way. As of all lines, only numbers are taken from it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from batchgauge.core.bound import exactly
from batchgauge.core.stats.summary import Summary, summarise

MAX_FIGURE: Final = 2.0**53
_LOAD: Final = re.compile(r"countdown load (.+)")


class ProgramLoad(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What one program was to do beside counting, and what it came to; None for what it was not asked for."""

    cpu_wanted_s: float | None = None
    """Processor time that it would have had with the processors to itself."""
    cpu_used_s: float | None = None
    cpu_rounds: float | None = None
    """Of a fixed piece of work; comparable between runs of the same program on the same kind of machine."""
    memory_wanted_bytes: float | None = None
    memory_touched_bytes: float | None = None
    memory_passes: float | None = None
    """How often all of it was written to."""
    memory_first_pass_ms: float | None = None
    """What it took to have it all."""
    memory_worst_pass_ms: float | None = None
    io_wanted_bytes: float | None = None
    io_written_bytes: float | None = None
    io_busy_ms: float | None = None
    """Time in writes and flushes."""
    io_worst_ms: float | None = None
    """The longest single one."""

    @property
    def cpu_share(self) -> float | None:
        """Of the processor time that was wanted, what was had."""
        if self.cpu_wanted_s is None or self.cpu_used_s is None or self.cpu_wanted_s <= 0:
            return None
        return self.cpu_used_s / self.cpu_wanted_s

    @property
    def cpu_rounds_per_s(self) -> float | None:
        """Work done in a second of processor time."""
        if self.cpu_rounds is None or self.cpu_used_s is None or self.cpu_used_s <= 0:
            return None
        return self.cpu_rounds / self.cpu_used_s

    @property
    def written_bytes_per_s(self) -> float | None:
        """In the time of writes and flushes."""
        if self.io_written_bytes is None or self.io_busy_ms is None or self.io_busy_ms <= 0:
            return None
        return self.io_written_bytes / self.io_busy_ms * 1000


class LoadSummary(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The loads of one level's programs; each sample has those jobs that were asked for it and said what came of it.

    A pass that never came to its end has no duration: its job is counted in `memory_short`.
    """

    cpu_share: Summary
    cpu_rounds_per_s: Summary
    memory_first_pass_ms: Summary
    memory_worst_pass_ms: Summary
    written_bytes_per_s: Summary
    io_worst_ms: Summary
    memory_short: int
    """Jobs whose program did not come to touch all of its memory."""
    io_short: int
    """Jobs whose program did not come to write all that it was to write."""


def read_load(message: str) -> ProgramLoad | None:
    """The figures of a ``countdown load`` line; None for any other line."""
    found = _LOAD.match(message)
    if found is None:
        return None
    said = dict(part.split("=", 1) for part in found[1].split() if "=" in part)
    return ProgramLoad(**{name: _figure(said.get(name)) for name in ProgramLoad.__struct_fields__})


def summarise_loads(loads: Sequence[ProgramLoad]) -> LoadSummary | None:
    """The statistics of one level; None for no load."""
    if not loads:
        return None

    def over(pick: Callable[[ProgramLoad], float | None]) -> Summary:
        return summarise([exactly(value) for load in loads if (value := pick(load)) is not None])

    return LoadSummary(
        cpu_share=over(lambda load: load.cpu_share),
        cpu_rounds_per_s=over(lambda load: load.cpu_rounds_per_s),
        memory_first_pass_ms=over(lambda load: load.memory_first_pass_ms if load.memory_passes else None),
        memory_worst_pass_ms=over(lambda load: load.memory_worst_pass_ms if load.memory_passes else None),
        written_bytes_per_s=over(lambda load: load.written_bytes_per_s),
        io_worst_ms=over(lambda load: load.io_worst_ms),
        memory_short=sum(_is_short(load.memory_touched_bytes, load.memory_wanted_bytes) for load in loads),
        io_short=sum(_is_short(load.io_written_bytes, load.io_wanted_bytes) for load in loads),
    )


def _is_short(had: float | None, wanted: float | None) -> bool:
    return had is not None and wanted is not None and had < wanted


def _figure(text: str | None) -> float | None:
    try:
        figure = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return figure if math.isfinite(figure) and 0 <= figure <= MAX_FIGURE else None
