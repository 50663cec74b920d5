"""What `run`, `sweep`, `quickstart` and `resume` measure: one value, whatever asked for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from batchgauge import bootstrap
from batchgauge.cli.guards import Guards
from batchgauge.cli.observers import Observers
from batchgauge.cli.options import LocalSettings
from batchgauge.cli.searching import SearchAsked
from batchgauge.core.documents.redaction import Redactor
from batchgauge.core.journal import Delivery
from batchgauge.core.planning.measurement_plan import Assumptions
from batchgauge.core.scenario import Scenario
from batchgauge.core.sweeps.steps import GIVEN, SweepStep
from batchgauge.core.sweeps.variants import Variant

ALL_BY_DEFAULT = Observers()
NO_GUARDS = Guards()


@dataclass(frozen=True, slots=True)
class Measurement:
    """What is to be measured, where, and where to."""

    scenario: Scenario
    steps: Sequence[SweepStep]
    """The runs, one after the other; none where a search finds them."""
    target: bootstrap.Target
    results: Path
    search: SearchAsked | None = None
    """Set where the levels are to be found (``--levels auto``)."""
    variants: Sequence[Variant] = ()
    order: str = GIVEN
    """Of the steps, as it is to be recorded."""
    local: LocalSettings | None = None
    """Start an embedded AWS of this kind, and measure that."""
    pause_s: float = 0.0
    reads_logs: bool = True
    observers: Observers = ALL_BY_DEFAULT
    redactor: Redactor | None = None
    """Takes names out of every document; the journal keeps them."""
    is_quiet: bool = False
    guards: Guards = NO_GUARDS
    before_start: Callable[[], None] = lambda: None
    """Called when nothing stands against it any more, and before anything is written."""
    on_interrupt: str | None = None
    """What becomes of the jobs when the end is asked for; None: whoever sits there is asked, and where nobody does they are ended."""
    deadline_s: float | None = None
    """How long all of it may take; what has not ended then is left running."""
    is_sweep: bool = False
    """Whether its levels belong together, so that another process can go on with the next one."""

    @property
    def assumptions(self) -> Assumptions:
        """What its plan stands on."""
        return Assumptions(
            pause_s=self.pause_s,
            run_s=self.guards.assumed_run_s,
            billing_minimum_s=self.guards.billing_minimum_s,
            deadline_s=self.deadline_s,
            reads_logs=self.reads_logs,
            reads_tasks=self.observers.reads_tasks,
        )

    def delivery(self, step: SweepStep) -> Delivery:
        """What is asked for of a step's document; a file in the results folder is the sweep's, and not one that was asked for."""
        output = step.file if Path(step.file).is_absolute() else None
        return Delivery(is_redacted=self.redactor is not None, output=output)
