"""Files that get one line per event, folded into counts before they grow large.

A line is two words and three whole numbers. Whoever appends takes no lock and never waits: the file `NAME` is
renamed to a segment `NAME.1`, `NAME.2`, ..., which whoever has it open may still write to for a while. The counts, in
`NAME.counts`, say how many bytes of which segments they have, and are replaced in one step. So whenever a process
is killed, every line counts exactly once; but one whose writer is stopped for a minute in the middle of writing.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from cache.store import Store

Counts = dict[tuple[str, str], list[int]]
"""By a line's two words: how many lines, and the sums of their three numbers."""

Done = dict[int, int]
"""By number of a segment: its bytes that are in the counts."""

_HEAD = "llmcc-counts 1"
_PATIENCE = 10.0
_LATE_SECONDS = 60.0


class BusyError(Exception):
    """Another process has the lock and does not give it back, or there is none to be had."""


def fold(store: Store, name: bytes) -> bool:
    """Fold the lines of file `name` into counts, unless another process is at it; whether that was done."""
    try:
        with _locked(store, name, 0.0):
            _fold(store, name, keep=True)
    except (BusyError, OSError):
        return False
    return True


def zero(store: Store, name: bytes) -> None:
    """Count from zero. What is appended meanwhile counts. Raises BusyError or OSError."""
    if os.path.isdir(store.directory):
        with _locked(store, name, _PATIENCE):
            _fold(store, name, keep=False)


def read(store: Store, name: bytes) -> Counts:
    """All that was counted."""
    try:
        with _locked(store, name, _PATIENCE, shared=True):
            return _read(store, name)
    except (BusyError, OSError):
        # A cache that cannot be written: nobody folds there either.
        return _read(store, name)


def _read(store: Store, name: bytes) -> Counts:
    return _count_new(store, name, *_counted(store, name), also_current=True)[1]


def _count_new(store: Store, name: bytes, done: Done, counts: Counts, *, also_current: bool) -> tuple[Done, Counts]:
    """Add the lines that are not yet in the counts; with the bytes of each segment that are then."""
    now_done: Done = {}
    for number in _segments(store, name):
        # One that is not the newest and of which nothing is known was counted to its end, and is to be removed.
        if number in done or number > max(done, default=0):
            lines, now_done[number] = _lines(store, b"%s.%d" % (name, number), done.get(number, 0))
            _add(counts, lines)
    if also_current:
        _add(counts, _lines(store, name, 0)[0])
    return now_done, counts


def _fold(store: Store, name: bytes, *, keep: bool) -> None:
    done, counts = _counted(store, name)
    newest = max([0, *done, *_segments(store, name)])
    path = os.path.join(store.directory, name)
    try:
        os.rename(path, path + b".%d" % (newest + 1))
    except FileNotFoundError:
        pass
    now_done, counts = _count_new(store, name, done, counts, also_current=False)
    last = max([0, *done, *now_done])
    # The last one tells which numbers are used up, even when somebody has removed its file.
    kept = {last: now_done.get(last, 0)} | {n: at for n, at in now_done.items() if _is_open(path + b".%d" % n)}
    _write(path + b".counts", kept, counts if keep else {})
    for number in _segments(store, name):
        if number not in kept:
            os.unlink(path + b".%d" % number)


def _is_open(path: bytes) -> bool:
    """Whether somebody who opened a segment when it was the file to append to may still be about to write."""
    try:
        return abs(time.time() - os.stat(path).st_mtime) < _LATE_SECONDS
    except OSError:
        return False


def _counted(store: Store, name: bytes) -> tuple[Done, Counts]:
    """The bytes of segments that are in the counts, and the counts; nothing when damaged."""
    try:
        with open(os.path.join(store.directory, name + b".counts"), encoding="utf-8", errors="replace") as file:
            head, *lines = file.read().splitlines()
        done: Done = {}
        for word in head.removeprefix(_HEAD).split():
            number, offset = word.split(":")
            done[int(number)] = int(offset)
        counts: Counts = {}
        for line in lines:
            first, second, calls, before, after, spent = line.split(" ")
            counts[first, second] = [int(calls), int(before), int(after), int(spent)]
        return (done, counts) if head.startswith(_HEAD) else ({}, {})
    except (OSError, ValueError):
        return {}, {}


def _write(path: bytes, done: Done, counts: Counts) -> None:
    """Replace the counts in one step. Raises OSError."""
    lines = [" ".join([_HEAD, *(f"{number}:{offset}" for number, offset in sorted(done.items()))])]
    lines += [" ".join([*words, *map(str, numbers)]) for words, numbers in sorted(counts.items())]
    # Whoever writes it has the lock: one name is enough.
    temporary = path + b".new"
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write("\n".join(lines).encode() + b"\n")
    os.replace(temporary, path)


def _segments(store: Store, name: bytes) -> list[int]:
    try:
        names = os.listdir(store.directory)
    except OSError:
        return []
    tails = [found[len(name) + 1 :] for found in names if found.startswith(name + b".")]
    return sorted(int(tail) for tail in tails if tail.isdigit())


def _lines(store: Store, name: bytes, offset: int) -> tuple[list[str], int]:
    """The whole lines of a file from byte `offset` on, and the byte after the last of them."""
    try:
        with open(os.path.join(store.directory, name), "rb") as file:
            file.seek(offset)
            content = file.read()
    except OSError:
        return [], offset
    content = content[: content.rfind(b"\n") + 1]
    return content.decode("utf-8", "replace").splitlines(), offset + len(content)


def _add(counts: Counts, lines: list[str]) -> None:
    for line in lines:
        words = line.split(" ")
        # A line cut off by a full disk counts for nothing.
        if len(words) == 5 and all(word.isdecimal() for word in words[2:]):
            sums = counts.setdefault((words[0], words[1]), [0, 0, 0, 0])
            for at, number in enumerate((1, *map(int, words[2:]))):
                sums[at] += number


@contextmanager
def _locked(store: Store, name: bytes, patience: float, *, shared: bool = False) -> Iterator[None]:
    """Hold the lock of file `name`, for which to wait so many seconds at most. Raises BusyError or OSError."""
    fd = os.open(os.path.join(store.directory, name + b".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise BusyError from None
                time.sleep(0.01)
        yield
    finally:
        os.close(fd)
