"""What becomes of an interrupted run's jobs: said beforehand, asked, or nobody there."""

from __future__ import annotations

import asyncio

import pytest

from batchgauge import bootstrap
from batchgauge.cli.asking import Decision
from batchgauge.cli.progress import PlainView


def leaves(on_interrupt: str | None, *, is_asking: bool) -> bool:
    said: list[str] = []
    view = PlainView(said.append)
    return asyncio.run(Decision(on_interrupt, is_asking, view, limit_s=0.01).leaves_jobs(3))


@pytest.fixture
def silence(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never() -> str | None:
        await asyncio.Event().wait()
        return None

    monkeypatch.setattr(bootstrap, "read_line", never)


@pytest.mark.usefixtures("silence")
def test_what_was_said_beforehand_holds_and_nobody_is_asked() -> None:
    assert leaves("leave", is_asking=True)
    assert not leaves("cancel", is_asking=True)
    assert leaves("leave", is_asking=False)


@pytest.mark.usefixtures("silence")
def test_jobs_are_ended_where_nobody_answers_or_nobody_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert not leaves(None, is_asking=True)
    assert "no answer: the jobs are ended" in capsys.readouterr().err
    assert not leaves(None, is_asking=False)
    assert capsys.readouterr().err == ""
