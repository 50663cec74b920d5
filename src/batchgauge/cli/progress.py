"""How far a measurement is: a live view on a terminal, plain lines elsewhere, nothing where nobody wants it.

All of it goes to stderr: stdout is data.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol

from batchgauge.cli.language import current_translator
from batchgauge.cli.talk import say
from batchgauge.core.job import JobState
from batchgauge.core.journal import RunOutcome
from batchgauge.core.progress.snapshot import ProgressSnapshot, RunStage
from batchgauge.core.result.run_result import RunResult, is_observed

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live

PLAIN_INTERVAL_S: Final = 5.0
"""Between two plain lines of the same stage: a log file is read, not watched."""
REFRESHES_PER_S: Final = 4
SHOWN_WHEN_THERE: Final = frozenset({JobState.SUBMITTED, JobState.PENDING})
"""The states that jobs pass quickly; without them the line fits a terminal of 80 columns."""
STYLES: Final = {
    JobState.SUBMITTED: "white",
    JobState.PENDING: "white",
    JobState.RUNNABLE: "yellow",
    JobState.STARTING: "cyan",
    JobState.RUNNING: "bold blue",
    JobState.SUCCEEDED: "bold green",
    JobState.FAILED: "bold red",
}


class View(Protocol):
    """Who shows a measurement; a `Progress` too."""

    def begin_level(self, heading: str) -> None:
        """A level's run is about to begin; `heading` says which."""
        ...

    def update(self, snapshot: ProgressSnapshot) -> None:
        """How far it is."""
        ...

    def pause(self, seconds: float, next_level: int) -> None:
        """Nothing happens for that long."""
        ...

    def end_level(self, result: RunResult, path: str) -> None:
        """It is done and saved."""
        ...

    def say(self, text: str) -> None:
        """A line between."""
        ...


class Screen(View, Protocol):
    """A view that can leave the terminal to others for a while."""

    def hold(self) -> None:
        """Leave the screen alone: somebody is asked something."""
        ...

    def go_on(self) -> None:
        """The screen is ours again."""
        ...


@contextmanager
def open_view(*, is_quiet: bool) -> Iterator[Screen]:
    """The view that suits where stderr goes."""
    if is_quiet:
        yield _SilentView()
        return
    if not sys.stderr.isatty():
        yield PlainView(say)
        return
    from rich.console import Console

    with LiveView(Console(stderr=True, highlight=False), time.monotonic) as view:
        yield view


class _SilentView:
    def begin_level(self, heading: str) -> None:
        """Nothing."""

    def update(self, snapshot: ProgressSnapshot) -> None:
        """Nothing."""

    def pause(self, seconds: float, next_level: int) -> None:
        """Nothing."""

    def end_level(self, result: RunResult, path: str) -> None:
        """Nothing."""

    def say(self, text: str) -> None:
        """Nothing."""

    def hold(self) -> None:
        """Nothing."""

    def go_on(self) -> None:
        """Nothing."""


class PlainView:
    """A line where something new is to be said."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._shown: ProgressSnapshot | None = None
        self._waits: str | None = None

    def begin_level(self, heading: str) -> None:
        """Which level, and the run's id."""
        self._shown = None
        self._write(heading)

    def update(self, snapshot: ProgressSnapshot) -> None:
        """Each new stage; within one, changes, but not more often than people read."""
        if snapshot.stage is not RunStage.DONE and self._is_news(snapshot):
            self._shown = snapshot
            self._write("  " + ", ".join([clock(snapshot.elapsed_s), *parts_of(snapshot)]))
            waits = waiting_line(snapshot)
            if waits is not None and waits != self._waits:
                self._write(f"  {waits}")
            self._waits = waits

    def pause(self, seconds: float, next_level: int) -> None:
        """One line."""
        self._write(current_translator()("cli.progress.pause", seconds=f"{seconds:g}", level=next_level))

    def end_level(self, result: RunResult, path: str) -> None:
        """What came of it."""
        self._write(level_line(result, path))

    def say(self, text: str) -> None:
        """As it is."""
        self._write(text)

    def hold(self) -> None:
        """Nothing: lines are only ever added."""

    def go_on(self) -> None:
        """Nothing."""

    def _is_news(self, snapshot: ProgressSnapshot) -> bool:
        before = self._shown
        if before is None or before.stage is not snapshot.stage:
            return True
        if _codes(before) != _codes(snapshot):
            return True
        is_changed = _counts(before) != _counts(snapshot)
        return is_changed and snapshot.elapsed_s - before.elapsed_s >= PLAIN_INTERVAL_S


class LiveView:
    """A few lines that change in place, with a line that stays for each finished level."""

    def __init__(self, console: Console, now_s: Callable[[], float]) -> None:
        self._console = console
        self._now_s = now_s
        self._live: Live | None = None
        self._heading = ""
        self._snapshot: ProgressSnapshot | None = None
        self._taken_s = 0.0
        self._pause_until_s = 0.0

    def __enter__(self) -> LiveView:
        self._draw()
        return self

    def _draw(self) -> None:
        """From where the cursor is now. One that was stopped would begin by wiping as many lines above as it had drawn before."""
        from rich.live import Live

        self._live = Live(
            console=self._console,
            get_renderable=self._render,
            refresh_per_second=REFRESHES_PER_S,
            transient=True,
            redirect_stdout=False,
        )
        self._live.start()

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def refresh(self) -> None:
        """Draw now."""
        if self._live is not None:
            self._live.refresh()

    def hold(self) -> None:
        """What is drawn goes away until `go_on`."""
        if self._live is not None:
            self._live.stop()

    def go_on(self) -> None:
        """Draw again, below whatever stands there by now."""
        if self._live is not None:
            self._draw()

    def begin_level(self, heading: str) -> None:
        """Which level, and the run's id."""
        self._heading = heading
        self._snapshot = None

    def update(self, snapshot: ProgressSnapshot) -> None:
        """Taken in; drawn at the next refresh."""
        self._taken_s = self._now_s()
        self._snapshot = snapshot

    def pause(self, seconds: float, next_level: int) -> None:
        """Counts down in place."""
        self._heading = current_translator()("cli.progress.pause", seconds=f"{seconds:g}", level=next_level)
        self._pause_until_s = self._now_s() + seconds
        self._snapshot = None

    def end_level(self, result: RunResult, path: str) -> None:
        """A line that stays."""
        from rich.text import Text

        style = "red" if result.failed_jobs else "green"
        self._console.print(Text(level_line(result, path), style=style), soft_wrap=True)
        self._snapshot = None
        self._heading = ""

    def say(self, text: str) -> None:
        """A line that stays."""
        from rich.text import Text

        self._console.print(Text(text), soft_wrap=True)

    def _render(self) -> RenderableType:
        from rich.console import Group
        from rich.text import Text

        parts: list[RenderableType] = [Text(self._heading, style="bold")] if self._heading else []
        if self._snapshot is not None:
            since_s = self._now_s() - self._taken_s
            parts += [_state_counts(self._snapshot), _bar(self._snapshot, since_s)]
            if (waits := waiting_line(self._snapshot)) is not None:
                parts.append(Text(f"  {waits}", style="yellow"))
        elif (left_s := self._pause_until_s - self._now_s()) > 0:
            parts.append(Text("  " + clock(left_s)))
        return Group(*parts)


def watching_heading(run_id: str) -> str:
    """Of jobs that are somebody else's."""
    return current_translator()("cli.progress.watching", run=run_id)


def level_heading(jobs: int, run_id: str, position: int = 1, levels: int | None = 1, variant: str | None = None) -> str:
    """``Level 2 of 4: 5 jobs at once (concurrent-test-…)``; `levels` is None where nobody knows yet how many there will be."""
    translate = current_translator()
    code = "cli.progress.level" if levels is not None and levels > 1 else "cli.progress.run"
    if levels is None:
        code = "cli.progress.level-auto"
    said = translate(code, position=position, levels=levels or 0, jobs=jobs, run=run_id)
    return said if variant is None else translate("cli.progress.variant", heading=said, variant=variant)


def level_line(result: RunResult, path: str) -> str:
    """What came of a level, in a line."""
    summary, translate = result.levels[0], current_translator()
    unanswered = summary.unanswered
    arguments = {
        "jobs": result.total_jobs,
        "accepted": summary.accepted,
        "succeeded": summary.succeeded,
        "failed": summary.failed,
        "refused": summary.surely_refused,
        "unanswered": translate("cli.progress.unanswered-part", count=unanswered) if unanswered else "",
        "unfinished": summary.unfinished,
        "path": path,
    }
    return translate(_level_code(result), **arguments)


def _level_code(result: RunResult) -> str:
    summary = result.levels[0]
    if result.outcome is RunOutcome.DEADLINE:
        return "cli.progress.deadline"
    if result.outcome is RunOutcome.BREACHED:
        return "cli.progress.breached"
    if result.outcome is RunOutcome.INTERRUPTED and is_observed(result):
        return "cli.progress.finished-incomplete"
    if result.outcome is RunOutcome.INTERRUPTED:
        return "cli.progress.interrupted"
    if not summary.is_monitored:
        return "cli.progress.submitted"
    return "cli.progress.finished" if summary.unfinished == 0 else "cli.progress.finished-incomplete"


def parts_of(snapshot: ProgressSnapshot) -> list[str]:
    """The stage and every number that is not 0, in words."""
    translate = current_translator()
    parts = [translate(f"cli.stage.{snapshot.stage}")]
    parts += [f"{state} {count}" for state, count in _counted(snapshot) if count]
    if snapshot.refused:
        parts.append(translate("cli.progress.refused", count=snapshot.refused))
    if snapshot.unanswered:
        parts.append(translate("cli.progress.unanswered", count=snapshot.unanswered))
    if snapshot.throttles:
        parts.append(translate("cli.progress.throttled", count=snapshot.throttles))
    if snapshot.remaining_s:
        parts.append(translate("cli.progress.remaining", time=clock(snapshot.remaining_s)))
    return parts


def _counts(snapshot: ProgressSnapshot) -> tuple[object, ...]:
    return snapshot.states, snapshot.refused, snapshot.unanswered


def waiting_line(snapshot: ProgressSnapshot) -> str | None:
    """What jobs wait for that wait too long."""
    if snapshot.waiting is None:
        return None
    from batchgauge.reports.waiting_words import waiting_in_words

    return waiting_in_words(snapshot.waiting, current_translator())


def _codes(snapshot: ProgressSnapshot) -> list[tuple[str, str]]:
    """What the reasons for waiting are, without their figures."""
    waiting = snapshot.waiting
    return [] if waiting is None else [(reason.code.value, reason.subject) for reason in waiting.reasons]


def _counted(snapshot: ProgressSnapshot) -> list[tuple[JobState, int]]:
    return [(state, snapshot.states.get(state, 0)) for state in JobState]


def _state_counts(snapshot: ProgressSnapshot) -> RenderableType:
    from rich.text import Text

    line = Text("  ")
    for state, count in _counted(snapshot):
        if count or state not in SHOWN_WHEN_THERE:
            line.append(f"{state} {count}", style=STYLES[state] if count else "dim")
            line.append("  ")
    return line


def _bar(snapshot: ProgressSnapshot, since_s: float) -> RenderableType:
    from rich.progress_bar import ProgressBar
    from rich.table import Table

    translate = current_translator()
    finished = (
        sum(count for state, count in _counted(snapshot) if state.is_terminal) + snapshot.refused + snapshot.unanswered
    )
    notes = [translate(f"cli.stage.{snapshot.stage}"), clock(snapshot.elapsed_s + since_s)]
    if snapshot.remaining_s:
        left_s = max(0.0, snapshot.remaining_s - since_s)
        notes.append(translate("cli.progress.remaining", time=clock(left_s)))
    if snapshot.throttles:
        notes.append(translate("cli.progress.throttled", count=snapshot.throttles))
    row = Table.grid(padding=(0, 1))
    row.add_row(" ", ProgressBar(snapshot.total, finished, width=30), f"{finished}/{snapshot.total}", "  ".join(notes))
    return row


def clock(seconds: float) -> str:
    """``1:05``, or ``1:02:05`` from an hour on."""
    minutes, rest = divmod(int(seconds + 0.5), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
