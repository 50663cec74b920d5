"""The doors outside the AWS surface, under ``/_batchgauge/``: faults set and shown, the ground truth read; signed like everything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import orjson

from batchgauge.localaws.aws_errors import WireProtocol, error_response
from batchgauge.localaws.fault_plan import FaultPlan, FaultPlanError, decode
from batchgauge.localaws.ground_truth import GroundTruth, as_document
from batchgauge.localaws.http_messages import Request, Response

PREFIX = "/_batchgauge/"
FAULTS_PATH = "/_batchgauge/faults"
GROUND_TRUTH_PATH = "/_batchgauge/ground-truth"
DEFAULT_LIMIT, MAX_LIMIT = 1000, 10_000


class FaultControl:
    """The plan that holds now; whoever makes faults is told of a new one."""

    def __init__(self, apply: Callable[[FaultPlan], None], happened: Callable[[], list[int]]) -> None:
        self._apply = apply
        self._happened = happened
        self._plan = FaultPlan()

    def set(self, plan: FaultPlan) -> None:
        """This one from now on."""
        self._plan = plan
        self._apply(plan)

    def as_document(self) -> dict[str, Any]:
        """The plan, each of its request faults with how often it has struck."""
        document = self._plan.as_document()
        for fault, happened in zip(document["requests"], self._happened(), strict=True):
            fault["happened"] = happened
        return document


class Admin:
    """Answers requests whose signature has been verified."""

    def __init__(self, own_access_key_id: str, faults: FaultControl, ground_truth: GroundTruth) -> None:
        self._own_access_key_id = own_access_key_id
        self._faults = faults
        self._ground_truth = ground_truth

    def respond(self, request: Request, access_key_id: str) -> Response:
        """Only the server's own key opens these doors, not one that IAM or STS has given out here."""
        if access_key_id != self._own_access_key_id:
            return _refused(request, 403, "AccessDeniedException", "Only the server's own access key may do this")
        match request.raw_path, request.method:
            case "/_batchgauge/faults", "GET":
                return _json(self._faults.as_document())
            case "/_batchgauge/faults", "POST" | "PUT":
                return self._set_faults(request)
            case "/_batchgauge/ground-truth", "GET":
                return self._read_ground_truth(request)
            case _:
                return _refused(request, 404, "UnknownOperationException", "The requested operation does not exist")

    def _set_faults(self, request: Request) -> Response:
        is_toml = request.headers.get("content-type", "").startswith("application/toml")
        try:
            plan = decode(request.body or b"{}", is_toml)
        except FaultPlanError as error:
            return _refused(request, 400, "ClientException", str(error))
        self._faults.set(plan)
        return _json(self._faults.as_document())

    def _read_ground_truth(self, request: Request) -> Response:
        """A page, and the position that the next one begins at."""
        query = parse_qs(request.query_string)
        position, limit = query.get("position", ["0"])[0], query.get("limit", [str(DEFAULT_LIMIT)])[0]
        if not (
            position.isdecimal() and limit.isdecimal() and len(position) <= 15 and 1 <= int(limit[:9]) <= MAX_LIMIT
        ):
            complaint = f"position must be a number from 0, limit one from 1 to {MAX_LIMIT}"
            return _refused(request, 400, "ClientException", complaint)
        begin = max(int(position), self._ground_truth.first_position)
        records = self._ground_truth.records(begin, int(limit))
        page = {
            "position": begin,
            "nextPosition": begin + len(records),
            "records": [as_document(record) for record in records],
        }
        return _json(page)


def _json(document: dict[str, Any]) -> Response:
    return Response(200, orjson.dumps(document), [(b"content-type", b"application/json")])


def _refused(request: Request, status: int, code: str, message: str) -> Response:
    return error_response(request, WireProtocol.REST_JSON, status, code, message)
