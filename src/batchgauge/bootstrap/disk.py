"""What is read from the disk and written to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from batchgauge.core.journal import Header, Record
from batchgauge.core.sweeps.auto_levels import AUTO

if TYPE_CHECKING:
    from collections.abc import Callable

    from batchgauge.core.analysis.analysis import Analysis, SkippedFile
    from batchgauge.core.cost.prices import PriceTable
    from batchgauge.core.result.kept_run import KeptRun
    from batchgauge.core.result.run_result import RunResult
    from batchgauge.core.sweeps.level_search import LevelSearch
    from batchgauge.core.sweeps.record import SweepRecord
    from batchgauge.core.sweeps.scenario_file import ScenarioFile
    from batchgauge.store.results import ResultsFolder
from batchgauge.bootstrap.machine import now_ms


def results_folder(folder: Path) -> ResultsFolder:
    """The results folder on disk."""
    from batchgauge.store.results import ResultsFolder

    return ResultsFolder(folder)


def find_sweep(folder: Path, wanted: str) -> SweepRecord | None:
    """The sweep whose id is, begins or ends so; for ``latest`` the one that the newest run belongs to."""
    from batchgauge.store.sweeps import find_sweep as find

    return find(folder, wanted)


def sweep_of_run(folder: Path, run_id: str) -> SweepRecord | None:
    """The sweep that a run is a level of."""
    from batchgauge.store.sweeps import sweep_of_run as find

    return find(folder, run_id)


def save_sweep(folder: Path, sweep: SweepRecord) -> None:
    """Write a sweep's own file: its levels, and the runs so far."""
    from batchgauge.store.sweeps import save_sweep as save

    save(folder, sweep)


def find_run_id(folder: Path, wanted: str) -> str:
    """The id of the one run whose id is, begins or ends so; of the newest for ``latest``.

    Raises:
        FolderNotFoundError: there is no such results folder.
        RunNotFoundError, RunAmbiguousError: no run is meant, or several are.
    """
    from batchgauge.store.kept_runs import find_run

    return find_run(folder, wanted, now_ms()).name


def require_writable_folder(flag: str, folder: Path) -> None:
    """Raise OutputNotWritableError where a folder cannot be written to; it is made where it is missing."""
    from batchgauge.store.results import require_writable_folder as require

    require(flag, folder)


def require_writable_file(flag: str, path: Path) -> None:
    """Raise OutputNotWritableError where a file cannot be written."""
    from batchgauge.store.results import require_writable_file as require

    require(flag, path)


def may_be_asked_for(path: Path) -> bool:
    """Whether a file that only a journal names may be written."""
    from batchgauge.store.results import may_be_asked_for as may

    return may(path)


def read_analysis(path: Path, *, is_redacted: bool = False, thresholds: Sequence[str] | None = None) -> Analysis:
    """The analysis of a folder of result documents, or of a ``jobs.parquet``; `thresholds` in the place of those the runs were given.

    Raises:
        FolderNotFoundError: there is no such folder.
        NoResultsError: not one file of it is a result, or the file is none.
    """
    if path.suffix == ".parquet" and path.is_file():
        from batchgauge.core.analysis.of_tables import analyse_tables
        from batchgauge.store.job_tables import read_job_tables

        return analyse_tables(read_job_tables(path), thresholds)
    from batchgauge.core.analysis.analysis import analyse

    documents, skipped = read_documents(path)
    if is_redacted:
        from batchgauge.core.documents.redaction import Redactor

        redactor = Redactor()
        documents = [(redactor.file(file), redactor.result(result)) for file, result in documents]
        skipped = [redactor.skipped(entry) for entry in skipped]
    found = analyse(documents, skipped, thresholds)
    return replace(
        found, searches=_searches(path if path.is_dir() else path.parent, [result for _, result in documents])
    )


def _searches(folder: Path, results: Sequence[RunResult]) -> tuple[LevelSearch, ...]:
    """What the searches found that these results are of, as far as their sweeps' files are still there."""
    from batchgauge.core.limits.searches import searches_of
    from batchgauge.errors import SweepError
    from batchgauge.store.sweeps import SWEEPS, read_sweep

    places = [result.scenario.place for result in results if result.scenario is not None]
    found: list[LevelSearch] = []
    for sweep_id in sorted({place.sweep_id for place in places if place is not None and place.order == AUTO}):
        try:
            found += searches_of(read_sweep(folder / SWEEPS / f"{sweep_id}.json"), results)
        except SweepError:
            continue
    return tuple(found)


def read_documents(folder: Path) -> tuple[list[tuple[str, RunResult]], list[SkippedFile]]:
    """(name, result) of every result document in a folder, and the files that were skipped.

    Raises:
        FolderNotFoundError: there is no such folder.
        NoResultsError: not one file of it is a result.
    """
    from batchgauge.store.documents import read_documents

    return read_documents(folder)


def read_results(path: Path) -> tuple[list[tuple[str, RunResult]], list[SkippedFile]]:
    """As `read_documents`, of a folder or of one document.

    Raises:
        FolderNotFoundError, NoResultsError: there is nothing there, or nothing that is a result.
    """
    from batchgauge.store.documents import read_document, read_documents

    return read_document(path) if path.is_file() else read_documents(path)


def read_scenario_file(path: Path) -> ScenarioFile:
    """What a scenario file says.

    Raises:
        UsageError: it cannot be read, or says what cannot be; which, and on which line.
    """
    from batchgauge.store.scenario_file import read_scenario_file

    return read_scenario_file(path)


def kept_runs(folder: Path) -> tuple[KeptRun, ...]:
    """The runs that a results folder keeps, newest first.

    Raises:
        FolderNotFoundError: there is no such folder.
    """
    from batchgauge.store.kept_runs import kept_runs

    return kept_runs(folder, now_ms())


def runs_being_measured(folder: Path) -> frozenset[str]:
    """The ids of the kept runs that another process of this machine measures just now."""
    from batchgauge.store.kept_runs import runs_being_measured as find

    return find(folder)


def kept_header(folder: Path, run: str) -> Header:
    """How the journal begins of the one run whose id is, begins or ends so, or of the newest for ``latest``.

    Raises:
        FolderNotFoundError, RunNotFoundError, RunAmbiguousError: no run is meant, or several are.
        JournalError: it cannot be read.
    """
    from batchgauge.errors import JournalDamagedError
    from batchgauge.store.journal import read_journal
    from batchgauge.store.kept_runs import find_run
    from batchgauge.store.results import JOURNAL_NAME

    path = find_run(folder, run, now_ms()) / JOURNAL_NAME
    header = next(iter(read_journal(path)), None)
    if not isinstance(header, Header):
        raise JournalDamagedError(path=str(path), reason="the journal is empty")
    return header


def read_run(folder: Path, run: str) -> RunResult:
    """The result, made again from its journal, of the one run whose id is, begins or ends so, or of the newest for ``latest``.

    Raises:
        FolderNotFoundError, RunNotFoundError, RunAmbiguousError: no run is meant, or several are.
        JournalError: it cannot be read.
    """
    from batchgauge.core.result.builder import build_result
    from batchgauge.store.journal import read_journal
    from batchgauge.store.kept_runs import find_run
    from batchgauge.store.results import JOURNAL_NAME

    return build_result(read_journal(find_run(folder, run, now_ms()) / JOURNAL_NAME))


class FollowedJournal(Protocol):
    """A run's journal that may still grow."""

    @property
    def run_id(self) -> str:
        """The run's id."""
        ...

    @property
    def path(self) -> Path:
        """Where it is."""
        ...

    def new_records(self) -> Iterator[Record]:
        """What was added since it was last asked.

        Raises:
            JournalError: it cannot be read.
        """
        ...

    def silent_s(self) -> float:
        """How long ago something was added."""
        ...

    def is_written_here(self) -> bool:
        """Whether a process of this machine holds it just now."""
        ...


class TakenUpJournal(Protocol):
    """A journal that another process left, to be gone on with."""

    @property
    def records(self) -> Sequence[Record]:
        """What was in it."""
        ...

    def append(self, record: Record) -> None:
        """Add a record."""
        ...

    async def sync(self) -> None:
        """Return when everything is on the disk."""
        ...


def follow_journal(folder: Path, run: str) -> FollowedJournal:
    """The journal of the one run whose id is, begins or ends so, or of the newest for ``latest``.

    Raises:
        FolderNotFoundError, RunNotFoundError, RunAmbiguousError: no run is meant, or several are.
    """
    from batchgauge.store.journal_tail import JournalTail
    from batchgauge.store.kept_runs import find_run
    from batchgauge.store.results import JOURNAL_NAME

    return JournalTail(find_run(folder, run, now_ms()) / JOURNAL_NAME, now_ms)


def write_file(flag: str, path: Path, data: bytes) -> None:
    """Write a file whole or not at all; `flag` is what the user named it by.

    Raises:
        OutputNotWritableError: it cannot be written.
    """
    from batchgauge.errors import OutputNotWritableError
    from batchgauge.store.results import write_whole

    try:
        write_whole(path, data)
    except OSError as error:
        raise OutputNotWritableError(flag=flag, path=str(path), reason=error.strerror or str(error)) from error


def price_table(on_broken: Callable[[Path, str], None] = lambda _path, _reason: None) -> PriceTable:
    """The newest prices that are known: those that came with this version, and those that the user has had read since.

    A file of the user's that cannot be read is told to `on_broken`, and left out.
    """
    from importlib.resources import files

    from batchgauge.core.cost.prices import newest_of, read_price_table

    shipped = read_price_table((files("batchgauge.core") / "fargate_prices.json").read_bytes())
    path = user_prices_path()
    try:
        return newest_of((shipped, read_price_table(path.read_bytes())))
    except FileNotFoundError:
        return shipped
    except (OSError, ValueError) as error:
        on_broken(path, str(error))
        return shipped


def user_prices_path() -> Path:
    """Where prices are kept that the user has had read."""
    from batchgauge.host.user_folders import data_folder

    return data_folder() / "prices.json"


def user_prices() -> PriceTable | None:
    """What is kept there; None where there is nothing that can be read."""
    from batchgauge.core.cost.prices import read_price_table

    try:
        return read_price_table(user_prices_path().read_bytes())
    except (OSError, ValueError):
        return None
