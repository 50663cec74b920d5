"""Names that find a run, and no two runs share."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.naming import (
    SUFFIX_ALPHABET,
    is_plain_name,
    job_name,
    level_file_name,
    run_id,
    warm_up_file_name,
)

moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1))
suffixes = st.text(SUFFIX_ALPHABET, min_size=4, max_size=4)


def test_names_look_as_documented() -> None:
    run = run_id(datetime(2026, 11, 22, 10, 15, tzinfo=UTC), "x7k2")
    assert run == "concurrent-test-20261122T101500-x7k2"
    assert job_name(run, 1) == f"{run}-job001"
    assert job_name(run, 10_000) == f"{run}-job10000"


@given(moments, suffixes, st.integers(1, 10_000))
def test_aws_takes_every_name(moment: datetime, suffix: str, index: int) -> None:
    assert re.fullmatch(r"[a-zA-Z0-9][a-zA-Z_0-9-]{0,127}", job_name(run_id(moment, suffix), index))


@given(st.sets(st.integers(1, 20_000), min_size=2))
def test_no_two_jobs_of_a_run_share_a_name(indexes: set[int]) -> None:
    assert len({job_name("run", index).lower() for index in indexes}) == len(indexes)


def test_no_character_of_a_suffix_is_read_as_another() -> None:
    assert not set("0o1l") & set(SUFFIX_ALPHABET)
    assert len(set(SUFFIX_ALPHABET)) == len(SUFFIX_ALPHABET)


@pytest.mark.parametrize(
    ("position", "level", "file"),
    [
        (1, 2, "test-case-1-baseline.json"),
        (2, 5, "test-case-2-medium.json"),
        (3, 10, "test-case-3-high.json"),
        (4, 20, "test-case-4-very-high.json"),
        (5, 250, "test-case-5-level-250.json"),
    ],
)
def test_a_levels_file_has_the_specifications_name_where_it_has_one(position: int, level: int, file: str) -> None:
    assert level_file_name(position, level) == file


@given(st.lists(st.integers(1, 100), min_size=1, max_size=20))
def test_no_two_levels_of_a_sweep_share_a_file(levels: list[int]) -> None:
    files = {level_file_name(position, level) for position, level in enumerate(levels, start=1)}
    assert len(files) == len(levels)


@given(st.text(alphabet=st.sampled_from("ab./\\:\0 ~-\n")))
def test_a_plain_name_stays_in_its_folder_on_every_system(text: str) -> None:
    if is_plain_name(text):
        for system in (PurePosixPath, PureWindowsPath):
            inside = system("folder") / text
            assert inside.parts == ("folder", text)
            assert not inside.is_absolute()


def test_the_names_that_we_give_are_plain() -> None:
    assert is_plain_name(run_id(datetime(2026, 11, 22, tzinfo=UTC), "x7k2"))
    assert is_plain_name(level_file_name(1, 2, repeat=3))
    assert is_plain_name(warm_up_file_name(1))
