"""Count the calls of llmcc by outcome and reason, the bytes they saved and the
time they took; and the requests to the shared cache.

  llmcc-tool stats -z; make CC=llmcc; llmcc-tool stats   of one build
"""

import argparse
import json
import os
from collections import Counter

from cache import tally
from cache.store import Store
from llmcc import config, reasons
from llmcc.errors import UserError

OUTCOMES = {
    "kept": "decided: a smaller object was kept",
    "fallback": "decided: clang's own object stayed",
    "hit": "decision found in the cache",
    "remote": "decision found in the shared cache; the object was made and judged here",
    "passthrough": "handed to clang",
    "error": "internal errors (clang's object was used)",
    "request": "requests to the shared cache",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("--json", action="store_true", help="print the counts as JSON")
    parser.add_argument("--zero", "-z", action="store_true", help="set every count to zero")


def run(args: argparse.Namespace) -> int:
    """Exit status 0."""
    store = Store(os.fsencode(config.resolve(os.getcwd()).directory))
    if args.zero:
        zero_statistics(store)
        print("Statistics zeroed")
        return 0
    counts, spent, before, after = _read(store)
    if args.json:
        rows = [{"outcome": o, "reason": r, "calls": n} for (o, r), n in sorted(counts.items())]
        table = {"counts": rows, "seconds": spent, "clang_bytes": before, "llmcc_bytes": after}
        print(json.dumps(table, indent=1))
        return 0
    print(f"cache folder: {_text(store)}")
    for outcome, sentence in OUTCOMES.items():
        if outcome == "request" and not any(known == outcome for known, _ in counts):
            continue
        by_reason = Counter({reason: n for (known, reason), n in sorted(counts.items()) if known == outcome})
        took = f", {spent[outcome]:.1f} s" if spent[outcome] else ""
        print(f"{by_reason.total():9}  {sentence}{took}")
        for reason, n in by_reason.most_common():
            known = reasons.ALL.get(reason)
            print(f"{n:13}  {reason}: {known.sentence if known else 'a reason of another version'}")
    if before:
        saving = 100 * (1 - after / before)
        print(f"text+data of all units, hits included: {before} bytes by clang, {after} by llmcc ({saving:.2f} % less)")
    return 0


def zero_statistics(store: Store) -> None:
    """Count from zero; calls that run meanwhile count. Raises UserError when that cannot be written."""
    try:
        tally.zero(store, b"stats")
    except tally.BusyError:
        raise UserError(f"the statistics in {_text(store)} are being written by another process: try again") from None
    except OSError as error:
        raise UserError(
            f"the statistics in {_text(store)} cannot be written ({error.strerror}); make that folder yours"
        ) from error


def _text(store: Store) -> str:
    return os.fsdecode(store.directory)


def _read(store: Store) -> tuple[Counter[tuple[str, str]], dict[str, float], int, int]:
    """Counts by (outcome, reason), seconds by outcome, and the bytes of clang's and of the final objects.

    The time of a call that is handed on ends where clang begins."""
    table = tally.read(store, b"stats")
    counts = Counter({words: numbers[0] for words, numbers in table.items()})
    before, after = (sum(numbers[at] for numbers in table.values()) for at in (1, 2))
    spent = {
        outcome: sum(numbers[3] for words, numbers in table.items() if words[0] == outcome) / 1000
        for outcome in OUTCOMES
    }
    return counts, spent, before, after
