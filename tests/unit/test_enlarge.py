"""A model whose bank is enlarged: the file says what the forest says of all its units, and units alike are found."""

from dataclasses import replace
from functools import partial

import numpy
import onnx
import pytest

from llmcc import features
from llmcc.errors import UserError
from llmcc.model import Ranker
from llmcc.tune import enlarge
from llmcc.tune.evaluate import UnitResult
from llmcc.tune.train import TrainingSet, export, grow, proximity, training_set
from tests.unit.test_model import RECIPES as SOME
from tests.unit.test_model import training, vectors_of
from toolchain.measure import Measurement
from toolchain.passes import Recipe

# None that must not be proposed.
RECIPES = (*SOME[:4], Recipe.parse("<clang>,function(dse)"))


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """The units of a small model, its forest, and its file."""
    data = training(60, features.LENGTH, seed=3, recipes=RECIPES)
    forest = grow(data, numpy.ones(60, dtype=bool), 25, seed=5)
    path = tmp_path_factory.mktemp("model") / "ranker.onnx"
    export(data, forest, path, (18, 19), "a note", 0.01)
    return data, forest, path


def new_units(count: int, best: int) -> TrainingSet:
    """Units of two packages of another architecture, of which one recipe alone saves something."""
    vectors = vectors_of(numpy.random.default_rng(7), count, 5)
    savings = numpy.zeros((count, len(RECIPES)), dtype=numpy.float32)
    savings[:, best] = 0.1
    packages = tuple(f"new{i % 2}" for i in range(count))
    return TrainingSet(vectors, savings, packages, ("thumbv6m",) * count, RECIPES)


def test_the_enlarged_file_gives_the_forest_s_weights_of_all_units(base, tmp_path):
    data, forest, path = base
    new = new_units(10, best=3)
    enlarge.write(enlarge.read_base(path), new, tmp_path / "deep" / "larger.onnx")
    old, ranker = Ranker(str(path)), Ranker(str(tmp_path / "deep" / "larger.onnx"))
    assert (ranker.recipes, ranker.llvm_majors, ranker.threshold) == (old.recipes, old.llvm_majors, old.threshold)
    bank = numpy.concatenate([data.features, new.features])
    vectors = numpy.concatenate([bank, vectors_of(numpy.random.default_rng(8), 10, 0, 5, 2)])
    for vector, row in zip(vectors, proximity(forest, bank, vectors), strict=True):
        weights, savings = ranker._session.run(["weights", "savings"], {"features": vector[None, :]})
        numpy.testing.assert_allclose(weights[0], row, rtol=1e-5, atol=1e-7)
    numpy.testing.assert_array_equal(savings, numpy.concatenate([data.savings, new.savings]).astype(numpy.float16))
    facts = {entry.key: entry.value for entry in onnx.load(str(tmp_path / "deep" / "larger.onnx")).metadata_props}
    assert facts["targets"] == "thumbv6m,x86_64"
    assert facts["note"] == "a note; enlarged by 10 units of 2 packages"


def test_recipes_that_are_known_to_be_bad_now_are_left_out(tmp_path):
    recipes = (*RECIPES[:2], Recipe.parse("function(loop-fusion),<clang>"), *RECIPES[2:4])
    data = training(60, features.LENGTH, seed=3, recipes=recipes)
    export(data, grow(data, numpy.ones(60, dtype=bool), 5, seed=5), tmp_path / "old.onnx", (19,), "")
    base = enlarge.read_base(tmp_path / "old.onnx")
    assert base.recipes == RECIPES[:4]
    new = new_units(4, best=3)
    enlarge.write(base, replace(new, savings=new.savings[:, :4], recipes=RECIPES[:4]), tmp_path / "new.onnx")
    ranker = Ranker(str(tmp_path / "new.onnx"))
    assert ranker.recipes == RECIPES[:4]
    bank = ranker.propose(list(data.features[0])).bank
    numpy.testing.assert_array_equal(bank[:60], data.savings[:, [0, 1, 3, 4]].astype(numpy.float16))


def test_it_can_be_enlarged_again(base, tmp_path):
    path = base[2]
    for number in (1, 2):
        enlarge.write(enlarge.read_base(path), new_units(10, best=number), tmp_path / f"{number}.onnx")
        path = tmp_path / f"{number}.onnx"
    assert len(enlarge.read_base(path).savings) == 80


def test_units_of_other_packages_help_those_that_are_alike(base):
    before, after, fixed, oracle = enlarge.judge(enlarge.read_base(base[2]), new_units(20, best=4))[""]
    assert [curve.name for curve in (before, after, fixed, oracle)] == [
        "as it was",
        "enlarged",
        "fixed order",
        "oracle",
    ]
    assert after.savings[1] == oracle.savings[1] == pytest.approx(10.0)
    assert before.savings[1] == fixed.savings[1] == 0.0


def test_units_of_the_own_package_do_not_count(base):
    new = new_units(20, best=4)
    alone = replace(new, packages=("new",) * 20)
    before, after, _, _ = enlarge.judge(enlarge.read_base(base[2]), alone)[""]
    assert after.savings == before.savings


def test_only_units_that_all_was_tried_on_are_judged(base):
    new = new_units(20, best=4)
    whole = numpy.arange(20) < 4
    other = replace(new, whole=whole, targets=("thumbv6m",) * 4 + ("thumbv7em",) * 16)
    curves = enlarge.judge(enlarge.read_base(base[2]), other)
    assert list(curves) == ["", "thumbv6m"]


def test_what_is_no_model_to_enlarge_is_a_sentence(base, tmp_path):
    (tmp_path / "text").write_text("no model")
    with pytest.raises(UserError, match="not a model to enlarge"):
        enlarge.read_base(tmp_path / "text")
    with pytest.raises(UserError, match="not a model to enlarge"):
        enlarge.read_base(tmp_path / "missing.onnx")
    model = onnx.load(str(base[2]))
    for entry in model.metadata_props:
        if entry.key == "feature_version":
            entry.value = "0"
    onnx.save(model, str(tmp_path / "other.onnx"))
    with pytest.raises(UserError, match="features 0"):
        enlarge.read_base(tmp_path / "other.onnx")


def test_a_recipe_that_the_model_does_not_have_comes_along(base, tmp_path):
    """What it is worth on the bank's own units is estimated from the others: here it is always that of one other."""
    data, _, path = base
    found = Recipe.parse("<clang>,function(gvn),function(dse)")
    new = new_units(40, best=3)
    savings = numpy.random.default_rng(9).uniform(-0.05, 0.1, (40, len(RECIPES) + 1)).astype(numpy.float32)
    savings[:, -1] = savings[:, 1]
    new = replace(new, savings=savings, recipes=(*RECIPES, found))
    wider = enlarge.widened(enlarge.read_base(path), new.recipes, new.savings, kinds_of(new))
    enlarge.write(wider, new, tmp_path / "wider.onnx")
    ranker = Ranker(str(tmp_path / "wider.onnx"))
    assert ranker.recipes == (*RECIPES, found)
    bank = ranker.propose(list(data.features[0])).bank
    assert bank.shape == (100, len(RECIPES) + 1)
    numpy.testing.assert_allclose(bank[60:], savings, atol=1e-3)
    numpy.testing.assert_allclose(bank[:60, :-1], data.savings, atol=1e-3)
    known = numpy.corrcoef(bank[:60, -1].astype(float), data.savings[:, 1])[0, 1]
    assert known > 0.95


def test_a_recipe_is_worth_what_it_is_on_units_of_the_same_architecture(base):
    """Thirty new units of each say what it is worth there; five alone say it of all."""
    model = enlarge.read_base(base[2])
    found = Recipe.parse("<clang>,function(gvn),function(dse)")
    own, counts = numpy.unique(model.architectures.T, axis=0, return_counts=True)
    assert len(own) > 1
    assert counts.min() > 3
    kinds = numpy.repeat(own, 30, axis=0)
    savings = numpy.random.default_rng(9).uniform(0.0, 0.02, (len(kinds), len(RECIPES) + 1)).astype(numpy.float32)
    gain = 0.1 * numpy.arange(len(own))
    savings[:, -1] = numpy.repeat(gain, 30)
    wider = enlarge.widened(model, (*RECIPES, found), savings, kinds)
    for number, architecture in enumerate(own):
        mine = (architecture == model.architectures.T).all(axis=1)
        numpy.testing.assert_allclose(wider.savings[mine, -1], gain[number], atol=1e-3)
        few = slice(30 * number, 30 * number + 5)
        told = enlarge.widened(model, (*RECIPES, found), savings[few], kinds[few])
        numpy.testing.assert_allclose(told.savings[:, -1], gain[number], atol=1e-3)


def kinds_of(data: TrainingSet):
    return data.features[:, features.ARCHITECTURE]


def test_new_recipes_are_judged_with_what_other_packages_say_of_them(base):
    """One that alone saves something, on every unit: found at the first try where other packages have it."""
    found = Recipe.parse("<clang>,function(gvn),function(dse)")
    new = new_units(20, best=0)
    savings = numpy.concatenate([numpy.zeros_like(new.savings), numpy.full((20, 1), 0.2)], axis=1)
    new = replace(new, savings=savings.astype(numpy.float32), recipes=(*RECIPES, found))
    before, after, fixed, oracle = enlarge.judge(enlarge.read_base(base[2]), new)[""]
    assert after.savings[1] == oracle.savings[1] == pytest.approx(20.0)
    assert before.savings[32] == fixed.savings[32] == 0.0


def test_units_that_the_bank_has_already_are_replaced(base):
    data, _, path = base
    model = enlarge.read_base(path)
    some = TrainingSet(data.features[:7], data.savings[:7], ("a",) * 7, ("x86_64",) * 7, RECIPES)
    assert len(enlarge.without_known(model, some).savings) == 53
    other = replace(some, savings=some.savings + 0.02)
    assert len(enlarge.without_known(model, other).savings) == 60


def bank_of(base, *savings: list[float]):
    """The model with a bank of one architecture, in percent by recipe."""
    model = enlarge.read_base(base[2])
    table = numpy.asarray(savings, dtype=numpy.float16) / 100
    kind = numpy.asarray(features.extract(b'target triple = "x86_64-pc-linux-gnu"')[features.ARCHITECTURE])
    architectures = numpy.repeat(kind[:, None], len(savings), axis=1)
    return replace(model, leaves=model.leaves[:, : len(savings)], architectures=architectures, savings=table)


def test_only_recipes_that_are_the_best_of_a_unit_cover_a_bank(base):
    model = bank_of(base, [2, 1, 0, 3, 0], [2, 1, 0, 0, 4], [2, 1, 1, -5, 0])
    assert set(enlarge.plan(model, "x86_64")) == {RECIPES[0], RECIPES[3], RECIPES[4]}
    # Nothing is known of another architecture.
    assert enlarge.plan(model, "thumbv6m") == list(RECIPES)
    assert len(enlarge.plan(bank_of(base, [0, 0, 0, 0, 0]), "x86_64")) == 1


def test_of_new_units_the_recipes_that_cover_the_bank_are_enough(base):
    """The fourth recipe is always worth half of the first, and was not tried on the new units."""
    shares = numpy.random.default_rng(4).uniform(1, 9, (40, 2))
    model = bank_of(base, *([a, b, 0, a / 2, 0] for a, b in shares))
    names = [f"p{number % 2}/{number}" for number in range(20)]
    vectors = {name: features.extract(b'target triple = "x86_64-pc-linux-gnu"') for name in names}
    found = Recipe.parse("<clang>,function(gvn),function(dse)")

    def trained(tried: tuple[Recipe, ...]) -> TrainingSet:
        results = [tried_on(name, dict.fromkeys(tried, 1 + number)) for number, name in enumerate(names)]
        fill = partial(enlarge.complete, model)
        return training_set(results, (*RECIPES, found), vectors, dict.fromkeys(names, "x86_64"), fill)

    data = trained((RECIPES[0], RECIPES[1], found))
    assert data.whole.all()
    assert [column for column in range(6) if data.tried[:, column].all()] == [0, 1, 5]
    numpy.testing.assert_allclose(data.savings[:, 0], numpy.arange(1, 21) / 100, atol=1e-6)
    assert numpy.corrcoef(data.savings[:, 3], data.savings[:, 0])[0, 1] > 0.95
    curves = enlarge.judge(model, data)[""]
    # What was not tried is not chosen.
    assert curves[1].savings[32] == pytest.approx(10.5, abs=1e-3)
    # Of a new recipe nothing can be told from the bank.
    with pytest.raises(UserError, match="no results"):
        trained((RECIPES[0], RECIPES[1]))


def tried_on(unit: str, percents: dict[Recipe, float]) -> UnitResult:
    trials = tuple((recipe, Measurement(10000 - int(100 * p), 0, 0, 0, 0), 0.0, "") for recipe, p in percents.items())
    return UnitResult(unit, "extend", Measurement(10000, 0, 0, 0, 0), trials)
