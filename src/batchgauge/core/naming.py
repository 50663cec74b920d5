"""Names of runs, jobs and the files of a sweep."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

RUN_ID_PREFIX: Final = "concurrent-test"
"""The specification's job names begin so."""

WATCH_ID_PREFIX: Final = "observed"
"""Ids of runs whose jobs something else submitted; the jobs have names of their own."""

SUFFIX_ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"
"""No character that is read as another: run ids are typed by people."""
SUFFIX_LENGTH: Final = 4

DEFAULT_STACK: Final = "batchgauge"
"""The stack of a test environment whose job definitions bear the specification's names."""

RUN_TAG: Final = "batchgauge:run"
"""The tag of a job, a rule or a queue that says which run it belongs to."""

_LEVEL_WORDS: Final = {2: "baseline", 5: "medium", 10: "high", 20: "very-high"}
"""The specification's names for its four levels."""


def run_id(started_at: datetime, suffix: str) -> str:
    """A run's id, such as ``concurrent-test-20261122T101500-x7k2``; `suffix` keeps runs of the same second apart."""
    return f"{RUN_ID_PREFIX}-{started_at:%Y%m%dT%H%M%S}-{suffix}"


def watch_id(started_at: datetime, suffix: str) -> str:
    """The id of a run that only watches, such as ``observed-20261122T101500-x7k2``."""
    return f"{WATCH_ID_PREFIX}-{started_at:%Y%m%dT%H%M%S}-{suffix}"


def job_name(run: str, index: int) -> str:
    """The unique name of the `index`-th job (from 1) of a run; a prefix search for the run id finds all of them."""
    return f"{run}-job{index:03d}"


def job_name_prefix(run: str) -> str:
    """What the names of all jobs of a run begin with, and no other run's."""
    return f"{run}-job"


def run_of_name(job: str) -> str | None:
    """The run's id that a job's name begins with; None where the name is not one of ours."""
    run = job.rpartition("-job")[0]
    return run if is_run_id(run) else None


def sweep_id(started_at: datetime, suffix: str) -> str:
    """A sweep's id, such as ``sweep-20261122T101500-x7k2``."""
    return f"sweep-{started_at:%Y%m%dT%H%M%S}-{suffix}"


def is_run_id(text: str) -> bool:
    """Whether it is a run's id as `run_id` makes them."""
    return (
        re.fullmatch(rf"{RUN_ID_PREFIX}-[0-9]{{8}}T[0-9]{{6}}-[{SUFFIX_ALPHABET}]{{{SUFFIX_LENGTH}}}", text) is not None
    )


def is_own_id(text: str) -> bool:
    """Whether it is the id of a run, or of a watch: neither names anybody."""
    return is_run_id(text.replace(f"{WATCH_ID_PREFIX}-", f"{RUN_ID_PREFIX}-", 1))


def is_plain_name(text: str) -> bool:
    """Whether it names a file or folder within another one on every system, and nothing outside of it.

    What is written in a journal or a sweep's file may come from others.
    """
    return re.fullmatch(r"(?!\.{1,2}$)[\w.+=@ -]{1,200}", text, re.ASCII) is not None and text == text.strip(" ")


def moment_in_id(run: str) -> str | None:
    """When a run began, as its id says: ``20261122T101500``; None where the id is not one of ours."""
    found = re.search(r"[0-9]{8}T[0-9]{6}", run)
    return found[0] if found is not None else None


def run_document(run: str) -> str:
    """Where in the results folder the document of a run lies that every run has."""
    return f"runs/{run}/result.json"


def event_route_name(run: str) -> str:
    """The name of a run's rule and of its queue; within EventBridge's 64 characters and SQS's 80."""
    return f"batchgauge-{run}"


def level_file_name(position: int, level: int, repeat: int = 1, variant: str | None = None) -> str:
    """The document of the `position`-th level (from 1) of a sweep: the specification's name where it has one, which repeat it is, and
    of which variant; a variant's name has no dot, so no two are alike."""
    again = f"-repeat-{repeat}" if repeat > 1 else ""
    return f"test-case-{position}-{_LEVEL_WORDS.get(level, f'level-{level}')}{again}{_dotted(variant)}.json"


def warm_up_file_name(number: int, variant: str | None = None) -> str:
    """The document of a sweep's run that only warms up."""
    return f"test-case-0-warm-up-{number}{_dotted(variant)}.json"


def _dotted(variant: str | None) -> str:
    return f".{variant}" if variant else ""
