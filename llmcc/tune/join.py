"""Join a forest that was grown on the units of one search to a model that there is, in place of what the model knows of
these units' architectures; what it knows of others stays, with the trees that say which units of those are alike.

A vector of an architecture that one of the two has units of ends in no leaf of the other's trees, and a unit of the
bank is in leaves of its own trees only.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmcc import features
from llmcc.tune.enlarge import Base, facts_of, write_bank
from llmcc.tune.train import TrainingSet

NOWHERE, ELSEWHERE = -1.0, -2.0
"""In place of a leaf: of a unit of the bank in trees that are not its own, and of a vector in such trees."""

_NODES = ["treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids"]
_TARGETS = ["treeids", "nodeids", "ids", "weights"]


@dataclass(frozen=True, slots=True)
class Trees:
    """The attributes of a TreeEnsembleRegressor by name (see llmcc.tune.train.export), and the number of its trees."""

    nodes: dict[str, list[Any]]
    targets: dict[str, list[Any]]
    count: int


def without_kinds_of(base: Base, data: TrainingSet) -> Base:
    """The model without units of the architectures that the training set has units of."""
    import numpy

    kinds = numpy.unique(data.features[:, features.ARCHITECTURE], axis=0)
    return base.only(~numpy.any([base.of(kind) for kind in kinds], axis=0))


def join(base: Base, path: Path) -> None:
    """Add the units of a model and its trees to the one at `path`, as llmcc.tune.train.export has just written it, for
    the same recipes and other architectures."""
    import numpy
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load(str(path))
    constants = {constant.name: numpy_helper.to_array(constant) for constant in model.graph.initializer}
    kinds = constants["bank_architectures"]
    # Trees that grew on units of which none is left say nothing of those that are.
    alive = (base.leaves[0] != NOWHERE).any(axis=0)
    mine, others = _read(model), _only(_read(base.model), alive)
    both = _joined(_behind(mine, _present(base.architectures)), _behind(others, _present(kinds)))
    (node,) = [node for node in model.graph.node if node.op_type == "TreeEnsembleRegressor"]
    trees: dict[str, Any] = {f"nodes_{name}": values for name, values in both.nodes.items()}
    trees |= {f"target_{name}": values for name, values in both.targets.items()}
    words = node.op_type, list(node.input), list(node.output)
    node.CopyFrom(helper.make_node(*words, domain=node.domain, n_targets=both.count, **trees))
    leaves = constants["bank_leaves"]
    units, kept = leaves.shape[1], len(base.savings)
    table = numpy.full((1, units + kept, mine.count + others.count), NOWHERE, dtype=leaves.dtype)
    table[:, :units, : mine.count] = leaves
    table[:, units:, mine.count :] = base.leaves[:, :, alive]
    facts, old = facts_of(model), facts_of(base.model)
    # Of units of other architectures less may be expected.
    facts["threshold"] = min(facts["threshold"], old["threshold"], key=float)
    facts["targets"] = ",".join(sorted({*facts["targets"].split(","), *old["targets"].split(",")}))
    facts["note"] += f"; joined to {kept} units of a model of {old['note']}"
    write_bank(model, table, (kinds, base.architectures), (constants["bank_savings"], base.savings), facts, path)


def _present(architectures: Any) -> list[int]:
    """The numbers of those that there are units of; `architectures` [A, B]."""
    return [number for number, row in enumerate(architectures) if row.any()]


def _read(model: Any) -> Trees:
    from onnx import helper

    (node,) = [node for node in model.graph.node if node.op_type == "TreeEnsembleRegressor"]
    facts = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
    nodes = {name: list(facts[f"nodes_{name}"]) for name in _NODES}
    nodes["modes"] = [mode.decode() for mode in nodes["modes"]]
    return Trees(nodes, {name: list(facts[f"target_{name}"]) for name in _TARGETS}, facts["n_targets"])


def _only(trees: Trees, alive: Any) -> Trees:
    """These of the trees, a mask [T], by new numbers."""
    numbers = {tree: number for number, tree in enumerate(index for index, is_alive in enumerate(alive) if is_alive)}

    def kept(columns: dict[str, list[Any]]) -> dict[str, list[Any]]:
        rows = [at for at, tree in enumerate(columns["treeids"]) if tree in numbers]
        left = {name: [values[at] for at in rows] for name, values in columns.items()}
        renumbered = [name for name in ("treeids", "ids") if name in left]
        return left | {name: [numbers[tree] for tree in left[name]] for name in renumbered}

    return Trees(kept(trees.nodes), kept(trees.targets), len(numbers))


def _behind(trees: Trees, kinds: list[int]) -> Trees:
    """The trees behind branches that lead vectors of other architectures, by their numbers, to a leaf ELSEWHERE."""
    nodes: dict[str, list[Any]] = {name: [] for name in _NODES}
    shift = 2 * len(kinds)

    def add(*row: Any) -> None:
        for name, value in zip(_NODES, row, strict=True):
            nodes[name].append(value)

    targets = {name: list(values) for name, values in trees.targets.items()}
    targets["nodeids"] = [number + shift for number in targets["nodeids"]]
    for at, tree in enumerate(trees.nodes["treeids"]):
        # Every tree begins with its root, which is its node 0.
        if trees.nodes["nodeids"][at] == 0:
            for number, kind in enumerate(kinds):
                column = features.ARCHITECTURE.start + kind
                add(tree, 2 * number, column, 0.5, "BRANCH_LEQ", 2 * number + 2, 2 * number + 1)
                add(tree, 2 * number + 1, 0, 0.0, "LEAF", 0, 0)
                for name, value in zip(_TARGETS, (tree, 2 * number + 1, tree, ELSEWHERE), strict=True):
                    targets[name].append(value)
        row = {name: trees.nodes[name][at] for name in _NODES}
        row["nodeids"] += shift
        if row["modes"] != "LEAF":
            row["truenodeids"] += shift
            row["falsenodeids"] += shift
        add(*(row[name] for name in _NODES))
    return Trees(nodes, targets, trees.count)


def _joined(first: Trees, second: Trees) -> Trees:
    """Both forests, the second's trees behind those of the first."""
    further = {"treeids": first.count, "ids": first.count}

    def behind(mine: dict[str, list[Any]], others: dict[str, list[Any]]) -> dict[str, list[Any]]:
        return {
            name: mine[name] + ([value + further[name] for value in others[name]] if name in further else others[name])
            for name in mine
        }

    return Trees(behind(first.nodes, second.nodes), behind(first.targets, second.targets), first.count + second.count)
