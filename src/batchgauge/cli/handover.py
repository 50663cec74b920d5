"""What becomes of the documents of a run, or a sweep, that is taken up again: where they go, and what is taken out of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from batchgauge import bootstrap
from batchgauge.cli.language import current_translator
from batchgauge.cli.talk import say_hint, say_warning
from batchgauge.core.documents.redaction import Redactor
from batchgauge.core.journal import Delivery
from batchgauge.core.result.builder import build_result
from batchgauge.core.sweeps.record import SweepRecord
from batchgauge.errors import BatchgaugeError, ConflictingOptionsError

if TYPE_CHECKING:
    from batchgauge.core.result.run_result import RunResult
    from batchgauge.measure.past import Past


@dataclass(frozen=True, slots=True)
class Handover:
    """As the process before was asked to hand over, and this one besides."""

    results: Path
    run_id: str
    sweep: SweepRecord | None
    """Of which the run is a level."""
    file: str
    """The run's document besides the one under ``runs/``; empty for none."""
    redactor: Redactor | None
    is_asked_anew: bool
    """Whether names are to be taken out that the process before left in."""

    @classmethod
    def of(cls, past: Past | None, sweep: SweepRecord | None, run_id: str, given: dict[str, Any]) -> Handover:
        """What was asked for then and now.

        Raises:
            ConflictingOptionsError: one file is asked for, and the documents are a sweep's.
            OutputNotWritableError: it cannot be written.
        """
        results: Path = given["results"]
        if sweep is not None and given["output"] is not None:
            raise ConflictingOptionsError(flag="--output", other=sweep.sweep_id)
        own = sweep or bootstrap.sweep_of_run(results, run_id)
        before = past.delivery if past is not None else Delivery()
        was_redacted = before.is_redacted or (own is not None and own.delivery.is_redacted)
        is_redacted = was_redacted or given["redact"]
        return cls(
            results=results,
            run_id=run_id,
            sweep=own,
            file=_file(before, own, run_id, given["output"]),
            redactor=Redactor() if is_redacted else None,
            is_asked_anew=is_redacted and not was_redacted,
        )

    @property
    def is_redacted(self) -> bool:
        """Whether names are taken out."""
        return self.redactor is not None

    def recorded(self, sweep: SweepRecord | None) -> SweepRecord | None:
        """The sweep's record with what is asked for now, on the disk too."""
        if sweep is None or not self.is_asked_anew:
            return sweep
        asked = msgspec.structs.replace(sweep, delivery=Delivery(is_redacted=True))
        bootstrap.save_sweep(self.results, asked)
        return asked

    def prepare(self, *, is_whole_sweep: bool) -> None:
        """See to the levels before this one: a name must have the same placeholder in all documents.

        Of a whole sweep, what is asked for anew holds for them too.
        """
        if self.redactor is None or self.sweep is None:
            return
        for run in self.sweep.runs:
            if run == self.run_id:
                return
            try:
                result = bootstrap.results_folder(self.results).rebuild(run)
            except BatchgaugeError:  # without its journal, its document stays as it is
                continue
            shared = self.redactor.result(result)
            if self.is_asked_anew and is_whole_sweep:
                self._save(run, self.sweep.file_of(run) or "", shared)

    def complete(self, past: Past) -> None:
        """Write what a process left out that was killed after the run's last record, and what is asked for anew."""
        folder = bootstrap.results_folder(self.results)
        is_missing = not folder.has_document(self.run_id) or bool(self.file and not (self.results / self.file).exists())
        if not is_missing and self.redactor is None:
            return
        result = build_result(past.records)
        shared = self.redactor.result(result) if self.redactor is not None else result
        if is_missing or self.is_asked_anew:
            self._save(self.run_id, self.file, shared)

    def _save(self, run_id: str, file: str, shared: RunResult) -> None:
        folder = bootstrap.results_folder(self.results)
        folder.save_run(shared)
        if file:
            folder.save_document(file, shared)


def _file(before: Delivery, sweep: SweepRecord | None, run_id: str, output: Path | None) -> str:
    if output is not None:
        bootstrap.require_writable_file("--output", output)
        return str(output.absolute())
    if sweep is not None:
        return sweep.file_of(run_id) or ""
    if before.output is None:
        return ""
    if not Path(before.output).is_absolute() or not bootstrap.may_be_asked_for(Path(before.output)):
        translate = current_translator()
        say_warning(translate("cli.resume.output-left", path=before.output))
        say_hint(translate("cli.resume.output-anew"))
        return ""
    return before.output
