"""The countdown that jobs run where no native countdown.exe is at hand: ``python -I -S countdown.py SECONDS [options]``.

Once a second, each second counted from the program's own start (a late tick does not delay the next one), one line::

    countdown seq=0 remaining_s=30 utc=2026-11-22T10:15:00.123Z monotonic_s=12345.678901

The start is that of its process where ``/proc`` tells it: when a thousand interpreters start at once, most of them take seconds to come to
their first line. At the end it says what it measured of itself, the first of these lines only where a load was asked for::

    countdown load cpu_wanted_s=15.000 cpu_used_s=14.982 cpu_rounds=7423110
    countdown done seconds=30 elapsed_s=30.000142 drift_ms=0.142 worst_tick_ms=0.310 cpu_s=0.012 peak_memory_kib=9120

SECONDS may have a fraction. A bad argument: the usage on standard error, exit 2. Imports nothing but built-in modules: it starts in
about ten milliseconds. The options and their load are `countdown_load.py`'s, which is looked into only where there are some.
`peak_memory_kib` is left out where ``/proc`` does not tell it.
"""

import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from batchgauge.localaws.countdown_load import Load, Options

USAGE = "usage: countdown SECONDS [--exit-code N] [--jitter SECONDS] [--cpu LOAD] [--memory SIZE] [--io SIZE[/s]] [--help]\n"
LOAD_FAILED_EXIT_CODE = 1
USAGE_EXIT_CODE = 2
MAX_SECONDS = 1e9
PROC_TICKS_A_SECOND = 100
"""Of the times in ``/proc``, on every architecture that Python runs on."""
START_FIELD = 19
"""``starttime`` of proc(5), counted from behind the program's name."""


def utc_now() -> str:
    """``2026-11-22T10:15:00.123Z``"""
    seconds, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{nanoseconds // 1_000_000:03d}Z"


def process_start_s() -> float:
    """When the process was made, on the monotonic clock; now, where ``/proc`` does not tell it."""
    now_s = time.monotonic()
    try:
        with open("/proc/self/stat", encoding="ascii", errors="replace") as stat:  # noqa: PTH123 - pathlib would double the start
            ticks = int(stat.read().rpartition(")")[2].split()[START_FIELD])
        age_s = time.clock_gettime(time.CLOCK_BOOTTIME) - (ticks + 1) / PROC_TICKS_A_SECOND
    except (OSError, AttributeError, ValueError, IndexError):
        return now_s
    # Times of /proc are rounded down to a tick; a tick later is never too early, and never later than now.
    return now_s - max(age_s, 0.0)


def peak_memory() -> str:
    """`` peak_memory_kib=N``, or nothing."""
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as status:  # noqa: PTH123 - pathlib would double the start
            for line in status:
                if line.startswith("VmHWM:"):
                    return f" peak_memory_kib={line.split()[1]}"
    except OSError:
        pass
    return ""


def say(line: str) -> None:
    """Write one line at once: whoever reads along stamps its arrival."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def sleep_until(deadline_s: float) -> None:
    """Sleep to a moment of the monotonic clock."""
    while (left_s := deadline_s - time.monotonic()) > 0:
        time.sleep(left_s)


def tick(started_s: float, seconds: float) -> float:
    """Tick each second to the end; the latest that a tick was, in seconds."""
    worst_tick_s = 0.0
    sequence = 0
    while sequence < seconds:
        sleep_until(started_s + sequence)
        now_s = time.monotonic()
        worst_tick_s = max(worst_tick_s, now_s - started_s - sequence)
        say(f"countdown seq={sequence} remaining_s={seconds - sequence:g} utc={utc_now()} monotonic_s={now_s:.6f}")
        sequence += 1
    sleep_until(started_s + seconds)
    return worst_tick_s


def count_down(seconds: float, load: "Load | None" = None, jitter_s: float = 0.0) -> None:
    """Count to the end, a load beside it, then say how well it went."""
    started_s = process_start_s()
    if load is not None:
        load.start(started_s, started_s + seconds)
    worst_tick_s = tick(started_s, seconds)
    cpu_s = load.join() if load is not None else 0.0
    elapsed_s = time.monotonic() - started_s
    if load is not None:
        say(load.line())
    say(
        f"countdown done seconds={seconds:g} elapsed_s={elapsed_s:.6f} drift_ms={(elapsed_s - seconds) * 1000:.3f}"
        f" worst_tick_ms={worst_tick_s * 1000:.3f} cpu_s={time.process_time() + cpu_s:.3f}{peak_memory()}"
        + (f" jitter_s={jitter_s:.3f}" if jitter_s > 0 else "")
    )


def plain_seconds(arguments: list[str]) -> float | None:
    """The seconds, where they are all that is said."""
    try:
        seconds = float(arguments[0]) if len(arguments) == 1 and "_" not in arguments[0] else -1.0
    except ValueError:
        return None
    return seconds if 0 <= seconds <= MAX_SECONDS else None  # also refuses "nan"


def with_options(arguments: list[str]) -> int:
    """Everything beyond plain seconds: the usage, or a countdown with options; the exit code."""
    # -I keeps the folder of the script out of the path.
    sys.path.insert(0, __file__.replace("\\", "/").rpartition("/")[0] or ".")
    import countdown_load  # type: ignore[import-not-found]  # noqa: PLC0415 - a plain countdown starts without it

    try:
        options: Options = countdown_load.parse(arguments)
    except ValueError as refused:
        sys.stderr.write((f"countdown: not understood: {refused}\n" if str(refused) else "") + USAGE)
        return USAGE_EXIT_CODE
    if options.wants_help:
        sys.stdout.write(USAGE + countdown_load.HELP)
        return 0
    try:
        jitter_s = options.drawn_jitter_s()
        load: Load | None = countdown_load.Load(options) if options.has_load else None
        count_down(options.seconds + jitter_s, load, jitter_s)
        error = load.error if load is not None else ""
    except OSError as refused:
        error = str(refused)
    if error:
        sys.stderr.write(f"countdown: {error}\n")
    return LOAD_FAILED_EXIT_CODE if error else options.exit_code


def main(arguments: list[str]) -> int:
    """Count down; the exit code."""
    seconds = plain_seconds(arguments)
    if seconds is None:
        return with_options(arguments)
    count_down(seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
