"""A unit whose functions are finished one by one: what is kept, told, repeated and made again."""

import json
import shlex
from pathlib import Path

import pytest

from tests.dropin.conftest import SCRIPTS
from toolchain.passes import PassList, Recipe, part_of

TOOL = SCRIPTS / "llmcc-tool"
SOURCE = "template.c"
OBJECT = "template.o"


def details(work) -> dict:
    done = work.run([TOOL, "explain", "--json", OBJECT])
    assert done.code == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def unit(work):
    work.as_usual().sources(SOURCE)
    assert work.llmcc("-Oz", "-c", SOURCE).code == 0
    return work


def test_the_best_candidate_is_finished(unit):
    told = details(unit)
    assert "only<" in told["recipe"]
    recipe = Recipe.parse(told["recipe"])
    items = tuple(item for item in recipe.pass_list.passes if part_of(item) is None)
    sizes = {row["recipe"]: row["ranked"]["text"] for row in told["candidates"]}
    assert len(sizes) == 9
    whole = sizes[str(Recipe(PassList(items), recipe.codegen))]
    assert sizes[told["recipe"]] < whole == min(size for text, size in sizes.items() if "only<" not in text)
    said = unit.run([TOOL, "explain", OBJECT]).stdout.decode()
    assert "of 9 candidates tried it is the smallest" in said
    assert " for parse_block" in said or " for render" in said


def test_fewer_candidates_are_not_finished(work):
    work.sources(SOURCE)
    work.env["LLMCC_CANDIDATES"] = "7"
    assert work.llmcc("-Oz", "-c", SOURCE).code == 0
    assert not any("only<" in row["recipe"] for row in details(work)["candidates"])


def test_it_is_made_again_from_its_decision(unit):
    content = (unit.folder / OBJECT).read_bytes()
    assert unit.run([TOOL, "cache", "--max-size", "1"]).code == 0
    (unit.folder / OBJECT).unlink()
    assert unit.llmcc("-Oz", "-c", SOURCE).code == 0
    assert (unit.folder / OBJECT).read_bytes() == content
    assert unit.run([TOOL, "cache", "--verify"]).code == 0


def test_another_cache_gives_the_same_object(unit, tmp_path):
    content = (unit.folder / OBJECT).read_bytes()
    unit.env["LLMCC_DIR"] = str(tmp_path / "other")
    assert unit.llmcc("-Oz", "-c", SOURCE).code == 0
    assert (unit.folder / OBJECT).read_bytes() == content


def test_commands_of_opt_and_ours_make_it(unit, tmp_path):
    content = (unit.folder / OBJECT).read_bytes()
    said = unit.run([TOOL, "explain", "--reproduce", OBJECT]).stdout.decode()
    change, *commands = said.splitlines()
    assert Path(shlex.split(change)[1]) == unit.folder
    assert any("toolchain.parts" in command for command in commands)
    (unit.folder / OBJECT).unlink()
    for command in commands:
        done = unit.run(["/bin/sh", "-c", command], env={"PYTHONPATH": str(SCRIPTS.parents[1])})
        assert done.code == 0, (command, done.stderr)
    assert (unit.folder / OBJECT).read_bytes() == content
