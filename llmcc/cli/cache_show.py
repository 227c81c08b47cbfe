"""`llmcc-tool cache --show`: what is in the cache."""

import argparse
import os
import re
import time
from typing import Any

from cache.evict import Entry, entries, kinds
from cache.store import Store
from llmcc.config import Settings
from llmcc.record import DecisionRecord

Answer = tuple[dict[str, Any], list[str], int]
"""What an action says: facts for JSON, lines for people, the exit status."""

_LOOKED_AT = 20_000
"""Decisions that are read to say how many were kept; the first by key, which is as good as chance."""


def show(_args: argparse.Namespace, settings: Settings, store: Store) -> Answer:
    """Count every entry by kind."""
    rows: dict[str, dict[str, float]] = {}
    for kind in sorted({*kinds(store), b"decisions", b"objects"}):
        found = _Summary()
        for entry in entries(store, kind):
            found.add(entry)
        if found.count or kind in (b"decisions", b"objects"):
            rows[os.fsdecode(kind)] = found.row()
    others: dict[str, _Summary] = {}
    for entry in loose_files(store):
        others.setdefault(os.fsdecode(entry.kind), _Summary()).add(entry)
    rows |= {kind: summary.row() for kind, summary in others.items()}
    kept, looked_at = _kept(store)
    facts = {
        "folder": os.fsdecode(store.directory),
        "limit": settings.max_size,
        "kinds": rows,
        "kept": {"looked_at": looked_at, "smaller": kept, "clangs_own": looked_at - kept},
    }
    limit = in_words(settings.max_size) if settings.max_size else "none"
    lines = [f"cache folder: {facts['folder']}", f"limit of objects: {limit}", ""]
    lines.append(f"{'':14} {'number':>9} {'size':>10} {'newest use':>12} {'oldest use':>12}")
    for name, row in rows.items():
        newest, oldest = (_age(row[age]) if row["number"] else "-" for age in ("newest_seconds", "oldest_seconds"))
        lines.append(f"{name:14} {row['number']:9} {in_words(int(row['bytes'])):>10} {newest:>12} {oldest:>12}")
    if looked_at:
        share = 100 * kept / looked_at
        lines.append(f"\nof {looked_at} decisions {share:.0f} % keep a smaller object, the others clang's own")
    return facts, lines, 0


class _Summary:
    """Number, bytes and ages of entries."""

    def __init__(self) -> None:
        self.count = self.bytes = 0
        self.first, self.last = float("inf"), 0.0

    def add(self, entry: Entry) -> None:
        self.count += 1
        self.bytes += entry.size
        self.first, self.last = min(self.first, entry.used), max(self.last, entry.used)

    def row(self) -> dict[str, float]:
        row: dict[str, float] = {"number": self.count, "bytes": self.bytes}
        if self.count:
            now = time.time()
            row |= {"newest_seconds": round(now - self.last), "oldest_seconds": round(now - self.first)}
        return row


def _kept(store: Store) -> tuple[int, int]:
    """Of so many decisions that were looked at, how many keep a smaller object: (those, all)."""
    kept = count = 0
    for number in range(256):
        for key in sorted(entry.key for entry in entries(store, b"decisions", (number,))):
            record = DecisionRecord.load(store, key)
            if record is not None:
                kept, count = kept + record.kept, count + 1
        if count >= _LOOKED_AT:
            break
    return kept, count


def loose_files(store: Store) -> list[Entry]:
    """What is remembered of compilers and of calls that start no Python: files by other names than those of entries,
    made again whenever one is missing."""
    found = []
    native = os.path.join(store.directory, b"native")
    folders = [(b"toolchains", os.path.join(store.directory, b"toolchains"))]
    folders += [(b"native", os.path.join(native, name)) for name in _names(native)]
    for kind, folder in folders:
        for name in _names(folder):
            if not (name.startswith(b"toolchain-") if kind == b"toolchains" else _PLAN.fullmatch(name)):
                continue
            path = os.path.join(folder, name)
            try:
                state = os.lstat(path)
            except OSError:
                continue
            found.append(Entry(kind, "", path, state.st_mtime, state.st_size))
    return found


_PLAN = re.compile(rb"[0-9a-f]{16}")


def _names(folder: bytes) -> list[bytes]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def in_words(number: int) -> str:
    """Bytes for people."""
    size = float(number)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def _age(seconds: float) -> str:
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit} ago"
    return f"{seconds:.0f} s ago"
