"""`llmcc-tool bench --cache-entries`: whether a hit takes longer in a cache of many entries, and how long compiles wait
while many objects are evicted beside them."""

import argparse
import json
import os
import random
import shutil
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from cache.evict import entries, keep_object
from cache.store import Store, digest_of
from llmcc import config
from llmcc.errors import UserError
from toolchain.run import run as run_command

_ROUNDS = 41
_KINDS = 4
_WRITES = 200

_SMALL_UNIT = """int sum(const int *a, int n) {
  int s = 0;
  for (int i = 0; i < n; i++) s += a[i];
  return s;
}
"""


def run(args: argparse.Namespace) -> int:
    """Measure every number of entries asked for; exit status 0."""
    if min(args.cache_entries) < _KINDS:
        raise UserError(f"--cache-entries takes numbers of {_KINDS} or more, such as 10000 1000000")
    settings = config.resolve(os.getcwd())
    clang = config.choose_clang(os.fsencode(settings.clang), os.environb.get(b"PATH", b""))
    rows = []
    with tempfile.TemporaryDirectory(prefix="llmcc-entries-", dir=args.work) as temporary:
        for count in args.cache_entries:
            if not args.json:
                print(f"{count} entries: filling …", file=sys.stderr, flush=True)
            rows.append(_measure(count, Path(temporary), clang, args.seed))
    if args.json:
        print(json.dumps({"clang": os.fsdecode(clang), "rows": rows}, indent=1))
    else:
        _print(rows)
    return 0


def fill(store: Store, count: int, seed: int) -> None:
    """Put so many small entries into a cache: decisions, objects, answers and index in equal parts.

    They were last used in the order in which they were made, some time ago, unlike any that a compile makes."""
    chance = random.Random(seed)
    for number in range(count // _KINDS):
        content = chance.randbytes(900)
        key = digest_of(content)
        store.put_object(content)
        store.put_record(b"decisions", key, b"keep kept %s replayable 10 9\n{}" % key.encode() + bytes(600))
        store.put_record(b"answers", key, bytes(400))
        store.put_record(b"index", digest_of(b"%d" % number), key.encode())


class _Compiles:
    """A small unit's compile with one cache, which knows it."""

    def __init__(self, folder: Path, cache: Path, clang: bytes) -> None:
        self._folder = os.fsencode(folder)
        self._argv = [os.fsencode(Path(sys.executable).parent / "llmcc"), b"-Oz", b"-c", b"small.c"]
        unset = {name: value for name, value in os.environb.items() if not name.startswith(b"LLMCC_")}
        self.env = {**unset, b"LLMCC_DIR": os.fsencode(cache), b"LLMCC_CLANG": clang, b"LLMCC_MAX_SIZE": b"0"}

    def milliseconds(self) -> float:
        """How long one compile takes. Raises UserError when it fails."""
        done = run_command(self._argv, env=self.env, cwd=self._folder)
        if done.returncode != 0:
            said = done.stderr.decode(errors="replace").strip()
            raise UserError(f"the small unit does not compile ({said}); set LLMCC_CLANG to a clang that can")
        return 1000 * done.wall


def _measure(count: int, folder: Path, clang: bytes, seed: int) -> dict[str, Any]:
    (folder / "small.c").write_text(_SMALL_UNIT)
    full, empty = (folder / name for name in ("full", "empty"))
    for path in (full, empty):
        shutil.rmtree(path, ignore_errors=True)
    store = Store(os.fsencode(full))
    started = time.monotonic()
    fill(store, count, seed)
    row: dict[str, Any] = {"entries": count, "fill_s": round(time.monotonic() - started, 1)}
    caches = [_Compiles(folder, cache, clang) for cache in (empty, full)]
    for cache in caches:
        # The first decides, the second has everything in the kernel's memory.
        cache.milliseconds(), cache.milliseconds()
    pairs = [[cache.milliseconds() for cache in caches] for _ in range(_ROUNDS)]
    row["empty_ms"], row["full_ms"] = (round(statistics.median(pair[at] for pair in pairs), 1) for at in (0, 1))
    row["ratio"] = round(statistics.median(after / before for before, after in pairs), 3)
    row |= _writes(store, seed)
    row |= _beside_eviction(store, caches[1])
    shutil.rmtree(full)
    return row


def _writes(store: Store, seed: int) -> dict[str, float]:
    """How long a compile takes to keep an object in a cache that is full, whether it has to evict or not."""
    limit = sum(entry.size for entry in entries(store, b"objects"))
    chance = random.Random(seed + 1)
    spent = []
    for _ in range(_WRITES):
        content = chance.randbytes(900)
        started = time.monotonic()
        keep_object(store, content, limit)
        spent.append(1000 * (time.monotonic() - started))
    return {"write_ms": round(statistics.median(spent), 2), "write_most_ms": round(max(spent), 2)}


def _beside_eviction(store: Store, compiles: _Compiles) -> dict[str, Any]:
    """Hits while `llmcc-tool cache --max-size` evicts nine tenths of the objects."""
    before = list(entries(store, b"objects"))
    limit = sum(entry.size for entry in before) // 10
    argv = [os.fsencode(Path(sys.executable).parent / "llmcc-tool"), b"cache", b"--max-size", b"%d" % limit]
    evicting = threading.Thread(target=run_command, args=(argv,), kwargs={"env": compiles.env})
    # The unit's object must not be among those that go.
    compiles.milliseconds()
    started = time.monotonic()
    evicting.start()
    spent = []
    while evicting.is_alive():
        spent.append(compiles.milliseconds())
    evicting.join()
    seconds = time.monotonic() - started
    left = sum(1 for _ in entries(store, b"objects"))
    return {
        "evicted": len(before) - left,
        "evict_s": round(seconds, 1),
        "hits_beside": len(spent),
        "beside_ms": round(statistics.median(spent), 1),
        "beside_most_ms": round(max(spent), 1),
    }


def _print(rows: list[dict[str, Any]]) -> None:
    print("ms of a cached compile in an almost empty cache and in a full one, medians of alternating runs; of keeping")
    print("an object in a full cache; and of a cached compile while nine tenths of the objects are evicted")
    heads = ("entries", "empty", "full", "ratio", "keep", "most", "evicted", "in s", "hits", "beside", "most")
    print(" ".join(f"{head:>8}" for head in heads))
    names = (
        *("entries", "empty_ms", "full_ms", "ratio", "write_ms", "write_most_ms"),
        *("evicted", "evict_s", "hits_beside", "beside_ms", "beside_most_ms"),
    )
    for row in rows:
        print(" ".join(f"{row[name]:>8}" for name in names))
