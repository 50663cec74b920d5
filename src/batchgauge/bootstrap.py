"""The one place that chooses adapters: real AWS, the embedded AWS, the disk, the clock."""

from __future__ import annotations

import os
import platform
import random
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from batchgauge import __version__
from batchgauge.core.journal import EnvironmentFacts, Header, Record
from batchgauge.core.naming import SUFFIX_ALPHABET, SUFFIX_LENGTH
from batchgauge.host.clock import SystemClock

if TYPE_CHECKING:
    from batchgauge.core.analysis import Analysis, SkippedFile
    from batchgauge.core.cost import PriceTable
    from batchgauge.core.kept_run import KeptRun
    from batchgauge.core.result import RunResult
    from batchgauge.core.scenario_file import ScenarioFile
    from batchgauge.core.sweep_record import SweepRecord
    from batchgauge.host.local_child import LocalAws
    from batchgauge.ports import Account, BatchGateway, EventRoutes, LogSource, MetricSource, TaskSource
    from batchgauge.store.results import ResultsFolder

ACCOUNT_ATTEMPTS = 4
MOST_SUBMISSION_CONNECTIONS = 1_000
"""What finds none of them free waits, and is counted as late."""
FEWEST_SUBMISSION_CONNECTIONS = 10
OTHER_OPEN_FILES = 150
"""Of the limit, what is left for everything else: looks, journal, the embedded AWS's child, the terminal."""


@dataclass(frozen=True, slots=True)
class Target:
    """Which AWS to measure, as flags say."""

    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    max_connections: int = 20


@dataclass(frozen=True, slots=True)
class OpenAws:
    """An AWS that answers: gateways and what is known of it so far."""

    batch: BatchGateway
    logs: LogSource
    tasks: TaskSource
    metrics: MetricSource
    event_routes: EventRoutes
    clock: SystemClock
    facts: EnvironmentFacts
    credentials_expire_ms: Callable[[], Awaitable[float | None]]
    """When they stop to be good and cannot be refreshed; None where that is never, or not known."""


@asynccontextmanager
async def open_aws(
    target: Target, local: LocalAws | None = None, *, not_before_ms: float = 0.0
) -> AsyncIterator[OpenAws]:
    """Gateways to the AWS that is meant; to an embedded one where `local` is given. The clock begins not before that moment.

    Raises:
        ProfileNotFoundError: the profile is in neither of the AWS configuration files.
    """
    from batchgauge.aws.embedded import embedded_time_scale
    from batchgauge.aws.events import BotoEventRoutes
    from batchgauge.aws.gateway import BotoGateway
    from batchgauge.aws.session import AwsSession, Connection, Credentials

    clock = SystemClock(not_before_ms)
    connection = Connection(
        region=local.region if local else target.region,
        profile=None if local else target.profile,
        endpoint_url=local.endpoint if local else target.endpoint_url,
        credentials=Credentials(local.access_key_id, local.secret_access_key) if local else None,
        max_connections=target.max_connections,
        most_submissions_at_once=most_submissions_at_once(),
        find_death=local.find_death if local else None,
    )
    async with AwsSession(connection, clock, os.environ) as session:
        gateway = BotoGateway(session, clock)
        time_scale = local.time_scale if local else await embedded_time_scale(session.endpoint_url)
        facts = EnvironmentFacts(
            region=session.region,
            tool_version=__version__,
            endpoint_url=session.endpoint_url,
            is_local=time_scale is not None,
            has_own_server=local is not None,
            profile=None if local else target.profile,
            time_scale=time_scale,
            python_version=platform.python_version(),
            platform=platform.platform(),
        )
        yield OpenAws(
            gateway,
            gateway,
            gateway,
            gateway,
            BotoEventRoutes(session, clock),
            clock,
            facts,
            session.credentials_expire_ms,
        )


def most_submissions_at_once() -> int:
    """How many connections submissions may have: our own bound, or what the limit on open files leaves."""
    from batchgauge.host.open_files import open_file_limit

    room = open_file_limit() - OTHER_OPEN_FILES
    return max(FEWEST_SUBMISSION_CONNECTIONS, min(MOST_SUBMISSION_CONNECTIONS, room))


@dataclass(frozen=True, slots=True)
class OpenAccount:
    """An AWS for provisioning: nothing is measured, so botocore may try again by itself."""

    account: Account
    batch: BatchGateway


@asynccontextmanager
async def open_account(target: Target) -> AsyncIterator[OpenAccount]:
    """What provisioning needs of the AWS that is meant.

    Raises:
        ProfileNotFoundError: the profile is in neither of the AWS configuration files.
    """
    from batchgauge.aws.account import BotoAccount
    from batchgauge.aws.gateway import BotoGateway
    from batchgauge.aws.session import AwsSession, Connection

    clock = SystemClock()
    connection = Connection(target.region, target.profile, target.endpoint_url, max_attempts=ACCOUNT_ATTEMPTS)
    async with AwsSession(connection, clock, os.environ) as session:
        yield OpenAccount(BotoAccount(session, clock), BotoGateway(session, clock))


def start_local_aws(options: Sequence[str] = ()) -> AbstractAsyncContextManager[LocalAws]:
    """An embedded AWS in a process of its own, for as long as the context lasts.

    Raises:
        MissingExtraError: the part of the installation that serves it is missing.
        LocalAwsError: it did not start.
        LocalAwsDiedError: in place of an `AwsError` of the context, where that is only the symptom.
    """
    from importlib.util import find_spec

    from batchgauge.errors import MissingExtraError
    from batchgauge.host.local_child import local_aws

    for module in ("moto", "orjson"):
        if find_spec(module) is None:
            raise MissingExtraError(extra="local", module=module)
    return local_aws(options)


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


def read_analysis(path: Path, *, is_redacted: bool = False, thresholds: Sequence[str] | None = None) -> Analysis:
    """The analysis of a folder of result documents, or of a ``jobs.parquet``; `thresholds` in the place of those the runs were given.

    Raises:
        FolderNotFoundError: there is no such folder.
        NoResultsError: not one file of it is a result, or the file is none.
    """
    if path.suffix == ".parquet" and path.is_file():
        from batchgauge.core.table_analysis import analyse_tables
        from batchgauge.store.job_tables import read_job_tables

        return analyse_tables(read_job_tables(path), thresholds)
    from batchgauge.core.analysis import analyse

    documents, skipped = read_documents(path)
    if is_redacted:
        from batchgauge.core.redaction import Redactor

        redactor = Redactor()
        documents = [(redactor.file(file), redactor.result(result)) for file, result in documents]
        skipped = [redactor.skipped(entry) for entry in skipped]
    return analyse(documents, skipped, thresholds)


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


def kept_header(folder: Path, run: str) -> Header:
    """How the journal begins of the one run whose id is, begins or ends so, or of the newest for ``latest``.

    Raises:
        FolderNotFoundError, RunNotFoundError, RunAmbiguousError: no run is meant, or several are.
        JournalError: it cannot be read.
    """
    from batchgauge.errors import JournalError
    from batchgauge.store.journal import read_journal
    from batchgauge.store.kept_runs import find_run
    from batchgauge.store.results import JOURNAL_NAME

    path = find_run(folder, run, now_ms()) / JOURNAL_NAME
    header = next(iter(read_journal(path)), None)
    if not isinstance(header, Header):
        raise JournalError(path=str(path), reason="the journal is empty")
    return header


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


def now_ms() -> float:
    """UTC milliseconds by the system's clock: what files are stamped with."""
    return time.time() * 1000


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


def price_table() -> PriceTable:
    """The dated table of prices that comes with this version."""
    from importlib.resources import files

    from batchgauge.core.cost import read_price_table

    return read_price_table((files("batchgauge.core") / "fargate_prices.json").read_bytes())


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


def serve_local_aws(announce: Callable[[Mapping[str, object]], None], **settings: Any) -> None:
    """Serve the embedded AWS in this process until it is told to end; `announce` is told, once, how to reach it.

    `settings` are the fields of ``localaws.settings.ServerSettings``.

    Raises:
        MissingExtraError: the part of the installation that serves it is missing.
        PortInUseError, OutputNotWritableError, FaultsNotUsableError, LocalAwsError: it did not start.
    """
    from batchgauge.errors import MissingExtraError

    try:
        from batchgauge.localaws.server import serve
        from batchgauge.localaws.settings import ServerSettings
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("batchgauge"):
            raise
        raise MissingExtraError(extra="local", module=error.name) from error

    serve(ServerSettings(**settings), lambda announcement: announce(announcement.as_json()))
