"""Questions to the person at the terminal: before something is started or ended, and when the end is asked for."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from batchgauge import bootstrap
from batchgauge.cli.language import current_translator
from batchgauge.cli.talk import say

if TYPE_CHECKING:
    from batchgauge.cli.progress import Screen

ANSWER_LIMIT_S: Final = 60.0
"""How long an interrupted run waits to be told what becomes of its jobs: they cost money all the while."""
CANCEL: Final = "cancel"
LEAVE: Final = "leave"
ON_INTERRUPT: Final = (CANCEL, LEAVE)


async def confirm(question: str) -> bool:
    """Whether the answer is yes; everything that is not, is no."""
    say(question)
    answer = await bootstrap.read_line()
    return answer is not None and answer.strip().lower() in ("y", "yes", "はい")


@dataclass(slots=True)
class Decision:
    """What becomes of an interrupted run's jobs, as a flag or a person says; an `Ask`."""

    on_interrupt: str | None
    """``cancel`` or ``leave``, said beforehand."""
    is_asking: bool
    """Whether a person is to be asked where nothing was said beforehand."""
    view: Screen
    limit_s: float = ANSWER_LIMIT_S

    @property
    def announcement(self) -> str:
        """What is said at once when the end is asked for."""
        if self.on_interrupt is None and self.is_asking:
            return "cli.interrupt.stopping"
        return "cli.interrupt.leaving-jobs" if self.on_interrupt == LEAVE else "cli.progress.ending"

    async def leaves_jobs(self, going: int) -> bool:
        """Whether they are to be left; without an answer they are ended."""
        if self.on_interrupt is not None or not self.is_asking:
            return self.on_interrupt == LEAVE
        self.view.hold()
        try:
            is_left = await asyncio.wait_for(self._ask(going), self.limit_s)
        except TimeoutError:
            say(current_translator()("cli.interrupt.no-answer"))
            is_left = False
        finally:
            self.view.go_on()
        return is_left

    async def _ask(self, going: int) -> bool:
        translate = current_translator()
        while True:
            say(translate("cli.interrupt.question", jobs=going, seconds=f"{self.limit_s:g}"))
            answer = await bootstrap.read_line()
            word = answer.strip().lower() if answer is not None else CANCEL
            if word and (CANCEL.startswith(word) or LEAVE.startswith(word)):
                return LEAVE.startswith(word)
