"""Mining: what a search's results say is worth keeping."""

import pytest

from llmcc.tune.evaluate import UnitResult, may_be_mined
from llmcc.tune.mine import additions, coreset, mean_costs, merged, promising, refined
from llmcc.tune.repeat import differing
from toolchain.measure import Measurement
from toolchain.passes import PassList, Recipe

BANK = [Recipe.parse("<clang>,iroutliner"), Recipe.parse("function(gvn),<clang>")]
NEW = [Recipe.parse(f"<clang>,function(gvn),iroutliner | -tail-merge-size={size}") for size in range(3)]


def result(unit: str, batch: str = "refine", **sizes: int) -> UnitResult:
    """Sizes of BANK's (b0, b1) and NEW's (n0 to n2) recipes on a unit of 1000 bytes."""
    names = {f"b{i}": recipe for i, recipe in enumerate(BANK)} | {f"n{i}": recipe for i, recipe in enumerate(NEW)}
    trials = tuple((names[name], Measurement(size, 0, 0, 0, 0), 0.0, "") for name, size in sizes.items())
    return UnitResult(unit, batch, Measurement(1000, 0, 0, 0, 0), trials)


def test_refined_recipes_beat_the_bank_on_their_unit():
    results = [result("a", b0=990, n0=950, n1=940), result("b", b0=900, n0=920), result("c", b0=950, n2=949)]
    assert refined(results, set(BANK), 0.002) == [NEW[1]]
    # What saves most, over all units that it is best of, is first.
    results += [result("d", b0=1000, n0=960), result("e", b1=1000, n0=970)]
    assert refined(results, set(BANK), 0.002) == [NEW[0], NEW[1]]


def test_of_equal_recipes_the_shorter_is_refined():
    longer = Recipe(PassList((*NEW[0].pass_list.passes, "globaldce")), NEW[0].codegen)
    row = result("a", n0=900)
    row = UnitResult("a", "refine", row.baseline, ((longer, Measurement(900, 0, 0, 0, 0), 0.0, ""), *row.trials))
    assert refined([row], set(BANK), 0.002) == [NEW[0]]


def test_results_of_several_batches_are_one_row():
    (row,) = merged([result("a", b0=990), result("a", "grow", b0=1, n0=950)])
    assert {recipe: measured.size for recipe, measured, _, _ in row.trials} == {BANK[0]: 990, NEW[0]: 950}


def test_additions_cover_what_the_bank_does_not():
    rows = [
        result("a", b0=900, n0=890, n1=880, n2=900),
        result("b", b0=990, n0=990, n1=985, n2=950),
        result("c", b1=950, n0=945, n1=960, n2=1000),
    ]
    assert additions(rows, set(BANK), NEW, 1) == [NEW[2]]
    assert additions(rows, set(BANK), NEW, 3) == [NEW[2], NEW[1], NEW[0]]
    # What helps no unit is not added, however much room there is.
    assert additions(rows[:2], set(BANK), NEW, 3) == [NEW[2], NEW[1]]
    assert additions(rows, set(BANK), [], 3) == []


def test_the_best_for_all_units_is_first_of_the_cover_and_the_simplest_of_equals():
    longer = Recipe(PassList((*NEW[0].pass_list.passes, "globaldce")), NEW[0].codegen)
    rows = [result("a", n0=900, n1=1000), result("b", n0=950, n1=1000), result("c", n0=990, n1=900)]
    rows = [
        UnitResult(row.unit, row.batch, row.baseline, ((longer, row.trials[0][1], 0.0, ""), *row.trials))
        for row in rows
    ]
    assert coreset(rows, 2, 0) == [NEW[0], NEW[1]]


def test_what_is_bad_or_unsafe_is_not_mined():
    assert may_be_mined(Recipe.parse("<clang>,function(gvn)"))
    assert not may_be_mined(Recipe.parse("cgscc(attributor-cgscc),<clang>"))
    assert not may_be_mined(Recipe.parse("function(gvn)"))


def test_a_recipe_with_two_objects_is_not_repeatable():
    runs = [{"a": "1", "b": "2", "c": "3"}, {"a": "1", "b": "4"}, {"b": "2", "c": "3"}]
    assert differing(runs) == ["b"]
    assert differing(runs[:1]) == []


def test_those_go_on_that_would_do_best_at_some_place_of_a_cover():
    cover = [BANK[0], BANK[1]]
    rows = [
        result("a", b0=900, b1=1000, n0=905, n1=1000, n2=1000),
        result("b", b0=900, b1=1000, n0=905, n1=1000, n2=1000),
        result("c", b0=1000, b1=980, n0=1000, n1=975, n2=995),
    ]
    # The second is the best behind the first of the cover, the first nearly as good as it: both before the third.
    assert promising(rows, cover, NEW, 2) == [NEW[1], NEW[0]]
    assert promising(rows, cover, NEW, 1) == [NEW[1]]
    assert promising(rows[:2], cover, [NEW[2], NEW[0], NEW[1]], 2) == [NEW[0], NEW[2]]
    assert promising(rows, [], NEW, 2) == NEW[:2]


def test_what_was_tried_on_some_units_is_judged_by_how_far_it_is_from_the_best_there():
    rows = [result("a", b0=900, n0=910), result("b", b0=980, b1=960), result("c", b0=1000, b1=990)]
    costs = mean_costs(rows)
    assert costs == pytest.approx({BANK[0]: -0.04, BANK[1]: -0.05, NEW[0]: -0.04})
