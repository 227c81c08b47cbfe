"""Enlarge the bank of a model that there is by the units of another search: its recipes, but for those that are known
to be bad now, and its forest stay.

What the forest finds alike it finds alike in new units too. To grow it anew takes the corpus and the results that it
was grown on; to enlarge its bank takes the model file alone. The gain is judged on packages that were left out.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmcc import features
from llmcc.errors import UserError
from llmcc.inference import open_session
from llmcc.model import Proposals, greedy_cover
from llmcc.tune.curves import COUNTS, Curve, choices
from llmcc.tune.evaluate import may_be_mined
from llmcc.tune.train import PRIOR, TrainingSet, best_of, curves_by_target, kin
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
        raise UserError(
            f"{path} is not a model to enlarge ({error}); name one that llmcc-tool train has made"
        ) from error
    if version != features.VERSION:
        raise UserError(f"{path} is for features {version}, not {features.VERSION}; train a model anew")
    good = [column for column, recipe in enumerate(recipes) if may_be_mined(recipe)]
    return Base(model, tuple(recipes[column] for column in good), leaves, architectures, savings[:, good])


def judge(base: Base, data: TrainingSet) -> dict[str, list[Curve]]:
    """Curves on the new units that all recipes were tried on, for all ("") and by target: with the bank as it was, with
    the new units of all other packages in it too, the bank's fixed best order, and the oracle over all recipes."""
    import numpy

    packages = numpy.asarray(data.packages)
    leaves = base.leaves_of(data.features)
    before, after = (numpy.zeros((len(packages), len(COUNTS))) for _ in range(2))
    whole = numpy.ones(len(packages), dtype=bool) if data.whole is None else data.whole
    for unit in map(int, numpy.flatnonzero(whole)):
        truth = data.savings[unit]
        known = dict(zip(data.recipes, map(float, truth), strict=True))
        for curve, others in ((before, packages == ""), (after, packages != packages[unit])):
            weights = _weights(base, data, leaves, others, unit)
            bank = numpy.concatenate([base.savings, data.savings[others]]).astype(numpy.float64)
            chosen = [known[recipe] for recipe in choices(Proposals(data.recipes, weights, bank), known)]
            curve[unit] = [best_of(chosen[:n]) for n in COUNTS]
    order = greedy_cover(numpy.ones(len(base.savings)), base.savings.astype(numpy.float64), max(COUNTS))
    fixed = numpy.asarray([[best_of(row[order[:n]].tolist()) for n in COUNTS] for row in data.savings])
    return curves_by_target(data, whole, {"bank as it was": before, "enlarged": after, "fixed order": fixed})


def _weights(base: Base, data: TrainingSet, leaves: Any, others: Any, unit: int) -> Any:
    """Weights [B + O] of the bank and of the `others` for one of the new units (see llmcc.tune.train.proximity)."""
    import numpy

    bank = numpy.concatenate([base.leaves[0], leaves[others]])
    share = (bank == leaves[unit]).mean(axis=1)
    known = numpy.zeros((len(bank), data.features.shape[1]), dtype=numpy.float32)
    known[:, features.ARCHITECTURE] = numpy.concatenate(
        [base.architectures.T, data.features[others][:, features.ARCHITECTURE]]
    )
    return share + PRIOR * share.mean() * kin(known, data.features[unit : unit + 1])[0]


def write(base: Base, data: TrainingSet, path: Path) -> None:
    """Write the model with the new units in its bank."""
    import numpy
    import onnx
    from onnx import numpy_helper

    model = onnx.ModelProto()
    model.CopyFrom(base.model)
    added = {
        "bank_leaves": (base.leaves, base.leaves_of(data.features)[None], 1),
        "bank_architectures": (base.architectures, data.features[:, features.ARCHITECTURE].T, 1),
        "bank_savings": (base.savings, data.savings, 0),
    }
    for constant in model.graph.initializer:
        if constant.name in added:
            old, new, axis = added[constant.name]
            whole = numpy.concatenate([old, new.astype(old.dtype)], axis=axis)
            constant.CopyFrom(numpy_helper.from_array(numpy.ascontiguousarray(whole), constant.name))
    units = len(base.savings) + len(data.savings)
    weights, savings = (output.type.tensor_type.shape.dim for output in model.graph.output)
    weights[1].dim_value = savings[0].dim_value = units
    savings[1].dim_value = len(base.recipes)
    facts = {entry.key: entry.value for entry in model.metadata_props}
    facts["recipes"] = "\n".join(str(recipe) for recipe in base.recipes)
    facts["targets"] = ",".join(sorted({*facts["targets"].split(","), *data.targets}))
    facts["note"] += f"; enlarged by {len(data.packages)} units of {len(set(data.packages))} packages"
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, facts)
    onnx.checker.check_model(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString(deterministic=True))
