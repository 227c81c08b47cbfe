"""Finishing: each function gets the passes that make it smallest."""

import os
from pathlib import Path

import pytest

from cache.store import Store
from llmcc import finish as finishing
from llmcc.bad import remember_bad, why_bad
from llmcc.decide import NEAR, finish_best
from llmcc.finish import FINISHES, certified_as, finish, finished_everywhere
from llmcc.model import USUAL, refused
from toolchain.apply import Limits, open_module
from toolchain.elf import ElfObject
from toolchain.measure import Measurement
from toolchain.passes import PassList, Recipe, part_of

SOURCE = Path(__file__).resolve().parents[2] / "examples" / "makefile" / "src" / "template.c"


@pytest.fixture(scope="module")
def unit(open_unit, tmp_path_factory):
    return open_unit(tmp_path_factory.mktemp("finish"), SOURCE, "-Oz")


def sizes(trial) -> dict[str, int]:
    with open(trial.output, "rb") as file:
        return {s.name: s.size for s in ElfObject(file.read()).symbols() if s.type == 2}


def test_each_function_is_as_small_as_the_best_of_them(toolchain, unit, tmp_path):
    folder, best = os.fsencode(tmp_path), Recipe.parse("<clang>")
    with open_module(toolchain, unit.job, unit.module, folder, Limits(), keep_objects=True) as applier:
        (before,) = applier.try_recipes([best], unit.pipeline)
        (finished,) = finish(applier, before, unit.pipeline)
        probes = list(applier.try_recipes([best.followed_by(each) for each in FINISHES], unit.pipeline))
    assert finished.measurement.size < before.measurement.size
    assert finished.measurement.size < min(probe.measurement.size for probe in probes if probe.measurement)
    wanted = {name: min([size, *(sizes(probe)[name] for probe in probes)]) for name, size in sizes(before).items()}
    assert sizes(finished) == wanted
    chosen = [name for item in finished.recipe.pass_list.passes if (part := part_of(item)) for name in part.words]
    assert sorted(chosen) == sorted(name for name, size in sizes(before).items() if wanted[name] < size)


def test_none_of_them_is_known_to_be_wrong(toolchain, tmp_path):
    recipe = finished_everywhere(Recipe.parse("<clang>"))
    assert not why_bad(recipe, toolchain.major, Store(os.fsencode(tmp_path)))
    assert not refused(recipe)


def test_only_names_that_there_is_room_for_are_chosen(toolchain, unit, tmp_path, monkeypatch):
    folder = os.fsencode(tmp_path)
    monkeypatch.setattr(finishing, "ROOM", len("take_word;"))
    with open_module(toolchain, unit.job, unit.module, folder, Limits(), keep_objects=True) as applier:
        (before,) = applier.try_recipes([Recipe.parse("<clang>")], unit.pipeline)
        (finished,) = finish(applier, before, unit.pipeline)
    names = [name for item in finished.recipe.pass_list.passes if (part := part_of(item)) for name in part.words]
    assert len(names) == 1


def test_a_function_without_gain_is_left_alone(toolchain, open_unit, tmp_path):
    unit = open_unit(tmp_path / "small", "int next(int n) { return n + 1; }", "-Oz")
    with open_module(toolchain, unit.job, unit.module, os.fsencode(tmp_path), Limits(), keep_objects=True) as applier:
        (before,) = applier.try_recipes([Recipe.parse("<clang>")], unit.pipeline)
        assert finish(applier, before, unit.pipeline) == []


@pytest.mark.parametrize("allowed", ["<clang>", "<clang>,function(sink)", ""])
def test_the_best_that_may_be_is_finished(toolchain, unit, tmp_path, allowed):
    recipes = [Recipe.parse(text) for text in ("<clang>", "<clang>,function(sink)", "<clang>,function(bdce)")]
    may = {finished_everywhere(Recipe.parse(allowed))} if allowed else set()
    baseline = Measurement(1 << 20, 1 << 20, 0, 1 << 20, 0)
    with open_module(toolchain, unit.job, unit.module, os.fsencode(tmp_path), Limits(), keep_objects=True) as applier:
        trials = list(applier.try_recipes(recipes, unit.pipeline))
        found = finish_best(applier, trials, unit.pipeline, baseline, may.__contains__, USUAL)
    assert [str(trial.recipe).partition(",only<")[0] for trial in found] == ([allowed] if allowed else [])


def test_of_many_candidates_further_ones_are_finished_but_none_twice(toolchain, unit, tmp_path):
    passes = ("lcssa", "lcssa,adce", "loop(indvars)", "newgvn")
    baseline = Measurement(1 << 20, 1 << 20, 0, 1 << 20, 0)
    with open_module(toolchain, unit.job, unit.module, os.fsencode(tmp_path), Limits(), keep_objects=True) as applier:
        recipes = [Recipe.parse(f"<clang>,function({each})") for each in passes]
        trials = list(applier.try_recipes(recipes, unit.pipeline))
        sizes = {str(trial.recipe): trial.measurement for trial in trials}
        finished = {}
        for count in (USUAL, 4 * USUAL):
            found = finish_best(applier, trials, unit.pipeline, baseline, lambda _: True, count)
            finished[count] = [sizes[str(trial.recipe).partition(",only<")[0]] for trial in found]
    least = min(m.size for m in sizes.values())
    near = {m for m in sizes.values() if m.size <= NEAR * least}
    assert len(near) > 1
    assert [m.size for m in finished[USUAL]] == [least]
    assert sorted(finished[4 * USUAL], key=str) == sorted(near, key=str)


def test_what_is_far_from_the_best_is_not_finished(toolchain, unit, tmp_path):
    recipes = [Recipe.parse("<clang> | -disable-lsr"), Recipe.parse("<clang>")]
    baseline = Measurement(1 << 20, 1 << 20, 0, 1 << 20, 0)
    with open_module(toolchain, unit.job, unit.module, os.fsencode(tmp_path), Limits(), keep_objects=True) as applier:
        best, far = sorted(applier.try_recipes(recipes, unit.pipeline), key=lambda trial: trial.measurement.size)
        assert far.measurement.size > NEAR * best.measurement.size
        may = {finished_everywhere(far.recipe)}
        assert finish_best(applier, [best, far], unit.pipeline, baseline, may.__contains__, USUAL) == []


def test_a_list_that_fails_is_told_of(toolchain, unit, tmp_path, monkeypatch):
    lists = (*FINISHES[:2], PassList.parse("function(no-such-pass)"), FINISHES[3])
    monkeypatch.setattr(finishing, "FINISHES", lists)
    with open_module(toolchain, unit.job, unit.module, os.fsencode(tmp_path), Limits(), keep_objects=True) as applier:
        (before,) = applier.try_recipes([Recipe.parse("<clang>")], unit.pipeline)
        failed, finished = finish(applier, before, unit.pipeline)
    assert "no-such-pass" in failed.error
    assert finished.measurement.size < before.measurement.size


def test_certificates_are_those_of_all_finishes_shared_out():
    base = Recipe.parse("function(sink),<clang> | -disable-lsr")
    everywhere = finished_everywhere(base)
    assert len(everywhere.pass_list) == len(base.pass_list) + len(FINISHES)
    named = Recipe.parse(f"function(sink),<clang>,only<f;g>({FINISHES[1]}) | -disable-lsr")
    assert certified_as(named) == certified_as(everywhere) == everywhere
    assert certified_as(base) == base


def test_other_parts_have_certificates_of_their_own():
    other = Recipe.parse("<clang>,only<f>(function(dse)),only<g;h>(function(gvn))")
    assert str(certified_as(other)) == "<clang>,only<0%2>(function(dse)),only<1%2>(function(gvn))"
    before = Recipe.parse(f"only<f>({FINISHES[0]}),<clang>")
    assert str(certified_as(before)) == f"only<0%1>({FINISHES[0]}),<clang>"


@pytest.mark.parametrize("blamed", ["f;g", "0%4"])
def test_what_is_blamed_on_a_finished_recipe_is_on_it_wherever_it_is_finished(tmp_path, blamed):
    store = Store(os.fsencode(tmp_path))
    base, other = Recipe.parse("function(sink),<clang>"), Recipe.parse("<clang>")
    remember_bad(store, f"{base.pass_list},only<{blamed}>({FINISHES[2]})", 19, "make check fails")
    for recipe in (base, finished_everywhere(base), Recipe.parse(f"{base.pass_list},only<h>({FINISHES[0]})")):
        assert why_bad(recipe, 19, store) == "make check fails"
        assert not why_bad(recipe, 22, store)
    for recipe in (other, finished_everywhere(other)):
        assert not why_bad(recipe, 19, store)


def test_what_is_against_a_recipe_is_against_it_as_finished(tmp_path):
    store = Store(os.fsencode(tmp_path))
    remember_bad(store, "<clang>,function(sink)", 19, "make check fails")
    assert why_bad(Recipe.parse(f"<clang>,function(sink),only<f>({FINISHES[0]})"), 19, store)
    assert not why_bad(Recipe.parse(f"<clang>,only<f>({FINISHES[0]})"), 19, store)
