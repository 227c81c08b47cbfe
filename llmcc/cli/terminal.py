"""Colours, where there is a terminal that shows them and nobody has asked for none."""

import os
import sys
from typing import TextIO

_CODES = {"good": "32", "doubtful": "33", "bad": "31"}


def coloured(stream: TextIO) -> bool:
    """Whether a stream may get colours: a terminal that knows them, without NO_COLOR (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "dumb") != "dumb"


def paint(verdict: str, text: str, stream: TextIO | None = None) -> str:
    """Text in the colour of a verdict (good, doubtful, bad), for a stream (default: standard output)."""
    if not coloured(stream or sys.stdout):
        return text
    return f"\033[{_CODES[verdict]}m{text}\033[0m"
