"""What the tools know of terminals: colours where they show and nobody has asked for none, and the width."""

import argparse
import os
import shutil
import sys
from collections.abc import Iterable
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


def fitting(lines: Iterable[str]) -> list[str]:
    """Lines for standard output, cut where a terminal would wrap them; whole where it is none."""
    if not sys.stdout.isatty():
        return list(lines)
    width = shutil.get_terminal_size().columns
    return [line if len(line) <= width or "\033" in line else line[: width - 1] + "…" for line in lines]


def at_least_one(text: str) -> int:
    """A count on the command line. Raises argparse.ArgumentTypeError."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no count; give 1 or more")
    return int(text)
