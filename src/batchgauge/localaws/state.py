"""State that survives a restart: a log of what the model was told, and when; told again, the model is what it was.

``FOLDER/inputs.jsonl``: the settings the model was made with, then a line for every call that may have changed something (refused ones
too, for they have taken from a bucket), every process that is about to be started, that runs and that has ended, every change of faults.
Each line is handed to the operating system before the model is told, so that it outlives the server's own end, however sudden (not the
machine's).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, BinaryIO, TypeAlias

import orjson

from batchgauge.batchmodel.boundary import (
    ApiCall,
    Distribution,
    Input,
    ModelFaults,
    ModelSettings,
    ProcessEnded,
    ProcessStarted,
    SetFaults,
)
from batchgauge.localaws.settings import Credentials

INPUTS_FILE, CREDENTIALS_FILE, LOCK_FILE = "inputs.jsonl", "credentials.json", "lock"
VERSION = 2
"""1: without ``runs``, jobs became RUNNING when their process was asked for."""
READING = ("Describe", "List", "Get")

Replayed: TypeAlias = tuple[float, Input | str]
"""A time with what the model was told, or with the id of a task whose process was started."""


class StateError(Exception):
    """The folder's state cannot be gone on with; the message says why."""


class StateFolder:
    """One server's folder."""

    def __init__(self, folder: Path, settings: ModelSettings) -> None:
        """Raises `StateError` where the folder is another server's or broken, OSError where it cannot be used."""
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / INPUTS_FILE
        self._credentials_path = folder / CREDENTIALS_FILE
        self._lock = _locked(folder / LOCK_FILE)
        try:
            self._open({"version": VERSION, "settings": orjson.loads(orjson.dumps(asdict(settings)))})
        except BaseException:
            self._lock.close()
            raise

    def _open(self, header: Mapping[str, Any]) -> None:
        lines = self._whole_lines()
        self._is_new = not lines
        documents = _decoded(lines)
        if documents:
            _check_header(documents[0], header)
        self._documents = documents[1:]
        self._file: BinaryIO = os.fdopen(
            os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600), "r+b"
        )  # it holds jobs' environments
        # What a sudden end has left of a line is written over.
        self._file.seek(sum(map(len, lines)))
        self._file.truncate()
        if self._is_new:
            self._write(header)

    def _whole_lines(self) -> list[bytes]:
        if not self._path.exists():
            return []
        return [line for line in self._path.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]

    @property
    def is_new(self) -> bool:
        """Nothing to be told again."""
        return self._is_new

    def credentials(self, fresh: Credentials) -> Credentials:
        """Those of the folder, so that what clients have exported stays good; `fresh` where it has none yet."""
        if self._credentials_path.exists():
            kept = orjson.loads(self._credentials_path.read_bytes())
            return Credentials(kept["accessKeyId"], kept["secretAccessKey"])
        content = orjson.dumps({"accessKeyId": fresh.access_key_id, "secretAccessKey": fresh.secret_access_key})
        descriptor = os.open(self._credentials_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        return fresh

    def replay(self) -> Iterator[Replayed]:
        """What was noted by earlier servers, in order."""
        documents, self._documents = self._documents, []
        for document in documents:
            yield _read(document)

    def note(self, time_ms: float, given: Input) -> None:
        """The model is about to be told this; calls that only read are left out."""
        match given:
            case ApiCall():
                if not given.operation.startswith(READING):
                    self._write({"t": time_ms, "call": [given.call_id, given.operation, given.parameters]})
            case ProcessStarted():
                self._write({"t": time_ms, "runs": given.task_id})
            case ProcessEnded():
                self._write({"t": time_ms, "ended": list(given)})
            case SetFaults():
                self._write({"t": time_ms, "faults": asdict(given.faults)})

    def note_started(self, time_ms: float, task_id: str) -> None:
        """A task's process is about to be started."""
        self._write({"t": time_ms, "started": task_id})

    def _write(self, document: Mapping[str, Any]) -> None:
        self._file.write(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE, default=dict))
        self._file.flush()

    def close(self) -> None:
        """No more will be noted; another server may have the folder."""
        self._file.close()
        self._lock.close()


def _locked(path: Path) -> IO[bytes]:
    """The folder's lock; the system gives it up with the process, however suddenly that ends. Raises `StateError` where it is taken."""
    file = path.open("ab")
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - not elsewhere

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - not on Windows

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise StateError("another server is using it") from error
    return file


def _decoded(lines: Sequence[bytes]) -> list[dict[str, Any]]:
    documents: list[dict[str, Any]] = []
    for number, line in enumerate(lines, 1):
        try:
            documents.append(orjson.loads(line))
        except orjson.JSONDecodeError as error:
            raise StateError(f"line {number} of {INPUTS_FILE} is broken") from error
    return documents


def _check_header(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    if found.get("version") != wanted["version"]:
        raise StateError(f"it is of version {found.get('version')}, this is version {wanted['version']}")
    differing = sorted(
        name for name, value in wanted["settings"].items() if found["settings"].get(name, value) != value
    )
    if differing:
        raise StateError(f"it was begun with other settings: {', '.join(differing)}")


def _read(document: Mapping[str, Any]) -> Replayed:
    time_ms = document["t"]
    if "call" in document:
        return time_ms, ApiCall(*document["call"])
    if "ended" in document:
        return time_ms, ProcessEnded(*document["ended"])
    if "runs" in document:
        return time_ms, ProcessStarted(document["runs"])
    if "started" in document:
        return time_ms, str(document["started"])
    faults = document["faults"]
    return time_ms, SetFaults(ModelFaults(**{**faults, "crash_after": Distribution(**faults["crash_after"])}))
