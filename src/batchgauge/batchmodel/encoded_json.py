"""Answers that are put together from encoded parts. Apart, and never compiled: they are mappings by inheritance (decision 0012)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol


class EncodedJson(Mapping[str, Any]):
    """A body that can be had encoded, from parts that were kept; as a mapping it is made when somebody looks into it."""

    __slots__ = ()

    @property
    @abstractmethod
    def content(self) -> bytes:
        """The JSON document."""


class EncodedPart(Protocol):
    """A job as it was at one moment (`Described`)."""

    kept: bytes | None

    @property
    def detail(self) -> Mapping[str, Any]:
        """As a mapping."""
        ...

    @property
    def encoded(self) -> bytes:
        """As JSON."""
        ...


class DescribedJobs(EncodedJson):
    """The answer: encoded, or as a mapping, as it is asked for."""

    __slots__ = ("_described", "_made")

    def __init__(self, described: Sequence[EncodedPart]) -> None:
        self._described = described
        self._made: dict[str, Any] | None = None

    @property
    def content(self) -> bytes:
        """The JSON document."""
        return b'{"jobs":[' + b",".join([one.kept or one.encoded for one in self._described]) + b"]}"

    def _mapping(self) -> dict[str, Any]:
        if self._made is None:
            self._made = {"jobs": [one.detail for one in self._described]}
        return self._made

    def __getitem__(self, key: str) -> Any:
        return self._mapping()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._mapping())

    def __len__(self) -> int:
        return len(self._mapping())
