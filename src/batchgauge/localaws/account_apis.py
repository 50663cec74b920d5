"""The Price List and Service Quotas, which moto has not, or not for what Batch's jobs run on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import orjson

from batchgauge.localaws.aws_errors import WireProtocol, error_response, operation_of
from batchgauge.localaws.http_messages import Request, Response
from batchgauge.localaws.instance_products import instance_products

Parameters: TypeAlias = Mapping[str, Any]

FARGATE_VCPUS = 4000.0
"""As an account that has been used for a while has it; a new one may have 6."""
QUOTAS: Mapping[str, tuple[str, float]] = {
    "L-3032A538": ("Fargate On-Demand vCPU resource count", FARGATE_VCPUS),
    "L-36FBB829": ("Fargate Spot vCPU resource count", FARGATE_VCPUS),
}
PRICE_PREFIXES = {"us-east-1": "USE1", "us-west-2": "USW2", "ap-northeast-1": "APN1"}
PRICES: Mapping[str, Mapping[str, str]] = {
    "us-east-1": {
        "Fargate-vCPU-Hours:perCPU": "0.0404800000",
        "Fargate-GB-Hours": "0.0044450000",
        "Fargate-ARM-vCPU-Hours:perCPU": "0.0323800000",
        "Fargate-ARM-GB-Hours": "0.0035600000",
        "Fargate-Windows-vCPU-Hours:perCPU": "0.0465520000",
        "Fargate-Windows-GB-Hours": "0.0051117500",
        "Fargate-Windows-OS-Hours:perCPU": "0.0460000000",
        "Fargate-EphemeralStorage-GB-Hours": "0.0001110000",
    },
    "ap-northeast-1": {
        "Fargate-vCPU-Hours:perCPU": "0.0505600000",
        "Fargate-GB-Hours": "0.0055300000",
        "Fargate-Windows-vCPU-Hours:perCPU": "0.0581440000",
        "Fargate-Windows-GB-Hours": "0.0063595000",
        "Fargate-Windows-OS-Hours:perCPU": "0.0460000000",
    },
}
"""By Region and usage type; those of us-west-2 are those of us-east-1. They imitate the list's shape, and are no source of prices."""
PUBLISHED = "2026-07-01T00:00:00Z"
MOST_A_PAGE = 100
OF_ECS: Mapping[str, str] = {
    "servicecode": "AmazonECS",
    "servicename": "Amazon Elastic Container Service",
    "operation": "",
    "tenancy": "Shared",
}
OF_EC2: Mapping[str, str] = {"servicecode": "AmazonEC2", "servicename": "Amazon Elastic Compute Cloud"}


def respond_to_pricing(request: Request) -> Response:
    """GetProducts for AmazonECS and AmazonEC2; other services have nothing here."""
    if operation_of(request) != "GetProducts":
        return _missing(request, "pricing")
    asked = _parameters(request)
    if asked is None or asked.get("ServiceCode") is None:
        return _invalid(request, "InvalidParameterException", "Input Parameters are invalid. ServiceCode is required")
    products = [product for product in _products(str(asked["ServiceCode"])) if _passes(product, asked)]
    most = asked.get("MaxResults")
    size = most if isinstance(most, int) and 0 < most <= MOST_A_PAGE else MOST_A_PAGE
    token = str(asked.get("NextToken") or "0")
    if not token.isdigit():
        return _invalid(request, "InvalidNextTokenException", "The pagination token is invalid")
    begin = int(token)
    page: dict[str, Any] = {
        "FormatVersion": "aws_v1",
        "PriceList": [orjson.dumps(product).decode() for product in products[begin : begin + size]],
    }
    if begin + size < len(products):
        page["NextToken"] = str(begin + size)
    return _answer(request, page)


def respond_to_quotas(request: Request, region: str, account_id: str, fargate_vcpus: float | None) -> Response | None:
    """GetServiceQuota for Fargate; None: not ours, ask moto. The vCPU quota is the model's, where it has one."""
    asked = _parameters(request)
    if operation_of(request) != "GetServiceQuota" or asked is None or asked.get("ServiceCode") != "fargate":
        return None
    code = str(asked.get("QuotaCode"))
    if code not in QUOTAS:
        message = "The request failed because the specified quota does not exist."
        return _invalid(request, "NoSuchResourceException", message)
    name, value = QUOTAS[code]
    quota = {
        "ServiceCode": "fargate",
        "ServiceName": "AWS Fargate",
        "QuotaArn": f"arn:aws:servicequotas:{region}:{account_id}:fargate/{code}",
        "QuotaCode": code,
        "QuotaName": name,
        "Value": fargate_vcpus if fargate_vcpus is not None else value,
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
    }
    return _answer(request, {"Quota": quota})


def _products(service: str) -> Iterator[dict[str, Any]]:
    if service == "AmazonEC2":
        for region, prefix in PRICE_PREFIXES.items():
            for attributes, price in instance_products():
                usage = f"{prefix}-BoxUsage:{attributes['instanceType']}"
                yield _product(region, usage, price, {**OF_EC2, **attributes})
        return
    if service != "AmazonECS":
        return
    for region, prefix in PRICE_PREFIXES.items():
        for usage, price in PRICES.get(region, PRICES["us-east-1"]).items():
            yield _product(region, f"{prefix}-{usage}", price)


def _product(region: str, usage: str, price: str, more: Mapping[str, str] = OF_ECS) -> dict[str, Any]:
    """As the list has them, as far as anybody reads it."""
    sku = hashlib.sha256(repr((usage, sorted(more.items()))).encode()).hexdigest()[:16].upper()
    term, rate = f"{sku}.JRTCKXETXF", f"{sku}.JRTCKXETXF.6YS6EN2CT7"
    unit = "GB-Hours" if "GB-Hours" in usage else "hours"
    dimension = {
        "unit": unit,
        "endRange": "Inf",
        "beginRange": "0",
        "rateCode": rate,
        "description": f"{more['servicename']} - {usage}",
        "appliesTo": [],
        "pricePerUnit": {"USD": price},
    }
    return {
        "product": {
            "productFamily": "Compute",
            "attributes": {
                "regionCode": region,
                "locationType": "AWS Region",
                "usagetype": usage,
                **more,
            },
            "sku": sku,
        },
        "serviceCode": more["servicecode"],
        "terms": {
            "OnDemand": {
                term: {
                    "priceDimensions": {rate: dimension},
                    "sku": sku,
                    "effectiveDate": PUBLISHED,
                    "offerTermCode": "JRTCKXETXF",
                    "termAttributes": {},
                }
            }
        },
        "version": "20260701000000",
        "publicationDate": PUBLISHED,
    }


def _passes(product: Mapping[str, Any], asked: Parameters) -> bool:
    attributes = product["product"]["attributes"]
    fits: dict[str, Callable[[str, str], bool]] = {
        "TERM_MATCH": lambda value, wanted: value == wanted,
        "CONTAINS": lambda value, wanted: wanted in value,
    }
    return all(
        fits.get(str(entry.get("Type")), fits["TERM_MATCH"])(
            attributes.get(str(entry.get("Field")), ""), str(entry.get("Value"))
        )
        for entry in asked.get("Filters") or ()
        if isinstance(entry, Mapping)
    )


def _parameters(request: Request) -> Parameters | None:
    try:
        asked = orjson.loads(request.body or b"{}")
    except orjson.JSONDecodeError:
        return None
    return asked if isinstance(asked, dict) else None


def _answer(request: Request, body: Mapping[str, Any]) -> Response:
    headers = [(b"content-type", b"application/x-amz-json-1.1"), (b"x-amzn-requestid", request.request_id.encode())]
    return Response(200, orjson.dumps(body), headers)


def _invalid(request: Request, code: str, message: str) -> Response:
    return error_response(request, WireProtocol.JSON, 400, code, message)


def _missing(request: Request, service: str) -> Response:
    message = f"This embedded AWS has no such operation of {service}: {operation_of(request)}"
    return error_response(request, WireProtocol.JSON, 501, "NotImplemented", message)
