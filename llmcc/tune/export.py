"""Make an export folder (see llmcc.lm.folder) of a causal language model: through Optimum from a model of the
transformers library, or from another folder with its weights in another format."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from llmcc.errors import UserError
from llmcc.lm.folder import DESCRIPTION, Description, model_file, read_description
from llmcc.lm.prompt import LLM_COMPILER
from llmcc.tune.decoder import BLOCK
from toolchain.errors import ToolchainError

DTYPES = ("fp32", "fp16", "int8", "int4")

LICENCE = (
    "Weights of LLM Compiler are under the LLM Compiler License Agreement: whoever passes them on adds a copy of it, "
    "and whoever builds with them shows 'Built with LLM Compiler'."
)
_LICENCE_FILES = ("LICENSE*", "LICENCE*", "USE_POLICY*", "NOTICE*")
_WEIGHTS = ("model.onnx", "model.onnx_data", "model.onnx.data")


def export(source: str, out: Path, dtype: str, description: Description) -> Description:
    """Write the folder `out`; what it says of itself. `source` is a name or path that the transformers library knows,
    or an export folder. Raises UserError."""
    if out.exists() and any(out.iterdir()):
        raise UserError(f"{out} is not empty; name a folder that is to be made")
    path = Path(source)
    try:
        folder: Path | None = path if path.is_dir() and model_file(path).exists() else None
    except ToolchainError:
        folder = None
    out.mkdir(parents=True, exist_ok=True)
    if folder is not None:
        if (folder / DESCRIPTION).exists():
            description = read_description(folder)
        _copy(folder, out)
    else:
        _through_optimum(source, out)
        description = replace(description, source=source)
    if description.prompt == LLM_COMPILER and "compiler" in source.lower() and not description.licence:
        description = replace(description, licence=LICENCE)
    if path.is_dir():
        for pattern in _LICENCE_FILES:
            for text in path.glob(pattern):
                shutil.copy(text, out / text.name)
    if dtype != "fp32":
        quantise(model_file(out), dtype)
    description = replace(description, dtype=dtype)
    description.save(out)
    return read_description(out)


def _copy(folder: Path, out: Path) -> None:
    if read_description(folder).dtype != "fp32":
        raise UserError(f"the weights in {folder} are rounded already; begin with those in fp32")
    weights = model_file(folder)
    for path in (*weights.parent.glob(f"{weights.name}*"), *folder.glob("*.json")):
        shutil.copy(path, out / path.name)


def _through_optimum(source: str, out: Path) -> None:
    try:
        from optimum.exporters.onnx import main_export
    except ImportError as error:
        raise UserError(f"exporting needs {error.name}; run `pip install llmcc[export]`") from error
    try:
        # With a cache: one token is read at a time.
        main_export(source, output=out, task="text-generation-with-past", do_validation=False)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        words = str(error).strip().splitlines() or [type(error).__name__]
        raise UserError(f"{source} cannot be exported: {words[0]}; see whether transformers loads it") from error
    if not (out / "tokenizer.json").exists():
        raise UserError(f"{source} has no tokenizer.json; make it with save_pretrained of its fast tokenizer")


def quantise(path: Path, dtype: str) -> None:
    """Put the weights of an ONNX model into another format, in place. Raises UserError when a package is missing."""
    try:
        model = _half(path) if dtype == "fp16" else _int4(path) if dtype == "int4" else None
        temporary = path.with_name("quantised.onnx")
        if model is None:
            from onnxruntime.quantization import QuantType, quantize_dynamic

            large = sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*")) > _LARGE
            quantize_dynamic(path, temporary, weight_type=QuantType.QInt8, use_external_data_format=large)
        else:
            _save(model, temporary)
    except ImportError as error:
        raise UserError(f"--dtype {dtype} needs {error.name}; run `pip install llmcc[train]`") from error
    for name in _WEIGHTS:
        (path.parent / name).unlink(missing_ok=True)
    # Weights that are apart are found by the name that the model has for them.
    temporary.rename(path)


_LARGE = 1 << 30
"""Bytes from which weights are in a file of their own: a protobuf ends at twice that."""


def _half(path: Path) -> Any:
    import onnx
    from onnxruntime.transformers.float16 import convert_float_to_float16

    return convert_float_to_float16(onnx.load(path), keep_io_types=False, disable_shape_infer=True)


def _int4(path: Path) -> Any:
    import onnx
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

    quantiser = MatMulNBitsQuantizer(onnx.load(path), block_size=BLOCK, is_symmetric=True)
    quantiser.process()
    return quantiser.model.model


def _save(model: Any, path: Path) -> None:
    import onnx

    onnx.save(model, str(path), save_as_external_data=model.ByteSize() > _LARGE, location="model.onnx_data")
