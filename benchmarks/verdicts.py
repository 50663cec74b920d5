"""Is the right limit named, and its value? Sweeps in virtual time over accounts with one known limit each, and over some with none.

    python benchmarks/verdicts.py [--limited 200] [--none 60] [--http 10] [--seeds 1000] [--processes 1] [--kind KIND] [--verbose]

`--http`: so many more, one of each kind, over HTTP against servers of the embedded AWS, in real time.
`--seeds` is the first seed: the rules were tuned on those below 1000, what is reported comes from those above.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from known_limits import KINDS, Known, draw, sweep
from limits_over_http import draw_over_http, sweep_over_http

from batchgauge.core.analysis.analysis import Analysis
from batchgauge.core.limits.judging import judge_limits
from batchgauge.core.stats.estimate import Estimate

WITHIN = 0.1
HTTP_AT_ONCE = 12
"""They mostly wait."""
ONE_TOKEN = 1.0
"""Of a bucket of a few tokens, whole tokens are all that can be told."""


@dataclass(frozen=True)
class Outcome:
    """What came of one configuration."""

    kind: str
    seed: int
    named: str
    is_close: bool
    """Whether each of the limit's numbers is within a tenth (a depth: or within one token)."""
    is_held: bool
    """Whether each number's interval holds the truth."""
    shown: str
    jobs: int


def judge(kind: str, seed: int) -> Outcome:
    """One sweep and its verdict."""
    known = draw(kind, seed)
    return outcome_of(known, sweep(known))


def outcome_of(known: Known, analysis: Analysis) -> Outcome:
    """What its verdict says, beside what is true."""
    verdicts = judge_limits(analysis)
    overall = verdicts.overall
    assert overall is not None
    numbers = known.truth(analysis)
    close, held, shown = [], [], []
    for name, true in numbers.items():
        estimate = getattr(overall, name, None)
        is_known = isinstance(estimate, Estimate)
        value = estimate.value if isinstance(estimate, Estimate) else float("nan")
        allowed = max(WITHIN * abs(true), ONE_TOKEN if name == "depth" else 0.0)
        close.append(is_known and abs(value - true) <= allowed)
        held.append(isinstance(estimate, Estimate) and estimate.low - 1e-9 <= true <= estimate.high + 1e-9)
        bounds = f"[{estimate.low:.3g}, {estimate.high:.3g}]" if isinstance(estimate, Estimate) else ""
        shown.append(f"{name} {value:.4g} {bounds} true {true:.4g}")
    by_level = " ".join(f"{level.level}:{level.held.code}" for level in verdicts.levels)
    jobs = sum(run.summary.level for run in analysis.runs)
    named = overall.code
    return Outcome(known.kind, known.seed, named, all(close), all(held), f"{'; '.join(shown)} ({by_level})", jobs)


def main() -> None:
    """All configurations, the confusion matrix, and the three shares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limited", type=int, default=200)
    parser.add_argument("--none", type=int, default=60)
    parser.add_argument("--http", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=1_000)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--kind", choices=sorted(KINDS))
    parser.add_argument("--verbose", action="store_true")
    given = parser.parse_args()
    begun_s = time.perf_counter()
    tasks = list(_tasks(given.limited, given.none, given.seeds, given.kind))
    with ProcessPoolExecutor(given.processes) as pool:
        outcomes = list(pool.map(judge, *zip(*tasks, strict=True))) if tasks else []
    _report(outcomes, begun_s, given)
    if given.http:
        begun_s = time.perf_counter()
        kinds = list(KINDS) if given.kind is None else [given.kind]
        numbers = range(given.http)
        with ThreadPoolExecutor(HTTP_AT_ONCE) as threads:
            under_way = [
                threads.submit(judge_over_http, kinds[number % len(kinds)], given.seeds + number // len(kinds))
                for number in numbers
            ]
            for done in as_completed(under_way):  # the first is there minutes before the last
                print(
                    f"{done.result().kind} {done.result().seed}: {done.result().named}; {done.result().shown}",
                    flush=True,
                )
        outcomes = [done.result() for done in under_way]
        print("\nover HTTP, against the embedded AWS")
        _report(outcomes, begun_s, given)


def _report(outcomes: list[Outcome], begun_s: float, given: argparse.Namespace) -> None:
    if outcomes:
        _print(outcomes, is_verbose=given.verbose)
        jobs, seconds = sum(outcome.jobs for outcome in outcomes), time.perf_counter() - begun_s
        print(f"{len(outcomes)} sweeps, {jobs:,} jobs, in {seconds:.0f} s; seeds from {given.seeds}")


def judge_over_http(kind: str, seed: int) -> Outcome:
    """The same, of a sweep over HTTP; one that came to nothing is a miss, and the others go on."""
    known = draw_over_http(kind, seed)
    try:
        return outcome_of(known, sweep_over_http(known))
    except (RuntimeError, ValueError, OSError, subprocess.SubprocessError) as error:
        return Outcome(kind, seed, "no result", is_close=False, is_held=False, shown=repr(error), jobs=0)


def _tasks(limited: int, none: int, first_seed: int, only: str | None) -> Iterator[tuple[str, int]]:
    kinds = [kind for kind in KINDS if kind != "none"] if only is None else [only]
    for number in range(limited):
        yield kinds[number % len(kinds)], first_seed + number // len(kinds)
    if only is None:
        for number in range(none):
            yield "none", first_seed + number


def _print(outcomes: list[Outcome], *, is_verbose: bool) -> None:
    for outcome in outcomes:
        if is_verbose or outcome.named != outcome.kind or not outcome.is_close:
            print(f"{outcome.kind} {outcome.seed}: {outcome.named}; {outcome.shown}")
    print("\nknown limit → named")
    for kind in KINDS:
        named = Counter(outcome.named for outcome in outcomes if outcome.kind == kind)
        if named:
            print(f"  {kind:13} → " + ", ".join(f"{name} {number}" for name, number in named.most_common()))
    limited = [outcome for outcome in outcomes if outcome.kind != "none"]
    free = [outcome for outcome in outcomes if outcome.kind == "none"]
    if limited:
        right = [outcome for outcome in limited if outcome.named == outcome.kind]
        _share("the right limit named", len(right), len(limited), 0.95)
        _share("its value within 10 %", sum(outcome.is_close for outcome in limited), len(limited), 0.9)
        _share("its interval holds the value", sum(outcome.is_held for outcome in limited), len(limited), None)
    if free:
        _share("none invented where there is none", sum(o.named == "none" for o in free), len(free), 0.95)


def _share(what: str, met: int, of: int, wanted: float | None) -> None:
    aim = "" if wanted is None else f" (wanted: {wanted:.0%})"
    print(f"{what}: {met} of {of}, {met / of:.1%}{aim}")


if __name__ == "__main__":
    main()
