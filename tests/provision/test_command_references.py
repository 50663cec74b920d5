from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from batchgauge.provision.command_references import (
    embedded_references,
    references_without_default,
    with_own_elements,
)

WORDS = st.text("abc.\\:-", min_size=1, max_size=8)
REFERENCES = st.builds("Ref::{}".format, st.text("abcXYZ09_", min_size=1, max_size=6))


def test_the_specifications_own_example_gets_its_reference_as_an_element() -> None:
    command = ["powershell.exe", "-Command", "C:\\test\\your-app.exe $(Ref::customParam)"]
    assert with_own_elements(command) == ("powershell.exe", "-Command", "C:\\test\\your-app.exe", "Ref::customParam")


def test_several_references_keep_their_places() -> None:
    command = ["powershell", "-command", "app Ref::a --n $(Ref::b) end"]
    assert with_own_elements(command) == ("powershell", "-command", "app", "Ref::a", "--n", "Ref::b", "end")


def test_text_in_quotes_is_left_as_it_is() -> None:
    command = ["powershell.exe", "-Command", "app 'Ref::a b'"]
    assert with_own_elements(command) == tuple(command)
    assert embedded_references(command) == ("app 'Ref::a b'",)


def test_without_powershells_flag_nothing_is_split() -> None:
    """Another program gets its arguments as they are: two instead of one would change what it does."""
    assert with_own_elements(["app.exe", "--text", "count Ref::n"]) == ("app.exe", "--text", "count Ref::n")


@given(st.lists(st.one_of(WORDS, REFERENCES), min_size=1, max_size=8))
def test_what_powershell_sees_does_not_change(words: list[str]) -> None:
    """It joins what follows -Command with spaces."""
    split = with_own_elements(["powershell.exe", "-Command", " ".join(words)])
    assert " ".join(split[2:]) == " ".join(words)
    assert embedded_references(split) == ()


@given(st.lists(st.one_of(WORDS, REFERENCES), max_size=8))
def test_splitting_twice_is_splitting_once(words: list[str]) -> None:
    once = with_own_elements(["powershell.exe", "-Command", " ".join(words)])
    assert with_own_elements(once) == once


def test_references_without_a_default_are_named_once() -> None:
    command = ["app", "Ref::a", "Ref::b", "Ref::b"]
    assert references_without_default(command, {"a": "1"}) == ("b",)
