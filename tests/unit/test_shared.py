"""Which recipes from outside are looked at: those that a search of ours can have come to, and no others."""

import pytest

from llmcc.fingerprint import SHIPPED_MODEL
from llmcc.model import Ranker
from llmcc.refine import Neighbours
from llmcc.shared import LONGEST_RECIPE, is_plain
from toolchain.passes import NULL_RECIPE, Recipe


def test_what_the_shipped_model_proposes_may_come_from_outside():
    recipes = Ranker(SHIPPED_MODEL).recipes
    assert len(recipes) > 100
    assert [str(recipe) for recipe in recipes if not is_plain(recipe)] == []
    assert is_plain(NULL_RECIPE)


def test_what_a_search_makes_of_it_may_too():
    recipes = Ranker(SHIPPED_MODEL).recipes
    made = Neighbours("seed", recipes, lambda recipe: True).make(recipes[:6], 300, set())
    assert len(made) > 200
    assert [str(recipe) for recipe in made if not is_plain(recipe)] == []


@pytest.mark.parametrize(
    "text",
    [
        "mergefunc",
        "<clang>,<clang>",
        "<clang>,structurizecfg",
        "<clang>,print",
        "<clang>,function(print<domtree>)",
        "<clang>,function(dot-cfg)",
        "<clang>,function(view-cfg)",
        "<clang>,repeat<1000000>(function(gvn))",
        "<clang>,devirt<1000000>(cgscc(inline))",
        "<clang>,ThinLTOBitcodeWriterPass",
        "<clang>,debugify",
        "<clang> | -load=/tmp/evil.so",
        "<clang> | -load",
        "<clang> | -info-output-file=/tmp/x",
        "<clang> | -disable-lsr -print-after-all",
        "<clang> | -regalloc=/tmp/x",
        "<clang> | -regalloc=a=b",
        "<clang> | /tmp/x.c",
        "<clang> | -o",
        "<clang> | @file",
        "<clang>" + ",mergefunc" * (LONGEST_RECIPE // 10),
    ],
)
def test_what_writes_loads_repeats_or_is_no_search_result_may_not(text):
    assert not is_plain(Recipe.parse(text))
