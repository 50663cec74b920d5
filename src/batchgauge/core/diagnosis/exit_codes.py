"""What exit codes mean that a system gave, and not the program: NTSTATUS values of Windows, and 128 + a signal's number elsewhere.

Sources: Microsoft's "NTSTATUS Values" ([MS-ERREF] 2.3.1) and "COR_E…" / .NET's exception code; POSIX shells for 126 and 127; Docker for
128 + N.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WRAP: Final = 1 << 32
LARGEST_SMALL: Final = 255
"""Beyond it, and below zero, only Windows has exit codes."""
WINDOWS_CODES: Final[Mapping[int, str]] = {
    0xC0000005: "access-violation",
    0xC0000006: "in-page-error",
    0xC0000017: "no-memory",
    0xC000001D: "illegal-instruction",
    0xC0000025: "noncontinuable",
    0xC000007B: "image-format",
    0xC0000094: "division-by-zero",
    0xC0000096: "privileged-instruction",
    0xC00000FD: "stack-overflow",
    0xC0000135: "dll-not-found",
    0xC0000138: "ordinal-not-found",
    0xC0000139: "entry-point-not-found",
    0xC000013A: "ended-from-outside",
    0xC0000142: "dll-initialization",
    0xC0000374: "heap-corruption",
    0xC0000409: "stack-buffer-overrun",
    0xC0000417: "invalid-parameter",
    0xE0434352: "dotnet-exception",
    0xE06D7363: "cpp-exception",
    0x80131506: "dotnet-engine",
}
LINUX_CODES: Final[Mapping[int, str]] = {
    126: "not-executable",
    127: "command-not-found",
    130: "interrupted",
    132: "illegal-instruction",
    134: "aborted",
    135: "bus-error",
    136: "arithmetic",
    137: "killed",
    139: "access-violation",
    143: "ended-from-outside",
}


def unsigned(exit_code: int) -> int:
    """As Windows writes it: AWS shows 32 bits signed or not."""
    return exit_code % WRAP if exit_code < 0 else exit_code


def shown(exit_code: int) -> str:
    """``3221225781 (0xC0000135)``; small ones as they are."""
    code = unsigned(exit_code)
    return str(exit_code) if 0 <= code <= LARGEST_SMALL else f"{code} (0x{code:08X})"


def meaning(exit_code: int, *, is_windows: bool | None = None) -> str | None:
    """The name of what a system means by a code; None where only the program knows. Small codes of Windows are the program's own."""
    code = unsigned(exit_code)
    if code > LARGEST_SMALL:
        return WINDOWS_CODES.get(code)
    return None if is_windows else LINUX_CODES.get(code)
