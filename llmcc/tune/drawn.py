"""Write the folder of a decoder of any shape with weights drawn by chance: what a model of that size costs in time and
memory can be measured without anybody's weights. They go to a file beside the graph, piece by piece: writing them takes
no more memory than a small model."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from llmcc.errors import UserError
from llmcc.lm.folder import Description
from llmcc.tune.decoder import BLOCK, Shape, graph_of, write_graph, write_words
from llmcc.tune.language import train_tokenizer

DTYPES = ("fp32", "fp16", "int4")

DATA = "model.onnx_data"
_PIECE = 1 << 22
"""Weights that are drawn; longer tensors have them several times."""

_PAGE = 4096
"""Tensors begin at multiples of this, so that they can be mapped."""

_SPREAD = 0.02
_WORDS = 512


def write_drawn(folder: Path, shape: Shape, dtype: str, seed: int = 1) -> Description:
    """Write the folder, which must not be there. Raises UserError."""
    if shape.vocabulary < _WORDS or shape.width % (shape.heads * BLOCK):
        raise UserError(
            f"{shape.vocabulary} tokens and width {shape.width} with {shape.heads} heads make no model; give at least "
            f"{_WORDS} tokens and a width that is a multiple of {BLOCK} for each head"
        )
    if folder.exists() and any(folder.iterdir()):
        raise UserError(f"{folder} is not empty; name a folder that is to be made")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / DATA).open("wb") as file:
            constants, packed = _write_weights(file, shape, dtype, seed)
        number = "float16" if dtype == "fp16" else "float32"
        write_graph(folder, graph_of(shape, constants, number, packed))
    except OSError as error:
        (folder / DATA).unlink(missing_ok=True)
        raise UserError(f"{folder} cannot be written: {error.strerror}; name another folder") from error
    description = Description(context=shape.context, dtype=dtype, source=f"drawn by chance, seed {seed}")
    write_words(folder, shape, train_tokenizer(["module(default<Oz>)"], _WORDS), description)
    return description


def _write_weights(file: BinaryIO, shape: Shape, dtype: str, seed: int) -> tuple[list[Any], set[str]]:
    """The tensors of a graph whose weights are in the file, and the matrices that are packed."""
    import numpy

    chance = numpy.random.default_rng(seed)
    drawn = chance.normal(0.0, _SPREAD, _PIECE).astype(numpy.float16 if dtype == "fp16" else numpy.float32)
    nibbles = chance.integers(0, 256, _PIECE, dtype=numpy.uint8)
    scale = numpy.full(_PIECE // BLOCK, _SPREAD / 4.0, dtype=drawn.dtype)
    constants, packed = [], set()
    for name, size in shape.weights().items():
        if len(size) == 1:
            whole = numpy.full(size, float(name.endswith(".scale")), dtype=drawn.dtype)
            constants.append(_write(file, name, size, whole))
        elif dtype == "int4" and name not in ("tokens", "positions"):
            rows, columns = size
            packed.add(name)
            constants.append(_write(file, f"{name}.packed", (columns, rows // BLOCK, BLOCK // 2), nibbles))
            constants.append(_write(file, f"{name}.scales", (columns * rows // BLOCK,), scale))
        else:
            constants.append(_write(file, name, size, drawn))
    return constants, packed


def _write(file: BinaryIO, name: str, size: tuple[int, ...], values: Any) -> Any:
    """Write a tensor that has these values again and again, and say where it is."""
    from onnx import TensorProto, helper

    file.write(bytes(-file.tell() % _PAGE))
    offset = file.tell()
    for piece in _pieces(values, math.prod(size)):
        file.write(piece)
    tensor = TensorProto(name=name, dims=size, data_type=helper.np_dtype_to_tensor_dtype(values.dtype))
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", DATA), ("offset", offset), ("length", file.tell() - offset)):
        tensor.external_data.add(key=key, value=str(value))
    return tensor


def _pieces(values: Any, count: int) -> Iterator[Any]:
    for begin in range(0, count, len(values)):
        yield values[: count - begin].data
