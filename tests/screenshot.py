"""The picture of `llmcc-tool compare` that README shows, drawn from what a real run puts on a terminal.

  python -m tests.screenshot docs/compare.svg

A small terminal of our own keeps what is written; the picture has it as it was halfway, and at the end.
"""

import argparse
import fcntl
import os
import pty
import re
import shlex
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[1]
TOOL = Path(sys.executable).parent / "llmcc-tool"
ROWS, COLUMNS = 60, 92
COMMAND = ("compare", "--top", "5", "--test", "make check", "--", "make", "-j2")

_CONTROL = re.compile(r"\033\[([0-9;]*)([A-Za-z])|([\r\n])|([^\033\r\n]+)")
_COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341"}
_DONE = re.compile(r"(\d+) of (\d+) units")
_WIDTH, _HEIGHT, _MARGIN = 7.8, 17, 14


Screen = list[list[tuple[str, str]]]
"""Lines of spans: a text, and its colour where it has one."""


class Terminal:
    """What is written, for the few controls that llmcc-tool writes."""

    def __init__(self) -> None:
        self.lines: Screen = [[]]
        self._colour = ""
        self._back = False

    def write(self, text: str) -> None:
        for number, letter, move, words in _CONTROL.findall(text):
            if letter == "m":
                self._colour = _COLOURS.get(number, "")
            elif move == "\n":
                self.lines.append([])
                self._back = False
            elif move == "\r":
                # A line is always written anew from its beginning.
                self._back = True
            elif words:
                if self._back:
                    self.lines[-1] = []
                self._back = False
                self.lines[-1].append((words, self._colour))

    def text(self, at: int) -> str:
        return "".join(words for words, _ in self.lines[at])


def run(folder: Path, command: Sequence[str], env: dict[str, str]) -> tuple[Terminal, Screen]:
    """The terminal after a comparison of a project, and its lines when half of the units were done."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    env = env | {"TERM": "xterm"}
    with subprocess.Popen([TOOL, *command], cwd=folder, env=env, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        terminal, halfway = Terminal(), []
        for text in iter(lambda: _read(ours), ""):
            terminal.write(text)
            done = _DONE.search(terminal.text(-1))
            if done and not halfway and 2 * int(done[1]) >= int(done[2]):
                halfway = [list(line) for line in terminal.lines]
    os.close(ours)
    if process.returncode != 0:
        raise SystemExit("\n".join(terminal.text(at) for at in range(len(terminal.lines))))
    return terminal, halfway


def _read(descriptor: int) -> str:
    try:
        # A character of several bytes may be cut in two: only dots and dashes are, in lines that are written again.
        return os.read(descriptor, 1 << 16).decode("utf-8", "replace")
    except OSError:
        # The last process that had the other end is gone.
        return ""


def draw(screens: list[Screen]) -> str:
    """Screens one below the other as SVG, on a dark ground whatever the page has."""
    shapes, top = [], _MARGIN
    for screen in screens:
        lines = [[(f"$ llmcc-tool {shlex.join(COMMAND)}", "#79c0ff")], *screen]
        while not lines[-1]:
            lines.pop()
        height = len(lines) * _HEIGHT + 2 * _MARGIN
        width = COLUMNS * _WIDTH
        shapes.append(f'<rect x="0" y="{top - _MARGIN}" width="100%" height="{height}" rx="8" fill="#0d1117"/>')
        for number, line in enumerate(lines):
            baseline = top + (number + 0.8) * _HEIGHT
            spans = "".join(f'<tspan fill="{colour or "#e6edf3"}">{_shown(text)}</tspan>' for text, colour in line)
            shapes.append(f'<text x="{_MARGIN}" y="{baseline:.1f}">{spans}</text>')
        top += height + _MARGIN
    style = 'font-family="ui-monospace,DejaVu Sans Mono,Menlo,Consolas,monospace" font-size="13"'
    size = f'width="{width + 2 * _MARGIN:.0f}" height="{top - 2 * _MARGIN}"'
    title = "<title>llmcc-tool compare in a terminal: halfway, and at the end</title>"
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>', title, *shapes, "</svg>", ""])


def _shown(text: str) -> str:
    # Browsers make one of several spaces, unless they are of the kind that does not break.
    return escape(text).replace(" ", "\N{NO-BREAK SPACE}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.screenshot", description=__doc__.partition("\n")[0])
    parser.add_argument("out", type=Path, help="the SVG file to write")
    parser.add_argument("--project", type=Path, default=ROOT / "examples" / "makefile", help="what is built")
    args = parser.parse_args()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LLMCC_", "NO_COLOR", "MAKE"))}
    with tempfile.TemporaryDirectory(prefix="llmcc-screenshot-") as cache:
        terminal, halfway = run(args.project, COMMAND, kept | {"LLMCC_DIR": cache})
    args.out.write_text(draw([halfway, terminal.lines]), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
