"""Words for codes: gettext catalogues in English and Japanese.

A message's id is a code, never a sentence, and both languages are catalogues like any other. The catalogues of people's words are
``errors``, ``reports``, ``cli`` and ``scenario`` (thresholds, files, comparisons); ``click`` translates the sentences of the command
line library itself.
"""

from batchgauge.messages.errors import describe_error
from batchgauge.messages.language import Language, resolve_language, speak_library
from batchgauge.messages.plain import plain
from batchgauge.messages.translator import Translator, translator

__all__ = [
    "Language",
    "Translator",
    "describe_error",
    "plain",
    "resolve_language",
    "speak_library",
    "translator",
]
