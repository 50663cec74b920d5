"""Room for jobs: what a compute environment can hold, what it holds now, and Fargate's part of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, Protocol

from batchgauge.batchmodel.boundary import TokenBucket
from batchgauge.batchmodel.throttling import Bucket


class Requirement(NamedTuple):
    """What an attempt needs while it is there."""

    vcpus: float
    memory_mib: int


class Slot:
    """Room that an attempt has taken: give it back once."""

    __slots__ = ("instance_id", "memory_mib", "vcpus")

    def __init__(self, requirement: Requirement, instance_id: str | None = None) -> None:
        self.vcpus = requirement.vcpus
        self.memory_mib = requirement.memory_mib
        self.instance_id = instance_id


class NoRoom(Enum):
    """Why there is no slot at this moment."""

    FULL = "capacity is in use"
    GROWING = "capacity is on its way"
    LAUNCH_RATE = "launches are throttled"
    NEVER = "too large for it"


class Capacity(Protocol):
    """The room of one compute environment."""

    max_vcpus: float

    @property
    def used_vcpus(self) -> float:
        """What is taken now."""
        ...

    def could_hold(self, requirement: Requirement) -> bool:
        """Whether it would have room if it were empty and grown."""
        ...

    def take(self, requirement: Requirement, demand_vcpus: float, now_ms: float) -> Slot | NoRoom:
        """A slot, or why there is none; `demand_vcpus` is what waits, this one included, for those that can grow."""
        ...

    def give_back(self, slot: Slot, now_ms: float) -> None:
        """The attempt is gone."""
        ...

    def close(self) -> None:
        """The compute environment is gone."""
        ...


@dataclass(slots=True)
class FargateAccount:
    """What all Fargate environments of an account and Region share: the launch rate and the vCPU quota (None: none)."""

    launches: Bucket
    vcpu_quota: float | None
    used_vcpus: float = 0.0

    @classmethod
    def of(cls, launch_bucket: TokenBucket, vcpu_quota: float | None) -> FargateAccount:
        """A fresh account."""
        return cls(Bucket(launch_bucket), vcpu_quota)


class FargateCapacity:
    """vCPUs up to ``maxvCpus``, there at once; memory comes with them."""

    def __init__(self, account: FargateAccount, max_vcpus: float) -> None:
        self.max_vcpus = max_vcpus
        self._account = account
        self._used_vcpus = 0.0

    @property
    def used_vcpus(self) -> float:
        """What is taken now."""
        return self._used_vcpus

    def could_hold(self, requirement: Requirement) -> bool:
        """By its own limit; the account's quota can be raised any time."""
        return requirement.vcpus <= self.max_vcpus

    def take(self, requirement: Requirement, demand_vcpus: float, now_ms: float) -> Slot | NoRoom:
        """A slot where limit, quota and launch rate allow one."""
        vcpus, account = requirement.vcpus, self._account
        if vcpus > self.max_vcpus:
            return NoRoom.NEVER
        if self._used_vcpus + vcpus > self.max_vcpus:
            return NoRoom.FULL
        if account.vcpu_quota is not None and account.used_vcpus + vcpus > account.vcpu_quota:
            return NoRoom.FULL
        if not account.launches.take(now_ms):
            return NoRoom.LAUNCH_RATE
        self._used_vcpus += vcpus
        account.used_vcpus += vcpus
        return Slot(requirement)

    def give_back(self, slot: Slot, now_ms: float) -> None:
        """The task has stopped."""
        self._used_vcpus -= slot.vcpus
        self._account.used_vcpus -= slot.vcpus

    def close(self) -> None:
        """Nothing is kept."""


class UnmanagedCapacity:
    """An environment of type UNMANAGED: its instances are the user's own, and nobody has registered any."""

    def __init__(self, max_vcpus: float) -> None:
        self.max_vcpus = max_vcpus
        self.used_vcpus = 0.0

    def could_hold(self, requirement: Requirement) -> bool:
        """Somebody might register an instance."""
        return True

    def take(self, requirement: Requirement, demand_vcpus: float, now_ms: float) -> Slot | NoRoom:
        """Never any."""
        return NoRoom.FULL

    def give_back(self, slot: Slot, now_ms: float) -> None:
        """Nothing was taken."""

    def close(self) -> None:
        """Nothing is kept."""
