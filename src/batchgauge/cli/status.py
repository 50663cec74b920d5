"""``batchgauge status``: a run that goes on elsewhere, by its journal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from batchgauge import bootstrap
from batchgauge.cli.language import current_translator
from batchgauge.cli.localised import LocalisedCommand, option
from batchgauge.cli.options import with_options
from batchgauge.core.harmless_json import harmless
from batchgauge.core.progress.run_progress import RunProgress
from batchgauge.core.progress.snapshot import ProgressSnapshot
from batchgauge.core.result.kept_run import Standing, standing_of
from batchgauge.core.result.run_result import local_naive
from batchgauge.errors import JournalDamagedError, RunCutOffError
from batchgauge.messages.plain import plain

if TYPE_CHECKING:
    from batchgauge.bootstrap import FollowedJournal
    from batchgauge.cli.progress import View

FOLLOW_INTERVAL_S: Final = 0.5
"""Between two looks at the journal: it is written in groups, four times a second at most."""

OPTIONS = (
    option("--results", type=click.Path(path_type=Path), default=Path("test-results"), help="cli.option.runs-results"),
    option("--follow", is_flag=True),
    option("--json", "as_json", is_flag=True, help="cli.option.status-json"),
    option("--lang", type=click.Choice(["ja", "en"])),
)


@click.command("status", cls=LocalisedCommand)
@click.argument("run", metavar="RUN")
@with_options(OPTIONS)
def status(run: str, **given: Any) -> None:
    """Show how far a run is."""
    followed = Followed(bootstrap.follow_journal(given["results"], run), bootstrap.now_ms)
    followed.read()
    if given["follow"]:
        _follow(followed, as_json=given["as_json"])
    if given["as_json"]:
        _print_json(followed)
    else:
        _print_text(followed)
    if given["follow"] and followed.standing() is Standing.CUT_OFF:
        raise RunCutOffError(run=followed.journal.run_id, silent_s=round(followed.journal.silent_s()))


@dataclass(slots=True)
class Followed:
    """A journal that is read as it grows, and what it has said so far."""

    journal: FollowedJournal
    now_ms: Callable[[], float]
    progress: RunProgress = field(default_factory=RunProgress)

    def read(self) -> bool:
        """Take in what was added; whether there was anything."""
        has_news = False
        for record in self.journal.new_records():
            self.progress.add(record)
            has_news = True
        return has_news

    def standing(self) -> Standing:
        """What has become of the run."""
        return standing_of(self.progress, self.journal.silent_s())

    def snapshot(self) -> ProgressSnapshot:
        """How far it is."""
        return self.progress.snapshot(self.now_ms())


def _follow(followed: Followed, *, as_json: bool) -> None:
    from batchgauge.cli.progress import open_view

    with open_view(is_quiet=as_json) as view:
        follow(followed, view, time.sleep, (lambda: _print_json(followed)) if as_json else lambda: None)


def follow(followed: Followed, view: View, sleep: Callable[[float], None], on_news: Callable[[], None]) -> None:
    """Show each change in the view until the run has ended, or is cut off."""
    from batchgauge.cli.progress import level_heading

    view.begin_level(level_heading(followed.progress.total, followed.journal.run_id))
    has_news, said = True, None
    while followed.standing() is Standing.GOING_ON:
        if has_news:
            snapshot = followed.snapshot()
            view.update(snapshot)
            if (news := _news(snapshot)) != said:
                said = news
                on_news()
        sleep(FOLLOW_INTERVAL_S)
        has_news = followed.read()


def _news(snapshot: ProgressSnapshot) -> tuple[object, ...]:
    """What makes a snapshot another one: not that time goes by."""
    waiting = snapshot.waiting
    reasons = () if waiting is None else tuple((reason.code, reason.subject) for reason in waiting.reasons)
    return (
        snapshot.stage,
        snapshot.total,
        snapshot.refused,
        snapshot.unanswered,
        snapshot.throttles,
        dict(snapshot.states),
        reasons,
    )


def _print_json(followed: Followed) -> None:
    snapshot, header = followed.snapshot(), followed.progress.header
    document = {
        "runId": followed.journal.run_id,
        "standing": followed.standing(),
        "stage": snapshot.stage,
        "jobQueue": header.scenario.job.job_queue if header is not None else None,
        "totalJobs": snapshot.total,
        "accepted": snapshot.accepted,
        "refused": snapshot.refused,
        "unanswered": snapshot.unanswered,
        "states": {state: count for state, count in snapshot.states.items() if count},
        "throttles": snapshot.throttles,
        "waiting": None
        if snapshot.waiting is None
        else {
            "jobs": snapshot.waiting.jobs,
            "longestS": round(snapshot.waiting.longest_s, 3),
            "reasons": snapshot.waiting.reasons,
        },
        "elapsedS": round(snapshot.elapsed_s, 3),
        "remainingS": None if snapshot.remaining_s is None else round(snapshot.remaining_s, 3),
        "silentS": round(followed.journal.silent_s(), 3),
        "isWrittenHere": followed.journal.is_written_here(),
    }
    sys.stdout.buffer.write(harmless(msgspec.json.encode(document)) + b"\n")
    sys.stdout.buffer.flush()


def _print_text(followed: Followed) -> None:
    from batchgauge.cli.progress import clock, parts_of, waiting_line

    translate, header = current_translator(), followed.progress.header
    if header is None:
        raise JournalDamagedError(path=str(followed.journal.path), reason="the journal is empty")
    snapshot, standing = followed.snapshot(), followed.standing()
    click.echo(f"{plain(followed.journal.run_id)}: {translate(f'standing.{standing}')}")
    about = translate(
        "cli.status.about",
        jobs=snapshot.total,
        queue=header.scenario.job.job_queue,
        timestamp=local_naive(header.started_ms, header.utc_offset_s)[:19].replace("T", " "),
    )
    click.echo(f"  {about}")
    shown = parts_of(snapshot)
    click.echo(f"  {translate('cli.status.progress', elapsed=clock(snapshot.elapsed_s), parts=', '.join(shown))}")
    if (waits := waiting_line(snapshot)) is not None:
        click.echo(f"  {waits}")
    if standing in (Standing.GOING_ON, Standing.CUT_OFF):
        last = translate("cli.status.last", seconds=round(followed.journal.silent_s()))
        here = "" if followed.journal.is_written_here() else translate("cli.status.not-here")
        click.echo(f"  {last}{here}")
