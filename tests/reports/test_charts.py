from __future__ import annotations

import struct
import sys
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib.font_manager import get_font

from batchgauge.core.analysis.analysis import Analysis, analyse
from batchgauge.core.result.run_result import from_document
from batchgauge.messages import Language, Translator, translator
from batchgauge.reports import chart_style, charts
from batchgauge.reports.charts import has_font_for, performance_charts
from tests.reports.runs import Setting, measured

SPECIFICATION = Path(__file__).parents[1] / "data" / "specification-result.json"


def analysis(*levels: int, setting: Setting | None = None) -> Analysis:
    return analyse([(f"{level}.json", measured(level, setting)) for level in levels])


def specification() -> Analysis:
    return analyse([("s.json", from_document(SPECIFICATION.read_bytes()))])


def size_of(picture: bytes) -> tuple[int, int]:
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", picture[16:24])
    return width, height


CASES: dict[str, Analysis] = {
    "the specification's levels": analysis(2, 5, 10, 20),
    "one job": analysis(1),
    "far apart": analysis(1, 300, setting=Setting(capacity=100, failing=7, refused=9)),
    "not watched": analysis(2, 5, setting=Setting(is_monitored=False)),
    "interrupted": analysis(20, setting=Setting(looks=3)),
    "never looked": analysis(5, setting=Setting(looks=0)),
    "all refused": analysis(3, setting=Setting(refused=1)),
    "many repeats": analyse([(f"{seed}.json", measured(5, seed=seed)) for seed in range(30)]),
    "hostile names": analysis(2, setting=Setting(queue="$\\frac{1}{0}$ <b>\x1b[2J" * 20)),
    "the specification's own file": specification(),
}


@pytest.mark.parametrize(("case", "language"), [(case, "ja") for case in CASES] + [("one job", "en")])
@pytest.mark.filterwarnings("error")
def test_every_analysis_can_be_drawn_with_a_glyph_for_every_letter(case: str, language: Language) -> None:
    # matplotlib warns where a glyph is missing or a layout does not fit; here a warning is an error.
    width, height = size_of(performance_charts(CASES[case], translator(language)))
    assert width > 1200
    assert height > 1600


def test_matplotlib_is_left_as_it_was() -> None:
    before = dict(mpl.rcParams)
    performance_charts(CASES["one job"], translator("ja"))
    assert dict(mpl.rcParams) == before
    assert "matplotlib_fontja" not in sys.modules  # importing it changes the font of every figure of the process


def test_the_japanese_font_has_every_letter_of_the_labels() -> None:
    path = chart_style.japanese_font()
    assert path is not None
    glyphs = set(get_font(path).get_charmap())
    domain = translator("ja").catalogues[1]
    labels = [text for code, text in vars(domain)["_catalog"].items() if code.startswith(("chart.", "phase."))]
    assert len(labels) > 30
    assert {letter for text in labels for letter in text if ord(letter) not in glyphs} == set()


def test_labels_are_english_and_say_why_where_the_font_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chart_style, "find_spec", lambda _name: None)
    assert not has_font_for("ja")
    assert has_font_for("en")
    asked: list[Language] = []

    def listening(language: Language) -> Translator:
        asked.append(language)
        return translator(language)

    monkeypatch.setattr(charts, "translator", listening)
    size_of(performance_charts(CASES["one job"], translator("ja")))
    assert asked == ["en"]
