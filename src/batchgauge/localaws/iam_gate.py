"""Whether a caller may do what a request asks for, by the policies of the user or role that the key belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, NamedTuple

from batchgauge.localaws.aws_errors import WireProtocol, error_response, protocol_of
from batchgauge.localaws.http_messages import Request, Response
from batchgauge.localaws.iam_actions import Needed
from batchgauge.localaws.iam_policies import Decision, decide

DENIED: Mapping[WireProtocol, tuple[int, str]] = {
    WireProtocol.REST_JSON: (403, "AccessDeniedException"),
    WireProtocol.JSON: (400, "AccessDeniedException"),
    WireProtocol.QUERY: (403, "AccessDenied"),
    WireProtocol.EC2: (403, "UnauthorizedOperation"),
    WireProtocol.S3: (403, "AccessDenied"),
}

CALLER: ContextVar[str | None] = ContextVar("caller", default=None)
"""The key of whoever's request is being answered by a service that does things on the caller's behalf."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Whom a key belongs to."""

    arn: str
    policies: tuple[Mapping[str, Any], ...]


class AuthorisationRecord(NamedTuple):
    """An action that a caller asked for, and whether it was allowed."""

    time_ms: float
    principal: str
    action: str
    resource: str
    is_allowed: bool


class NotAuthorizedError(Exception):
    """In AWS's words."""


class Gate:
    """Lets through what is allowed. The server's own key is the account's root: it may do everything."""

    def __init__(
        self,
        own_access_key_id: str,
        principal_of: Callable[[str], Principal | None],
        note: Callable[[AuthorisationRecord], None],
        now_ms: Callable[[], float],
    ) -> None:
        self._own_access_key_id = own_access_key_id
        self._principal_of = principal_of
        self._note = note
        self._now_ms = now_ms

    def require(self, access_key_id: str | None, needed: Iterable[Needed]) -> None:
        """Raise NotAuthorizedError where one of these is not allowed; each one that is asked for is noted."""
        if access_key_id is None or access_key_id == self._own_access_key_id:
            return
        principal = self._principal_of(access_key_id) or Principal("unknown", ())
        for each in needed:
            decision = decide(principal.policies, each.action, each.resource, each.context)
            is_allowed = decision is Decision.ALLOWED
            self._note(AuthorisationRecord(self._now_ms(), principal.arn, each.action, each.resource, is_allowed))
            if not is_allowed:
                raise NotAuthorizedError(_words(principal.arn, each, decision))

    def refusal(self, request: Request, service: str, access_key_id: str, needed: Iterable[Needed]) -> Response | None:
        """The answer to a request that is not allowed; None where it is."""
        try:
            self.require(access_key_id, needed)
        except NotAuthorizedError as error:
            protocol = protocol_of(request, service)
            status, code = DENIED[protocol]
            return error_response(request, protocol, status, code, str(error))
        return None


def _words(arn: str, needed: Needed, decision: Decision) -> str:
    because = (
        "with an explicit deny in an identity-based policy"
        if decision is Decision.DENIED
        else f"because no identity-based policy allows the {needed.action} action"
    )
    return f"User: {arn} is not authorized to perform: {needed.action} on resource: {needed.resource} {because}"
