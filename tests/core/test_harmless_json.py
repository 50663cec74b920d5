"""JSON that a terminal may be shown."""

from __future__ import annotations

import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from batchgauge.core.harmless_json import harmless

texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.dictionaries(texts, texts))
def test_whoever_parses_it_reads_the_same(value: dict[str, str]) -> None:
    document = json.dumps(value, ensure_ascii=False).encode()
    assert json.loads(harmless(document)) == value


@given(st.text(st.characters(categories=["Cc", "Zl", "Zp", "L"])))
def test_no_control_is_left_in_it(text: str) -> None:
    shown = harmless(json.dumps(text, ensure_ascii=False).encode()).decode()
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Zl", "Zp"}


def test_what_hides_or_reorders_is_escaped_and_a_language_is_not() -> None:
    document = json.dumps("ジョブ \u202etxt.exe \x9b31m", ensure_ascii=False).encode()
    assert harmless(document).decode() == '"ジョブ \\u202etxt.exe \\u009b31m"'
    assert harmless(b'"plain"') == b'"plain"'
