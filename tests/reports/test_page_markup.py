from __future__ import annotations

import pytest

from batchgauge.reports.markdown_syntax import bullets, code, document, table
from batchgauge.reports.page_markup import SHORT_CODE, inline, markup, sections_of


@pytest.mark.parametrize("foreign", ["<b>", "a`b", "`", "``x`` y", "a|b", "**bold**", "&amp;", "</td>", " x "])
def test_foreign_text_comes_out_as_it_was(foreign: str) -> None:
    text = document([f"# {'t'}", "## h", table(["a", "b"], [[code(foreign), code(foreign)]], text_columns=2)])
    _, (_, section) = sections_of(text)
    html = "".join(markup(section))
    shown = foreign.strip().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert html.count(f'<code class="short">{shown}</code>') == 2
    assert html.count("<td") == 1


def test_bold_may_hold_code() -> None:
    assert inline("**a `b` c** d") == "<strong>a <code>b</code> c</strong> d"


def test_headings_lists_quotes_and_paragraphs() -> None:
    text = document(["# Title", "> **Careful**", "## One", "Text < 1", "### Below", bullets(["a", "**b**"])])
    title, (before, one) = sections_of(text)
    assert title == "Title"
    assert list(markup(before)) == ['<p class="notice"><strong>Careful</strong></p>']
    assert list(markup(one)) == [
        "<p>Text &lt; 1</p>",
        "<h3>Below</h3>",
        "<ul><li>a</li><li><strong>b</strong></li></ul>",
    ]


def test_a_table_has_a_caption_headings_and_numbers_to_the_right() -> None:
    html = "".join(markup(sections_of(document(["## S", table(["k", "n"], [["x", "1"]])]))[1][1]))
    assert "<caption" in html
    assert '<th scope="col" class="number">n</th>' in html
    assert '<th scope="row">x</th><td class="number">1</td>' in html


def test_names_of_files_and_repeats_are_not_broken_in_a_cell() -> None:
    cell = f"`{'a' * SHORT_CODE}` `{'b' * (SHORT_CODE + 1)}`"
    (_, section) = sections_of(f"## h\n\n{table(['Level', 'Value'], [('2, 2 #2', cell)], text_columns=2)}")[1]
    html = "".join(markup(section))
    assert f'<code class="short">{"a" * SHORT_CODE}</code> <code>b' in html
    assert "2, 2\u00a0#2" in html
