"""Random programs of functions that are nearly alike, and what outlining and merging make of them."""

import os

import pytest

from llmcc.certify import alike
from llmcc.certify.build import Workbench, make_objects
from llmcc.certify.family import named
from toolchain.passes import Recipe
from toolchain.run import run

RECIPES = [
    Recipe.parse(text)
    for text in (
        "<clang>",
        "<clang>,iroutliner,iroutliner",
        "function(mem2reg),iroutliner,<clang>",
        "function(sroa<modify-cfg>),function(early-cse),iroutliner,<clang>,iroutliner",
        "mergefunc,<clang>,mergefunc",
        "<clang> | -enable-machine-outliner=always",
    )
]


def test_a_seed_names_one_program():
    assert alike.program(7) == alike.program(7) != alike.program(8)


# Of these the outliner gave functions each other's arguments.
@pytest.mark.parametrize("seed", [54, 74])
def test_recipes_are_right(clang, toolchain, tmp_path, seed):
    source = tmp_path / "alike.c"
    source.write_text(alike.program(seed))
    clang.run(["-w", "-O0", source, "-o", tmp_path / "right", "-fsanitize=undefined", "-fsanitize-trap=undefined"])
    right = run([os.fsencode(tmp_path / "right")])
    assert right.returncode == 0
    bench = Workbench(toolchain.clang, named("x86-64"), os.fsencode(tmp_path / "cache"), tmp_path)
    for recipe, path in make_objects(bench, RECIPES, source, ["-w"]).items():
        clang.run([path, "-o", tmp_path / "image"])
        assert run([os.fsencode(tmp_path / "image")]).stdout == right.stdout, recipe
