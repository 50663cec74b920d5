"""EventBridge's last step for Batch's events: moto's rules decide, queues are filled directly, other targets by moto."""

from __future__ import annotations

import copy
import json
import logging
from collections.abc import Mapping
from time import gmtime, strftime
from typing import Any

from moto.events.models import events_backends
from moto.sqs.models import sqs_backends

LOG = logging.getLogger(__name__)
TRANSFORMING_KEYS = ("InputTransformer", "InputPath", "Input")


class EventTargets:
    """The rules of the default event bus of one account and Region."""

    def __init__(self, account_id: str, region: str) -> None:
        self._events = events_backends[account_id][region]

    def has_rules(self) -> bool:
        """Whether there is any rule that events could match."""
        return bool(self._events.event_buses["default"].rules)

    def deliver(self, envelope: Mapping[str, Any]) -> None:
        """Give an event to every target of every rule that matches; `time` is in seconds since the epoch."""
        for rule in list(self._events.event_buses["default"].rules.values()):
            if rule.state != "ENABLED" or not rule.event_pattern.matches_event(envelope):
                continue
            for target in list(rule.targets):
                try:
                    _send(rule, target, envelope)
                except Exception as error:  # as on AWS: a target that does not take its event is nobody else's matter
                    LOG.warning("an event of rule %s did not reach %s: %r", rule.name, target["Arn"], error)


def _send(rule: Any, target: Mapping[str, Any], envelope: Mapping[str, Any]) -> None:
    _, _, service, region, account_id, name = target["Arn"].split(":", 5)
    if service == "sqs" and not any(key in target for key in TRANSFORMING_KEYS):
        body = {**envelope, "time": strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(envelope["time"]))}
        group_id = target.get("SqsParameters", {}).get("MessageGroupId")
        sqs_backends[account_id][region].send_message(queue_name=name, message_body=json.dumps(body), group_id=group_id)
        return
    alone = copy.copy(rule)
    alone.targets = [target]
    alone.send_to_targets({**envelope, "ingestion-time": envelope["time"]})
