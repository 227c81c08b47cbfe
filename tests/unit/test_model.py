"""The ranker: greedy cover, what it refuses, and that the ONNX file says what the forest says."""

import itertools
import random

import numpy
import onnx
import pytest

from llmcc import config, features
from llmcc.certify.certificate import proven
from llmcc.fingerprint import SHIPPED_MODEL
from llmcc.model import NOISE, WORST, Proposals, Ranker, greedy_cover, refused, worth
from llmcc.tune.evaluate import UnitResult
from llmcc.tune.train import KINDS, LOSS, TrainingSet, best_at_random, export, grow, judge, proximity, training_set
from toolchain.errors import ToolchainError
from toolchain.measure import Measurement
from toolchain.passes import NULL_RECIPE, UNSAFE_PASSES, Recipe

RECIPES = tuple(
    Recipe.parse(text)
    for text in (
        "<clang>",
        "<clang>,mergefunc",
        "<clang> | -disable-lsr",
        "mergefunc,<clang>",
        "<clang>,function(gvn-sink)",
    )
)

UNITS = 200
"""Of the small forest: enough for most of its leaves to be of a few of them only."""


def vectors_of(chance, units: int, *architectures: int):
    """Features of so many units, of these architectures in turn."""
    matrix = chance.normal(size=(units, features.LENGTH)).astype(numpy.float32)
    matrix[:, features.ARCHITECTURE] = 0
    for row in range(units):
        matrix[row, features.ARCHITECTURE.start + architectures[row % len(architectures)]] = 1
    return matrix


def training(units: int, width: int, seed: int, recipes=RECIPES) -> TrainingSet:
    chance = numpy.random.default_rng(seed)
    matrix = vectors_of(chance, units, 0, 2)[:, :width]
    # Some features are whole numbers and many units share them, as counts do.
    matrix[:, ::2] = numpy.round(matrix[:, ::2])
    savings = numpy.clip(chance.normal(0.02, 0.03, size=(units, len(recipes))), 0, None).astype(numpy.float32)
    packages = tuple(f"p{i % 4}" for i in range(units))
    return TrainingSet(matrix, savings, packages, ("x86_64",) * units, tuple(recipes))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A small forest on seeded data, and its file."""
    data = training(UNITS, features.LENGTH, seed=3)
    forest = grow(data, numpy.ones(UNITS, dtype=bool), 25, seed=5)
    path = tmp_path_factory.mktemp("model") / "deep" / "ranker.onnx"
    export(data, forest, path, (18, 19), "a note")
    return data, forest, path


def test_the_file_gives_the_weights_of_the_forest(trained):
    data, forest, path = trained
    ranker = Ranker(str(path))
    chance = numpy.random.default_rng(11)
    # The bank has nothing of the last of these.
    fresh = vectors_of(chance, 51, 0, 2, 5)
    # Values on a threshold, and next to one on either side, are where a comparison could go astray.
    limits = forest.estimators_[0].tree_
    edges = []
    for node in numpy.flatnonzero(limits.children_left >= 0)[:20]:
        for step in (-numpy.inf, 0, numpy.inf):
            vector = data.features[node % UNITS].copy()
            limit = numpy.float32(limits.threshold[node])
            vector[limits.feature[node]] = numpy.nextafter(limit, numpy.float32(step)) if step else limit
            edges.append(vector)
    vectors = numpy.concatenate([fresh, data.features, numpy.asarray(edges)])
    expected = proximity(forest, data.features, vectors)
    for vector, row in zip(vectors, expected, strict=True):
        weights, savings = ranker._session.run(["weights", "savings"], {"features": vector[None, :]})
        numpy.testing.assert_allclose(weights[0], row, rtol=1e-5, atol=1e-7)
        numpy.testing.assert_array_equal(savings, data.savings.astype(numpy.float16))
    assert (expected[:3] > 0).any()
    # A unit that is not like another in any tree weighs as much as the prior says: nothing, when it is of another kind.
    least = expected[:3].min(axis=1)
    assert (least[:2] == 0).all()
    assert least[2] > 0
    own = proximity(forest, data.features, data.features)
    assert (own.argmax(axis=1) == numpy.arange(UNITS)).mean() > 0.9, "a unit is most like itself"


def test_the_file_describes_itself(trained):
    data, _, path = trained
    ranker = Ranker(str(path))
    assert ranker.recipes == data.recipes
    assert ranker.llvm_majors == (18, 19)
    assert ranker.providers == ["CPUExecutionProvider"]
    facts = {entry.key: entry.value for entry in onnx.load(str(path)).metadata_props}
    assert facts["feature_version"] == str(features.VERSION)
    assert facts["note"] == "a note"


def test_proposals_are_the_greedy_cover_under_the_weights(trained):
    data, forest, path = trained
    ranker = Ranker(str(path))
    chance = numpy.random.default_rng(17)
    different = set()
    for vector in vectors_of(chance, 20, 0, 2, 5):
        weights = proximity(forest, data.features, vector[None, :])[0].astype(numpy.float32)
        savings = data.savings.astype(numpy.float16).astype(numpy.float32)
        for count in (0, 1, 3, 5, 50):
            order = greedy_cover(weights, savings, count)
            proposed = ranker.propose(list(map(float, vector))).take(count)
            assert proposed == [data.recipes[i] for i in order]
            assert len(set(proposed)) == len(proposed) == min(count, len(RECIPES))
        different.add(tuple(proposed))
    assert len(different) > 1, "the module makes a difference"


def test_what_was_observed_steers_the_further_choices():
    # Two kinds of units; on each kind two recipes are good and the other two are bad.
    chance = numpy.random.default_rng(5)
    kinds = numpy.asarray([[0.05, 0.06, -0.03, -0.02], [-0.02, -0.03, 0.05, 0.06]])
    bank = kinds[numpy.arange(40) % 2] + chance.normal(0, 0.004, size=(40, 4))
    recipes = RECIPES[:4]
    for kind, expected in ((0, {0, 1}), (1, {2, 3})):
        proposals = Proposals(recipes, numpy.ones(40), bank)
        (first,) = proposals.take(1)
        proposals.observe(first, kinds[kind][recipes.index(first)])
        (second,) = proposals.take(1)
        if recipes.index(first) in expected:
            assert {recipes.index(first), recipes.index(second)} == expected
        else:
            assert recipes.index(second) in expected
    assert len(proposals.take(10)) == 2
    assert proposals.take(10) == []


def test_observations_move_the_bank_by_regression():
    """Against the definition of conditional expectation, computed another way."""
    chance = numpy.random.default_rng(9)
    bank = chance.normal(0.02, 0.03, size=(300, 1)) + chance.normal(0, 0.005, size=(300, 4))
    proposals = Proposals(RECIPES[:4], numpy.zeros(300), bank)
    proposals.observe(RECIPES[2], 0.10)
    moved = proposals._expected()
    line = numpy.cov(bank[:, 2], bank[:, 0], bias=True)
    slope = 0.9 * line[0, 1] / (line[0, 0] + NOISE**2)
    numpy.testing.assert_allclose(moved[:, 0], bank[:, 0] + slope * (0.10 - bank[:, 2]), rtol=1e-6)
    own = line[0, 0] / (line[0, 0] + NOISE**2)
    numpy.testing.assert_allclose(moved[:, 2], bank[:, 2] + own * (0.10 - bank[:, 2]), rtol=1e-6)


def test_the_forecast_is_what_units_alike_gained():
    """Of the two units that the module is like, as much as of the third together; the last recipe is never allowed."""
    savings = numpy.array([[0.04, 0.0, 0.5], [0.0, 0.02, 0.5], [-0.1, -0.1, 0.5], [0.9, 0.9, 0.9]])
    proposals = Proposals(RECIPES[:3], numpy.array([1.0, 1.0, 2.0, 0.0]), savings)
    proposals.restrict(lambda recipe: recipe != RECIPES[2])
    assert proposals.forecast() == pytest.approx((0.04 + 0.02) / 4)
    assert Proposals(RECIPES[:3], numpy.zeros(4), savings).forecast() == 0.0


def test_the_threshold_leaves_those_alone_that_gain_next_to_nothing():
    """A fifth of the units, told by one feature, gain nothing."""
    data = training(120, features.LENGTH, seed=9)
    idle = numpy.arange(120) % 5 == 0
    data.features[:, :40] = numpy.where(idle, 50.0, 0.0)[:, None]
    data.savings[:] = numpy.where(idle[:, None], -0.01, data.savings + 0.05)
    judged = judge(data, 20, seed=1, folds=4)
    assert 0.1 < judged.left_alone <= 0.2
    assert judged.lost <= LOSS
    assert judged.threshold > 0
    assert judged.curves.keys() == {"", "x86_64"}
    model, fixed, oracle = judged.curves["x86_64"]
    assert list(model.savings.values()) == sorted(model.savings.values())
    assert all(value <= oracle.savings[n] + 1e-9 for curve in (model, fixed) for n, value in curve.savings.items())


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_model_tells_units_apart(kind):
    """Two sorts of units, told by one feature, gain from one recipe each: one candidate finds which."""
    data = training(80, features.LENGTH, seed=4)
    sort = numpy.arange(80) // 4 % 2 == 0
    data.features[:, :30] += numpy.where(sort, 6.0, -6.0)[:, None]
    data.savings[:, :] = 0.001
    data.savings[sort, 1] = data.savings[~sort, 3] = 0.08
    model, fixed, oracle = judge(data, 20, seed=1, folds=4, kind=kind).curves[""]
    assert model.savings[1] > 0.9 * oracle.savings[1]
    assert fixed.savings[1] < 0.7 * oracle.savings[1]


def test_what_was_not_tried_is_estimated_from_what_was():
    """The last recipe saves twice what the first does; on every third unit it was not tried, on one hardly anything."""
    chance = numpy.random.default_rng(2)
    results, truths = [], {}
    for i in range(90):
        savings = [*(chance.uniform(0, 0.1, 4)), 0.0]
        savings[4] = 2 * savings[0]
        left_out = 1 if i % 3 == 0 else 4 if i == 1 else 0
        trials = tuple(
            (recipe, Measurement(round(100000 * (1 - saving)), 0, 0, 0, 0), 0.0, "")
            for recipe, saving in list(zip(RECIPES, savings, strict=True))[: len(RECIPES) - left_out]
        )
        results.append(UnitResult(f"p{i % 4}/{i}", "b", Measurement(100000, 0, 0, 0, 0), trials))
        truths[i] = savings[4]
    names = [result.unit for result in results]
    data = training_set(results, RECIPES, {name: [0.0] for name in names}, dict.fromkeys(names, "x86_64"))
    units = [i for i in range(90) if i != 1]
    assert len(data.savings) == len(units)
    assert list(data.whole) == [i % 3 != 0 for i in units]
    errors = [abs(float(row[4]) - truths[i]) for i, row in zip(units, data.savings, strict=True)]
    assert max(error for error, whole in zip(errors, data.whole, strict=True) if whole) < 1e-4
    guessed = [error for error, whole in zip(errors, data.whole, strict=True) if not whole]
    assert numpy.mean(guessed) < 0.5 * numpy.std(list(truths.values()))


@pytest.mark.parametrize("count", [1, 2, 3, 4, 9])
def test_the_best_at_random_is_the_mean_over_all_sets(count):
    values = [0.03, -0.2, 0.0, 0.11]
    sets = list(itertools.combinations(values, min(count, 4)))
    assert best_at_random(values, count) == pytest.approx(sum(max(0.0, *each, 0.0) for each in sets) / len(sets))
    assert best_at_random([], count) == 0.0


def test_worth_is_the_saving_or_how_far_it_is_from_being_kept():
    before = Measurement(text=1000, rodata=100, data=0, unwind=100, bss=8)
    assert worth(Measurement(900, 100, 0, 100, 8), before) == pytest.approx(0.1)
    assert worth(Measurement(1000, 100, 0, 100, 8), before) == 0.0
    assert worth(Measurement(900, 100, 0, 260, 8), before) == pytest.approx(-0.05), "smaller code, more unwind tables"
    assert worth(Measurement(900, 100, 0, 100, 9), before) == 0.0
    assert worth(Measurement(1050, 100, 0, 0, 8), before) == pytest.approx(-0.05)
    assert worth(Measurement(3000, 100, 0, 100, 8), before) == WORST == worth(None, before)
    assert worth(before, Measurement(0, 10, 0, 0, 0)) == WORST


def test_the_clang_that_is_preferred_is_one_that_the_recipes_are_certified_for():
    assert set(config.PROVEN_MAJORS) == {major for major, family in proven() if family == "x86-64"}
    assert config.PROVEN_MAJORS[0] in Ranker(SHIPPED_MODEL).llvm_majors


def test_the_same_training_gives_the_same_file(tmp_path):
    contents = []
    for name in ("a", "b"):
        data = training(30, 6, seed=1)
        export(data, grow(data, numpy.ones(30, dtype=bool), 8, seed=2), tmp_path / name, (19,), "")
        contents.append((tmp_path / name).read_bytes())
    assert contents[0] == contents[1]


def reference_cover(weights, savings, count):
    """The definition, slowly: each time the column that raises the sum of the best the most."""
    chosen = []
    for _ in range(min(count, len(savings[0]))):

        def total(columns):
            return sum(w * max((row[c] for c in columns), default=0) for w, row in zip(weights, savings, strict=True))

        best = max((round(total([*chosen, c]), 7), -c) for c in range(len(savings[0])) if c not in chosen)
        chosen.append(-best[1])
    return chosen


def test_greedy_cover_is_what_it_says():
    chance = random.Random(23)
    for _ in range(60):
        rows, columns = chance.randrange(1, 9), chance.randrange(1, 7)
        # Eighths are exact in binary, so ties are true ties.
        savings = [[chance.randrange(9) / 8 for _ in range(columns)] for _ in range(rows)]
        weights = [chance.randrange(5) / 4 for _ in range(rows)]
        count = chance.randrange(columns + 2)
        given = greedy_cover(
            numpy.asarray(weights, dtype=numpy.float32), numpy.asarray(savings, dtype=numpy.float32), count
        )
        assert given == reference_cover(weights, savings, count)


def test_what_is_not_allowed_is_as_if_it_were_not_there():
    chance = numpy.random.default_rng(31)
    for _ in range(40):
        savings = chance.normal(0.0, 0.1, size=(6, 8))
        weights = chance.random(6)
        allowed = [column for column in range(8) if chance.random() < 0.6]
        taken = [column for column in range(8) if chance.random() < 0.2]
        for count in (1, 3, 9):
            given = greedy_cover(weights, savings, count, taken, 0.02, allowed.__contains__)
            left = [column for column in allowed if column not in taken]
            assert given == [left[at] for at in greedy_cover(weights, savings[:, left], count, (), 0.02)]


def test_recipes_are_asked_about_once_and_only_when_they_come_up():
    savings = numpy.eye(5) * numpy.asarray([0.5, 0.4, 0.3, 0.2, 0.1])
    proposals = Proposals(RECIPES, numpy.ones(5), savings)
    asked = []
    assert proposals.restrict(lambda recipe: not asked.append(recipe) and recipe != RECIPES[1])
    assert proposals.take(2) == [RECIPES[0], RECIPES[2]]
    assert asked == [*RECIPES[:3]]
    assert proposals.forecast() == pytest.approx((0.5 + 0.3 + 0.2 + 0.1) / 5)
    assert proposals.take(9) == [*RECIPES[3:]]
    assert asked == [*RECIPES]
    assert not proposals.restrict(lambda _recipe: False)
    assert proposals.take(2) == []
    assert proposals.forecast() == 0.0


def test_greedy_cover_is_near_the_best_set_and_grows_as_a_prefix():
    chance = numpy.random.default_rng(29)
    savings = chance.random((20, 7)).astype(numpy.float32)
    weights = chance.random(20).astype(numpy.float32)
    orders = [greedy_cover(weights, savings, n) for n in range(8)]
    for n, order in enumerate(orders):
        assert order == orders[-1][:n]
        assert len(set(order)) == n
    for n in (1, 2, 3):
        value = float(weights @ savings[:, orders[n]].max(axis=1))
        best = max(float(weights @ savings[:, list(c)].max(axis=1)) for c in itertools.combinations(range(7), n))
        # Nemhauser, Wolsey, Fisher 1978: at least 1 - 1/e of the best set's.
        assert value >= (1 - 1 / numpy.e) * best
        assert n > 1 or value == pytest.approx(best)


def test_greedy_cover_prefers_unlike_columns():
    savings = numpy.asarray([[0.5, 0.49, 0.0], [0.5, 0.49, 0.0], [0.0, 0.0, 0.1]], dtype=numpy.float32)
    assert greedy_cover(numpy.ones(3, dtype=numpy.float32), savings, 3) == [0, 2, 1]


def test_ties_go_to_the_lower_column():
    assert greedy_cover(numpy.ones(4, dtype=numpy.float32), numpy.ones((4, 5), dtype=numpy.float32), 5) == [
        0,
        1,
        2,
        3,
        4,
    ]
    assert greedy_cover(numpy.zeros(4, dtype=numpy.float32), numpy.ones((4, 3), dtype=numpy.float32), 3) == [0, 1, 2]


@pytest.mark.parametrize("name", sorted(UNSAFE_PASSES))
def test_unsafe_recipes_are_refused(name):
    assert name in refused(Recipe.parse(f"<clang>,function({name})"))


@pytest.mark.parametrize("text", ["", "mergefunc", "<clang>,<clang>", "function(gvn) | -disable-lsr", "default<Oz>"])
def test_clang_must_be_in_a_list_exactly_once(text):
    assert "exactly once" in refused(Recipe.parse(text))


@pytest.mark.parametrize("recipe", [NULL_RECIPE, *RECIPES], ids=str)
def test_plain_recipes_are_not_refused(recipe):
    assert refused(recipe) == ""


def sentence(path) -> str:
    with pytest.raises(ToolchainError) as caught:
        Ranker(str(path))
    words = str(caught.value)
    assert str(path) in words
    assert "\n" not in words
    return words


@pytest.mark.parametrize("content", [b"", b"garbage", bytes(1000), b"\x08\x08\x12"])
def test_a_file_that_is_no_model_is_a_sentence(tmp_path, content):
    path = tmp_path / "x.onnx"
    path.write_bytes(content)
    assert "is not a ranker model" in sentence(path)


def test_a_missing_file_and_a_folder_are_sentences(tmp_path):
    assert "unset LLMCC_MODEL" in sentence(tmp_path / "missing.onnx")
    assert "unset LLMCC_MODEL" in sentence(tmp_path)


def test_a_truncated_model_is_a_sentence(trained, tmp_path):
    data = trained[2].read_bytes()
    for share in (0.1, 0.5, 0.9):
        (tmp_path / "cut.onnx").write_bytes(data[: int(len(data) * share)])
        assert "is not a ranker model" in sentence(tmp_path / "cut.onnx")


def altered(path, target, **facts):
    model = onnx.load(str(path))
    kept = {entry.key: entry.value for entry in model.metadata_props} | facts
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, {key: value for key, value in kept.items() if value is not None})
    target.write_bytes(model.SerializeToString())
    return target


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (
            {"feature_version": str(features.VERSION + 1)},
            f"is for features {features.VERSION + 1}, not {features.VERSION}",
        ),
        ({"feature_version": None}, "is not a ranker model"),
        ({"recipes": None}, "is not a ranker model"),
        ({"recipes": "function(gvn"}, "is not a ranker model"),
        ({"recipes": "<clang>,function(structurizecfg)"}, "proposes a recipe that must never run"),
        ({"recipes": "mergefunc"}, "proposes a recipe that must never run"),
        ({"llvm_majors": "nineteen"}, "is not a ranker model"),
        ({"threshold": "high"}, "is not a ranker model"),
    ],
)
def test_a_model_that_says_something_wrong_of_itself_is_a_sentence(trained, tmp_path, facts, words):
    assert words in sentence(altered(trained[2], tmp_path / "altered.onnx", **facts))


def test_another_onnx_model_is_a_sentence_not_a_surprise(tmp_path):
    node = onnx.helper.make_node("Identity", ["x"], ["y"])
    info = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1]) for name in "xy"]
    graph = onnx.helper.make_graph([node], "g", info[:1], info[1:])
    opset = [onnx.helper.make_opsetid("", 17)]
    path = tmp_path / "other.onnx"
    path.write_bytes(onnx.helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString())
    assert "is not a ranker model" in sentence(path)
