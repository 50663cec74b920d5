"""The capacity that a compute environment gets, by its type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from batchgauge.batchmodel.agenda import Agenda
from batchgauge.batchmodel.boundary import ModelSettings
from batchgauge.batchmodel.capacity import Capacity, FargateAccount, FargateCapacity, UnmanagedCapacity
from batchgauge.batchmodel.compute_environments import FARGATE_TYPES
from batchgauge.batchmodel.draws import Draws, duration_ms
from batchgauge.batchmodel.instance_types import instance_types
from batchgauge.batchmodel.instances import InstanceCapacity

CYCLES_OF_AN_IDLE_INSTANCE = 2
"""So many of the scheduler's cycles it stays at least: one that leaves sooner comes and goes for ever while jobs wait for it."""


class CapacityMaker:
    """Makes capacities; those on Fargate share the account's launch rate and quota."""

    def __init__(self, settings: ModelSettings, agenda: Agenda, draws: Draws, on_change: Callable[[], None]) -> None:
        self._settings = settings
        self._agenda = agenda
        self._draws = draws
        self._on_change = on_change
        self._fargate = FargateAccount.of(settings.fargate_launch_bucket, settings.fargate_vcpu_quota)
        self._instances_made = 0

    def make(self, parameters: Mapping[str, Any]) -> Capacity:
        """The capacity for the parameters of CreateComputeEnvironment."""
        resources = parameters.get("computeResources")
        if parameters["type"].upper() == "UNMANAGED" or not resources:
            return UnmanagedCapacity(parameters.get("unmanagedvCpus", 0))
        if resources["type"].upper() in FARGATE_TYPES:
            return FargateCapacity(self._fargate, resources["maxvCpus"])
        return self._instances(resources)

    def _instances(self, resources: Mapping[str, Any]) -> InstanceCapacity:
        capacity = InstanceCapacity(
            agenda=self._agenda,
            types=instance_types(resources.get("instanceTypes") or ["optimal"]),
            min_vcpus=resources.get("minvCpus", 0),
            max_vcpus=resources["maxvCpus"],
            scale_up_ms=self._scale_up_ms,
            scale_down_ms=self._scale_down_ms(),
            new_instance_id=self._new_instance_id,
            on_change=self._on_change,
        )
        capacity.keep_minimum()
        return capacity

    def _scale_down_ms(self) -> float:
        """However small the time scale: the scheduler takes notice of a job in one cycle and places it in the next."""
        shrunk_ms = self._settings.time_scale * self._settings.ec2_scale_down.median_ms
        return max(shrunk_ms, CYCLES_OF_AN_IDLE_INSTANCE * self._settings.cycle_ms)

    def _new_instance_id(self) -> str:
        self._instances_made += 1
        return f"i-{self._draws.hexadecimal('instance', self._instances_made)[:17]}"

    def _scale_up_ms(self) -> float:
        [normal] = self._draws.normals("scale-up", self._instances_made, 1)
        return self._settings.time_scale * duration_ms(self._settings.ec2_scale_up, normal)
