"""What AWS refuses, in AWS's words where they are known; raised anywhere below `BatchModel`, which turns it into a `Refusal`."""

from __future__ import annotations

from typing import Final

REQUEST_ID: Final = "<request id>"
"""Stands in messages where AWS names the request; `BatchModel` puts one there."""


class RefusedError(Exception):
    """A request that AWS would not serve: HTTP status, error code and message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def client_error(message: str) -> RefusedError:
    """400: the caller's own mistake."""
    return RefusedError(400, "ClientException", message)


def invalid_request(complaint: str) -> RefusedError:
    """400 in the form that AWS's own validation gives: the complaint between a preamble and the request's id."""
    return client_error(f"Error executing request, Exception : {complaint}, RequestId: {REQUEST_ID}")


def throttled() -> RefusedError:
    """429; not in the service model, so SDKs know it by its status and code only."""
    return RefusedError(429, "TooManyRequestsException", "Too Many Requests")


def server_error() -> RefusedError:
    """500: AWS's own failure."""
    return RefusedError(500, "ServerException", "The server encountered an internal error")
