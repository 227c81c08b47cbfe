"""Read a report from a log (LLMCC_LOG), from a cache folder, or from both: the log says what was built and when,
the cache what was tried.

Both may be damaged, of another version or made to deceive: what cannot be read is counted and left out.
"""

import json
import os
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from cache import tally
from cache.store import Store, digest_of
from llmcc.errors import UserError
from llmcc.record import DecisionRecord, details_of
from llmcc.report.calls import Event, count_calls, count_periods
from llmcc.report.data import Attempt, CallCount, Fate, Report, Unit
from toolchain.measure import Measurement

_DAMAGE = (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError)
"""What reading fields of JSON that somebody else wrote can raise."""


_LARGEST = 1 << 40
"""Bytes or seconds: more are no measurement."""

_IR = re.compile(rb'"ir": *"([0-9a-f]*)"')


def read_log(path: Path, store: Store) -> Report:
    """The last state of every object that the log tells of, with the candidates as far as the cache has them.

    Raises UserError when the log cannot be read or tells of no unit.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise UserError(
            f"the log {path} cannot be read ({error.strerror}); build with LLMCC_LOG={path} first"
        ) from error
    units: dict[str, Unit] = {}
    keys: dict[str, str] = {}
    events, unreadable = [], 0
    for line in lines:
        try:
            row = json.loads(line)
            events.append(_event(row))
            if "source" not in row:
                continue
            unit = _unit(row, row["outcome"] != "hit")
            keys[unit.output] = str(row["ir"])
        except _DAMAGE:
            unreadable += 1
            continue
        known = units.get(unit.output)
        if known is not None and unit.seconds is None and (known.after, known.recipe) == (unit.after, unit.recipe):
            # A hit repeats what was decided: that is when it took its time.
            unit = replace(unit, seconds=known.seconds)
        units[unit.output] = unit
    if not units:
        raise UserError(f"the log {path} tells of no unit that llmcc decided; build with LLMCC_LOG={path} and CC=llmcc")
    tried = _candidates(store, set(keys.values()))
    found = [_with_attempts(unit, tried.get(keys[unit.output], [])) for unit in units.values()]
    return _report(found, events, f"log {path}", timed=True, unreadable=unreadable)


def read_cache(store: Store) -> Report:
    """Every object that the cache has a decision for, the last one of each. Raises UserError when there is none."""
    units: dict[str, Unit] = {}
    unreadable = 0
    for key in store.records(b"decisions"):
        details = _details(DecisionRecord.load(store, key))
        try:
            unit = _of_details(details or {})
            current = store.get_record(b"index", digest_of(os.fsencode(unit.output))) == key.encode()
        except _DAMAGE:
            unreadable += 1
            continue
        if current or unit.output not in units:
            units[unit.output] = unit
    folder = os.fsdecode(store.directory)
    if not units:
        raise UserError(
            f"the cache {folder} has no decision yet; build something with CC=llmcc, or name a log: --log FILE"
        )
    report = _report(list(units.values()), _recent(store), f"cache {folder}", timed=False, unreadable=unreadable)
    return replace(report, calls=_counted(store))


def _report(units: list[Unit], events: list[Event], origin: str, *, timed: bool, unreadable: int) -> Report:
    units.sort(key=lambda unit: (-unit.saved, unit.source, unit.output))
    return Report(
        "llmcc report",
        "",
        origin,
        _folder_of(units),
        tuple(units),
        count_calls(events),
        count_periods(events),
        timed,
        unreadable,
    )


def _folder_of(units: list[Unit]) -> str:
    """What to leave out of every source's name: the folder of all, or the one above where the objects are in that."""
    sources = os.path.commonpath([os.path.dirname(unit.source) for unit in units])
    project = os.path.commonpath([sources, *(unit.output for unit in units)])
    return project if project == os.path.dirname(sources) else sources


def _unit(row: dict[str, Any], decided: bool) -> Unit:
    """A unit from a line of the log. Raises one of _DAMAGE."""
    cwd = str(row["cwd"])
    seconds = _number(row["seconds"]) if decided and "seconds" in row else None
    return Unit(
        _path(cwd, row["source"]),
        _path(cwd, row["output"]),
        bool(row["recipe"]),
        str(row["reason"]),
        str(row["recipe"]),
        _sizes(row["baseline"]),
        _sizes(row["result"]),
        seconds,
    )


def _details(record: DecisionRecord | None) -> dict[str, Any] | None:
    """The details of a decision with its reason; None when they cannot be used."""
    details = details_of(record) if record is not None else None
    return {**details, "reason": record.reason.word} if record is not None and details is not None else None


def _of_details(details: dict[str, Any]) -> Unit:
    unit = _unit(details, False)
    return replace(unit, attempts=tuple(_attempt(row, unit.before) for row in details["candidates"]))


def _candidates(store: Store, irs: set[str]) -> dict[str, list[Unit]]:
    """The decisions of the cache on these modules, by the module's digest."""
    found: dict[str, list[Unit]] = {}
    for key in store.records(b"decisions"):
        record = DecisionRecord.load(store, key)
        # A cache may have a hundred times as many decisions: only those that are wanted are read as a whole.
        named = _IR.search(record.details) if record is not None else None
        details = _details(record) if named is not None and named[1].decode() in irs else None
        try:
            if details is not None:
                found.setdefault(details["ir"], []).append(_of_details(details))
        except _DAMAGE:
            continue
    return found


def _with_attempts(unit: Unit, decisions: Iterable[Unit]) -> Unit:
    """The unit with the candidates of the decision that came to the same end, or of the one that tried most."""
    same = [d for d in decisions if (d.recipe, d.before, d.after) == (unit.recipe, unit.before, unit.after)]
    return replace(unit, attempts=max((d.attempts for d in same), key=len, default=()))


def _attempt(row: dict[str, Any], before: Measurement) -> Attempt:
    ranked, made = (_sizes(row[name]) if row[name] is not None else None for name in ("ranked", "object"))
    problem, gates = str(row["problem"]), row["gates"]
    fate = _fate(ranked, made, problem, [str(gate["gate"]) for gate in gates], before)
    evidence = str(gates[-1]["evidence"]) if gates and problem else problem
    return Attempt(str(row["recipe"]), made or ranked, fate, evidence)


def _fate(
    ranked: Measurement | None, made: Measurement | None, problem: str, gates: list[str], before: Measurement
) -> Fate:
    """See llmcc.decide and llmcc.judge for what they write of a candidate."""
    if gates and problem:
        word = "gate-" + gates[-1]
        return Fate(word) if word in {fate.value for fate in Fate} else Fate.OTHER_GATE
    if made is not None:
        return Fate.OBJECT_NOT_SMALLER if problem else Fate.KEPT
    if ranked is None:
        return Fate.NOT_APPLIED
    if problem:
        return Fate.NOT_CERTIFIED if "without a certificate" in problem else Fate.NOT_COMPILED
    return Fate.NOT_NEEDED if ranked.better_than(before) else Fate.NOT_SMALLER


def _sizes(row: dict[str, Any]) -> Measurement:
    names = ("text", "rodata", "data", "unwind", "bss")
    sizes = [int(row[name]) for name in names]
    if min(sizes) < 0 or max(sizes) > _LARGEST:
        raise ValueError(row)
    return Measurement(*sizes)


def _number(value: Any) -> float:
    number = float(value)
    if not 0 <= number <= _LARGEST:
        raise ValueError(value)
    return number


def _path(cwd: str, name: Any) -> str:
    return os.path.normpath(os.path.join("/", cwd, str(name)))


def _event(row: dict[str, Any]) -> Event:
    """A call from a line of the log. Raises one of _DAMAGE."""
    seconds = _number(row["seconds"]) if "seconds" in row else None
    return Event(_number(row["time"]), str(row["outcome"]), str(row["reason"]), seconds)


def _counted(store: Store) -> tuple[CallCount, ...]:
    """The cache's statistics, as `count_calls` has them."""
    counts = tally.read(store, b"stats")
    rows = [CallCount(*words, numbers[0], numbers[3] / 1000) for words, numbers in counts.items()]
    return tuple(sorted(rows, key=lambda row: (-row.calls, row.outcome, row.reason)))


def _recent(store: Store) -> list[Event]:
    """The calls that were not yet folded into counts (see cache.tally), numbered in their order."""
    try:
        lines = Path(os.fsdecode(store.directory), "stats").read_text(errors="replace").splitlines()
    except OSError:
        return []
    rows = [line.split(" ") for line in lines]
    rows = [row for row in rows if len(row) == 5 and row[0] != "request"]
    return [Event(number, row[0], row[1], None) for number, row in enumerate(rows, 1)]
