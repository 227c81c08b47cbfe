"""Curves: what random searches beside ours try."""

from llmcc.tune.curves import MOST_OPTIONS, plain_recipes, random_recipes
from llmcc.tune.options import may_be_set
from toolchain.passes import CLANG, Recipe

BANK = [Recipe.parse("<clang>,iroutliner | -disable-lsr"), Recipe.parse("function(gvn),<clang>")]


def test_random_searches_try_the_same_each_time_and_not_the_same_on_all_units():
    for make in (plain_recipes, lambda name, count: random_recipes(name, BANK, count)):
        first = make("a", 100)
        assert make("a", 100) == first != make("b", 100)
        assert len(set(first)) == 100
        assert all(recipe.pass_list.passes.count(CLANG) == 1 for recipe in first)


def test_a_plain_random_search_draws_its_options_one_by_one():
    options = [recipe.codegen.options for recipe in plain_recipes("a", 200)]
    assert {len(row) for row in options} >= {0, 1, MOST_OPTIONS - 1}
    assert max(map(len, options)) <= MOST_OPTIONS
    assert all(may_be_set(option) for row in options for option in row)
    assert all(len({option.partition("=")[0] for option in row}) == len(row) for row in options)


def test_the_other_knows_the_option_sets_of_the_bank():
    assert {recipe.codegen for recipe in random_recipes("a", BANK, 50)} == {recipe.codegen for recipe in BANK}
