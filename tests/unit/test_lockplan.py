"""What a build's log makes of a lock file: new, changed, dropped, not built; and what a check says."""

import json
import os
from pathlib import Path

import pytest

from cache.lockfile import Entry, LockFile
from llmcc.errors import UserError
from llmcc.locked import unit_name
from llmcc.lockplan import Change, check, compare, plan, read_log


def row(source: Path, ir: int, made: int, **other: object) -> dict[str, object]:
    words = {
        "source": str(source),
        "flags": "0000000a",
        "text": f"{ir:032x}",
        "object": f"{made:032x}",
        "recipe": "<clang>,gvn",
        "reason": "kept",
        "baseline_size": 10,
        "size": 9,
        "toolchain": "ab",
        "clang": "clang 1",
        "gates": ["structure", "user"],
        "stack_growth": 1.25,
    }
    return words | other


@pytest.fixture
def build(tmp_path):
    """build(rows…): the units of a log that has them; a row (name, IR, object, other words) makes its source."""

    def read(*rows: tuple[object, ...]):
        log = tmp_path / "log"
        lines = [{"outcome": "passthrough", "reason": "level"}]
        for name, ir, made, *other in rows:
            (tmp_path / "p").mkdir(exist_ok=True)
            (tmp_path / "p" / name).touch()
            lines.append(row(tmp_path / "p" / name, ir, made, **(other[0] if other else {})))
        log.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return read_log(str(log), os.fsencode(tmp_path / "p"))

    return read


@pytest.fixture
def folder(tmp_path) -> bytes:
    return os.fsencode(tmp_path / "p")


def names(entries: list[Entry]) -> list[tuple[str, int, int]]:
    return [(entry.source.decode(), int(entry.ir, 16), int(entry.object_digest, 16)) for entry in entries]


def facts(changes: list[Change]) -> list[tuple[object, object]]:
    return [tuple(names([one])[0] if one else None for one in (change.old, change.new)) for change in changes]


EMPTY = LockFile([], [])


def test_new_changed_dropped_and_not_built(build, folder):
    first = plan(EMPTY, build(("a.c", 1, 1), ("b.c", 2, 2), ("c.c", 3, 3), ("d.c", 4, 4)), folder)
    assert facts(first.changes) == [(None, (f"{x}.c", i, i)) for i, x in enumerate("abcd", 1)]
    lock = LockFile.parse(first.after.show())
    os.unlink(os.path.join(folder, b"d.c"))
    second = plan(lock, build(("a.c", 1, 1), ("b.c", 5, 6), ("e.c", 7, 7)), folder)
    assert facts(second.changes) == [(("b.c", 2, 2), ("b.c", 5, 6)), (("d.c", 4, 4), None), (None, ("e.c", 7, 7))]
    assert (second.same, second.not_built) == (1, 1)
    assert names(second.after.entries) == [("a.c", 1, 1), ("b.c", 5, 6), ("c.c", 3, 3), ("e.c", 7, 7)]
    assert compare(lock, second.after).changes == second.changes
    pruned = plan(lock, build(("a.c", 1, 1)), folder, prune=True)
    assert names(pruned.after.entries) == [("a.c", 1, 1)]


def test_one_source_with_other_macros_is_several_units(build, folder):
    lock = plan(EMPTY, build(("a.c", 1, 1), ("a.c", 2, 2)), folder).after
    assert names(lock.entries) == [("a.c", 1, 1), ("a.c", 2, 2)]
    part = plan(lock, build(("a.c", 2, 2)), folder)
    assert (names(part.after.entries), part.changes, part.not_built) == (names(lock.entries), [], 1)
    part = plan(lock, build(("a.c", 2, 9)), folder)
    assert facts(part.changes) == [(("a.c", 2, 2), ("a.c", 2, 9))]
    assert names(part.after.entries) == [("a.c", 1, 1), ("a.c", 2, 9)]
    edited = plan(lock, build(("a.c", 3, 3), ("a.c", 4, 4)), folder)
    assert names(edited.after.entries) == [("a.c", 3, 3), ("a.c", 4, 4)]
    assert len(edited.of_kind(old=True, new=True)) == 2


def test_other_flags_are_another_unit(build, folder):
    other = {"flags": "0000000b"}
    lock = plan(EMPTY, build(("a.c", 1, 1), ("a.c", 1, 2, other)), folder).after
    assert names(lock.entries) == [("a.c", 1, 1), ("a.c", 1, 2)]
    part = plan(lock, build(("a.c", 3, 3, other)), folder)
    assert names(part.after.entries) == [("a.c", 1, 1), ("a.c", 3, 3)]
    assert check(lock, build(("a.c", 1, 2, {"flags": "0000000c"}))).missing


def test_what_was_not_decided_is_not_locked(build, folder):
    lock = plan(EMPTY, build(("a.c", 1, 1), ("a.c", 2, 2)), folder).after
    none = {"reason": "no-model", "recipe": ""}
    built = build(("a.c", 1, 8, none), ("a.c", 2, 3), ("b.c", 5, 5, none))
    made = plan(lock, built, folder, prune=True)
    assert names(made.after.entries) == [("a.c", 1, 1), ("a.c", 2, 3)]
    assert [unit.reason for unit in built.undecided] == ["no-model"] * 2


def test_a_check_names_what_is_not_as_locked(build, folder):
    lock = plan(EMPTY, build(*((f"{x}.c", i, i) for i, x in enumerate("abcdef", 1))), folder).after
    found = check(lock, build(("a.c", 1, 1), ("b.c", 7, 7), ("c.c", 3, 9), ("d.c", 8, 4), ("new.c", 9, 9)))
    assert facts(found.missing) == [(None, ("new.c", 9, 9))]
    assert facts(found.changed) == [(("b.c", 2, 2), ("b.c", 7, 7))]
    assert facts(found.differs) == [(("c.c", 3, 3), ("c.c", 3, 9))]
    assert (found.same, found.not_built) == (2, 2)


def test_the_head_says_what_judged_all_of_it(build, folder):
    """Gates that only some units went through are not claimed for the others."""
    less = {"gates": ["structure"], "stack_growth": 2.0, "toolchain": "cd"}
    lock = plan(EMPTY, build(("a.c", 1, 1), ("b.c", 2, 2, less)), folder).after
    assert dict(lock.head) | {"tool": ""} == {"gates": "structure", "llmcc": "0.1.0", "stack-growth": "2", "tool": ""}
    assert [value for word, value in lock.head if word == "tool"] == ["ab clang 1", "cd clang 1"]
    part = plan(lock, build(("a.c", 1, 1)), folder).after
    assert part.head == lock.head, "b.c is still of the other build"
    whole = plan(lock, build(("a.c", 1, 1), ("b.c", 2, 2)), folder).after
    assert ("gates", "structure,user") in whole.head
    assert ("stack-growth", "1.25") in whole.head
    assert ("tool", "cd clang 1") not in whole.head


def test_names_are_relative_whatever_way_leads_there(tmp_path):
    project, outside = tmp_path / "p", tmp_path / "outside"
    (project / "src").mkdir(parents=True)
    outside.mkdir()
    (tmp_path / "link").symlink_to(project)
    for folder in (project, tmp_path / "link"):
        for source, name in (
            (project / "x.c", b"x.c"),
            (tmp_path / "link" / "src" / "x.c", b"src/x.c"),
            (project / "src" / ".." / "src" / "x.c", b"src/x.c"),
            (outside / "x.c", b"//x.c"),
            (tmp_path / "p2" / "x.c", b"//x.c"),
        ):
            assert unit_name(os.fsencode(source), os.fsencode(folder)) == name
    assert unit_name(b"/usr/x.c", b"/") == b"usr/x.c"


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "1",
        '{"source": "x"}',
        json.dumps(row(Path("x"), 1, 1, text="?")),
        json.dumps(row(Path("x"), 1, 1, recipe=7)),
        "\x00",
    ],
)
def test_a_log_that_is_none_of_ours_is_one_sentence(tmp_path, line):
    log = tmp_path / "log"
    log.write_text(json.dumps({"outcome": "passthrough"}) + "\n" + line + "\n")
    with pytest.raises(UserError, match=f"{log}:2: this is no line of a log"):
        read_log(str(log), b"/")
    with pytest.raises(UserError, match="cannot be read"):
        read_log(str(tmp_path / "none"), b"/")
