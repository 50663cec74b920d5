"""What a search for a level has found: where the ceiling lies, and which limit it is."""

from __future__ import annotations

from dataclasses import dataclass

from batchgauge.core.sweeps.auto_levels import Bracket
from batchgauge.core.sweeps.record import SearchEnd
from batchgauge.core.verdict import Verdict


@dataclass(frozen=True, slots=True)
class LevelSearch:
    """Of one variant: where the ceiling lies, which limit it is, and why no further level was measured."""

    variant: str | None
    bracket: Bracket
    held: Verdict | None
    """What held at the first limited level; None where none was."""
    end: SearchEnd | None
    """None where the search is not over: an error or an interruption ended the sweep, or it still goes on."""
    levels: tuple[int, ...] = ()
    """In the order in which they were measured."""
