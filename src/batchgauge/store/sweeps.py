"""The sweeps of a results folder: a file each under ``sweeps/``."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec

from batchgauge.core.naming import is_plain_name
from batchgauge.core.sweeps.record import SWEEP_VERSION, SweepRecord, as_version_2
from batchgauge.errors import OutputNotWritableError, RunAmbiguousError, SweepError
from batchgauge.store.kept_runs import LATEST, NAMED_RUNS
from batchgauge.store.results import write_whole

SWEEPS: Final = "sweeps"


def save_sweep(folder: Path, sweep: SweepRecord) -> None:
    """Write a sweep's file, and return when it is on the disk.

    Raises:
        OutputNotWritableError: it cannot be written.
    """
    path = folder / SWEEPS / f"{sweep.sweep_id}.json"
    try:
        write_whole(path, msgspec.json.format(msgspec.json.encode(sweep), indent=2) + b"\n")
    except OSError as error:
        raise OutputNotWritableError(flag="--results", path=str(path), reason=error.strerror or str(error)) from error


def find_sweep(folder: Path, wanted: str) -> SweepRecord | None:
    """The sweep whose id is, begins or ends so; for ``latest`` the one that the newest run belongs to, or was to. None where there is none.

    Raises:
        RunAmbiguousError: several are meant.
        SweepError: its file cannot be read.
    """
    paths = _paths(folder)
    if wanted == LATEST:
        newest = read_sweep(paths[-1]) if paths else None
        names = [path.name for path in (folder / "runs").glob("*") if path.is_dir()]
        # Ids are made of times. The run of a level that was about to begin may have no folder yet.
        return newest if newest is not None and newest.runs and newest.runs[-1] >= max(names, default="") else None
    found = [path for path in paths if path.stem == wanted] or [
        path for path in paths if wanted and (path.stem.startswith(wanted) or path.stem.endswith(wanted))
    ]
    if len(found) > 1:
        names = [path.stem for path in found]
        raise RunAmbiguousError(run=wanted, folder=str(folder), runs=", ".join(names[:NAMED_RUNS]))
    return read_sweep(found[0]) if found else None


def sweep_of_run(folder: Path, run_id: str) -> SweepRecord | None:
    """The sweep that a run is a level of; files that cannot be read say nothing of it."""
    for path in reversed(_paths(folder)):
        try:
            sweep = read_sweep(path)
        except SweepError:
            continue
        if run_id in sweep.runs:
            return sweep
    return None


def read_sweep(path: Path) -> SweepRecord:
    """A sweep's file.

    Raises:
        SweepError: it cannot be read, or a later version wrote it.
    """
    try:
        document = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
        sweep = msgspec.convert(as_version_2(document), SweepRecord)
    except OSError as error:
        raise SweepError(path=str(path), reason=error.strerror or str(error)) from error
    except ValueError as error:
        raise SweepError(path=str(path), reason=str(error)) from error
    if sweep.version > SWEEP_VERSION:
        raise SweepError(path=str(path), reason=f"version {sweep.version} is newer than {SWEEP_VERSION}")
    if not all(map(is_plain_name, [*sweep.runs, *filter(None, (step.file for step in sweep.steps))])):
        raise SweepError(path=str(path), reason="it names a file outside of the results folder")
    return sweep


def _paths(folder: Path) -> list[Path]:
    return sorted((folder / SWEEPS).glob("sweep-*.json"))
