"""What an installation of llmcc takes on disk: its own packages, and the distributions that came with them."""

import importlib.metadata
import os
import re
from collections.abc import Iterator
from pathlib import Path

_PACKAGES = Path(__file__).resolve().parents[2]
_OWN = ("llmcc", "toolchain", "cache")
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def own_bytes() -> int:
    """Bytes of llmcc's own packages, compiled modules with them."""
    walked = [path for name in _OWN for path in (_PACKAGES / name).rglob("*")]
    return sum(path.stat().st_size for path in walked if path.is_file())


def needed_bytes() -> dict[str, int]:
    """Bytes of each distribution that llmcc needs, or that one of those needs, the largest first;
    extras do not count."""
    found: dict[str, int] = {}
    pending = list(_requirements("llmcc"))
    while pending:
        name = pending.pop()
        if name not in found:
            try:
                found[name] = _bytes_of(importlib.metadata.distribution(name))
            except importlib.metadata.PackageNotFoundError:
                # It is for another platform.
                continue
            pending += _requirements(name)
    return dict(sorted(found.items(), key=lambda row: (-row[1], row[0])))


def _requirements(name: str) -> Iterator[str]:
    try:
        lines = importlib.metadata.requires(name) or []
    except importlib.metadata.PackageNotFoundError:
        return
    for line in lines:
        requirement, _, marker = line.partition(";")
        word = _NAME.match(requirement)
        if word is not None and "extra" not in marker:
            yield re.sub(r"[-_.]+", "-", word[0]).lower()


def _bytes_of(distribution: importlib.metadata.Distribution) -> int:
    total = 0
    for file in distribution.files or ():
        try:
            total += os.stat(str(distribution.locate_file(file))).st_size
        except OSError:
            # Somebody has removed it.
            continue
    return total
