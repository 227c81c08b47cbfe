"""Train the ranker and export it to ONNX.

The model is a bank of known units and a forest that says which of them a new unit is like: trees are
grown to predict the savings of every recipe, and two units are alike in as many trees as they share a
leaf (Breiman's proximity). The candidates are the greedy cover of the bank under these weights.
Everything is judged on packages that the forest did not see.
"""

import itertools
import json
import math
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmcc import features
from llmcc.errors import UserError
from llmcc.model import USUAL, WORST, Proposals, greedy_cover, worth
from llmcc.tune.corpus import Unit
from llmcc.tune.curves import COUNTS, Curve, choices
from llmcc.tune.evaluate import UnitResult, open_unit
from toolchain.passes import Recipe

PRIOR = 0.15
"""Weight that is spread alike over all units of the same architecture (over all, where the bank has none of that), as a
share of the weight that likeness gives: a bank of hundreds of units is small, and what helps units in general helps a
new one as well."""

OPSET = 17


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """`features` [B, F]; `savings` [B, R], what each recipe was worth (see llmcc.model.worth); the
    package and target of each unit; the recipes of the columns; whether it is known what all of them are worth on a
    unit [B] (None: on every one); which of them were tried on it, others being estimates [B, R] (None: all)."""

    features: Any
    savings: Any
    packages: tuple[str, ...]
    targets: tuple[str, ...]
    recipes: tuple[Recipe, ...]
    whole: Any = None
    tried: Any = None

    def known(self, unit: int) -> dict[Recipe, float]:
        """What the recipes that were tried on a unit, by its row, are worth there."""
        worths = zip(self.recipes, map(float, self.savings[unit]), strict=True)
        return dict(worths if self.tried is None else itertools.compress(worths, self.tried[unit]))


def collect_features(units: Sequence[Unit], path: Path) -> dict[str, list[float]]:
    """The features of each unit, kept in `path` with the version they are of."""
    known: dict[str, list[float]] = {}
    if path.exists():
        table = json.loads(path.read_text())
        known = table["features"] if table["version"] == features.VERSION else {}
    for unit in units:
        if unit.name not in known:
            known[unit.name] = describe_unit(unit)
    path.write_text(json.dumps({"version": features.VERSION, "features": known}))
    # A unit that has left the corpus is kept there, but is none of these.
    return {unit.name: known[unit.name] for unit in units}


def describe_unit(unit: Unit) -> list[float]:
    """The features of one unit, through the sacrificial process as in a compile."""
    with tempfile.TemporaryDirectory(prefix="llmcc-") as folder:
        opened, _ = open_unit(unit, folder, features.extract)
        with opened as applier:
            return applier.describe()


LEAST_TRIED = 0.4
"""A unit that so large a share of the recipes was tried on is of use; what the others are worth on it is estimated."""


def training_set(
    results: Sequence[UnitResult],
    recipes: Sequence[Recipe],
    vectors: dict[str, list[float]],
    targets: dict[str, str],
    complete: Callable[[Any, Any], None] | None = None,
) -> TrainingSet:
    """Join results, features and targets (by unit); units that too few recipes were tried on are left out. What was not
    tried is NaN in savings [B, R]; `complete` may know better, by these and the features [B, F], and puts it in.

    Raises UserError when there is no unit that all recipes were tried on."""
    import numpy

    index = {recipe: i for i, recipe in enumerate(recipes)}
    rows = [result for result in results if result.unit in vectors]
    savings = numpy.full((len(rows), len(recipes)), numpy.nan, dtype=numpy.float32)
    for row, result in enumerate(rows):
        for recipe, measured, _, _ in result.trials:
            if recipe in index:
                savings[row, index[recipe]] = worth(measured, result.baseline)
    matrix = numpy.asarray([vectors[row.unit] for row in rows], dtype=numpy.float32)
    tried = ~numpy.isnan(savings)
    if complete is not None and rows:
        complete(savings, matrix)
    enough = numpy.isnan(savings).mean(axis=1) <= 1 - LEAST_TRIED
    savings, matrix, tried = savings[enough], matrix[enough], tried[enough]
    names = [row.unit for row, stays in zip(rows, enough, strict=True) if stays]
    whole = ~numpy.isnan(savings).any(axis=1)
    if not whole.any():
        raise UserError("the search has no results to train on; run `llmcc-tool search` first")
    estimate(savings, whole)
    packages = tuple(name.partition("/")[0] for name in names)
    return TrainingSet(matrix, savings, packages, tuple(targets[name] for name in names), tuple(recipes), whole, tried)


def estimate(savings: Any, whole: Any) -> None:
    """Put estimates where nothing was measured (NaN) in savings [B, R]: what the recipes that were tried on a unit say
    of the others, by ridge regression over the units that are `whole` [B]."""
    import numpy

    known = savings[whole].astype(numpy.float64)
    patterns: dict[bytes, list[int]] = {}
    for row in numpy.flatnonzero(~whole):
        patterns.setdefault(numpy.isnan(savings[row]).tobytes(), []).append(int(row))
    for pattern, units in patterns.items():
        missing = numpy.frombuffer(pattern, dtype=bool)
        seen, centre = known[:, ~missing], known.mean(axis=0)
        seen = seen - centre[~missing]
        gram = seen.T @ seen
        gram += numpy.eye(len(gram)) * max(1e-6, float(numpy.trace(gram)) / len(gram))
        answers = numpy.linalg.solve(gram, seen.T @ (known[:, missing] - centre[missing]))
        for unit in units:
            guess = centre[missing] + (savings[unit, ~missing] - centre[~missing]) @ answers
            savings[unit, missing] = numpy.clip(guess, WORST, None)


def grow(data: TrainingSet, rows: Any, trees: int, seed: int) -> Any:
    """A forest on the given rows of the training set."""
    import numpy
    from sklearn.ensemble import ExtraTreesRegressor

    forest = ExtraTreesRegressor(n_estimators=trees, min_samples_leaf=10, max_features=0.5, random_state=seed, n_jobs=1)
    # What a recipe would lose is no reason for units to be alike: it would not be kept.
    return forest.fit(data.features[rows], numpy.maximum(data.savings[rows], 0.0))


def proximity(forest: Any, bank: Any, vectors: Any) -> Any:
    """Weights [N, B]: the share of trees in which each vector is in a leaf with each bank unit, and the prior."""
    known, new = forest.apply(bank), forest.apply(vectors)
    share = (new[:, None, :] == known[None, :, :]).mean(axis=2)
    return share + PRIOR * share.sum(axis=1, keepdims=True) * kin(bank, vectors)


def kin(bank: Any, vectors: Any) -> Any:
    """How the prior is spread over the units of the bank [N, B]; each row's sum is 1. What it gives to a unit does not
    change with units of other architectures."""
    import numpy

    same = vectors[:, features.ARCHITECTURE] @ bank[:, features.ARCHITECTURE].T
    same = numpy.where(same.max(axis=1, keepdims=True) > 0, same, 1.0)
    return same / same.sum(axis=1, keepdims=True)


KINDS = ("forest", "boosted trees", "mlp")
"""Ways to tell which units of the bank a new one is like; the first is what ships."""

COMPONENTS = 8
"""Principal components of the savings that the other kinds predict."""


def likeness(kind: str, data: TrainingSet, rows: Any, vectors: Any, trees: int, seed: int) -> Any:
    """Weights [N, B] of the units of the bank (`rows` of the training set) for new vectors.

    The forest's are its proximity. The others predict the first components of a unit's savings, and a unit of the bank
    weighs the more the nearer its own are to that."""
    import numpy

    bank = data.features[rows]
    if kind == "forest":
        return proximity(grow(data, rows, trees, seed), bank, vectors)
    from sklearn.decomposition import PCA
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.multioutput import MultiOutputRegressor
    from sklearn.neural_network import MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    parts = PCA(min(COMPONENTS, *data.savings[rows].shape), random_state=seed).fit_transform(
        numpy.maximum(data.savings[rows], 0.0)
    )
    scale = parts.std()
    if kind == "mlp":
        network = MLPRegressor(hidden_layer_sizes=(64,), alpha=1.0, tol=1e-3, max_iter=2000, random_state=seed)
        model = make_pipeline(StandardScaler(), network)
    else:
        boosted = HistGradientBoostingRegressor(max_iter=80, learning_rate=0.06, max_depth=4, random_state=seed)
        model = MultiOutputRegressor(boosted)
    guesses = model.fit(bank, parts / scale).predict(vectors)
    distances = ((guesses[:, None, :] - parts[None, :, :] / scale) ** 2).sum(axis=2)
    nearest = numpy.sort(distances, axis=1)[:, : min(20, distances.shape[1])].mean(axis=1, keepdims=True)
    near = numpy.exp(-distances / nearest)
    return near + PRIOR * near.sum(axis=1, keepdims=True) * kin(bank, vectors)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What cross-validation says of a kind of model: curves for all units and for each target; the threshold of
    forecasts, the share of units below it, and the share of all savings that is lost with them."""

    curves: dict[str, list[Curve]]
    threshold: float
    left_alone: float
    lost: float


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A unit that the model did not see, by its row in the training set: what is forecast of it, and what the recipes
    that are tried were worth, in the model's order and in the fixed best one."""

    unit: int
    forecast: float
    chosen: list[float]
    fixed: list[float]


def try_held_out(data: TrainingSet, held: Any, trees: int, seed: int, kind: str = KINDS[0]) -> Iterator[HeldOut]:
    """Train on all but the `held` units [B], and choose recipes for those of them that are whole."""
    import numpy

    held_whole = held if data.whole is None else held & data.whole
    bank = data.savings[~held]
    weights = likeness(kind, data, ~held, data.features[held_whole], trees, seed)
    order = greedy_cover(numpy.ones(len(bank), dtype=numpy.float32), bank, len(data.recipes))
    for unit, row in zip(map(int, numpy.flatnonzero(held_whole)), weights, strict=True):
        known = data.known(unit)
        proposals = Proposals(data.recipes, row, bank)
        forecast = proposals.forecast()
        proposals.restrict(known.__contains__)
        chosen = [known[recipe] for recipe in choices(proposals, known)]
        yield HeldOut(unit, forecast, chosen, along(order, data.recipes, known))


def along(order: Sequence[int], recipes: Sequence[Recipe], known: dict[Recipe, float]) -> list[float]:
    """What the first recipes, in the order of these columns, are worth that were tried on a unit."""
    tried = (known[recipe] for column in order if (recipe := recipes[column]) in known)
    return list(itertools.islice(tried, max(COUNTS)))


def best_of(values: Sequence[float]) -> float:
    """What is saved when these were tried: clang's own object stays where nothing is smaller."""
    return max([0.0, *values])


def best_at_random(values: Sequence[float], count: int) -> float:
    """What is saved on average when `count` of these are tried, any as likely as any other."""
    ranked = sorted(values)
    count = min(count, len(ranked))
    ways = math.comb(len(ranked), count)
    # The best of them has rank i when it is drawn and all others are from the i ranks below.
    return sum(max(0.0, value) * math.comb(i, count - 1) / ways for i, value in enumerate(ranked)) if count else 0.0


LOSS = 0.005
"""Share of all savings that may be given up for the time of units of which little is expected."""


def judge(data: TrainingSet, trees: int, seed: int, folds: int = 10, kind: str = KINDS[0]) -> Judgement:
    """Cross-validation by package, on the units that are whole: the model, the fixed best order, and the oracle over
    all recipes."""
    import numpy

    names = sorted(set(data.packages))
    chance = numpy.random.default_rng(seed)
    chance.shuffle(names)
    packages = numpy.asarray(data.packages)
    whole = numpy.ones(len(packages), dtype=bool) if data.whole is None else data.whole
    model, fixed = (numpy.zeros((len(packages), len(COUNTS))) for _ in range(2))
    forecasts = numpy.zeros(len(packages))
    for fold in range(min(folds, len(names))):
        held = numpy.isin(packages, names[fold :: min(folds, len(names))])
        for tried in try_held_out(data, held, trees, seed, kind):
            forecasts[tried.unit] = tried.forecast
            model[tried.unit] = [best_of(tried.chosen[:n]) for n in COUNTS]
            fixed[tried.unit] = [best_of(tried.fixed[:n]) for n in COUNTS]
    curves = curves_by_target(data, whole, {"model": model, "fixed order": fixed})
    threshold, left_alone, lost = _threshold(forecasts[whole], model[whole, COUNTS.index(USUAL)])
    return Judgement(curves, threshold, left_alone, lost)


def curves_by_target(data: TrainingSet, whole: Any, tables: dict[str, Any]) -> dict[str, list[Curve]]:
    """Mean savings in percent of the units that are `whole` [B], for all ("") and by target: of each table [B, COUNTS]
    by its name, and of the oracle over all recipes."""
    import numpy

    oracle = numpy.asarray([best_of([*data.known(unit).values()]) for unit in range(len(data.savings))])
    curves = {}
    for target in ("", *sorted(set(data.targets))):
        rows = whole & numpy.asarray([target in ("", own) for own in data.targets])
        if rows.any():
            curves[target] = [
                *(
                    Curve(name, dict(zip(COUNTS, map(float, 100 * table[rows].mean(axis=0)), strict=True)))
                    for name, table in tables.items()
                ),
                Curve("oracle", dict.fromkeys(COUNTS, 100 * float(oracle[rows].mean()))),
            ]
    return curves


def _threshold(forecasts: Any, savings: Any) -> tuple[float, float, float]:
    """The forecast below which units may be left alone for at most `LOSS` of all savings, the share of units
    below it, and what is lost."""
    import numpy

    order = numpy.argsort(forecasts, kind="stable")
    lost = numpy.cumsum(savings[order]) / max(float(savings.sum()), 1e-9)
    # Of equal forecasts all or none are left alone, since the threshold itself is not below it.
    below = int(numpy.searchsorted(lost, LOSS, side="right"))
    threshold = float(forecasts[order[below]]) if below < len(order) else float(forecasts.max())
    alone = forecasts < threshold
    return threshold, float(alone.mean()), float(savings[alone].sum() / max(float(savings.sum()), 1e-9))


def export(
    data: TrainingSet, forest: Any, path: Path, majors: Sequence[int], note: str, threshold: float = 0.0
) -> None:
    """Write the model as one ONNX file that describes itself (see llmcc.model)."""
    import numpy
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    bank = forest.apply(data.features)
    nodes = [
        _leaf_numbers(forest, helper),
        helper.make_node("Unsqueeze", ["leaves", "axis1"], ["leaves_1"]),
        helper.make_node("Equal", ["leaves_1", "bank_leaves"], ["shared"]),
        helper.make_node("Cast", ["shared"], ["shared_f"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["shared_f"], ["share"], axes=[2], keepdims=0),
        helper.make_node("ReduceSum", ["share", "axis1"], ["likeness"], keepdims=1),
        helper.make_node("Slice", ["features", "begin", "end", "axis1"], ["architecture"]),
        helper.make_node("MatMul", ["architecture", "bank_architectures"], ["same"]),
        helper.make_node("ReduceMax", ["same"], ["most"], axes=[1], keepdims=1),
        helper.make_node("Greater", ["most", "zero"], ["is_known"]),
        helper.make_node("Where", ["is_known", "same", "one"], ["kin"]),
        helper.make_node("ReduceSum", ["kin", "axis1"], ["kin_count"], keepdims=1),
        helper.make_node("Div", ["kin", "kin_count"], ["kin_share"]),
        helper.make_node("Mul", ["likeness", "prior"], ["whole_prior"]),
        helper.make_node("Mul", ["whole_prior", "kin_share"], ["spread"]),
        helper.make_node("Add", ["share", "spread"], ["weights"]),
        helper.make_node("Identity", ["bank_savings"], ["savings"]),
    ]
    constants = {
        "axis1": numpy.asarray([1], dtype=numpy.int64),
        "begin": numpy.asarray([features.ARCHITECTURE.start], dtype=numpy.int64),
        "end": numpy.asarray([features.ARCHITECTURE.stop], dtype=numpy.int64),
        "zero": numpy.asarray(0, dtype=numpy.float32),
        "one": numpy.asarray(1, dtype=numpy.float32),
        "bank_architectures": numpy.ascontiguousarray(data.features[:, features.ARCHITECTURE].T),
        "bank_leaves": bank[None, :, :].astype(numpy.float32),
        "prior": numpy.asarray(PRIOR, dtype=numpy.float32),
        "bank_savings": data.savings.astype(numpy.float16),
    }
    width, (units, recipes) = data.features.shape[1], data.savings.shape
    graph = helper.make_graph(
        nodes,
        "llmcc-ranker",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", width])],
        [
            helper.make_tensor_value_info("weights", TensorProto.FLOAT, ["n", units]),
            helper.make_tensor_value_info("savings", TensorProto.FLOAT16, [units, recipes]),
        ],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="llmcc")
    facts = {
        "feature_version": str(features.VERSION),
        "llvm_majors": ",".join(map(str, majors)),
        "targets": ",".join(sorted(set(data.targets))),
        "threshold": f"{threshold:.6f}",
        "recipes": "\n".join(str(recipe) for recipe in data.recipes),
        "note": note,
    }
    helper.set_model_props(model, facts)
    onnx.checker.check_model(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString(deterministic=True))


def _leaf_numbers(forest: Any, helper: Any) -> Any:
    """A TreeEnsembleRegressor whose output t is the number of the leaf that tree t ends in: each leaf
    adds its own number to its tree's target, and nothing to the others."""
    import numpy

    columns: dict[str, list[Any]] = {
        name: [] for name in ("treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids")
    }
    leaf_trees: list[int] = []
    leaf_nodes: list[int] = []
    for number, estimator in enumerate(forest.estimators_):
        tree = estimator.tree_
        # Thresholds are doubles and features floats: rounding down keeps every comparison's answer.
        limits = tree.threshold.astype(numpy.float32)
        limits = numpy.where(limits > tree.threshold, numpy.nextafter(limits, numpy.float32(-numpy.inf)), limits)
        for node in range(tree.node_count):
            leaf = tree.children_left[node] < 0
            columns["treeids"].append(number)
            columns["nodeids"].append(node)
            columns["featureids"].append(0 if leaf else int(tree.feature[node]))
            columns["values"].append(0.0 if leaf else float(limits[node]))
            columns["modes"].append("LEAF" if leaf else "BRANCH_LEQ")
            columns["truenodeids"].append(0 if leaf else int(tree.children_left[node]))
            columns["falsenodeids"].append(0 if leaf else int(tree.children_right[node]))
            if leaf:
                leaf_trees.append(number)
                leaf_nodes.append(node)
    return helper.make_node(
        "TreeEnsembleRegressor",
        ["features"],
        ["leaves"],
        domain="ai.onnx.ml",
        n_targets=len(forest.estimators_),
        target_treeids=leaf_trees,
        target_nodeids=leaf_nodes,
        target_ids=leaf_trees,
        target_weights=[float(node) for node in leaf_nodes],
        **{f"nodes_{name}": values for name, values in columns.items()},
    )
