"""Which unit makes a project's test fail, and what is remembered of it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cache.store import Store
from llmcc.bad import remember_bad
from llmcc.blame import blame
from llmcc.cli.builds import Builds, Unit, say
from llmcc.cli.lookup import find_record, reproduction
from llmcc.errors import UserError


def find_blame(test: str, builds: Builds, major: int) -> list[dict[str, str]]:
    """The units to blame; each is pinned to clang's object and its recipe remembered as bad."""
    store = builds.store
    units = {unit.ir: unit for unit in builds.kept()}

    def fails(pinned: frozenset[str]) -> bool:
        with _pinned(store, pinned):
            builds.run(with_llmcc=True)
            failed = not builds.test(test, with_llmcc=True)
        say(f"build {builds.count}: {len(pinned)} of {len(units)} units left to clang, test {_word(not failed)}")
        return failed

    say("the test fails; once more with clang's own objects")
    builds.run(with_llmcc=False)
    if not builds.test(test, with_llmcc=False):
        raise UserError("the test fails with clang's own objects too: llmcc is not to blame; mend the test first")
    if fails(frozenset(units)):
        raise UserError(
            "the test fails although every object is clang's own; run it by itself, as it may fail now and then"
        )
    found = blame(sorted(units), fails)
    builds.run(with_llmcc=True)
    rows = []
    for ir in found:
        unit = units[ir]
        commands = _reproducer(store, unit)
        evidence = f"{test!r} fails with the object of {unit.source}"
        rows.append({"source": unit.source, "recipe": unit.recipe, "reproduce": "\n".join(commands)})
        store.put_record(b"pins", ir, evidence.encode())
        remember_bad(store, unit.recipe, major, evidence)
    builds.run(with_llmcc=True)
    say(f"with the blamed units pinned, the test {_word(builds.test(test, with_llmcc=True))}")
    return rows


def _word(passed: bool) -> str:
    return "passes" if passed else "fails"


_SEARCHING = b"looking for the unit to blame"


def sweep_pins(store: Store) -> None:
    """Take away what a search left behind that was killed."""
    for ir in store.records(b"pins"):
        if store.get_record(b"pins", ir) == _SEARCHING:
            store.drop_record(b"pins", ir)


@contextmanager
def _pinned(store: Store, units: frozenset[str]) -> Iterator[None]:
    """Leave units to clang for a while."""
    for ir in units:
        store.put_record(b"pins", ir, _SEARCHING)
    try:
        yield
    finally:
        for ir in units:
            store.drop_record(b"pins", ir)


def _reproducer(store: Store, unit: Unit) -> list[str]:
    """Shell commands that make the object to blame with clang and opt alone."""
    try:
        record = find_record(store, Path(unit.output))
        return reproduction(store, json.loads(record.details))
    except (UserError, ValueError, KeyError):
        return []
