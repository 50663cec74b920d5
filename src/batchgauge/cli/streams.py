"""What the command prints, where it goes to something that cannot show every character: a Japanese code page, an old console, a pipe."""

from __future__ import annotations

import codecs
import io
import sys
from typing import Final, TextIO

NEAREST: Final = str.maketrans(
    {
        "–": "-",
        "—": "-",
        "−": "-",
        "─": "-",
        "→": "->",
        "…": "...",
        "·": "*",
        "•": "*",
        "×": "x",
        "µ": "u",
        "≥": ">=",
        "≤": "<=",
        "±": "+/-",
        "≈": "~",
        "²": "2",
        "’": "'",
        "“": '"',
        "”": '"',
        "\u00a0": " ",
        "\u202f": " ",
    }
)
"""Characters of ours that the code pages of Windows lack (932, which is Japanese, has no en dash), and what is read for them."""
HANDLER: Final = "batchgauge-nearest"


def nearest(error: UnicodeError) -> tuple[str | bytes, int]:
    """For `codecs`: what stands for characters that the encoding lacks; a question mark for what has no likeness."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end].translate(NEAREST)
    shown = "".join(letter if _has(error.encoding, letter) else "?" for letter in missing)
    return shown, error.end


def _has(encoding: str, letter: str) -> bool:
    try:
        letter.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def show_what_can_be_shown(*streams: TextIO | None) -> None:
    """A character that cannot be written must not end the command, nor stand there as a number."""
    codecs.register_error(HANDLER, nearest)
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=HANDLER)


def write_data(data: bytes) -> None:
    """Data on stdout: UTF-8 and as it is, whatever the console's encoding and line ends are."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
