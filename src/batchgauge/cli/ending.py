"""What the command does when somebody asks for its end."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from batchgauge.cli.language import current_translator
from batchgauge.cli.talk import say, wipe_echo
from batchgauge.measure.interruption import Interruption

if TYPE_CHECKING:
    pass

INTERRUPTED = 130


class Ending:
    """Reacts to Ctrl-C and SIGTERM: in order once there may be jobs, at once before that and on a second time, then without a word."""

    def __init__(self, interruption: Interruption) -> None:
        self._interruption = interruption
        self._task = asyncio.current_task()
        self._say: Callable[[str], None] = say
        self._requests = 1
        self._ending = "cli.progress.ending"
        self._removal: str | None = None
        self._cleanup: str | None = None

    def leaves(self, removal: str | None) -> None:
        """What takes away what is left behind if everything is dropped now; None for nothing."""
        self._removal = removal

    def can_be_cleaned_up(self, command: str | None) -> None:
        """What ends the jobs that go on if everything is dropped now; None for nothing."""
        self._cleanup = command

    def has_jobs(self, say_in_view: Callable[[str], None], announcement: str = "cli.progress.ending") -> None:
        """From now on there may be jobs to end, and a view that owns the screen."""
        self._requests = 0
        self._say = say_in_view
        self._ending = announcement

    def has_nothing_to_end(self, say_in_view: Callable[[str], None]) -> None:
        """From now on what was seen is to be saved, but no job is ours to end."""
        self.has_jobs(say_in_view, "cli.observe.ending")

    def __call__(self, cause: str) -> None:
        """A signal has come."""
        self._requests += 1
        if cause == "SIGINT":
            wipe_echo()
        if self._requests == 1:
            self._say(current_translator()(self._ending))
            self._interruption.request(cause)
        elif self._requests == 2 and self._task is not None:
            if self._interruption.is_requested:
                self._say(current_translator()("cli.progress.leaving"))
                if self._cleanup is not None:
                    self._say(current_translator()("cli.interrupt.check", command=self._cleanup))
                if self._removal is not None:
                    self._say(current_translator()("cli.events.left", command=self._removal))
            self._task.cancel()
        else:
            os._exit(INTERRUPTED)
