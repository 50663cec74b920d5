"""How stacks live on AWS, where moto makes it simpler: what fails is undone and told in events, and is no error of the call's.

All of it happens before the call is answered, since moto is made for one thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import CloudFormationError, ValidationError
from moto.cloudformation.models import CloudFormationBackend, Event, OutputMap, Stack, cloudformation_backends
from moto.cloudformation.parsing import ResourceMap
from moto.cloudformation.responses import CloudFormationResponse

from batchgauge.localaws import cloudformation_permissions as permissions
from batchgauge.localaws.cloudformation_changes import changes_between
from batchgauge.localaws.cloudformation_gaps import CHANGES_IN_PLACE, COMPLETIONS, REMOVALS

LOG = logging.getLogger(__name__)
HAS_OUTPUTS = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"})
BY_USER = "User Initiated"


class InsufficientCapabilitiesException(CloudFormationError):  # type: ignore[misc]
    """Roles in a template want a word of the caller's."""

    code = "InsufficientCapabilitiesException"

    def __init__(self, capability: str) -> None:
        super().__init__(f"Requires capabilities : [{capability}]")


class ResourceFailure(Exception):
    """What became of a resource that could not be made or changed; the events tell it already."""

    def __init__(self, logical_id: str, reason: str) -> None:
        super().__init__(reason)
        self.logical_id = logical_id


def install() -> None:
    """From now on moto's stacks live so."""
    if getattr(Stack, "tells_what_fails", False):
        return
    Stack.tells_what_fails = True
    Stack.create_resources = _create
    Stack.update = _update
    Stack.delete = _delete
    Stack.outputs = property(_outputs(Stack.outputs.fget))
    Stack.exports = property(lambda stack: stack.output_map.exports if stack.status in HAS_OUTPUTS else [])
    Stack.stack_resources = property(lambda stack: list(_made(stack.resource_map).values()))
    CloudFormationBackend.delete_stack = _delete_stack
    CloudFormationBackend.execute_change_set = _execute_change_set
    parsing.parse_and_create_resource = _telling(parsing.parse_and_create_resource)
    for name in ("create_stack", "update_stack", "create_change_set"):
        setattr(CloudFormationResponse, name, _asking_for_capabilities(getattr(CloudFormationResponse, name)))


def _create(stack: Any) -> None:
    stack.status = "CREATE_IN_PROGRESS"
    stack.resource_map.stack = stack
    stack.parameters = _with_defaults(stack.parameters, stack.resource_map)
    try:
        stack.resource_map.create(stack.template_dict)
    except Exception as error:
        failed = _failed_resource(error)
        _tell(stack, "ROLLBACK_IN_PROGRESS", f"The following resource(s) failed to create: [{failed}]. {_ROLLBACK}")
        left = _remove(stack, list(_made(stack.resource_map)))
        _tell(stack, "ROLLBACK_FAILED" if left else "ROLLBACK_COMPLETE")
        return
    stack.description = stack.template_dict.get("Description")
    stack.mark_creation_complete()
    exports = cloudformation_backends[stack.account_id][stack.region_name].exports
    exports.update({export.name: export for export in stack.exports})


_ROLLBACK = "Rollback requested by user."


def _failed_resource(error: Exception) -> str:
    """Its logical name; a mistake in the template itself belongs to none, and goes to the caller."""
    if isinstance(error, ResourceFailure):
        return error.logical_id
    raise error


def _update(
    stack: Any,
    template: str,
    role_arn: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    tags: dict[str, str] | None = None,
) -> None:
    old_map, old_template, old_parameters = stack.resource_map, stack.template, stack.parameters
    body = Stack.parse_template(template)
    new_map = _map_of(stack, body, parameters or {})
    is_same = changes_between(old_map, new_map).is_none and body.get("Outputs") == stack.template_dict.get("Outputs")
    if is_same and (tags is None or tags == stack.tags):
        raise ValidationError(message="No updates are to be performed.")
    _tell(stack, "UPDATE_IN_PROGRESS", BY_USER)
    try:
        _change(stack, old_map, new_map)
    except ResourceFailure as error:
        reason = f"The following resource(s) failed to update: [{error.logical_id}]."
        _tell(stack, "UPDATE_ROLLBACK_IN_PROGRESS", reason)
        back = _map_of(stack, Stack.parse_template(old_template), old_parameters)
        _change(stack, new_map, back)
        stack.resource_map, stack.output_map = back, OutputMap(back, stack.template_dict, stack.stack_id)
        _tell(stack, "UPDATE_ROLLBACK_COMPLETE")
        return
    stack.template, stack.template_dict, stack.resource_map = template, body, new_map
    stack.parameters = _with_defaults(parameters or {}, new_map)
    stack.output_map = OutputMap(new_map, body, stack.stack_id)
    stack.role_arn = role_arn
    stack.tags = stack.tags if tags is None else tags
    _tell(stack, "UPDATE_COMPLETE")


def _execute_change_set(backend: Any, change_set_name: str, stack_name: str | None = None) -> None:
    """As `aws cloudformation deploy` makes and changes stacks."""
    change_set = backend.describe_change_set(change_set_name)
    stack = backend.stacks[change_set.stack_id]
    if change_set.change_set_type == "CREATE":
        stack.template, stack.template_dict = change_set.template, change_set.template_dict
        stack.parameters = dict(change_set.parameters)
        stack.resource_map = _map_of(stack, stack.template_dict, stack.parameters)
        stack.output_map = OutputMap(stack.resource_map, stack.template_dict, stack.stack_id)
        stack._add_stack_event("CREATE_IN_PROGRESS", resource_status_reason=BY_USER)
        _create(stack)
    else:
        _update(stack, change_set.template, parameters=change_set.parameters)
    change_set.execution_status = "EXECUTE_COMPLETE"


def _with_defaults(given: Mapping[str, Any], resources: Any) -> dict[str, Any]:
    """All parameters, so that an update finds the previous value also of one that nobody has given."""
    resolved = resources.resolved_parameters
    return {
        name: given.get(name, ",".join(map(str, value)) if isinstance(value, list) else value)
        for name, value in resolved.items()
    }


def _map_of(stack: Any, body: dict[str, Any], parameters: Mapping[str, Any]) -> Any:
    made = ResourceMap(
        stack.stack_id,
        stack.name,
        dict(parameters),
        stack.tags,
        region_name=stack.region_name,
        account_id=stack.account_id,
        template=body,
        cross_stack_resources=stack.cross_stack_resources,
    )
    made.load()
    made.stack = stack
    return made


def _change(stack: Any, old_map: Any, new_map: Any) -> None:
    """Add and change, then remove, as AWS does."""
    changes = changes_between(old_map, new_map)
    new_map._parsed_resources.update(_made(old_map))
    for name in changes.added:
        _ = new_map[name]
    for name in changes.changed:
        try:
            new_map._parsed_resources[name] = _changed(new_map, name)
        except Exception as error:
            _tell_of(stack, new_map._parsed_resources[name], "UPDATE_FAILED", _reason(error))
            raise ResourceFailure(name, str(error)) from error
        _tell_of(stack, new_map._parsed_resources[name], "UPDATE_COMPLETE")
    _remove(stack, [name for name in _made(new_map) if name in changes.removed], old_map)
    for name in changes.removed:
        new_map._parsed_resources.pop(name, None)


def _changed(resources: Any, name: str) -> Any:
    kept = resources._parsed_resources[name]
    body = resources._resource_json_map[name]
    permissions.require(permissions.CHANGES, _resolved(body, resources), resources.stack, name)
    in_place = CHANGES_IN_PLACE.get(body["Type"])
    if in_place is not None:
        in_place(kept, parsing.clean_json(body, resources)["Properties"])
        return kept
    changed = parsing.parse_and_update_resource(name, body, resources, resources._account_id, resources._region_name)
    return kept if changed is None else changed  # moto changes nothing of such a type


def _delete(stack: Any) -> None:
    _tell(stack, "DELETE_IN_PROGRESS", BY_USER)
    kept = [
        name
        for name in _made(stack.resource_map)
        if stack.resource_map._resource_json_map[name].get("DeletionPolicy") != "Retain"
    ]
    left = _remove(stack, kept)
    if left:
        _tell(stack, "DELETE_FAILED", f"The following resource(s) failed to delete: [{', '.join(left)}]. ")
    else:
        _tell(stack, "DELETE_COMPLETE")


def _delete_stack(backend: Any, name_or_id: str) -> None:
    """One that is not there is no error, as on AWS."""
    for stack in list(backend.stacks.values()):
        if name_or_id in (stack.name, stack.stack_id):
            stack.delete()
            if stack.status == "DELETE_COMPLETE":
                del backend.stacks[stack.stack_id]
                backend.deleted_stacks[stack.stack_id] = stack
                for name in [n for n, export in backend.exports.items() if export.exporting_stack_id == stack.stack_id]:
                    del backend.exports[name]


def _made(resources: Any) -> dict[str, Any]:
    """The resources that stand, in the order in which they were made; parameters and conditions stand there too."""
    return {
        name: resource
        for name, resource in resources._parsed_resources.items()
        if getattr(resource, "logical_resource_id", None) == name
    }


def _remove(stack: Any, names: list[str], resources: Any = None) -> list[str]:
    """Remove them, the newest first; the names of those that stay."""
    resources = stack.resource_map if resources is None else resources
    made, left = _made(resources), []
    for name in reversed(names):
        try:
            _remove_one(stack, resources, made[name], resources._resource_json_map[name])
        except Exception as error:
            LOG.debug("%s of %s could not be removed", name, stack.name, exc_info=True)
            _tell_of(stack, made[name], "DELETE_FAILED", _reason(error))
            left.append(name)
        else:
            _tell_of(stack, made[name], "DELETE_COMPLETE")
            del resources._parsed_resources[name]
    return left


def _remove_one(stack: Any, resources: Any, resource: Any, body: dict[str, Any]) -> None:
    """What somebody else has removed already is no error, as on AWS."""
    place = (stack.account_id, stack.region_name)
    permissions.require(permissions.DELETES, _resolved(body, resources), stack, resource.logical_resource_id)
    removal = REMOVALS.get(body["Type"])
    if removal is not None:
        removal(resource, parsing.clean_json(body, resources).get("Properties", {}), place)
    else:
        resources._delete_resource(resource, body)


def _telling(create: Callable[..., Any]) -> Callable[..., Any]:
    """moto's own making of one resource, with the events that AWS has of it."""

    def create_and_tell(logical_id: str, body: Any, resources: Any, account_id: str, region_name: str) -> Any:
        stack = getattr(resources, "stack", None)
        if stack is None:
            return create(logical_id, body, resources, account_id, region_name)
        try:
            permissions.require(permissions.CREATES, _resolved(body, resources), stack, logical_id)
            made = create(logical_id, body, resources, account_id, region_name)
            if made is not None and body["Type"] in COMPLETIONS:
                properties = parsing.clean_json(body, resources).get("Properties", {})
                COMPLETIONS[body["Type"]](made, properties, (account_id, region_name))
        except ResourceFailure:  # of another one, which this one needs
            raise
        except Exception as error:
            LOG.debug("%s of %s could not be made", logical_id, stack.name, exc_info=True)
            _event(stack, (logical_id, "", body["Type"]), "CREATE_FAILED", _reason(error))
            raise ResourceFailure(logical_id, str(error)) from error
        if made is not None:
            _tell_of(stack, made, "CREATE_IN_PROGRESS", "Resource creation Initiated")
            _tell_of(stack, made, "CREATE_COMPLETE")
        return made

    return create_and_tell


def _resolved(body: Any, resources: Any) -> Any:
    """A resource with its functions' values; one whose condition does not hold is never looked at."""
    condition = body.get("Condition")
    if condition and not resources.lazy_condition_map[condition]:
        return {"Type": ""}
    return parsing.clean_json(body, resources)


def _reason(error: Exception) -> str:
    """In the words of AWS's resource handlers."""
    said = getattr(error, "message", None) or getattr(error, "description", None) or str(error) or type(error).__name__
    return f'Resource handler returned message: "{said}" (RequestToken: {uuid4()}, HandlerErrorCode: InvalidRequest)'


def _tell(stack: Any, status: str, reason: str | None = None) -> None:
    stack.status, stack.status_reason = status, reason
    stack._add_stack_event(status, resource_status_reason=reason)


def _tell_of(stack: Any, resource: Any, status: str, reason: str | None = None) -> None:
    identity = (resource.logical_resource_id, resource.physical_resource_id, resource.cf_resource_type)
    _event(stack, identity, status, reason)


def _event(stack: Any, identity: tuple[str, str, str], status: str, reason: str | None) -> None:
    """`identity`: the logical id, the physical one, the type."""
    logical_id, physical_id, kind = identity
    stack.events.append(
        Event(
            stack_id=stack.stack_id,
            stack_name=stack.name,
            logical_resource_id=logical_id,
            physical_resource_id=physical_id,
            resource_type=kind,
            resource_status=status,
            resource_status_reason=reason,
            resource_properties=None,
        )
    )


def _outputs(own: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda stack: own(stack) if stack.status in HAS_OUTPUTS else None


def _asking_for_capabilities(respond: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def respond_where_allowed(response: Any) -> Any:
        body, given = response._get_param("TemplateBody") or "", response._get_param("Capabilities", [])
        needed = "CAPABILITY_NAMED_IAM" if "RoleName" in body else "CAPABILITY_IAM"
        if "AWS::IAM::" in body and not {needed, "CAPABILITY_NAMED_IAM"} & set(given):
            raise InsufficientCapabilitiesException(needed)
        return respond(response)

    return respond_where_allowed
