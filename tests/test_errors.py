"""The error tree: drawn as it is, each error with a code of its own and an exit code of the table."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter

import pytest

from batchgauge import errors
from batchgauge.errors import BatchgaugeError, InvalidOptionError, UsageError

ALL = [
    value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, BatchgaugeError) and value is not BatchgaugeError
]
LEAVES = [kind for kind in ALL if dataclasses.is_dataclass(kind)]


def test_no_two_errors_share_a_code() -> None:
    shared = [code for code, count in Counter(kind.code for kind in LEAVES).items() if count > 1]
    assert shared == []
    assert BatchgaugeError.code not in {kind.code for kind in LEAVES}


@pytest.mark.parametrize("kind", LEAVES, ids=lambda kind: kind.__name__)
def test_an_error_shows_its_code_and_arguments_and_can_be_raised(kind: type[BatchgaugeError]) -> None:
    names = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]
    error = kind(**{name: f"<{name}>" for name in names})
    assert error.arguments == {name: f"<{name}>" for name in names}
    assert str(error).startswith(f"{kind.code}(")
    assert all(f"<{name}>" in str(error) for name in names)
    with pytest.raises(kind):
        raise error


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_exit_codes_are_those_of_the_table(kind: type[BatchgaugeError]) -> None:
    assert kind.exit_code in {1, 2, 130}
    if issubclass(kind, UsageError):
        assert kind.exit_code == 2
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.code)
    assert kind.__name__.endswith("Error")


def test_the_same_arguments_do_not_make_two_errors_one() -> None:
    one, other = (InvalidOptionError(flag="f", value="v", expected="e") for _ in range(2))
    assert one != other
    assert len({one, other}) == 2


def test_every_error_is_drawn_in_the_tree() -> None:
    drawn = set(re.findall(r"\w+Error", errors.__doc__ or ""))
    assert {kind.__name__ for kind in ALL} <= drawn
