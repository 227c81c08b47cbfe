"""Enlarge the bank of a model that there is by the units of another search, and by the recipes that it has found: those
of the model, but for what is known to be bad now, and its forest stay.

What the forest finds alike it finds alike in new units too. To grow it anew takes the corpus and the results that it
was grown on; to enlarge its bank takes the model file alone. What a new recipe is worth on the units that the model
knows is estimated from what the others are worth there. The gain is judged on packages that were left out.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from llmcc import features
from llmcc.errors import UserError
from llmcc.inference import open_session
from llmcc.model import Proposals, greedy_cover
from llmcc.tune.curves import COUNTS, Curve, choices
from llmcc.tune.evaluate import may_be_mined
from llmcc.tune.train import PRIOR, TrainingSet, along, best_of, curves_by_target, estimate, kin
from toolchain.passes import Recipe

BANK = ("bank_leaves", "bank_architectures", "bank_savings")
"""The constants of a model's graph that hold its bank: the leaf that each unit ends in by tree [1, B, T], the
architecture as features [A, B], and what each recipe was worth [B, R]."""


@dataclass(frozen=True, slots=True)
class Base:
    """A model to enlarge: the ONNX model itself, those of its recipes that may still be proposed, and its bank as in
    `BANK`, with the columns of these."""

    model: Any
    recipes: tuple[Recipe, ...]
    leaves: Any
    architectures: Any
    savings: Any

    def leaves_of(self, vectors: Any) -> Any:
        """The leaves [N, T] that vectors [N, F] end in, as the model itself finds them."""
        import numpy
        import onnx

        shown = onnx.ModelProto()
        shown.CopyFrom(self.model)
        shown.graph.output.append(onnx.helper.make_tensor_value_info("leaves", onnx.TensorProto.FLOAT, ["n", "t"]))
        session = open_session(shown.SerializeToString(), cuda=False)
        return session.run(["leaves"], {"features": vectors.astype(numpy.float32)})[0]

    def of(self, architecture: Any) -> Any:
        """Which units of the bank are of an architecture, given as features [A], as a mask [B]."""
        return (architecture == self.architectures.T).all(axis=1)

    def only(self, units: Any) -> "Base":
        """The model with these units of its bank alone, a mask [B]."""
        return replace(
            self,
            leaves=self.leaves[:, units],
            architectures=self.architectures[:, units],
            savings=self.savings[units],
        )


def read_base(path: Path) -> Base:
    """The model to enlarge. Raises UserError when `path` is not one that `llmcc-tool train` has made."""
    import onnx
    from onnx import numpy_helper

    try:
        model = onnx.load(str(path))
        facts = {entry.key: entry.value for entry in model.metadata_props}
        version = int(facts["feature_version"])
        recipes = tuple(Recipe.parse(line) for line in facts["recipes"].split("\n"))
        constants = {constant.name: numpy_helper.to_array(constant) for constant in model.graph.initializer}
        leaves, architectures, savings = (constants[name] for name in BANK)
    except Exception as error:
        why = (str(error).splitlines() or [type(error).__name__])[0]
        raise UserError(f"{path} is not a model to enlarge ({why}); name one that llmcc-tool train has made") from error
    if version != features.VERSION:
        raise UserError(f"{path} is for features {version}, not {features.VERSION}; train a model anew")
    good = [column for column, recipe in enumerate(recipes) if may_be_mined(recipe)]
    return Base(model, tuple(recipes[column] for column in good), leaves, architectures, savings[:, good])


NEGLIGIBLE = 0.001
"""What a unit may lose for want of recipes that were not tried, as a fraction of its size."""


def covering(base: Base, architecture: Any) -> list[int]:
    """The columns of recipes that together give all units of the bank of an architecture (given as features [A]) nearly
    what all do. All recipes, where the bank has no such unit."""
    import numpy

    rows = base.savings[base.of(architecture)].astype(numpy.float32)
    if not len(rows):
        return list(range(len(base.recipes)))
    order = greedy_cover(numpy.ones(len(rows), dtype=numpy.float32), rows, len(base.recipes))
    best = numpy.maximum.accumulate(numpy.maximum(rows[:, order], 0.0), axis=1)
    return order[: 1 + int(numpy.argmax((best >= best[:, -1:] - NEGLIGIBLE).all(axis=0)))]


def plan(base: Base, target: str) -> list[Recipe]:
    """The recipes to try on units for an LLVM target, for the bank to be enlarged by them."""
    import numpy

    # The target is all that the features of an architecture look at.
    vector = features.extract(b'target triple = "%s-"' % os.fsencode(target))
    return [base.recipes[column] for column in covering(base, numpy.asarray(vector[features.ARCHITECTURE]))]


def complete(base: Base, savings: Any, vectors: Any) -> None:
    """Put estimates of the model's other recipes in savings [N, R] of new units with features [N, F], where those that
    cover the bank of the architecture, and all new recipes, were tried on a unit: no other needs to be."""
    import numpy

    kinds = vectors[:, features.ARCHITECTURE]
    new = range(len(base.recipes), savings.shape[1])
    for kind in numpy.unique(kinds, axis=0):
        bank = base.savings[base.of(kind)]
        needed = [*covering(base, kind), *new]
        rows = (kinds == kind).all(axis=1) & ~numpy.isnan(savings[:, needed]).any(axis=1)
        if len(bank) and rows.any():
            table = numpy.concatenate([bank, savings[rows, : len(base.recipes)]]).astype(numpy.float64)
            estimate(table, numpy.arange(len(table)) < len(bank))
            savings[rows, : len(base.recipes)] = table[len(bank) :]


SAME = 0.003
"""A unit that ends in the same leaves of all trees, and of which no recipe saves by so much more or less (a fraction of
the size), is the same unit."""


def without_known(base: Base, data: TrainingSet) -> Base:
    """The model without those units of its bank that are among the new ones: these say more, and none counts twice."""
    import numpy

    leaves = base.leaves_of(data.features)
    mine = [data.recipes.index(recipe) for recipe in base.recipes]
    kept = []
    for unit, row in enumerate(base.savings):
        alike = numpy.flatnonzero((leaves == base.leaves[0, unit]).all(axis=1))
        kept.append(
            not (numpy.abs(data.savings[alike][:, mine] - row).max(axis=1) < SAME).any() if alike.size else True
        )
    return base.only(numpy.asarray(kept))


FEW = 20
"""With fewer new units of its architecture, what a recipe is worth on a unit is estimated from those of all."""


def widened(base: Base, recipes: Sequence[Recipe], savings: Any, architectures: Any) -> Base:
    """The model with further recipes: `recipes` begins with its own, and `savings` [U, R] says what all were worth on
    units of these `architectures` [U, A], by which the others are estimated for the units of its bank."""
    import numpy

    if len(recipes) == len(base.recipes):
        return base
    unknown = numpy.full((len(base.savings), len(recipes) - len(base.recipes)), numpy.nan)
    table = numpy.concatenate([base.savings, unknown], axis=1).astype(numpy.float64)
    for architecture in numpy.unique(base.architectures.T, axis=0):
        mine = base.of(architecture)
        # Code generation options that help one architecture do nothing, or harm, on another.
        alike = (architectures == architecture).all(axis=1)
        known = savings[alike] if alike.sum() >= FEW else savings
        both = numpy.concatenate([known, table[mine]]).astype(numpy.float64)
        estimate(both, numpy.arange(len(both)) < len(known))
        table[mine] = both[len(known) :]
    return replace(base, recipes=tuple(recipes), savings=table.astype(base.savings.dtype))


def judge(base: Base, data: TrainingSet) -> dict[str, list[Curve]]:
    """Curves on the new units that all recipes were tried on, for all ("") and by target: of the model as it was, of it
    with the new recipes and the new units of all other packages, of the bank's fixed best order, and of the oracle."""
    import numpy

    packages = numpy.asarray(data.packages)
    leaves = base.leaves_of(data.features)
    before, after = (numpy.zeros((len(packages), len(COUNTS))) for _ in range(2))
    whole = numpy.ones(len(packages), dtype=bool) if data.whole is None else data.whole
    kinds = data.features[:, features.ARCHITECTURE]
    for package in sorted(set(data.packages)):
        mine = packages == package
        rest = whole & ~mine
        wider = widened(base, data.recipes, data.savings[rest], kinds[rest]) if rest.any() else base
        for unit in map(int, numpy.flatnonzero(whole & mine)):
            known = data.known(unit)
            for curve, model, others in ((before, base, packages == ""), (after, wider, ~mine)):
                count = len(model.recipes)
                weights = _weights(model, data, leaves, others, unit)
                bank = numpy.concatenate([model.savings, data.savings[others][:, :count]]).astype(numpy.float64)
                proposals = Proposals(data.recipes[:count], weights, bank)
                proposals.restrict(known.__contains__)
                chosen = [known[recipe] for recipe in choices(proposals, known)]
                curve[unit] = [best_of(chosen[:n]) for n in COUNTS]
    order = greedy_cover(numpy.ones(len(base.savings)), base.savings.astype(numpy.float64), len(base.recipes))
    tried = (along(order, data.recipes, data.known(unit)) for unit in range(len(data.savings)))
    fixed = numpy.asarray([[best_of(values[:n]) for n in COUNTS] for values in tried])
    return curves_by_target(data, whole, {"as it was": before, "enlarged": after, "fixed order": fixed})


def _weights(base: Base, data: TrainingSet, leaves: Any, others: Any, unit: int) -> Any:
    """Weights [B + O] of the bank and of the `others` for one of the new units (see llmcc.tune.train.proximity)."""
    import numpy

    bank = numpy.concatenate([base.leaves[0], leaves[others]])
    share = (bank == leaves[unit]).mean(axis=1)
    known = numpy.zeros((len(bank), data.features.shape[1]), dtype=numpy.float32)
    known[:, features.ARCHITECTURE] = numpy.concatenate(
        [base.architectures.T, data.features[others][:, features.ARCHITECTURE]]
    )
    return share + PRIOR * share.sum() * kin(known, data.features[unit : unit + 1])[0]


def write(base: Base, data: TrainingSet, path: Path) -> None:
    """Write the model with the new units in its bank."""
    import numpy
    import onnx

    model = onnx.ModelProto()
    model.CopyFrom(base.model)
    facts = facts_of(model)
    facts["recipes"] = "\n".join(str(recipe) for recipe in base.recipes)
    facts["targets"] = ",".join(sorted({*facts["targets"].split(","), *data.targets}))
    facts["note"] += f"; enlarged by {len(data.packages)} units of {len(set(data.packages))} packages"
    leaves = numpy.concatenate([base.leaves, base.leaves_of(data.features)[None].astype(base.leaves.dtype)], axis=1)
    write_bank(
        model,
        leaves,
        (base.architectures, data.features[:, features.ARCHITECTURE].T),
        (base.savings, data.savings),
        facts,
        path,
    )


def facts_of(model: Any) -> dict[str, str]:
    """What a model's file says of itself (see llmcc.tune.train.export)."""
    return {entry.key: entry.value for entry in model.metadata_props}


def write_bank(
    model: Any, leaves: Any, architectures: Sequence[Any], savings: Sequence[Any], facts: dict[str, str], path: Path
) -> None:
    """Write a model with the bank that these `leaves`, `architectures` and `savings` make, the last two in parts one
    behind the other, and what its file says of itself."""
    import numpy
    import onnx
    from onnx import numpy_helper

    bank = dict(zip(BANK, (leaves, numpy.concatenate(architectures, axis=1), numpy.concatenate(savings)), strict=True))
    for constant in model.graph.initializer:
        if constant.name in bank:
            table = numpy.ascontiguousarray(bank[constant.name], dtype=numpy_helper.to_array(constant).dtype)
            constant.CopyFrom(numpy_helper.from_array(table, constant.name))
    weights, table = (output.type.tensor_type.shape.dim for output in model.graph.output)
    units, recipes = bank["bank_savings"].shape
    weights[1].dim_value = table[0].dim_value = units
    table[1].dim_value = recipes
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, facts)
    onnx.checker.check_model(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString(deterministic=True))
