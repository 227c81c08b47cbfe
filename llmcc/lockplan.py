"""What a build says of a lock file: which lines are new, changed, gone or missing. Reads the log of the build."""

import json
import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from cache.lockfile import Entry, LockFile
from llmcc import __version__, reasons
from llmcc.config import KNOWN_GATES
from llmcc.errors import UserError
from llmcc.locked import OUTSIDE, gate_lines, unit_name

UNDECIDED = frozenset(
    reason.word
    for reason in (
        reasons.NO_MODEL, reasons.NO_CANDIDATES, reasons.NOT_LOCKED, reasons.APPLY_FAILED, reasons.BAD_LOCK_FILE,
    )
)  # fmt: skip
"""Reasons for clang's own object that are none to lock it."""


@dataclass(frozen=True, slots=True)
class BuiltUnit:
    """A unit that a build compiled, or found in the cache: its line, and the reason for what became of it."""

    entry: Entry
    reason: str


@dataclass(slots=True)
class BuildLog:
    """The units of one build, the last of those that are the same, and the head that a lock file of them has."""

    units: list[BuiltUnit]
    head: list[tuple[str, str]]

    @property
    def entries(self) -> list[Entry]:
        """The lines of the units that were decided."""
        return [unit.entry for unit in self.units if unit.reason not in UNDECIDED]

    @property
    def undecided(self) -> list[BuiltUnit]:
        return [unit for unit in self.units if unit.reason in UNDECIDED]


@dataclass(frozen=True, slots=True)
class Change:
    """One unit that differs: the line that was (None: it is new), and that is (None: it is gone)."""

    old: Entry | None
    new: Entry | None


@dataclass(slots=True)
class Plan:
    """What an update makes of a lock file: `changes`, and how many lines stay because they are as they were
    (`same`) or because their units were not built (`not_built`)."""

    after: LockFile
    changes: list[Change] = field(default_factory=list)
    same: int = 0
    not_built: int = 0

    def of_kind(self, *, old: bool, new: bool) -> list[Change]:
        """The changes that have, or have not, an old line and a new one."""
        return [change for change in self.changes if (change.old is not None, change.new is not None) == (old, new)]


@dataclass(slots=True)
class Differences:
    """The units of a build that are not as the lock file says: without a line (`missing`), with another IR and
    object (`changed`), with another object of the same IR (`differs`); each with the line that is there."""

    missing: list[Change] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    differs: list[Change] = field(default_factory=list)
    same: int = 0
    not_built: int = 0


def read_log(path: str, folder: bytes) -> BuildLog:
    """The build of a log that LLMCC_LOG names, for a lock file in `folder`. Raises UserError."""
    try:
        with open(path, "rb") as file:
            lines = file.read().splitlines()
    except OSError as error:
        raise UserError(f"the log {path} cannot be read: {error.strerror}; name a file that LLMCC_LOG wrote") from error
    units: dict[tuple[bytes, str, str], BuiltUnit] = {}
    rows = []
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
            if not isinstance(row, dict):
                raise TypeError
            if "source" not in row:
                # A call that was clang's.
                continue
            unit = _unit(row, folder)
            rows.append((row["gates"], float(row["stack_growth"]), f"{row['toolchain']} {row['clang']}"))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UserError(f"{path}:{number}: this is no line of a log that this llmcc wrote; build anew") from error
        units[*unit.entry.name, unit.entry.ir] = unit
    judged = [gate for gate in KNOWN_GATES if all(gate in gates for gates, _, _ in rows)]
    growth = max((growth for _, growth, _ in rows), default=0.0)
    head = [("llmcc", __version__), *gate_lines(tuple(judged), growth), *(("tool", tool) for _, _, tool in rows)]
    return BuildLog(sorted(units.values(), key=lambda unit: unit.entry.line), head)


def _unit(row: dict[str, Any], folder: bytes) -> BuiltUnit:
    source = unit_name(os.fsencode(row["source"]), folder)
    sizes = int(row["baseline_size"]), int(row["size"])
    line = Entry(source, row["flags"], *sizes, row["text"], row["object"], row["recipe"]).line
    return BuiltUnit(Entry.parse(line), row["reason"])


def plan(lock: LockFile, built: BuildLog, folder: bytes, *, prune: bool = False) -> Plan:
    """What the lock file in `folder` is to be after a build. Units that were not built stay as long as their
    sources are there, or not at all when it is to `prune`."""
    old, new, seen = _by_name(lock.entries), _by_name(built.entries), _by_name(unit.entry for unit in built.units)
    result = Plan(LockFile([], []))
    entries: list[Entry] = []
    for name in sorted({*old, *new}):
        before, after = old.get(name, []), new.get(name, [])
        if not after:
            gone = (prune and name not in seen) or not _exists(name[0], folder)
            result.changes += [Change(entry, None) for entry in before if gone]
            entries += [] if gone else before
            result.not_built += 0 if gone else len(before)
            continue
        irs, built_irs = {entry.ir for entry in before}, {entry.ir for entry in after}
        # Where nothing is new, nothing says that the others of this name (the same source with other macros) are
        # gone. Those that were built and not decided are not.
        stays = irs if not prune and built_irs <= irs else {entry.ir for entry in seen[name]}
        kept = [entry for entry in before if entry.ir in stays - built_irs]
        before = [entry for entry in before if entry.ir not in stays - built_irs]
        result.not_built += len(kept)
        entries += [*kept, *after]
        same, changes = _pair(before, after)
        result.same += same
        result.changes += changes
    result.after = LockFile(_merged_head(lock.head, built.head) if result.not_built else built.head, entries)
    return result


def compare(old: LockFile, new: LockFile) -> Plan:
    """The changes that make one lock file of another."""
    result = Plan(new)
    before, after = _by_name(old.entries), _by_name(new.entries)
    for name in sorted({*before, *after}):
        same, changes = _pair(before.get(name, []), after.get(name, []))
        result.same += same
        result.changes += changes
    return result


def check(lock: LockFile, built: BuildLog) -> Differences:
    """Where the objects of a build are not those of the lock file."""
    result, locked = Differences(), _by_name(lock.entries)
    met = set()
    for unit in built.units:
        entries = locked.get(unit.entry.name, [])
        same_ir = [entry for entry in entries if entry.ir == unit.entry.ir]
        same_object = [entry for entry in entries if entry.object_digest == unit.entry.object_digest]
        met |= {*same_ir, *same_object}
        if not entries:
            result.missing.append(Change(None, unit.entry))
        elif same_ir and same_ir[0] not in same_object:
            result.differs.append(Change(same_ir[0], unit.entry))
        elif not same_ir and not same_object:
            result.changed.append(Change(entries[0], unit.entry))
            met |= set(entries)
        else:
            # Another IR that gives the same object (a name that is nowhere in it, say) is not out of date.
            result.same += 1
    result.not_built = len(set(lock.entries) - met)
    return result


def _by_name(entries: Iterable[Entry]) -> dict[tuple[bytes, str], list[Entry]]:
    found = defaultdict(list)
    for entry in entries:
        found[entry.name].append(entry)
    return dict(found)


def _pair(old: list[Entry], new: list[Entry]) -> tuple[int, list[Change]]:
    """How many lines of one name are the same, and the others: by IR first, then in their order."""
    same = set(old) & set(new)
    before = [entry for entry in old if entry not in same]
    after = [entry for entry in new if entry not in same]
    changes = []
    for entry in list(after):
        match = next((one for one in before if one.ir == entry.ir), None)
        if match is not None:
            before.remove(match)
            after.remove(entry)
            changes.append(Change(match, entry))
    pairs = min(len(before), len(after))
    changes += [Change(a, b) for a, b in zip(before, after, strict=False)]
    changes += [Change(a, None) for a in before[pairs:]] + [Change(None, b) for b in after[pairs:]]
    return len(same), changes


def _exists(source: bytes, folder: bytes) -> bool:
    # Where a source outside the folder is, its name does not say.
    return source.startswith(OUTSIDE) or os.path.lexists(os.path.join(folder, source))


def _merged_head(old: list[tuple[str, str]], new: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The head for lines of two builds: the tools of both, the gates that judged both."""
    before, after = dict(old), dict(new)
    both = [gate for gate in after["gates"].split(",") if gate in before.get("gates", "").split(",")]
    growths = [words.get("stack-growth", "") for words in (before, after)]
    growth = max((float(word) for word in growths if word.replace(".", "", 1).isdigit()), default=0.0)
    tools = [line for line in (*old, *new) if line[0] == "tool"]
    return [("llmcc", __version__), *gate_lines(tuple(both), growth), *tools]
