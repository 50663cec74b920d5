"""A stack that could not be created leaves nothing behind: what moto had made of it is deleted, and the stack is forgotten.

moto itself keeps such a stack, half made, and tries to make the rest of it whenever somebody looks at stacks, whose answer fails then.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from moto.cloudformation.models import CloudFormationBackend

LOG = logging.getLogger(__name__)


def install() -> None:
    """From now on CreateStack is undone where it fails; the refusal itself goes to the caller as it was."""
    create_stack: Callable[..., Any] = CloudFormationBackend.create_stack
    if getattr(create_stack, "is_undone_where_it_fails", False):
        return

    def create_or_nothing(backend: Any, *arguments: Any, **named: Any) -> Any:
        known = set(backend.stacks)
        try:
            return create_stack(backend, *arguments, **named)
        except Exception:
            for stack_id in set(backend.stacks) - known:
                _undo(backend, backend.stacks.pop(stack_id))
            raise

    create_or_nothing.is_undone_where_it_fails = True  # type: ignore[attr-defined]
    CloudFormationBackend.create_stack = create_or_nothing


def _undo(backend: Any, stack: Any) -> None:
    for name in [name for name, export in backend.exports.items() if export.exporting_stack_id == stack.stack_id]:
        del backend.exports[name]
    try:
        stack.resource_map.delete()  # of what has been made, and in an order that works
    except Exception:
        LOG.exception("something of the stack %s, which could not be created, is left", stack.name)
