"""An error in the user's words, with the policy to print where AWS has denied something."""

from __future__ import annotations

from collections.abc import Sequence

import click

from batchgauge.cli.language import current_translator
from batchgauge.cli.place import place_of
from batchgauge.cli.talk import say_error, say_hint
from batchgauge.errors import AccessDeniedError, BatchgaugeError


def say_described_error(error: BatchgaugeError, words: Sequence[str] | None = None) -> None:
    """Say it; `words` are those of the command line, where no command is under way any more."""
    from batchgauge.messages import describe_error

    say_error(*describe_error(error, current_translator(), place_of(error)))
    if not isinstance(error, AccessDeniedError):
        return
    from batchgauge.core.permissions import USE_OF_COMMAND

    if words is None:
        context = click.get_current_context(silent=True)
        words = context.command_path.split() if context is not None else ()
    use = next((USE_OF_COMMAND[word] for word in words if word in USE_OF_COMMAND), None)
    if use is not None:
        say_hint(current_translator()("policy.which", command=f"batchgauge policy {use.value}"))
