"""`llmcc-tool explain`: what was decided, in words; assembly before and after; commands without llmcc."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from toolchain import symbols
from toolchain.elf import ElfObject

TOOL = Path(sys.executable).parent / "llmcc-tool"
RECIPE = "<clang>,iroutliner,mergefunc | -disable-lsr -disable-machine-licm"
CXX = """\
namespace shape { struct Box { int edge(int) const; int area(int) const; }; }
extern "C" int ask(int);
int shape::Box::edge(int n) const { int sum = 0; for (int i = 0; i < n; i++) sum += ask(i) * n; return sum; }
int shape::Box::area(int n) const { int sum = 1; for (int i = 0; i < n; i++) sum += ask(i) * n; return sum; }
"""


@pytest.fixture
def unit(work, make_model):
    # Fewer than are finished: whether that gains anything differs from one clang to the next.
    work.env |= {"LLMCC_MODEL": str(make_model(RECIPE)), "LLMCC_GATES": "structure", "LLMCC_CANDIDATES": "7"}
    work.sources("json.c", "csv.c")
    assert work.llmcc("-Oz", "-c", "json.c").code == 0
    assert work.llmcc("-Oz", "-c", "csv.c").code == 0
    assert [outcome for outcome, _ in work.outcomes()] == ["kept", "kept"]
    return work


def explain(work, *words: str, **how: object) -> str:
    done = work.run([TOOL, "explain", *words], **how)
    assert (done.code, done.stderr) == (0, b"")
    return str(done.stdout.decode())


def refusal(work, *words: str) -> str:
    done = work.run([TOOL, "explain", *words])
    assert (done.code, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"llmcc-tool: ")
    assert done.stderr.count(b"\n") == 1
    return str(done.stderr.decode())


def test_a_decision_in_words(unit):
    text = explain(unit, "json.o")
    assert "why       of 2 candidates tried it is the smallest that passed every gate (structure)" in text
    assert "clang's own passes, then iroutliner, mergefunc; with -disable-lsr -disable-machine-licm" in text
    assert "llmcc-tool explain --reproduce json.o" in text
    assert "-cc1" not in text
    assert "\033" not in text
    assert explain(unit, "json.c").splitlines()[:-3] == text.splitlines()[:-3]


def test_clangs_own_object_says_why(work, make_model):
    work.env["LLMCC_MODEL"] = str(make_model("<clang> | -disable-lsr"))
    work.file("f.c", "int f(void) { return 1; }\n")
    assert work.llmcc("-Oz", "-c", "f.c").code == 0
    assert "why       no candidate was smaller than clang's own object (2 tried)" in explain(work, "f.o")
    for option in ("--diff", "--reproduce"):
        assert "is clang's own object: " in refusal(work, option, "f.o")


def test_a_function_is_found_in_the_object_that_has_it(unit):
    assert f"object    {unit.folder / 'json.o'}\n" in explain(unit, "json_parse")
    assert "function  json_parse\n" in explain(unit, "json_parse")
    assert "no object in the cache has as a function" in refusal(unit, "no_such_function")
    # A file of the same name that nothing is known of is not meant; one that is no function either is.
    unit.file("json_parse", "a program, say")
    assert "function  json_parse\n" in explain(unit, "json_parse")
    assert "no decision is known for json.h; " in refusal(unit, "json.h")
    # From anywhere, and without the object where it was put.
    (unit.folder / "json.o").unlink()
    assert json.loads(explain(unit, "--json", "json_parse", cwd="/"))["function"] == "json_parse"


def test_a_function_of_several_objects_is_not_guessed(unit):
    unit.env["LLMCC_GATES"] = "structure,user"
    assert unit.llmcc("-Oz", "-c", "json.c", "-o", "other.o").code == 0
    said = refusal(unit, "json_parse")
    assert f"2 functions are called json_parse: {unit.folder}/json.o (json_parse), {unit.folder}/other.o" in said


def test_cxx_functions_have_their_own_names(work, make_model):
    work.env |= {"LLMCC_MODEL": str(make_model(RECIPE)), "LLMCC_GATES": "structure"}
    work.file("box.cpp", CXX)
    assert work.llmccxx("-Oz", "-c", "box.cpp").code == 0
    for name in ("shape::Box::area", "shape::Box::area(int) const", "_ZNK5shape3Box4areaEi"):
        assert json.loads(explain(work, "--json", name))["function"] == "_ZNK5shape3Box4areaEi"
    if json.loads(explain(work, "--json", "box.o"))["kept"]:
        assert "shape::Box::area(int) const: " in explain(work, "--diff", "shape::Box::area")


@pytest.mark.parametrize("level", ["s", "z"])
def test_the_difference_is_between_the_users_command_and_the_kept_object(unit, level):
    assert unit.llmcc(f"-O{level}", "-ffunction-sections", "-c", "json.c").code == 0
    assert unit.clang(f"-O{level}", "-ffunction-sections", "-c", "json.c", "-o", "theirs.o").code == 0
    before = unit.files()
    facts = json.loads(explain(unit, "--diff", "--json", "json.o"))
    assert unit.files() == before
    assert unit.left_over() == []
    theirs, mine = (symbols.functions(ElfObject(unit.read(name))) for name in ("theirs.o", "json.o"))
    seen = {row["function"]: (row["clang_bytes"], row["llmcc_bytes"]) for row in facts["diff"]}
    assert seen == {name: (theirs.get(name), mine.get(name)) for name in seen}
    assert {change.name for change in symbols.changes(theirs, mine) if change.word != "stayed"} <= set(seen)
    growths = [abs((row["llmcc_bytes"] or 0) - (row["clang_bytes"] or 0)) for row in facts["diff"]]
    assert growths == sorted(growths, reverse=True)
    assert growths[0] > 0


def test_side_by_side_from_100_columns_on(unit):
    wide = explain(unit, "--diff", "--top", "1", "json.o", env={"COLUMNS": "120"}).splitlines()
    assert wide[0].endswith(" by llmcc")
    assert max(map(len, wide[:-1])) <= 120
    assert {line[59] for line in wide[1:-2] if len(line) > 59} & {"|", "<", ">"}
    narrow = explain(unit, "--diff", "--function", "json_parse", "json.o", env={"COLUMNS": "80"}).splitlines()
    assert narrow[0].startswith("json_parse: ")
    assert {line[0] for line in narrow[1:]} <= {" ", "+", "-"}
    assert "neither object has a function nothing" in refusal(unit, "--diff", "--function", "nothing", "json.o")


def test_the_difference_is_that_of_the_source_that_was_decided(unit):
    with open(unit.folder / "json.c", "a") as file:
        file.write("int added(void) { return 7; }\n")
    assert "is not what it was when it was decided; compile it with llmcc again" in refusal(unit, "--diff", "json.o")


def test_an_object_that_the_cache_has_lost_is_made_again(unit):
    kept = unit.read("json.o")
    (unit.folder / "json.o").unlink()
    for path in (unit.cache / "objects").rglob("*"):
        if path.is_file():
            path.unlink()
    facts = json.loads(explain(unit, "--diff", "--json", "json.o"))
    seen = {row["function"]: row["llmcc_bytes"] for row in facts["diff"]}
    mine = symbols.functions(ElfObject(kept))
    assert seen == {name: mine.get(name) for name in seen}


def test_colours_are_for_terminals_alone(unit):
    for env, colours in (({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)):
        ours, theirs = os.openpty()
        environment = {name: word for name, word in unit.env.items() if name != "NO_COLOR"} | {"TERM": "xterm"} | env
        subprocess.run([TOOL, "explain", "json.o"], cwd=unit.folder, env=environment, stdout=theirs, check=True)
        os.close(theirs)
        assert (b"\033[32m" in os.read(ours, 1 << 16)) == colours
        os.close(ours)
