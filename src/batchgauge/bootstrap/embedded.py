"""The embedded AWS: in a process of its own, or served by this one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from batchgauge.host.local_child import LocalAws


def start_local_aws(options: Sequence[str] = ()) -> AbstractAsyncContextManager[LocalAws]:
    """An embedded AWS in a process of its own, for as long as the context lasts.

    Raises:
        MissingExtraError: the part of the installation that serves it is missing.
        LocalAwsError: it did not start.
        LocalAwsDiedError: in place of an `AwsError` of the context, where that is only the symptom.
    """
    from importlib.util import find_spec

    from batchgauge.errors import MissingExtraError
    from batchgauge.host.local_child import local_aws

    for module in ("moto", "orjson"):
        if find_spec(module) is None:
            raise MissingExtraError(extra="local", module=module)
    return local_aws(options)


def serve_local_aws(announce: Callable[[Mapping[str, object]], None], **settings: Any) -> None:
    """Serve the embedded AWS in this process until it is told to end; `announce` is told, once, how to reach it.

    `settings` are the fields of ``localaws.settings.ServerSettings``.

    Raises:
        MissingExtraError: the part of the installation that serves it is missing.
        PortInUseError, OutputNotWritableError, FaultsNotUsableError, LocalAwsError: it did not start.
    """
    from batchgauge.errors import MissingExtraError

    try:
        from batchgauge.localaws.server import serve
        from batchgauge.localaws.settings import ServerSettings
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("batchgauge"):
            raise
        raise MissingExtraError(extra="local", module=error.name) from error

    serve(ServerSettings(**settings), lambda announcement: announce(announcement.as_json()))
