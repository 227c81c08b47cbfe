"""A line on a terminal that says how far a build is: units done, bytes saved, time left."""

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

_SECONDS = 0.2
"""Between two looks at the log."""


class Progress:
    """How far a build is that writes LLMCC_LOG to `log`.

    `expected` are the bytes of each object that the build makes, by its path (absolute); empty when they are not known.
    """

    def __init__(self, log: Path, expected: dict[str, int]) -> None:
        self._log = log
        self._expected = expected
        self._at = 0
        self._done: dict[str, int] = {}
        self._started = time.monotonic()

    def look(self) -> None:
        """Take in what the log has more since the last look."""
        try:
            with self._log.open("rb") as file:
                file.seek(self._at)
                content = file.read()
        except OSError:
            return
        whole = content[: content.rfind(b"\n") + 1]
        self._at += len(whole)
        for line in whole.splitlines():
            try:
                row = json.loads(line)
            except ValueError:
                continue
            if isinstance(row, dict):
                self._done |= _objects(row)

    def line(self) -> str:
        """What there is to say now.

        Time left is told by the bytes of the objects that clang made: large units take longer.
        """
        words = f"{len(self._done)} units"
        left = ""
        if self._expected:
            done = self._expected.keys() & self._done.keys()
            words = f"{len(done)} of {len(self._expected)} units"
            weight = sum(self._expected[path] for path in done)
            if weight:
                spent = time.monotonic() - self._started
                left = f", {_duration(spent * (sum(self._expected.values()) / weight - 1))} left"
        return f"{words}, {sum(self._done.values())} bytes saved{left}"


def _objects(row: dict[str, Any]) -> dict[str, int]:
    """Bytes saved in each object that a row of the log tells of; 0 where a call was clang's."""
    if "baseline_size" in row:
        return {os.path.normpath(row["output"]): row["baseline_size"] - row["size"]}
    words = row.get("argv", [])
    outputs = [after for word, after in pairwise(words) if word == "-o"]
    return {os.path.normpath(os.path.join(row["cwd"], name)): 0 for name in outputs if name.endswith(".o")}


def _duration(seconds: float) -> str:
    """Minutes and seconds.

    >>> _duration(75.2)
    '1:15'
    """
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


@contextmanager
def shown(progress: Progress) -> Iterator[None]:
    """Show the line on standard error while a build runs, if that is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    ended = threading.Event()

    def follow() -> None:
        while not ended.wait(_SECONDS):
            progress.look()
            _put(progress.line())

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        progress.look()
        _put(progress.line())
        print(file=sys.stderr, flush=True)


def _put(words: str) -> None:
    """Overwrite the last line of the terminal."""
    columns = os.get_terminal_size(sys.stderr.fileno()).columns or 80
    print(f"\r{('  ' + words)[: columns - 1]}\033[K", end="", file=sys.stderr, flush=True)
