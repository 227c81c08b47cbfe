"""Units of C++ that were made smaller have the inline functions of clang's object, and come out again the same."""

import json
import shlex
from pathlib import Path

import pytest

from llmcc.gates import Pair, structure
from tests.dropin.conftest import SCRIPTS

SOURCE, OBJECT = "station.cpp", "station.o"
TOOL = SCRIPTS / "llmcc-tool"
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "cmake" / "lib"
FLAGS = ("-Oz", "-std=c++17", f"-I{EXAMPLE}", "-c", SOURCE)


@pytest.fixture
def unit(work):
    """The work folder with a unit that was made smaller, and clang's own object beside it."""
    (work.folder / SOURCE).write_bytes((EXAMPLE / SOURCE).read_bytes())
    work.as_usual().env["LLMCC_GATES"] = "structure,user"
    assert work.llmcc(*FLAGS).code == 0
    assert work.clang(*FLAGS, "-o", "clang.o").code == 0
    return work


def test_it_is_smaller_and_has_all_that_clangs_has(unit):
    said = json.loads(unit.run([TOOL, "explain", "--json", OBJECT]).stdout)
    assert said["recipe"], said
    mine, clangs = ((unit.folder / name).read_bytes() for name in (OBJECT, "clang.o"))
    assert mine != clangs
    assert structure(Pair(clangs, mine, b"", b"", b"")).passes


def test_commands_make_it_again(unit):
    content = (unit.folder / OBJECT).read_bytes()
    _, *commands = unit.run([TOOL, "explain", "--reproduce", OBJECT]).stdout.decode().splitlines()
    assert any("toolchain.retention" in shlex.split(command) for command in commands)
    (unit.folder / OBJECT).unlink()
    for command in commands:
        done = unit.run(["/bin/sh", "-c", command], env={"PYTHONPATH": str(SCRIPTS.parents[1])})
        assert done.code == 0, (command, done.stderr)
    assert (unit.folder / OBJECT).read_bytes() == content


def test_it_is_made_again_from_its_decision(unit):
    content = (unit.folder / OBJECT).read_bytes()
    assert unit.run([TOOL, "cache", "--max-size", "1"]).code == 0
    (unit.folder / OBJECT).unlink()
    assert unit.llmcc(*FLAGS).code == 0
    assert (unit.folder / OBJECT).read_bytes() == content
    assert unit.run([TOOL, "cache", "--verify"]).code == 0
