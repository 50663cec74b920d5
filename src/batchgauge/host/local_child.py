"""The embedded AWS in a process of its own: the measuring process must not share its time with what it measures."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import IO, Any, Final

from batchgauge.errors import AwsError, LocalAwsDiedError, LocalAwsError

START_LIMIT_S: Final = 60.0
"""A first start on a slow machine compiles moto's modules."""
END_LIMIT_S: Final = 15.0
DEATH_NOTICE_S: Final = 1.0
"""Between the moment that a process's sockets close and the one that its parent is told of its end."""
STDERR_LINES_SHOWN: Final = 5

CREATE_NEW_PROCESS_GROUP: Final = 0x200
"""`subprocess.CREATE_NEW_PROCESS_GROUP`, which is there on Windows only."""
_OWN_GROUP: Final[dict[str, Any]] = (
    {"creationflags": CREATE_NEW_PROCESS_GROUP} if sys.platform == "win32" else {"start_new_session": True}
)


@dataclass(frozen=True, slots=True)
class LocalAws:
    """How to reach an embedded AWS."""

    endpoint: str
    access_key_id: str
    secret_access_key: str
    region: str
    account_id: str
    time_scale: float
    max_vcpus: int
    job_queue: str
    job_definition: str
    find_death: Callable[[], Awaitable[LocalAwsDiedError | None]] | None = None
    """Asked when it does not answer: the error, where its process has ended. Takes up to `DEATH_NOTICE_S` while it has not."""


@asynccontextmanager
async def local_aws(options: Sequence[str] = ()) -> AsyncIterator[LocalAws]:
    """An embedded AWS for as long as the context lasts; `options` are those of ``batchgauge local serve``.

    It ends with its standard input, so also when this process is killed. In a session of its own, it does not see the terminal's Ctrl-C:
    the jobs of an interrupted run have to be ended through it.

    Raises:
        LocalAwsError: it did not start.
        LocalAwsDiedError: in place of an `AwsError` of the context, where that is only the symptom.
    """
    with tempfile.TemporaryFile() as talk:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "batchgauge", "local", "serve"),
            *("--port", "0", "--json", "--end-with-stdin", *options),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=talk,
            **_OWN_GROUP,
        )

        async def find_death() -> LocalAwsDiedError | None:
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), DEATH_NOTICE_S)
            if process.returncode is None:
                return None
            return LocalAwsDiedError(detail=_last_words(talk) or f"exit code {process.returncode}")

        try:
            yield replace(_announced(await _first_line(process, talk)), find_death=find_death)
        except LocalAwsDiedError:
            raise
        except AwsError as error:
            # An endpoint that does not answer is only the symptom where the process behind it is gone.
            if (death := await find_death()) is not None:
                raise death from error
            raise
        finally:
            await _end(process)


async def _first_line(process: asyncio.subprocess.Process, talk: IO[bytes]) -> bytes:
    assert process.stdout is not None  # noqa: S101  (asked for)
    try:
        line = await asyncio.wait_for(process.stdout.readline(), START_LIMIT_S)
    except TimeoutError:
        line = b""
    if not line.strip():
        raise LocalAwsError(detail=_last_words(talk) or "no output")
    return line


def _last_words(talk: IO[bytes]) -> str:
    talk.seek(0)
    said = talk.read().decode("utf-8", "replace").strip().splitlines()
    return " / ".join(said[-STDERR_LINES_SHOWN:])


def _announced(line: bytes) -> LocalAws:
    try:
        said = json.loads(line)
        return LocalAws(
            endpoint=said["endpoint"],
            access_key_id=said["accessKeyId"],
            secret_access_key=said["secretAccessKey"],
            region=said["region"],
            account_id=said["accountId"],
            time_scale=said["timeScale"],
            max_vcpus=said["maxvCpus"],
            job_queue=said["jobQueue"],
            job_definition=said["jobDefinition"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise LocalAwsError(detail=f"unexpected first line: {error}") from error


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), END_LIMIT_S)
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
