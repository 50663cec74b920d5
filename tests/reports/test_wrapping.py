"""Lines for a terminal, Japanese among them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from batchgauge.reports.wrapping import NOT_FIRST, wrapped


def test_words_are_kept_whole_and_long_ones_are_cut() -> None:
    assert wrapped("a word and averyveryverylongone", 10) == ["a word and", "averyveryv", "erylongone"]


def test_japanese_breaks_between_letters_but_not_before_a_stop() -> None:
    assert wrapped("これは長い文です。", 16) == ["これは長い文で", "す。"]


@given(st.text(alphabet="abc あいう。、「」()", max_size=60), st.integers(4, 30))
def test_no_line_is_too_wide_and_no_letter_is_lost(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_a_stop_stands_first_only_where_it_has_to() -> None:
    assert not any(line[0] in NOT_FIRST for line in wrapped("長い文です。" * 10, 20))
