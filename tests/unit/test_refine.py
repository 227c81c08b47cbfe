"""Local search: what is made near known recipes, and how many of them may cost a certification."""

import math
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from llmcc import decide, reasons
from llmcc.judge import Candidate
from llmcc.model import refused
from llmcc.refine import MOST_PASSES, Neighbours
from toolchain.apply import Trial
from toolchain.measure import Measurement
from toolchain.passes import NULL_RECIPE, Recipe

BANK = [
    Recipe.parse("<clang>,function(gvn),iroutliner | -disable-lsr -regalloc=basic"),
    Recipe.parse("function(loop-mssa(licm)),<clang> | -disable-machine-cse -regalloc=pbqp"),
    Recipe.parse("<clang>"),
]


def made(seed: str = "unit", allowed: Callable[[Recipe], bool] = lambda r: not refused(r), count: int = 60):
    neighbours = Neighbours(seed, BANK, allowed)
    known: set[Recipe] = set(BANK)
    while len(known) < count + len(BANK):
        fresh = neighbours.make(BANK, 8, known)
        assert len(set(fresh)) == len(fresh) == 8
        assert not known & set(fresh)
        known |= set(fresh)
        yield from fresh


def test_neighbours_are_recipes_that_may_be_tried():
    for recipe in made():
        assert refused(recipe) == ""
        assert Recipe.parse(str(recipe)) == recipe
        assert len(recipe.pass_list) <= MOST_PASSES
        names = [option.partition("=")[0] for option in recipe.codegen.options]
        assert len(set(names)) == len(names)


def test_the_same_unit_is_searched_in_the_same_way():
    assert list(made()) == list(made())
    assert list(made()) != list(made("another"))


def test_passes_and_options_change():
    known = {str(recipe.pass_list) for recipe in BANK}
    recipes = list(made())
    assert any(str(recipe.pass_list) in known for recipe in recipes)
    assert any(str(recipe.pass_list) not in known for recipe in recipes)
    assert len({recipe.codegen for recipe in recipes}) > len(BANK)


def test_what_is_not_allowed_is_not_made():
    without = list(made(allowed=lambda recipe: "newgvn" not in str(recipe) and not refused(recipe)))
    assert not any("newgvn" in str(recipe) for recipe in without)
    assert Neighbours("unit", BANK, lambda _recipe: False).make(BANK, 8, set()) == []


def test_neighbours_of_clangs_own_list():
    neighbours = Neighbours("unit", [NULL_RECIPE], lambda recipe: not refused(recipe))
    assert len(neighbours.make([NULL_RECIPE], 8, {NULL_RECIPE})) == 8


def added(recipes: list[Recipe], option: str) -> int:
    return sum(option in recipe.codegen.options for recipe in recipes)


def test_what_was_good_is_made_more_often_than_what_was_bad():
    option = "-tail-merge-size=1"

    def search(cost: float) -> list[Recipe]:
        """Near two parents of cost 10; what has the option costs so much, and everything else as much on the other
        side of 10."""
        parents = [Recipe.parse("<clang>"), Recipe.parse("<clang>,function(gvn)")]
        neighbours = Neighbours("unit", BANK, lambda recipe: not refused(recipe), [option])
        costs: dict[Recipe, float] = dict.fromkeys(parents, 10.0)
        for _ in range(30):
            made = neighbours.make(parents, 8, costs)
            neighbours.learn(costs := costs | {r: cost if added([r], option) else 20.0 - cost for r in made})
        return list(costs)

    assert added(search(9.0), option) > 5 * added(search(11.0), option)


def test_what_has_no_size_counts_as_worse():
    neighbours = Neighbours("unit", BANK, lambda recipe: not refused(recipe))
    made = neighbours.make([NULL_RECIPE], 8, {NULL_RECIPE})
    neighbours.learn({NULL_RECIPE: math.inf, **dict.fromkeys(made[:4], math.inf)})
    neighbours.learn({NULL_RECIPE: 10.0, **dict.fromkeys(made, math.inf)})
    assert len(neighbours.make([NULL_RECIPE], 8, {NULL_RECIPE, *made})) == 8


def test_recipes_of_one_size_are_one_parent():
    """Passes that do nothing make many of the size of the best, which are no better to start from."""
    parents: list[list[Recipe]] = []

    class Watched(Neighbours):
        def make(self, best, count, known):
            parents.append(list(best))
            return super().make(best, count, known)

    class Applier:
        """Every pass of a list but gvn, and every option, does nothing."""

        def try_recipes(self, recipes, pipeline):
            for recipe in recipes:
                size = 100 - 10 * min(3, str(recipe.pass_list).count("gvn"))
                yield Trial(recipe, Measurement(size, 0, 0, 0, 0), "", b"", 0.0)

    trials: list[Trial] = []
    allowed = lambda recipe: not refused(recipe)  # noqa: E731
    decide.search_around(Applier(), Watched("unit", BANK, allowed), "", trials, 60)
    assert len(trials) == 60
    assert len({trial.recipe for trial in trials}) == 60
    assert parents[0] == [NULL_RECIPE]
    for best in parents[1:]:
        counts = [str(recipe.pass_list).count("gvn") for recipe in best]
        assert sorted(set(counts), reverse=True) == counts


@pytest.mark.parametrize("certified", [(), (0, 2)])
def test_few_recipes_of_one_unit_are_certified_anew(certified):
    """However many new ones look smaller, each would cost half a minute."""
    recipes = [Recipe.parse(f"<clang>,function(gvn) | -tail-merge-size={size}") for size in range(8)]
    trials = [Trial(recipe, Measurement(100 + i, 0, 0, 0, 0), "", b"", 0.0) for i, recipe in enumerate(recipes)]
    judged: list[Recipe] = []

    def judge(trial: Trial) -> tuple[Candidate, None]:
        judged.append(trial.recipe)
        return Candidate(trial.recipe, trial, problem="certificate: wrong"), None

    result = decide.DecisionResult(reasons.NOTHING_SMALLER, Measurement(200, 0, 0, 0, 0), "", "", SimpleNamespace())
    known = {recipes[i] for i in certified}
    decide._choose(SimpleNamespace(judge=judge, is_certified=known.__contains__), trials, result)
    assert len(judged) == len(certified) + decide.MOST_NEW
    assert known < set(judged) or not known
    assert [candidate.recipe for candidate in result.candidates] == recipes
    assert "were enough" in result.candidates[-1].problem
