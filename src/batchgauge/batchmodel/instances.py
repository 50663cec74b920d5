"""EC2 and Spot capacity: instances that come some minutes after they are needed and go some minutes after they are idle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from batchgauge.batchmodel.agenda import Agenda, Appointment
from batchgauge.batchmodel.capacity import NoRoom, Requirement, Slot
from batchgauge.batchmodel.instance_types import InstanceType, choose_type

MAX_INSTANCES: Final = 5000
"""Of one ECS cluster, a service quota."""


class Instance:
    """One EC2 instance."""

    __slots__ = ("free_memory_mib", "free_vcpus", "instance_id", "kind", "leaving")

    def __init__(self, instance_id: str, kind: InstanceType) -> None:
        self.instance_id = instance_id
        self.kind = kind
        self.free_vcpus = float(kind.vcpus)
        self.free_memory_mib = kind.memory_mib
        self.leaving: Appointment | None = None
        """Set while it is idle."""

    @property
    def is_idle(self) -> bool:
        """Nothing runs on it."""
        return self.free_vcpus == self.kind.vcpus and self.free_memory_mib == self.kind.memory_mib


class InstanceCapacity:
    """The instances of one environment; ``maxvCpus`` is exceeded by less than one instance, as on AWS."""

    def __init__(
        self,
        *,
        agenda: Agenda,
        types: Sequence[InstanceType],
        min_vcpus: float,
        max_vcpus: float,
        scale_up_ms: Callable[[], float],
        scale_down_ms: float,
        new_instance_id: Callable[[], str],
        on_change: Callable[[], None],
    ) -> None:
        self.max_vcpus = max_vcpus
        self.min_vcpus = min_vcpus
        self._agenda = agenda
        self._types = types
        self._scale_up_ms = scale_up_ms
        self._scale_down_ms = scale_down_ms
        self._new_instance_id = new_instance_id
        self._on_change = on_change
        self._instances: dict[str, Instance] = {}
        self._with_room: dict[str, Instance] = {}
        """Those that are ready and not full, so that placing a job does not mean looking at all of them."""
        self._held_vcpus = 0
        self._coming_vcpus = 0
        self._used_vcpus = 0.0
        self._is_closed = False

    @property
    def used_vcpus(self) -> float:
        """What jobs have taken."""
        return self._used_vcpus

    def keep_minimum(self) -> None:
        """Start what ``minvCpus`` asks for."""
        self._grow(Requirement(1, 1), self.min_vcpus - self._held_vcpus)

    def could_hold(self, requirement: Requirement) -> bool:
        """Whether it fits on an instance of any of the types."""
        vcpus, memory_mib = requirement
        return vcpus <= self.max_vcpus and choose_type(self._types, vcpus, memory_mib, 0) is not None

    def take(self, requirement: Requirement, demand_vcpus: float, now_ms: float) -> Slot | NoRoom:
        """The first instance with room; where there is none, more are started as far as ``maxvCpus`` allows."""
        if not self.could_hold(requirement):
            return NoRoom.NEVER
        for instance in self._with_room.values():
            if instance.free_vcpus >= requirement.vcpus and instance.free_memory_mib >= requirement.memory_mib:
                return self._place(requirement, instance)
        self._grow(requirement, demand_vcpus - self._coming_vcpus)
        return NoRoom.GROWING if self._coming_vcpus > 0 else NoRoom.FULL

    def _place(self, requirement: Requirement, instance: Instance) -> Slot:
        instance.free_vcpus -= requirement.vcpus
        instance.free_memory_mib -= requirement.memory_mib
        if instance.free_vcpus <= 0:
            del self._with_room[instance.instance_id]
        if instance.leaving is not None:
            self._agenda.call_off(instance.leaving)
            instance.leaving = None
        self._used_vcpus += requirement.vcpus
        return Slot(requirement, instance.instance_id)

    def _grow(self, requirement: Requirement, wanted_vcpus: float) -> None:
        while wanted_vcpus > 0 and self._held_vcpus < self.max_vcpus and len(self._instances) < MAX_INSTANCES:
            room = min(wanted_vcpus, self.max_vcpus - self._held_vcpus)
            kind = choose_type(self._types, requirement.vcpus, requirement.memory_mib, room)
            if kind is None:
                return
            instance = Instance(self._new_instance_id(), kind)
            self._instances[instance.instance_id] = instance
            self._held_vcpus += kind.vcpus
            self._coming_vcpus += kind.vcpus
            self._agenda.at(self._agenda.now_ms + self._scale_up_ms(), self._ready, instance)
            wanted_vcpus -= kind.vcpus

    def _ready(self, instance: Instance) -> None:
        if not self._is_closed:
            self._coming_vcpus -= instance.kind.vcpus
            self._with_room[instance.instance_id] = instance
            self._idle(instance)
            self._on_change()

    def give_back(self, slot: Slot, now_ms: float) -> None:
        """The attempt is gone; its instance stays for a while."""
        self._used_vcpus -= slot.vcpus
        instance = self._instances.get(slot.instance_id or "")
        if instance is not None:
            instance.free_vcpus += slot.vcpus
            instance.free_memory_mib += slot.memory_mib
            self._with_room[instance.instance_id] = instance
            if instance.is_idle:
                self._idle(instance)

    def _idle(self, instance: Instance) -> None:
        instance.leaving = self._agenda.at(self._agenda.now_ms + self._scale_down_ms, self._leave, instance)

    def _leave(self, instance: Instance) -> None:
        instance.leaving = None
        if not self._is_closed and self._held_vcpus - instance.kind.vcpus >= self.min_vcpus:
            del self._instances[instance.instance_id]
            del self._with_room[instance.instance_id]
            self._held_vcpus -= instance.kind.vcpus
            self._on_change()

    def close(self) -> None:
        """The environment is deleted, and its instances with it."""
        self._is_closed = True
        for instance in self._instances.values():
            if instance.leaving is not None:
                self._agenda.call_off(instance.leaving)
        self._instances.clear()
        self._with_room.clear()
