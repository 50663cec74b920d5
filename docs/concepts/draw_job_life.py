#!/usr/bin/env python3
"""Draw docs/concepts/job-life.svg and job-life.ja.svg: one job's life, and what is known of it.

draw_job_life.py            write both
draw_job_life.py --check    say which are not up to date (exit code 1), and change nothing
"""

import sys
from pathlib import Path
from xml.sax.saxutils import escape

FOLDER = Path(__file__).resolve().parent
WIDTH, HEIGHT = 960, 530
LEFT = 176
"""Where the lanes begin; the labels stand before."""
OURS, AWS, BOUND, TRUTH, INK, PALE = "#5b6470", "#0b5fa5", "#e08a1e", "#9aa3ad", "#1d2733", "#eef2f6"

WORDS = {
    "en": {
        "file": "job-life.svg",
        "title": "One job's life, and what is known of it",
        "our-clock": "our clock",
        "aws-clock": "AWS's clock",
        "phases": "phases",
        "held": "places held",
        "intended": "intended",
        "sent": "sent",
        "accepted": "accepted",
        "seen-done": "seen done",
        "looks": "looks (question → answer)",
        "created": "createdAt",
        "runnable": "RUNNABLE",
        "starting": "STARTING",
        "started": "startedAt",
        "stopped": "stoppedAt",
        "offset": "clock offset: createdAt lies between sent and accepted",
        "submit": "submit",
        "to-runnable": "until RUNNABLE",
        "queue": "queueing",
        "start-up": "start-up",
        "wait": "until the job runs: exact",
        "run": "run",
        "surely": "surely held",
        "possibly": "possibly held",
        "exact": "exact (AWS's millisecond, or our own clock)",
        "at-least": "of a duration: at least so long",
        "bound": "a bound: the value is surely within",
        "truth": "the truth, which nobody sees",
    },
    "ja": {
        "file": "job-life.ja.svg",
        "title": "1 つのジョブの一生と、そこから分かること",
        "our-clock": "手元の時計",
        "aws-clock": "AWS の時計",
        "phases": "時間の区分",
        "held": "確保した枠",
        "intended": "予定",
        "sent": "送信",
        "accepted": "受付",
        "seen-done": "終了を確認",
        "looks": "問い合わせ (送信 → 応答)",
        "created": "createdAt",
        "runnable": "RUNNABLE",
        "starting": "STARTING",
        "started": "startedAt",
        "stopped": "stoppedAt",
        "offset": "時計の差: createdAt は送信と受付の間にある",
        "submit": "送信時間",
        "to-runnable": "RUNNABLE まで",
        "queue": "キュー待ち",
        "start-up": "起動",
        "wait": "実行開始まで: 正確",
        "run": "実行",
        "surely": "確実に確保",
        "possibly": "確保していた可能性",
        "exact": "正確な値 (AWS のミリ秒、または手元の時計)",
        "at-least": "時間のうち、少なくともこれだけは確実な部分",
        "bound": "範囲: 値は必ずこの間にある",
        "truth": "実際の時刻 (直接は観測できない)",
    },
}

# Where everything stands, in pixels: the truth first, then what the looks make of it.
INTENDED, SENT, CREATED, ACCEPTED = 196, 226, 262, 300
RUNNABLE, STARTING, STARTED, STOPPED = 392, 560, 684, 838
LOOKS = ((330, 344), (470, 484), (610, 624), (750, 764), (890, 904))
OFFSET = 7
"""Half the width of what is not known of the clocks."""
RUNNABLE_BOUND = (LOOKS[0][0] - OFFSET, LOOKS[1][1] + OFFSET)
STARTING_BOUND = (LOOKS[1][0] - OFFSET, LOOKS[2][1] + OFFSET)
STATES_SEEN = ("SUBMITTED", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED")
OUR_Y, AWS_Y = 108, 208


def text(x: float, y: float, words: str, *, size: int = 12, anchor: str = "middle", fill: str = INK) -> str:
    """A line of text."""
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}" fill="{fill}">{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, colour: str, *, width: float = 1.5, dash: str = "") -> str:
    """A line."""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{colour}" stroke-width="{width}"{dashes}/>'


def box(x1: float, y: float, x2: float, height: float, colour: str, *, opacity: float = 1.0) -> str:
    """A filled rectangle from one moment to another."""
    return (
        f'<rect x="{x1:g}" y="{y:g}" width="{x2 - x1:g}" height="{height:g}" fill="{colour}" fill-opacity="{opacity}"/>'
    )


def dot(x: float, y: float, colour: str) -> str:
    """An exact instant."""
    return f'<circle cx="{x:g}" cy="{y:g}" r="5.5" fill="{colour}"/>'


def our_lane(words: dict[str, str]) -> list[str]:
    """What we did and when we looked."""
    parts = [
        text(16, OUR_Y + 4, words["our-clock"], anchor="start", size=13),
        line(LEFT, OUR_Y, WIDTH - 16, OUR_Y, OURS),
    ]
    for x, name, y in ((INTENDED, "intended", -14), (SENT, "sent", -30), (ACCEPTED, "accepted", -14)):
        parts += [dot(x, OUR_Y, OURS), text(x, OUR_Y + y, words[name])]
        if y < -20:
            parts.append(line(x, OUR_Y - 6, x, OUR_Y + y + 4, OURS, width=0.8))
    for (sent, received), state in zip(LOOKS, STATES_SEEN, strict=True):
        parts.append(box(sent, OUR_Y - 5, received, 10, "#ffffff"))
        parts += [line(x, OUR_Y - 7, x, OUR_Y + 7, OURS) for x in (sent, received)]
        parts += [line(sent, y, received, y, OURS, width=0.8) for y in (OUR_Y - 5, OUR_Y + 5)]
        parts.append(text((sent + received) / 2, OUR_Y + 30, state, size=10, fill=OURS))
    last = LOOKS[-1][1]
    parts.append(text(last + 4, OUR_Y - 14, words["seen-done"]))
    parts.append(text((LOOKS[1][0] + LOOKS[3][1]) / 2, OUR_Y - 14, words["looks"], fill=OURS))
    return parts


def aws_lane(words: dict[str, str]) -> list[str]:
    """What AWS stamps, and what only the looks bound."""
    parts = [
        text(16, AWS_Y + 4, words["aws-clock"], anchor="start", size=13),
        line(LEFT, AWS_Y, WIDTH - 16, AWS_Y, AWS),
    ]
    for bound, truth, name in ((RUNNABLE_BOUND, RUNNABLE, "runnable"), (STARTING_BOUND, STARTING, "starting")):
        lift = -9 if name == "runnable" else 1
        parts += [
            box(bound[0], AWS_Y + lift, bound[1], 8, BOUND, opacity=0.75),
            line(truth, AWS_Y - 12, truth, AWS_Y + 12, TRUTH, width=2, dash="3 2"),
            text(truth, AWS_Y + 28, words[name]),
        ]
        for end in bound:
            parts.append(line(end, OUR_Y + 36, end, AWS_Y + lift, BOUND, width=0.8, dash="2 3"))
    for x, name in ((CREATED, "created"), (STARTED, "started"), (STOPPED, "stopped")):
        parts += [dot(x, AWS_Y, AWS), text(x, AWS_Y + 28, words[name], fill=AWS)]
    parts.append(
        f'<polygon points="{SENT},{OUR_Y} {CREATED},{AWS_Y} {ACCEPTED},{OUR_Y}" fill="{AWS}" fill-opacity="0.10"/>'
    )
    parts.append(line(SENT, OUR_Y, CREATED, AWS_Y, AWS, width=0.8, dash="4 3"))
    parts.append(line(ACCEPTED, OUR_Y, CREATED, AWS_Y, AWS, width=0.8, dash="4 3"))
    parts.append(text(LEFT + 2, AWS_Y + 52, words["offset"], anchor="start", fill=AWS, size=11))
    return parts


def phase_lane(words: dict[str, str]) -> list[str]:
    """Exact and uncertain durations."""
    top = 292
    parts = [text(16, top + 26, words["phases"], anchor="start", size=13)]
    parts += [
        box(SENT, top, ACCEPTED, 16, OURS, opacity=0.55),
        text(ACCEPTED + 6, top + 13, words["submit"], anchor="start"),
    ]
    rows = (
        (top + 24, CREATED, RUNNABLE_BOUND, "to-runnable"),
        (top + 48, CREATED, STARTING_BOUND, "queue"),
    )
    for y, begin, bound, name in rows:
        parts += [box(begin, y, bound[0], 16, AWS, opacity=0.55), box(bound[0], y, bound[1], 16, BOUND, opacity=0.75)]
        parts.append(text(bound[1] + 6, y + 13, words[name], anchor="start"))
    y = top + 72
    parts += [
        box(*_between(STARTING_BOUND, y), BOUND, opacity=0.75),
        box(STARTING_BOUND[1], y, STARTED, 16, AWS, opacity=0.55),
    ]
    parts.append(text(STARTING_BOUND[0] - 6, y + 13, words["start-up"], anchor="end"))
    parts += [box(STARTED, y, STOPPED, 16, AWS, opacity=0.9), text(STOPPED + 6, y + 13, words["run"], anchor="start")]
    y = top + 96
    parts += [box(CREATED, y, STARTED, 16, AWS, opacity=0.9), text(STARTED + 6, y + 13, words["wait"], anchor="start")]
    return parts


def _between(bound: tuple[float, float], y: float) -> tuple[float, float, float, float]:
    return bound[0], y, bound[1], 16


def held_lane(words: dict[str, str]) -> list[str]:
    """The bracket of what was held."""
    top = 424
    return [
        text(16, top + 18, words["held"], anchor="start", size=13),
        box(STARTING_BOUND[0], top, STOPPED, 12, BOUND, opacity=0.75),
        text(STARTING_BOUND[0] - 6, top + 11, words["possibly"], anchor="end"),
        box(STARTING_BOUND[1], top + 16, STOPPED, 12, AWS, opacity=0.9),
        text(STARTING_BOUND[0] - 6, top + 27, words["surely"], anchor="end"),
    ]


def legend(words: dict[str, str]) -> list[str]:
    """What the signs mean."""
    y = HEIGHT - 42
    low = y + 22
    return [
        dot(26, y - 4, AWS),
        text(46, y, words["exact"], anchor="start"),
        box(16, low - 10, 38, 10, AWS, opacity=0.55),
        text(46, low, words["at-least"], anchor="start"),
        box(372, y - 10, 396, 10, BOUND, opacity=0.75),
        text(404, y, words["bound"], anchor="start"),
        line(384, low - 12, 384, low + 3, TRUTH, width=2, dash="3 2"),
        text(404, low, words["truth"], anchor="start"),
    ]


def picture(language: str) -> str:
    """The whole picture in a language."""
    words = WORDS[language]
    fonts = "'Noto Sans CJK JP','Hiragino Sans','Yu Gothic',Meiryo,IPAexGothic,'DejaVu Sans',sans-serif"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'role="img" font-family="{fonts}">',
        f"<title>{escape(words['title'])}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        box(8, OUR_Y - 56, WIDTH - 8, 98, PALE),
        box(8, AWS_Y - 24, WIDTH - 8, 88, PALE),
        box(8, 280, WIDTH - 8, 132, PALE),
        box(8, 416, WIDTH - 8, 48, PALE),
        text(16, 30, words["title"], anchor="start", size=17),
        *our_lane(words),
        *aws_lane(words),
        *phase_lane(words),
        *held_lane(words),
        *legend(words),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def main(arguments: list[str]) -> int:
    """Write, or check."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write(f"{__doc__}\n")
        return 2
    stale = []
    for language, words in WORDS.items():
        path = FOLDER / words["file"]
        wanted = picture(language)
        if not path.exists() or path.read_text(encoding="utf-8") != wanted:
            stale.append(path.name)
            if not arguments:
                path.write_text(wanted, encoding="utf-8")
    for name in stale:
        sys.stdout.write(f"{'stale' if arguments else 'drawn'}: {name}\n")
    return 1 if stale and arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
