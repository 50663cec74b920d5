"""The ledger in words."""

from __future__ import annotations

from batchgauge.core.submitting.ledger import Ledger
from batchgauge.messages import translator
from batchgauge.reports.ledger_words import ledger_in_words

ORDINARY = {"intended": 5, "accepted": 5, "found_again": 0, "refused": 0, "unanswered": 0, "not_sent": 0}
NONE = {"doubled": 0, "doubled_ended": 0, "lost": 0}


def test_nothing_is_said_where_nothing_is_out_of_the_ordinary() -> None:
    assert ledger_in_words(Ledger(**ORDINARY, **NONE), translator("en")) is None
    assert ledger_in_words(None, translator("en")) is None


def test_what_is_out_of_the_ordinary_is_said_in_both_languages() -> None:
    ledger = Ledger(**{**ORDINARY, "accepted": 3, "found_again": 2}, **{**NONE, "doubled": 1, "doubled_ended": 1})
    assert ledger_in_words(ledger, translator("en")) == "Found again 2, Doubled 1, Doubled and ended 1"
    assert ledger_in_words(ledger, translator("ja")) == "名前で発見 2, 重複 1, 重複 (終了済み) 1"
