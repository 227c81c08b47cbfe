"""A small decoder as an ONNX graph with a key-value cache, in the interface of Optimum's exports.

Pre-norm transformer: learnt positions, LayerNorm, multi-head attention, a feed-forward layer with SiLU, and an output
that shares the embedding. Weights are numpy arrays; `llmcc.tune.language` trains them, tests draw them by chance.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmcc.lm.folder import Description

OPSET = 17
_EPSILON = 1e-5
_NEVER = -3e4
"""Added to the scores of tokens that may not be looked at; finite, also in fp16, so that a row of padding alone is no
NaN."""

BLOCK = 32
"""Weights that share one scale in int4."""

_CONTRIBUTED = "com.microsoft"


@dataclass(frozen=True, slots=True)
class Shape:
    """Numbers of tokens in the vocabulary and in the context, and of layers and heads; width of a token."""

    vocabulary: int
    context: int
    layers: int = 4
    heads: int = 4
    width: int = 192

    def weights(self) -> dict[str, tuple[int, ...]]:
        """The name and shape of every weight, in a fixed order."""
        d = self.width
        shapes: dict[str, tuple[int, ...]] = {"tokens": (self.vocabulary, d), "positions": (self.context, d)}
        for layer in range(self.layers):
            for name in ("before", "between"):
                shapes |= {f"{layer}.{name}.scale": (d,), f"{layer}.{name}.bias": (d,)}
            shapes |= {f"{layer}.attention": (d, 3 * d), f"{layer}.gather": (d, d)}
            shapes |= {f"{layer}.up": (d, 4 * d), f"{layer}.down": (4 * d, d)}
        return shapes | {"last.scale": (d,), "last.bias": (d,)}


def drawn_weights(shape: Shape, seed: int, spread: float = 0.2) -> dict[str, Any]:
    """Weights by chance."""
    import numpy

    chance = numpy.random.default_rng(seed)
    weights = {}
    for name, size in shape.weights().items():
        if name.endswith((".scale", ".bias")):
            weights[name] = numpy.full(size, float(name.endswith(".scale")), dtype=numpy.float32)
        else:
            weights[name] = chance.normal(0.0, spread, size).astype(numpy.float32)
    return weights


def write_folder(
    folder: Path, shape: Shape, weights: Mapping[str, Any], tokenizer: Any, description: Description
) -> None:
    """Write an export folder (see llmcc.lm.folder)."""
    folder.mkdir(parents=True, exist_ok=True)
    write_graph(folder, decoder_graph(shape, weights))
    write_words(folder, shape, tokenizer, description)


def write_graph(folder: Path, model: Any) -> None:
    """Write model.onnx, and see whether it is one; weights that are apart must be there already."""
    import onnx

    (folder / "model.onnx").write_bytes(model.SerializeToString(deterministic=True))
    onnx.checker.check_model(str(folder / "model.onnx"))


def write_words(folder: Path, shape: Shape, tokenizer: Any, description: Description) -> None:
    """Write all of a folder but its graph."""
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "model_type": "llmcc",
        "vocab_size": shape.vocabulary,
        "max_position_embeddings": shape.context,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "hidden_size": shape.width,
    }
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    description.save(folder)


def decoder_graph(shape: Shape, weights: Mapping[str, Any]) -> Any:
    """The model with these weights in it."""
    from onnx import numpy_helper

    return graph_of(shape, [numpy_helper.from_array(value, name) for name, value in weights.items()])


def graph_of(shape: Shape, constants: Sequence[Any], number: str = "float32", packed: Collection[str] = ()) -> Any:
    """The model with its weights as tensors of ONNX, which compute in that kind of number: input_ids, attention_mask,
    position_ids and past_key_values.N.key/value in; logits and present.N.key/value out.

    A matrix M that is `packed` is there as M.packed [columns, rows / BLOCK, BLOCK / 2] and M.scales, four bits for each
    weight."""
    from onnx import helper

    graph = _Graph(shape, constants, number, packed)
    hidden = graph.add(
        "Add", graph.add("Gather", "tokens", "input_ids"), graph.add("Gather", "positions", "position_ids")
    )
    mask = _mask(graph)
    presents = []
    for layer in range(shape.layers):
        hidden, present = _layer(graph, shape, layer, hidden, mask)
        presents += present
    hidden = graph.add("LayerNormalization", hidden, "last.scale", "last.bias", epsilon=_EPSILON)
    graph.add("MatMul", hidden, graph.add("Transpose", "tokens", perm=[1, 0]), to="logits")
    kind, whole = helper.np_dtype_to_tensor_dtype(graph.number), helper.np_dtype_to_tensor_dtype(graph.whole)
    head = shape.width // shape.heads

    def cached(name: str, length: str) -> Any:
        return helper.make_tensor_value_info(name, kind, ["batch", shape.heads, length, head])

    names = [f"{layer}.{part}" for layer in range(shape.layers) for part in ("key", "value")]
    inputs = [
        helper.make_tensor_value_info("input_ids", whole, ["batch", "sequence"]),
        helper.make_tensor_value_info("attention_mask", whole, ["batch", "total"]),
        helper.make_tensor_value_info("position_ids", whole, ["batch", "sequence"]),
        *(cached(f"past_key_values.{name}", "past") for name in names),
    ]
    outputs = [
        helper.make_tensor_value_info("logits", kind, ["batch", "sequence", shape.vocabulary]),
        *(cached(f"present.{name}", "total") for name in names),
    ]
    made = helper.make_graph(graph.nodes, "llmcc-decoder", inputs, outputs, graph.constants)
    imports = [helper.make_opsetid("", OPSET), *([helper.make_opsetid(_CONTRIBUTED, 1)] if packed else [])]
    return helper.make_model(made, opset_imports=imports, ir_version=8, producer_name="llmcc")


class _Graph:
    """Nodes and constants while they are gathered; names of results are made up."""

    def __init__(self, shape: Shape, constants: Sequence[Any], number: str, packed: Collection[str]) -> None:
        import numpy
        from onnx import numpy_helper

        self._from_array = numpy_helper.from_array
        self._shapes = shape.weights()
        self._packed = packed
        self.number, self.whole = numpy.dtype(number), numpy.dtype("int64")
        self.nodes: list[Any] = []
        self.constants: list[Any] = [*constants]

    def add(self, operator: str, *inputs: str, to: str = "", **attributes: Any) -> str:
        from onnx import helper

        name = to or f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def multiply(self, hidden: str, matrix: str) -> str:
        """The product with a matrix of weights."""
        if matrix not in self._packed:
            return self.add("MatMul", hidden, matrix)
        rows, columns = self._shapes[matrix]
        how: dict[str, Any] = {"K": rows, "N": columns, "bits": 4, "block_size": BLOCK, "domain": _CONTRIBUTED}
        return self.add("MatMulNBits", hidden, f"{matrix}.packed", f"{matrix}.scales", **how)

    def number_of(self, value: float) -> str:
        """A constant of the kind of number that the model computes in."""
        return self.constant(value, self.number.name)

    def constant(self, value: Any, kind: str = "int64") -> str:
        import numpy

        name = f"c{len(self.constants)}"
        self.constants.append(self._from_array(numpy.asarray(value, dtype=kind), name))
        return name


def _mask(graph: _Graph) -> str:
    """[batch, 1, sequence, total]: 0 where a token may look, a large negative number where it may not."""
    zero, one = graph.constant([0]), graph.constant([1])
    sequence = graph.add("Gather", graph.add("Shape", "input_ids"), graph.constant(1))
    total = graph.add("Gather", graph.add("Shape", "attention_mask"), graph.constant(1))
    nothing, step = graph.constant(0), graph.constant(1)
    past = graph.add("Sub", total, sequence)
    rows = graph.add("Unsqueeze", graph.add("Range", past, total, step), one)
    columns = graph.add("Unsqueeze", graph.add("Range", nothing, total, step), zero)
    behind = graph.add("LessOrEqual", columns, rows)
    there = graph.add("Unsqueeze", graph.add("Equal", "attention_mask", graph.constant(1)), graph.constant([1, 2]))
    allowed = graph.add("And", there, behind)
    return graph.add("Where", allowed, graph.number_of(0.0), graph.number_of(_NEVER))


def _layer(graph: _Graph, shape: Shape, layer: int, hidden: str, mask: str) -> tuple[str, list[str]]:
    head = shape.width // shape.heads
    normed = graph.add("LayerNormalization", hidden, f"{layer}.before.scale", f"{layer}.before.bias", epsilon=_EPSILON)
    mixed = graph.multiply(normed, f"{layer}.attention")
    # [batch, sequence, 3, heads, head] -> [3, batch, heads, sequence, head]
    mixed = graph.add("Reshape", mixed, graph.constant([0, 0, 3, shape.heads, head]))
    mixed = graph.add("Transpose", mixed, perm=[2, 0, 3, 1, 4])
    query, key, value = (graph.add("Gather", mixed, graph.constant(at), axis=0) for at in range(3))
    past = f"past_key_values.{layer}"
    key = graph.add("Concat", f"{past}.key", key, axis=2, to=f"present.{layer}.key")
    value = graph.add("Concat", f"{past}.value", value, axis=2, to=f"present.{layer}.value")
    scores = graph.add("MatMul", query, graph.add("Transpose", key, perm=[0, 1, 3, 2]))
    scores = graph.add("Mul", scores, graph.number_of(head**-0.5))
    shares = graph.add("Softmax", graph.add("Add", scores, mask), axis=-1)
    seen = graph.add("Transpose", graph.add("MatMul", shares, value), perm=[0, 2, 1, 3])
    seen = graph.add("Reshape", seen, graph.constant([0, 0, shape.width]))
    hidden = graph.add("Add", hidden, graph.multiply(seen, f"{layer}.gather"))
    normed = graph.add(
        "LayerNormalization", hidden, f"{layer}.between.scale", f"{layer}.between.bias", epsilon=_EPSILON
    )
    wide = graph.multiply(normed, f"{layer}.up")
    wide = graph.add("Mul", wide, graph.add("Sigmoid", wide))
    return graph.add("Add", hidden, graph.multiply(wide, f"{layer}.down")), [key, value]
