"""A browser without a window and without a network; pages of files that the tests write."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from batchgauge.core.analysis.analysis import analyse
from batchgauge.messages import translator
from batchgauge.reports.page import report_page
from tests.reports.runs import Setting, measured

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
HOSTILE = "</script><img src=x onerror=alert(1)> =cmd|' /C calc'!A0 `**<b>"


@dataclass
class Opened:
    """A page, and everything that went wrong or out while it was open."""

    page: Any
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on PATH (Debian: apt install chromium)")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The page in each language: levels with failed and refused jobs, one that was cut off, and texts that mean harm."""
    runs = [(f"test-case-{level}.json", measured(level)) for level in (2, 5)]
    runs.append(
        ("test-case-40.json", measured(40, Setting(failing=7, refused=11, status_reason=HOSTILE, is_local=True)))
    )
    runs.append(("<cut off> at level 30, test-case-3-very-high-repeat-3.large.json", measured(30, Setting(looks=6))))
    folder = tmp_path_factory.mktemp("reports")
    for language in ("en", "ja"):
        words = translator("ja" if language == "ja" else "en")
        (folder / f"{language}.html").write_bytes(report_page(analyse(runs), words))
    swept = [(f"{level}-{seed}.json", measured(level, seed=seed)) for level in (2, 5, 10, 20) for seed in (1, 2)]
    (folder / "swept.html").write_bytes(report_page(analyse(swept), translator("en")))
    return {name: folder / f"{name}.html" for name in ("en", "ja", "swept")}


def dismissed(dialog: Any, seen: Opened) -> None:
    seen.complaints.append("a dialog")
    dialog.dismiss()


@pytest.fixture(params=["en", "ja"])
def opened(request: pytest.FixtureRequest, chromium: Any, reports: dict[str, Path]) -> Iterator[Opened]:
    yield from _opened(chromium, reports[request.param])


@pytest.fixture
def swept(chromium: Any, reports: dict[str, Path]) -> Iterator[Opened]:
    """A sweep with a law."""
    yield from _opened(chromium, reports["swept"])


def _opened(chromium: Any, report: Path) -> Iterator[Opened]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    seen = Opened(context.new_page())
    seen.page.on("console", lambda message: seen.complaints.append(message.text))
    seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    seen.page.on("dialog", lambda dialog: dismissed(dialog, seen))
    seen.page.on("request", lambda asked: seen.requests.append(asked.url))
    seen.page.goto(report.as_uri())
    yield seen
    context.close()
