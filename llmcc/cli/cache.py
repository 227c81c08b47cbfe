"""Look at the cache, make it smaller, check it, and carry decisions from one machine to another. Everything here is
safe while builds run.

  llmcc-tool cache                          what is in it
  llmcc-tool cache --max-size 2G            evict what was used longest ago
  llmcc-tool cache --evict-older-than 30d   drop what was not used for so long
  llmcc-tool cache --verify 100             make objects again, and compare
  llmcc-tool cache --export team.tar        and, elsewhere, --import team.tar

What is imported is believed as your own decisions are: import from those whose objects you would link.
"""

import argparse
import json
import os
import random
import tempfile
import time
from collections import Counter

from cache.evict import CHEAP_KINDS, drop_older, entries, evict_to, kinds
from cache.store import Store, remove_older
from llmcc import config
from llmcc.cli.cache_show import Answer, in_words, loose_files, show
from llmcc.cli.cache_transfer import export_entries, import_entries
from llmcc.cli.stats import zero_statistics
from llmcc.config import Settings
from llmcc.errors import UserError
from llmcc.verify import SENTENCES, Finding, State, verify_decision

ACTIONS = ("show", "clear", "max_size", "evict_older_than", "verify", "export", "import")
KEPT_KINDS = (b"bad", b"certificates", b"learned", b"pins")
"""What this machine was told or has found out at great cost: only `--clear --all` drops it."""

_SAMPLE = 20
_AGES = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("--show", action="store_true", help="what is in it (the default)")
    parser.add_argument("--clear", action="store_true", help="drop objects, decisions and all other records")
    parser.add_argument("--max-size", metavar="SIZE", help="evict objects down to this size, now")
    parser.add_argument("--evict-older-than", metavar="AGE", help="drop what was not used for so long: 30d, 12h, 2w")
    parser.add_argument("--verify", nargs="?", const=str(_SAMPLE), metavar="N", help="check N decisions (default 20)")
    parser.add_argument("--export", metavar="FILE.tar", help="write decisions and their objects to a file")
    parser.add_argument("--import", metavar="FILE.tar", help="add what --export wrote, where it is not known")
    parser.add_argument(
        "--all", action="store_true", help="with --clear: pins, bad recipes, certificates and statistics too; "
        "with --verify: every decision"
    )  # fmt: skip
    parser.add_argument(
        "--decisions", action="store_true", help="with --evict-older-than: decisions and their index too"
    )
    parser.add_argument("--decisions-only", action="store_true", help="with --export and --import: no objects")
    parser.add_argument("--seed", type=int, metavar="N", default=1, help="of the sample of --verify")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Exit status 1 when --verify finds something wrong or --import refuses something."""
    chosen = [name for name in ACTIONS if getattr(args, name) not in (None, False)]
    if len(chosen) > 1:
        words = " and ".join("--" + name.replace("_", "-") for name in chosen)
        raise UserError(f"{words} are different requests: give one of them")
    action = chosen[0] if chosen else "show"
    for option, of in (
        ("all", ("clear", "verify")),
        ("decisions", ("evict_older_than",)),
        ("decisions_only", ("export", "import")),
    ):
        if getattr(args, option) and action not in of:
            wanted = " or ".join("--" + name.replace("_", "-") for name in of)
            raise UserError(f"--{option.replace('_', '-')} belongs to {wanted}; give that too")
    settings = config.resolve(os.getcwd())
    directory = os.path.abspath(settings.directory)
    if os.path.lexists(directory) and not os.path.isdir(directory):
        raise UserError(f"{directory} is no folder: set LLMCC_DIR to one")
    # To look at an entry here is not to use it.
    store = Store(os.fsencode(directory), notes_use=False)
    facts, lines, status = _DO[action](args, settings, store)
    print(json.dumps(facts, indent=1) if args.json else "\n".join(lines))
    return status


def _clear(args: argparse.Namespace, _settings: Settings, store: Store) -> Answer:
    _check_writable(store)
    removed: Counter[str] = Counter()
    freed = 0
    for kind in kinds(store):
        if args.all or kind not in KEPT_KINDS:
            for entry in entries(store, kind):
                if entry.remove():
                    removed[os.fsdecode(kind)] += 1
                    freed += entry.size
    for entry in loose_files(store):
        freed += entry.size if entry.remove() else 0
    if args.all:
        zero_statistics(store)
    words = ", ".join(f"{number} {kind}" for kind, number in sorted(removed.items())) or "nothing"
    return {"removed": dict(removed), "freed_bytes": freed}, [f"removed {words}: {in_words(freed)} freed"], 0


def _evict_to_size(args: argparse.Namespace, _settings: Settings, store: Store) -> Answer:
    limit = config.parse_size(args.max_size, "--max-size")
    if limit == 0:
        raise UserError(
            "--max-size 0 would mean no limit, so there is nothing to evict; give --clear to empty the cache"
        )
    _check_writable(store)
    count, freed = evict_to(store, limit)
    left = sum(entry.size for entry in entries(store, b"objects"))
    facts = {"evicted": count, "freed_bytes": freed, "left_bytes": left}
    return facts, [f"evicted {count} objects: {in_words(freed)} freed, {in_words(left)} left"], 0


def _evict_older(args: argparse.Namespace, _settings: Settings, store: Store) -> Answer:
    seconds = _parse_age(args.evict_older_than)
    _check_writable(store)
    # The index finds decisions by file; the others of little cost are answers that clang gives again.
    chosen = [b"objects", *(kind for kind in CHEAP_KINDS if kind != b"index")]
    chosen += [b"decisions", b"index"] if args.decisions else []
    removed: Counter[str] = Counter()
    freed = 0
    for kind in chosen:
        count, size = drop_older(store, kind, seconds)
        removed[os.fsdecode(kind)] += count
        freed += size
    for entry in loose_files(store):
        if time.time() - entry.used > seconds and entry.remove():
            removed[os.fsdecode(entry.kind)] += 1
            freed += entry.size
    # Private folders that calls which were killed have left.
    remove_older(os.path.join(store.directory, b"tmp"))
    words = ", ".join(f"{number} {kind}" for kind, number in sorted(removed.items()) if number) or "nothing"
    return {"removed": dict(+removed), "freed_bytes": freed}, [f"removed {words}: {in_words(freed)} freed"], 0


def _verify(args: argparse.Namespace, _settings: Settings, store: Store) -> Answer:
    if not args.verify.isdigit() or (args.verify == "0" and not args.all):
        raise UserError(f"--verify takes a number of decisions of 1 or more, not {args.verify!r}")
    keys = store.records(b"decisions")
    if not args.all and len(keys) > int(args.verify):
        keys = sorted(random.Random(args.seed).sample(keys, int(args.verify)))
    findings = []
    for key in keys:
        with tempfile.TemporaryDirectory(prefix="llmcc-verify-") as folder:
            finding = verify_decision(store, key, os.fsencode(folder), os.environb.get(b"PATH", b""))
        if finding is not None:
            findings.append(finding)
    counts = {state: sum(finding.state is state for finding in findings) for state in State}
    wrong = [finding for finding in findings if finding.state is State.WRONG]
    facts = {
        "checked": len(findings),
        **{state.value: count for state, count in counts.items()},
        "findings": [_finding(finding) for finding in findings if finding.state is not State.VERIFIED],
    }
    lines = [f"{len(findings)} decisions checked"]
    lines += [f"{count:9}  {SENTENCES[state]}" for state, count in counts.items()]
    lines += [f"WRONG: {finding.key} ({finding.source or 'source unknown'}): {finding.words}" for finding in wrong]
    if wrong:
        lines.append("`llmcc-tool cache --clear` drops them; please report this with the output of `llmcc-tool doctor`")
    return facts, lines, int(bool(wrong))


def _finding(finding: Finding) -> dict[str, str]:
    return {"key": finding.key, "state": finding.state.value, "source": finding.source, "words": finding.words}


def _check_writable(store: Store) -> None:
    if os.path.isdir(store.directory) and not os.access(store.directory, os.W_OK | os.X_OK):
        raise UserError(f"{os.fsdecode(store.directory)} cannot be written: set LLMCC_DIR to a folder of yours")


def _parse_age(text: str) -> float:
    """Seconds out of `30d`, `12h` and the like. Raises UserError."""
    number, unit = text[:-1], text[-1:]
    try:
        seconds = float(number) * _AGES[unit]
    except (ValueError, KeyError):
        seconds = -1.0
    if not 0 <= seconds < 1e10:
        raise UserError(f"--evict-older-than must be an age such as 30d, 12h or 2w, not {text!r}")
    return seconds


_DO = {
    "show": show,
    "clear": _clear,
    "max_size": _evict_to_size,
    "evict_older_than": _evict_older,
    "verify": _verify,
    "export": export_entries,
    "import": import_entries,
}
