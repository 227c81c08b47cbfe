"""A forest that takes the place of what a model knows of some architectures, beside what it knows of others."""

from dataclasses import replace

import numpy
import onnx
import pytest

from llmcc import features
from llmcc.model import Ranker
from llmcc.tune import enlarge
from llmcc.tune.join import join, without_kinds_of
from llmcc.tune.train import PRIOR, TrainingSet, export, grow, kin
from tests.unit.test_enlarge import RECIPES
from tests.unit.test_model import training, vectors_of

X86_64, ARM, RISCV64 = 0, 2, 5
OLD_TREES, NEW_TREES = 25, 40


def of(data: TrainingSet, *architectures: int) -> TrainingSet:
    rows = data.features[:, [features.ARCHITECTURE.start + number for number in architectures]].any(axis=1)
    packages = tuple(numpy.asarray(data.packages)[rows])
    return replace(
        data,
        features=data.features[rows],
        savings=data.savings[rows],
        packages=packages,
        targets=tuple("thumbv6m" if architectures == (ARM,) else "x86_64" for _ in packages),
    )


def grown(data: TrainingSet, trees: int, seed: int, path, threshold: float):
    forest = grow(data, slice(None), trees, seed)
    export(data, forest, path, (19,), f"seed {seed}", threshold)
    return forest


@pytest.fixture(scope="module")
def joined(tmp_path_factory):
    """The units of a model of two architectures and its forest, those of another search of one of them, and the file
    of both."""
    folder = tmp_path_factory.mktemp("models")
    old = training(60, features.LENGTH, seed=3, recipes=RECIPES)
    old_forest = grown(old, OLD_TREES, 5, folder / "old.onnx", 0.01)
    new = of(training(50, features.LENGTH, seed=4, recipes=RECIPES), X86_64)
    new_forest = grown(new, NEW_TREES, 6, folder / "joined.onnx", 0.02)
    join(without_kinds_of(enlarge.read_base(folder / "old.onnx"), new), folder / "joined.onnx")
    return of(old, ARM), old_forest, new, new_forest, folder / "joined.onnx"


def shares(forest, bank, vectors, known: list[int], trees: int):
    """In how many of all trees a vector is in the leaf of a unit; in none, where it is of an architecture that only
    other trees know."""
    alike = (forest.apply(vectors)[:, None, :] == forest.apply(bank)[None, :, :]).sum(axis=2) / trees
    alike[vectors[:, [features.ARCHITECTURE.start + number for number in known]].any(axis=1)] = 0
    return alike


def test_units_are_alike_in_trees_that_know_their_architecture(joined):
    kept, old_forest, new, new_forest, path = joined
    ranker = Ranker(str(path))
    bank = numpy.concatenate([new.features, kept.features])
    vectors = numpy.concatenate([bank, vectors_of(numpy.random.default_rng(8), 30, X86_64, ARM, RISCV64)])
    trees = OLD_TREES + NEW_TREES
    share = numpy.concatenate(
        [
            shares(new_forest, new.features, vectors, [ARM], trees),
            shares(old_forest, kept.features, vectors, [X86_64], trees),
        ],
        axis=1,
    )
    expected = share + PRIOR * share.sum(axis=1, keepdims=True) * kin(bank, vectors)
    for vector, row in zip(vectors, expected, strict=True):
        weights, savings = ranker._session.run(["weights", "savings"], {"features": vector[None, :]})
        numpy.testing.assert_allclose(weights[0], row, rtol=1e-5, atol=1e-7)
    numpy.testing.assert_array_equal(savings, numpy.concatenate([new.savings, kept.savings]).astype(numpy.float16))
    # A unit of one architecture has nothing from the other's; of a third, from both.
    count = len(new.features)
    assert not expected[:count, count:].any()
    assert not expected[count : len(bank), :count].any()
    third = expected[len(bank) + 2]
    assert third[:count].any()
    assert third[count:].any()


def test_the_joined_file_describes_itself(joined):
    path = joined[-1]
    ranker = Ranker(str(path))
    assert (ranker.recipes, ranker.threshold) == (RECIPES, 0.01)
    facts = {entry.key: entry.value for entry in onnx.load(str(path)).metadata_props}
    assert facts["note"] == f"seed 6; joined to {len(joined[0].features)} units of a model of seed 5"


def test_a_joined_model_is_joined_and_enlarged_again(joined, tmp_path):
    _, _, new, _, path = joined
    third = of(training(40, features.LENGTH, seed=9, recipes=RECIPES), ARM)
    grown(third, 10, 7, tmp_path / "again.onnx", 0.03)
    base = without_kinds_of(enlarge.read_base(path), third)
    assert len(base.savings) == len(new.features)
    join(base, tmp_path / "again.onnx")
    again = enlarge.read_base(tmp_path / "again.onnx")
    # The old model's trees are gone with its last unit.
    assert again.leaves.shape == (1, len(third.features) + len(new.features), 10 + NEW_TREES)
    before, after = Ranker(str(path)), Ranker(str(tmp_path / "again.onnx"))
    for vector in vectors_of(numpy.random.default_rng(12), 10, X86_64):
        old, then = (each._session.run(["weights"], {"features": vector[None, :]})[0][0] for each in (before, after))
        then, rest = then[len(third.features) :], then[: len(third.features)]
        assert not rest.any()
        # What the model knows of other architectures changes nothing.
        assert not old[len(then) :].any()
        numpy.testing.assert_allclose(then / then.sum(), old[: len(then)] / old.sum(), rtol=1e-5)
    enlarge.write(again, third, tmp_path / "larger.onnx")
    bank = Ranker(str(tmp_path / "larger.onnx")).propose(list(map(float, vector))).bank
    assert len(bank) == len(new.features) + 2 * len(third.features)
