"""The embedded AWS in a child process: it ends with whoever started it, however that one ends."""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import subprocess
import sys
import textwrap
import urllib.request
from pathlib import Path

import pytest

from batchgauge.errors import EndpointUnreachableError, LocalAwsDiedError, LocalAwsError, NoCredentialsError
from batchgauge.host import local_child
from batchgauge.host.local_child import LocalAws, local_aws

LIMIT_S = 60


def child_of(local: LocalAws) -> int:
    """The process that listens at the endpoint, by what it says of itself."""
    with urllib.request.urlopen(f"{local.endpoint}/_batchgauge/health", timeout=LIMIT_S) as answer:
        return int(json.load(answer)["pid"])


def has_ended(handle: int) -> bool:
    """Whether the process behind a pidfd has ended, or does so while we wait."""
    return bool(select.select([handle], [], [], LIMIT_S)[0])


def test_it_serves_while_the_context_lasts_and_is_gone_afterwards() -> None:
    async def use() -> int:
        async with local_aws() as local:
            assert local.endpoint.startswith("http://127.0.0.1:")
            assert (local.region, local.job_queue) == ("us-west-2", "windows-batch-queue")
            return os.pidfd_open(await asyncio.to_thread(child_of, local))

    handle = asyncio.run(use())
    assert has_ended(handle)
    os.close(handle)


def test_options_reach_it() -> None:
    async def use() -> LocalAws:
        async with local_aws(["--max-vcpus", "3", "--time-scale", "0.25"]) as local:
            return local

    local = asyncio.run(use())
    assert (local.max_vcpus, local.time_scale) == (3, 0.25)


def test_it_is_gone_too_after_an_exception_in_the_context() -> None:
    async def use() -> int:
        handle = -1
        with pytest.raises(NoCredentialsError):
            async with local_aws() as local:
                handle = os.pidfd_open(await asyncio.to_thread(child_of, local))
                raise NoCredentialsError
        return handle

    handle = asyncio.run(use())
    assert has_ended(handle)
    os.close(handle)


def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    parent = tmp_path / "parent.py"
    parent.write_text(
        textwrap.dedent(
            """
            import asyncio
            from batchgauge.host.local_child import local_aws

            async def use():
                async with local_aws() as local:
                    print(local.endpoint, flush=True)
                    await asyncio.sleep(3600)

            asyncio.run(use())
            """
        )
    )
    process = subprocess.Popen([sys.executable, str(parent)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    endpoint = process.stdout.readline().strip()
    local = LocalAws(endpoint, "", "", "", "", 1.0, 1, "", "")
    handle = os.pidfd_open(child_of(local))
    process.kill()
    process.wait(LIMIT_S)
    process.stdout.close()
    assert has_ended(handle)
    os.close(handle)


def test_the_terminals_interrupt_does_not_reach_it() -> None:
    async def use() -> None:
        async with local_aws() as local:
            pid = await asyncio.to_thread(child_of, local)
            assert os.getpgid(pid) != os.getpgid(0)
            assert os.getsid(pid) != os.getsid(0)

    asyncio.run(use())


def test_an_endpoint_that_is_gone_because_it_died_is_said_to_have_died() -> None:
    symptom = EndpointUnreachableError(endpoint="http://127.0.0.1", reason="Could not connect")

    async def use() -> None:
        async with local_aws() as local:
            pid = await asyncio.to_thread(child_of, local)
            handle = os.pidfd_open(pid)
            os.kill(pid, signal.SIGKILL)
            assert await asyncio.to_thread(has_ended, handle)
            os.close(handle)
            raise symptom

    with pytest.raises(LocalAwsDiedError) as caught:
        asyncio.run(use())
    assert caught.value.detail == f"exit code {-signal.SIGKILL}"
    assert caught.value.__cause__ is symptom


def test_an_error_of_aws_stays_what_it_is_while_the_child_lives() -> None:
    async def use() -> None:
        async with local_aws():
            raise EndpointUnreachableError(endpoint="elsewhere", reason="r")

    with pytest.raises(EndpointUnreachableError):
        asyncio.run(use())


@pytest.mark.parametrize(
    ("program", "detail"),
    [
        ("import sys; sys.exit('first\\nsecond')", "first / second"),
        ("pass", "no output"),
        ("print('not json')", "unexpected first line"),
        ("print('{}')", "unexpected first line"),
        ("import sys; [print(n, file=sys.stderr) for n in range(9)]", "4 / 5 / 6 / 7 / 8"),
    ],
)
def test_a_child_that_does_not_start_leaves_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, detail: str
) -> None:
    impostor = tmp_path / "python"
    impostor.write_text(f"#!{sys.executable}\n{program}\n")
    impostor.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(impostor))

    async def use() -> None:
        async with local_aws():
            pytest.fail("it has not started")

    with pytest.raises(LocalAwsError) as caught:
        asyncio.run(use())
    assert detail in caught.value.detail


def test_a_child_that_says_nothing_is_given_up_and_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note = tmp_path / "pid"
    impostor = tmp_path / "python"
    impostor.write_text(
        f"#!{sys.executable}\nimport os, sys, pathlib\npathlib.Path({str(note)!r}).write_text(str(os.getpid()))\n"
        "sys.stdin.read()\n"
    )
    impostor.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(impostor))
    monkeypatch.setattr(local_child, "START_LIMIT_S", 2.0)

    async def use() -> None:
        async with local_aws():
            pytest.fail("it has not started")

    with pytest.raises(LocalAwsError):
        asyncio.run(use())
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)


def test_a_child_that_will_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    impostor = tmp_path / "python"
    impostor.write_text(
        f"#!{sys.executable}\nimport signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint(flush=True)\n"
        "signal.pause()\n"
    )
    impostor.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(impostor))
    monkeypatch.setattr(local_child, "END_LIMIT_S", 0.1)

    async def use() -> None:
        async with local_aws():
            pytest.fail("it has not started")

    with pytest.raises(LocalAwsError):
        asyncio.run(use())
