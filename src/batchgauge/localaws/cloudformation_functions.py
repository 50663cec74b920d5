"""Functions of templates that moto lacks, or reads wrongly: ``Fn::Cidr``, and ``Fn::GetAZs`` of a Region that is a reference."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any

import yaml
from moto.cloudformation import models, parsing, responses
from moto.cloudformation.exceptions import ValidationError

ZONES = "abc"
ADDRESS_BITS = {4: 32, 6: 128}


def install() -> None:
    """From now on templates may use them."""
    clean_json: Callable[[Any, Any], Any] = parsing.clean_json
    if getattr(clean_json, "knows_cidr", False):
        return

    def clean(value: Any, resources: Any) -> Any:
        match value:
            case {"Fn::GetAZs": region}:
                return [f"{clean(region, resources) or resources['AWS::Region']}{zone}" for zone in ZONES]
            case {"Fn::Cidr": arguments}:
                return _cidr(*clean(arguments, resources))
            case _:
                return clean_json(value, resources)

    clean.knows_cidr = True  # type: ignore[attr-defined]
    parsing.clean_json = clean  # which it calls itself for what is within
    models.yaml_tag_constructor = responses.yaml_tag_constructor = _knowing_mappings(models.yaml_tag_constructor)


def _knowing_mappings(construct: Callable[[Any, str, Any], Any]) -> Callable[[Any, str, Any], Any]:
    """A short form around a mapping (``!GetAZs {Ref: "AWS::Region"}``), of which moto makes YAML's inner nodes."""

    def construct_tag(loader: Any, tag: str, node: Any) -> Any:
        if isinstance(node, yaml.MappingNode):
            return {f"Fn::{tag[1:]}": loader.construct_mapping(node, deep=True)}
        return construct(loader, tag, node)

    return construct_tag


def _cidr(block: str, count: int | str, bits: int | str | None = None) -> list[str]:
    network = ipaddress.ip_network(block, strict=False)
    address_bits = ADDRESS_BITS[network.version]
    host_bits = int(bits) if bits is not None else address_bits - network.prefixlen
    subnets = network.subnets(new_prefix=address_bits - host_bits)
    found = [str(subnet) for subnet, _ in zip(subnets, range(int(count)), strict=False)]
    if len(found) < int(count):
        raise ValidationError(message=f"Template error: Fn::Cidr cannot make {count} blocks of {block}")
    return found
