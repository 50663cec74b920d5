"""The countdown that jobs run where no native countdown.exe is at hand: ``python -I -S countdown.py SECONDS [--exit-code N]``.

Once a second, each second counted from the program's own start (a late tick does not delay the next one), one line::

    countdown seq=0 remaining_s=30 utc=2026-11-22T10:15:00.123Z monotonic_s=12345.678901

The start is that of its process where ``/proc`` tells it: when a thousand interpreters start at once, most of them take seconds to come to
their first line. At the end it says what it measured of itself::

    countdown done seconds=30 elapsed_s=30.000142 drift_ms=0.142 worst_tick_ms=0.310 cpu_s=0.012 peak_memory_kib=9120

SECONDS may have a fraction. A bad argument: the usage on standard error, exit 2. Imports nothing but built-in modules: it starts in
about ten milliseconds. `peak_memory_kib` is left out where ``/proc`` does not tell it.
"""

import sys
import time

USAGE = "usage: countdown SECONDS [--exit-code N]\n"
USAGE_EXIT_CODE = 2
MAX_EXIT_CODE = 0xFFFFFFFF
PROC_TICKS_A_SECOND = 100
"""Of the times in ``/proc``, on every architecture that Python runs on."""
START_FIELD = 19
"""``starttime`` of proc(5), counted from behind the program's name."""


def parse(arguments: list[str]) -> tuple[float, int]:
    """Seconds and exit code; raises ValueError."""
    positional: list[str] = []
    exit_code = 0
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        if argument == "--exit-code":
            exit_code = int(rest.pop(0)) if rest else -1
        elif argument.startswith("--exit-code="):
            exit_code = int(argument.partition("=")[2])
        else:
            positional.append(argument)
    if len(positional) != 1 or not 0 <= exit_code <= MAX_EXIT_CODE:
        raise ValueError(arguments)
    seconds = float(positional[0])
    if not 0 <= seconds < 1e9:  # also refuses "nan"
        raise ValueError(arguments)
    return seconds, exit_code


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


def count_down(seconds: float) -> None:
    """Tick each second to the end, then say how well it went."""
    started_s = process_start_s()
    worst_tick_s = 0.0
    sequence = 0
    while sequence < seconds:
        sleep_until(started_s + sequence)
        now_s = time.monotonic()
        worst_tick_s = max(worst_tick_s, now_s - started_s - sequence)
        say(f"countdown seq={sequence} remaining_s={seconds - sequence:g} utc={utc_now()} monotonic_s={now_s:.6f}")
        sequence += 1
    sleep_until(started_s + seconds)
    elapsed_s = time.monotonic() - started_s
    say(
        f"countdown done seconds={seconds:g} elapsed_s={elapsed_s:.6f} drift_ms={(elapsed_s - seconds) * 1000:.3f}"
        f" worst_tick_ms={worst_tick_s * 1000:.3f} cpu_s={time.process_time():.3f}{peak_memory()}"
    )


def main(arguments: list[str]) -> int:
    """Count down; the exit code."""
    try:
        seconds, exit_code = parse(arguments)
    except ValueError:
        sys.stderr.write(USAGE)
        return USAGE_EXIT_CODE
    count_down(seconds)
    return exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
