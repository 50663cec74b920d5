"""``report.html``: one file that needs nothing else, not even a network, and lets nothing else in.

What a Content-Security-Policy cannot forbid in a file, it forbids: only the scripts and the styles that are in it, by their hashes, and no
request of any kind. The sections are those of the Markdown report, so that both say the same; charts and the table of jobs come between.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files
from typing import Final

import msgspec

from batchgauge.core.analysis.analysis import Analysis
from batchgauge.messages import Translator
from batchgauge.reports.markdown import markdown_report
from batchgauge.reports.page_data import page_data
from batchgauge.reports.page_markup import Section, markup, sections_of

SCRIPTS: Final = (
    "page-base.js",
    "page-timeline.js",
    "page-charts.js",
    "page-pace.js",
    "page-table.js",
    "page-start.js",
)
STYLES: Final = ("uplot.min.css", "page.css")
PACE_CHART: Final = '<ul class="legend" id="pace-legend"></ul><div class="chart" id="pace" role="img"></div>'
LIBRARY: Final = "uplot.min.js"
JOB_COLUMNS: Final = (
    ("level", "level", "number"),
    ("name", "name", ""),
    ("status", "status", ""),
    ("submit", "phase.submit", "number"),
    ("queue", "phase.queue", "number"),
    ("start_up", "phase.start_up", "number"),
    ("wait", "phase.wait", "number"),
    ("run", "phase.run", "number"),
    ("attempts", "attempts", "number"),
    ("exitCode", "exit-code", "number"),
    ("said", "said", ""),
)
"""The field of the page's jobs, the code of its word below ``page.column.`` (or ``page.``), and its alignment."""


def report_page(analysis: Analysis, translate: Translator) -> bytes:
    """The whole page, in UTF-8."""
    title, sections = sections_of(markdown_report(analysis, translate))
    style = "".join(_asset(name) for name in STYLES)
    scripts = (_asset(LIBRARY), "".join(_asset(name) for name in SCRIPTS))
    policy = _policy(scripts, style)
    body = "".join(_body(title, sections, translate))
    return (
        f'<!doctype html>\n<html lang="{translate.language}" data-theme="auto">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n{body}"
        f'<script type="application/json" id="data">{_data(analysis, translate)}</script>\n'
        + "".join(f"<script>{script}</script>\n" for script in scripts)
        + "</body>\n</html>\n"
    ).encode()


def _asset(name: str) -> str:
    return files("batchgauge.reports").joinpath("page_assets", name).read_text(encoding="utf-8")


def _policy(scripts: Sequence[str], style: str) -> str:
    hashes = " ".join(_hash(script) for script in scripts)
    return f"default-src 'none'; script-src {hashes}; style-src {_hash(style)}; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _data(analysis: Analysis, translate: Translator) -> str:
    """No text of a job can end the element that it stands in."""
    return msgspec.json.encode(page_data(analysis, translate)).decode().replace("<", "\\u003c")


def _body(title: str, sections: Sequence[Section], translate: Translator) -> Iterator[str]:
    before, *rest = sections
    at = next((n for n, section in enumerate(rest) if section.heading == translate("report.glance")), 0) + 1
    charts = ("timeline", "held", "distribution", "levels", "jobs")
    anchors = [(f"s{n}", section.heading) for n, section in enumerate(rest)]
    anchors[at:at] = [(name, translate(f"page.{name}.title")) for name in charts]
    yield f'<a class="skip" href="#main">{_word("skip", translate)}</a>\n'
    yield f'<header><h1>{escape(title)}</h1><label class="soft">{_word("theme", translate)} '
    yield '<button type="button" id="theme"></button></label></header>\n'
    links = "".join(f'<li><a href="#h-{anchor}">{escape(heading)}</a></li>' for anchor, heading in anchors)
    yield f'<nav aria-label="{_word("contents", translate)}"><ul>{links}</ul></nav>\n<main id="main" tabindex="-1">\n'
    yield f'<noscript><p class="notice">{_word("no-script", translate)}</p></noscript>\n'
    yield "".join(markup(before)) + "\n"
    for n, section in enumerate(rest):
        if n == at:
            yield from _interactive(translate)
        content = list(markup(section))
        if section.heading == translate("scaling.title"):
            # The law in a sentence comes first, then its picture.
            content.insert(1, PACE_CHART)
        yield _section(f"s{n}", section.heading, "".join(content))
    if at >= len(rest):
        yield from _interactive(translate)
    yield f'</main>\n<footer>{_word("footer", translate)}</footer>\n<div id="tip" role="status" hidden></div>\n'


def _interactive(translate: Translator) -> Iterator[str]:
    def word(code: str) -> str:
        return _word(code, translate)

    yield _section(
        "timeline",
        word("timeline.title"),
        f'<div class="controls"><label>{word("run")}<select id="run"></select></label>'
        f'<p class="soft">{word("validity")}: <span id="run-validity"></span></p></div><p>{word("timeline.text")}</p>'
        '<ul class="legend" id="timeline-legend"></ul><figure><canvas id="timeline" role="img" tabindex="0"></canvas>'
        '<figcaption id="timeline-note"></figcaption></figure><p class="hidden" id="timeline-live" aria-live="polite"></p>',
    )
    yield _section(
        "held",
        word("held.title"),
        f'<p>{word("held.text")}</p><ul class="legend" id="held-legend"></ul>'
        f'<h3>{word("held.running")}</h3><div class="chart" id="running" role="img"></div>'
        f'<h3>{word("held.vcpus")}</h3><div class="chart" id="vcpus" role="img"></div><p class="soft" id="held-note"></p>',
    )
    yield _section(
        "distribution",
        word("distribution.title"),
        f'<p>{word("distribution.text")}</p><div class="controls"><label>{word("phase")}<select id="phase"></select></label></div>'
        '<ul class="legend" id="distribution-legend"></ul><div class="chart" id="distribution" role="img"></div>'
        '<p class="soft" id="distribution-note"></p>',
    )
    yield _section(
        "levels",
        word("levels.title"),
        f'<p>{word("levels.text")}</p><ul class="legend" id="means-legend"></ul><div class="chart" id="means" role="img"></div>',
    )
    yield _section("jobs", word("jobs.title"), "".join(_job_table(translate)))


def _job_table(translate: Translator) -> Iterator[str]:
    def word(code: str) -> str:
        return _word(code, translate)

    yield f'<p>{word("jobs.text")}</p><p class="soft" id="jobs-note"></p><div class="controls">'
    yield f'<label>{word("filter")}<input type="search" id="filter" autocomplete="off"></label>'
    for name, every in (("status", "every-status"), ("job-run", "every-run")):
        yield f'<label>{word(f"filter.{name}")}<select id="{name}"><option value="">{word(every)}</option></select></label>'
    yield '</div><p class="soft" id="jobs-count" role="status"></p>'
    yield f'<div class="scroll" role="group" tabindex="0" aria-label="{word("jobs.title")}"><table id="jobs">'
    yield f'<caption class="known">{word("jobs.caption")}</caption><thead><tr>'
    for field, code, kind in JOB_COLUMNS:
        label = word(code if code.startswith("phase.") else f"column.{code}")
        yield f'<th scope="col" aria-sort="none" data-column="{field}" class="{kind}"><button type="button">{label}</button></th>'
    yield '</tr></thead><tbody></tbody></table></div><div class="pager">'
    yield f'<button type="button" id="before">{word("before")}</button><span id="jobs-page"></span>'
    yield f'<button type="button" id="after">{word("after")}</button></div>'


def _section(anchor: str, heading: str, content: str) -> str:
    return f'<section aria-labelledby="h-{anchor}"><h2 id="h-{anchor}">{escape(heading, quote=False)}</h2>{content}</section>\n'


def _word(code: str, translate: Translator) -> str:
    return escape(translate(f"page.{code}"))
