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
    from batchgauge.core.iam.permissions import uses_of_words

    uses = uses_of_words(_words_now() if words is None else words)
    if uses:
        command = " ".join(["batchgauge policy", *(use.value for use in uses)])
        say_hint(current_translator()("policy.which", command=command))


def _words_now() -> list[str]:
    """The command that is under way, and the flags that are given."""
    context = click.get_current_context(silent=True)
    if context is None:
        return []
    given = [name for name, value in context.params.items() if value]
    return [*context.command_path.split(), *(f"--{name.replace('_', '-')}" for name in given)]
