"""One server of the embedded AWS: everything put together, started, and ended without a trace."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from batchgauge.batchmodel.boundary import ModelSettings, Refusal, StartProcess, TokenBucket
from batchgauge.batchmodel.model import BatchModel
from batchgauge.errors import (
    FaultsNotUsableError,
    LocalAwsError,
    MissingExtraError,
    OutputNotWritableError,
    PortInUseError,
)
from batchgauge.localaws import fault_plan, model_file, seed
from batchgauge.localaws.admin import Admin, FaultControl
from batchgauge.localaws.app import Application
from batchgauge.localaws.batch_api import BatchApi
from batchgauge.localaws.clock import ServerClock
from batchgauge.localaws.countdowns import Countdowns, wine_countdown
from batchgauge.localaws.driver import Driver
from batchgauge.localaws.event_delivery import EventDelivery
from batchgauge.localaws.execution import ProcessExecution
from batchgauge.localaws.fault_plan import FaultPlan, FaultPlanError
from batchgauge.localaws.ground_truth import GroundTruth
from batchgauge.localaws.http_server import BACKLOG, HttpServer
from batchgauge.localaws.iam_gate import Gate
from batchgauge.localaws.job_object import end_children_with_this_process
from batchgauge.localaws.log_delivery import LogDelivery
from batchgauge.localaws.logs_api import LogsApi
from batchgauge.localaws.model_file import ModelFile, ModelFileError
from batchgauge.localaws.neighbours import Neighbours
from batchgauge.localaws.request_faults import RequestFaults
from batchgauge.localaws.service_model import load_service_model
from batchgauge.localaws.settings import Announcement, ServerSettings
from batchgauge.localaws.state import StateError, StateFolder

if TYPE_CHECKING:
    from batchgauge.localaws.moto_backends import MotoBackends

END_PATIENCE_S = 1.0
"""How long answers under way may take once the server has been told to end."""
WANTED_OPEN_FILES = 65_536
GC_THRESHOLDS = (100_000, 20, 100)
WILDCARD_HOSTS = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - compared with, not bound to

SO_EXCLUSIVEADDRUSE = -5
"""`socket.SO_EXCLUSIVEADDRUSE`, which is there on Windows only."""
SIGBREAK = 21
"""`signal.SIGBREAK`, of Windows only: Ctrl-Break, or the console's window is closed."""
TAKEN_ADDRESS = {errno.EADDRINUSE, 10013, 10048}
"""Windows's WSAEACCES comes where another holds the port for itself alone."""
Announce = Callable[[Announcement], None]


def serve(settings: ServerSettings, announce: Announce) -> None:
    """Serve until SIGTERM, SIGINT or (where asked for) the end of standard input; `announce` is called once, when it accepts connections.

    Raises `PortInUseError`, `MissingExtraError`, `OutputNotWritableError`, `FaultsNotUsableError` or `LocalAwsError` before that.
    """
    if find_spec("moto") is None:
        raise MissingExtraError(extra="local", module="moto")
    plan = _read_faults(settings.faults_file)
    model_settings = _model_settings(settings)
    state = _open_state(settings.state_folder, model_settings)
    if state is not None:
        settings = replace(settings, credentials=state.credentials(settings.credentials))
    ground_truth = _open_ground_truth(settings)
    _raise_open_files_limit()
    end_children_with_this_process()
    try:
        listener = _listen(settings.host, settings.port)
        # Until the start is over, garbage collection would only walk what stays for good.
        gc.disable()
        asyncio.run(
            _Server(
                settings=settings,
                model_settings=model_settings,
                listener=listener,
                ground_truth=ground_truth,
                plan=plan,
                state=state,
                announce=announce,
            ).run()
        )
    finally:
        ground_truth.close()
        if state is not None:
            state.close()


def _raise_open_files_limit() -> None:
    """Every process costs two descriptors and every connection one; the usual limit of 1,024 is a default, not a wish."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED_OPEN_FILES if hard == resource.RLIM_INFINITY else min(WANTED_OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _open_state(folder: Path | None, model_settings: ModelSettings) -> StateFolder | None:
    if folder is None:
        return None
    try:
        return StateFolder(folder, model_settings)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputNotWritableError(flag="--state", path=str(folder), reason=reason) from error
    except (StateError, orjson.JSONDecodeError) as error:
        raise LocalAwsError(detail=f"--state {folder}: {error}") from error


def _open_ground_truth(settings: ServerSettings) -> GroundTruth:
    try:
        return GroundTruth(settings.ground_truth)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputNotWritableError(flag="--ground-truth", path=str(settings.ground_truth), reason=reason) from error


def _read_faults(path: Path | None) -> FaultPlan:
    if path is None:
        return FaultPlan()
    try:
        return fault_plan.read(path)
    except OSError as error:
        raise FaultsNotUsableError(path=str(path), reason=error.strerror or str(error)) from error
    except FaultPlanError as error:
        raise FaultsNotUsableError(path=str(path), reason=str(error)) from error


def _read_model_file(path: Path | None) -> ModelFile:
    if path is None:
        return ModelFile()
    try:
        return model_file.read(path)
    except OSError as error:
        raise LocalAwsError(detail=f"--model {path}: {error.strerror or error}") from error
    except ModelFileError as error:
        raise LocalAwsError(detail=f"--model {path}: {error}") from error


def _listen(host: str, port: int) -> socket.socket:
    """A bound socket; the port is taken before anything else is started."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise LocalAwsError(detail=f"{host}: {error.strerror or error}") from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, *address_option(sys.platform))
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno in TAKEN_ADDRESS:
            raise PortInUseError(host=host, port=port) from error
        raise LocalAwsError(detail=f"{host}:{port}: {error.strerror or error}") from error
    return listener


def address_option(platform: str) -> tuple[int, int]:
    """So that a port is free again at once and never shared: on Windows SO_REUSEADDR lets two servers listen on one port."""
    return (SO_EXCLUSIVEADDRUSE, 1) if platform == "win32" else (socket.SO_REUSEADDR, 1)


def ends(platform: str) -> tuple[int, ...]:
    """The signals that end the server in order."""
    return (signal.SIGINT, signal.SIGTERM, *((SIGBREAK,) if platform == "win32" else ()))


def _endpoint(host: str, listener: socket.socket) -> str:
    shown = "127.0.0.1" if host in WILDCARD_HOSTS else host
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{listener.getsockname()[1]}"


def _model_settings(settings: ServerSettings) -> ModelSettings:
    by_flags = ModelSettings(
        account_id=settings.account_id,
        region=settings.region,
        seed=settings.seed,
        time_scale=settings.time_scale,
        submit_job_bucket=TokenBucket(depth=settings.submit_burst, rate_per_s=settings.submit_rate_per_s),
        other_api_bucket=TokenBucket(depth=settings.api_burst, rate_per_s=settings.api_rate_per_s),
        max_processes=settings.max_processes,
    )
    return _read_model_file(settings.model_file).applied_to(by_flags)


class _Server:
    """The parts of a running server."""

    def __init__(
        self,
        *,
        settings: ServerSettings,
        model_settings: ModelSettings,
        listener: socket.socket,
        ground_truth: GroundTruth,
        plan: FaultPlan,
        state: StateFolder | None,
        announce: Announce,
    ) -> None:
        self._settings = settings
        self._model_settings = model_settings
        self._listener = listener
        self._fault_plan = plan
        self._announce = announce
        self._endpoint = _endpoint(settings.host, listener)
        clock = ServerClock()
        self._events = EventDelivery(settings.account_id, settings.region, settings.seed, ground_truth.append)
        self._logs = LogDelivery(clock, settings.log_flush_interval_s)
        self._state = state
        self._driver = Driver(
            model=BatchModel(model_settings),
            clock=clock,
            events=self._events,
            logs=self._logs,
            ground_truth=ground_truth,
            state=state,
        )
        self._request_faults = RequestFaults(settings.seed, ground_truth.append, clock.now_ms)
        self._faults = FaultControl(self._apply_faults, lambda: self._request_faults.happened)
        self._admin = Admin(settings.credentials.access_key_id, self._faults, ground_truth)
        self._service_model = load_service_model()
        self._neighbours = Neighbours(settings, self._driver.call, self._service_model)
        self._gate: Gate | None = None
        if settings.enforces_iam:
            own_key = settings.credentials.access_key_id
            self._gate = Gate(own_key, self._neighbours.principal_of, ground_truth.append_at_once, clock.now_ms)
            self._neighbours.gate = self._gate
        self._countdowns = Countdowns()
        self._execution: ProcessExecution | None = None
        self._end = asyncio.Event()

    async def run(self) -> None:
        """From the seed to the last process's end."""
        if self._state is None or self._state.is_new:
            self._make_seed()
        else:
            self._driver.restore()
        self._faults.set(self._fault_plan)
        wine = wine_countdown(os.environ.get("PATH", os.defpath))
        if wine is not None:
            self._countdowns.prepare_wine(wine, asyncio.get_running_loop().call_soon_threadsafe)
        self._execution = ProcessExecution(
            self._job_environment(), self._logs, self._driver.tell, self._countdowns, self._why_not_started
        )
        self._driver.start(self._execution)
        batch_api = BatchApi(self._service_model, self._driver)
        application = Application(
            settings=self._settings,
            batch_api=batch_api,
            driver=self._driver,
            logs_api=LogsApi(self._settings.region, self._logs.materialise, self._settings.logs_rate_scale),
            neighbours=self._neighbours,
            health=self._health,
            admin=self._admin,
            faults=self._request_faults,
            fargate_vcpu_quota=self._model_settings.fargate_vcpu_quota,
            gate=self._gate,
        )
        server = HttpServer(application, self._settings.max_body_bytes)
        self._end_on_signals()
        if self._settings.is_ended_with_stdin:
            self._end_with_stdin()
        try:
            await server.start(self._listener)
            self._started()
            await self._end.wait()
        finally:
            await server.stop(END_PATIENCE_S)
            await self._driver.stop()
            self._execution.close()

    def _why_not_started(self, start: StartProcess) -> str | None:
        """None where nobody can say: the neighbours are still to come, or have been forgotten by a restart that Batch's state outlasted."""
        is_restored = self._state is not None and not self._state.is_new
        backends = self._neighbours.backends
        return None if is_restored or backends is None else backends.why_not_started(start)

    def _make_seed(self) -> None:
        for operation, parameters in seed.batch_calls(self._settings):
            outcome = self._driver.call(operation, parameters)
            if isinstance(outcome, Refusal):
                raise LocalAwsError(detail=f"{operation}: {outcome.message}")

    def _apply_faults(self, plan: FaultPlan) -> None:
        self._request_faults.set(plan.requests)
        self._events.set_faults(plan.events)
        self._logs.set_delay(plan.logs.delay_ms)
        self._driver.set_faults(plan.jobs.for_model())

    def _job_environment(self) -> dict[str, str]:
        """How a job reaches this server, as a job on AWS reaches AWS."""
        credentials, region = self._settings.credentials, self._settings.region
        return {
            "AWS_ENDPOINT_URL": self._endpoint,
            "AWS_ACCESS_KEY_ID": credentials.access_key_id,
            "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def _started(self) -> None:
        self._neighbours.load_in_background(self._neighbours_loaded)
        self._announce(self._announcement())

    def _neighbours_loaded(self, backends: MotoBackends | None) -> None:
        if backends is not None:
            self._logs.open(backends.put_log_events)
            self._events.open(backends.event_targets.has_rules, self._neighbours.deliver_event)
        # What exists now stays: out of the collector's sight, or each of its rounds would stop the server for 0.1 s.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)
        gc.enable()

    def _announcement(self) -> Announcement:
        settings = self._settings
        return Announcement(
            endpoint=self._endpoint,
            credentials=settings.credentials,
            region=settings.region,
            account_id=settings.account_id,
            pid=os.getpid(),
            time_scale=settings.time_scale,
            max_vcpus=settings.max_vcpus,
            job_queue=seed.JOB_QUEUE,
            job_definition=seed.WINDOWS_JOB_DEFINITION,
            is_neighbours_ready=self._neighbours.is_ready,
        )

    def _health(self) -> dict[str, object]:
        known = self._announcement().as_json()
        del known["accessKeyId"], known["secretAccessKey"]  # the one page that anybody may read
        processes = self._execution.running_count if self._execution is not None else 0
        return {
            "status": "ok",
            **known,
            "runningProcesses": processes,
            "windowsCountdown": self._countdowns.windows_kind,
        }

    def _end_on_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in ends(sys.platform):
            if sys.platform == "win32":
                signal.signal(number, lambda *_: loop.call_soon_threadsafe(self._end.set))
            else:
                loop.add_signal_handler(number, self._end.set)

    def _end_with_stdin(self) -> None:
        loop = asyncio.get_running_loop()

        def wait() -> None:
            try:
                while os.read(0, 4096):
                    pass
            except OSError:
                pass
            with contextlib.suppress(RuntimeError):  # it has ended for another reason
                loop.call_soon_threadsafe(self._end.set)

        threading.Thread(target=wait, name="stdin", daemon=True).start()
