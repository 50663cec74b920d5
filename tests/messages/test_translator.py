from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchgauge import errors
from batchgauge.messages import Language, describe_error, translator

ENGLISH, JAPANESE = translator("en"), translator("ja")


def test_placeholders_are_filled() -> None:
    assert ENGLISH("cli.see-help", command="batchgauge run").startswith("batchgauge run --help")


@given(st.text())
def test_arguments_never_become_format_or_control(value: str) -> None:
    said = ENGLISH("error.folder-not-found", folder="{folder}{0.__class__}" + value + "\x1b[2J\n")
    assert "{folder}{0.__class__}" in said
    assert "\x1b" not in said
    assert "\n" not in said


def test_a_code_that_is_not_there_comes_back() -> None:
    assert JAPANESE("no.such-code", path="x") == "no.such-code"
    assert not JAPANESE.knows("no.such-code")


def test_an_argument_that_was_forgotten_shows_its_name() -> None:
    assert "{folder}" in ENGLISH("error.folder-not-found")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_an_error_names_the_flag_and_its_hint_the_remedy(language: Language) -> None:
    error = errors.InvalidOptionError(flag="--num-jobs", value="0", expected="at-least-one")
    message, hint = describe_error(error, translator(language))
    assert "--num-jobs" in message
    assert "0" in message
    assert hint is not None
    assert "at-least-one" not in hint
    assert "1" in hint


def test_a_flag_may_have_a_hint_of_its_own() -> None:
    _, for_queue = describe_error(errors.MissingOptionError(flag="--job-queue"), ENGLISH)
    _, for_other = describe_error(errors.MissingOptionError(flag="--something"), ENGLISH)
    assert for_queue is not None
    assert "--local" in for_queue
    assert for_other == "give --something a value"


def test_an_expectation_without_words_is_shown_as_it_is() -> None:
    error = errors.InvalidOptionError(flag="--x", value="1", expected="three prime numbers")
    assert describe_error(error, ENGLISH)[1] == "give --x three prime numbers"


def test_whole_numbers_are_declined() -> None:
    def ended(jobs: int, runs: int) -> str:
        return translator("en")("cli.cleanup.question", count=jobs, runs=runs)

    assert ended(1, 1) == "End 1 job of 1 run? [y/N]"
    assert ended(2, 1) == "End 2 jobs of 1 run? [y/N]"
    said = translator("en")("cli.cleanup.done", count=1)
    assert said == "1 job was ended; by its listing, nothing of it is left on AWS"
    assert f"{translator('en')('cli.deadline.left', count=0, ids='')}".startswith("0 jobs had not ended")


def test_numbers_that_are_written_already_are_declined_too() -> None:
    assert "1 job " in translator("en")("explain.group", jobs="1", names="a") + " "
    assert "1,250 jobs" in translator("en")("explain.group", jobs="1,250", names="a")
