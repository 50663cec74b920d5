"""moto's own dispatcher with a memory: it would list its two hundred modules for every request, 60 % of its time."""

from __future__ import annotations

from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from batchgauge.localaws.wsgi import WsgiApplication

MAX_REMEMBERED = 1024


class RememberingDispatcher(DomainDispatcherApplication):  # type: ignore[misc]
    """The same host always means the same backend."""

    def __init__(self) -> None:
        super().__init__(create_backend_app)
        self._backend_of_host: dict[str, Any] = {}

    def get_backend_for_host(self, host: str | None) -> Any:
        """The backend's name for a host such as ``iam.us-west-2.amazonaws.com``, None where there is none."""
        if host is None:
            return None
        backend = self._backend_of_host.get(host)
        if backend is None:
            backend = super().get_backend_for_host(host)
            if len(self._backend_of_host) < MAX_REMEMBERED:
                self._backend_of_host[host] = backend
        return backend


def make_application() -> WsgiApplication:
    """All of moto as one WSGI application."""
    return RememberingDispatcher()
