"""An export folder: model.onnx, tokenizer.json, config.json, and llmcc.json, which says what they are.

A folder that Optimum has written and we have not has no llmcc.json: it is taken for LLM Compiler FTD's.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from llmcc.lm.prompt import FORMATS, LLM_COMPILER
from llmcc.tune.options import may_be_set
from toolchain.errors import ToolchainError

DESCRIPTION = "llmcc.json"
_CONTEXTS = ("max_position_embeddings", "n_positions", "max_sequence_length", "seq_length")
_NO_WEIGHTS = (".json", ".txt", ".md", ".jinja", ".model", ".py", ".pdf")
_LARGEST_CONTEXT = 16384


@dataclass(frozen=True, slots=True)
class Description:
    """What a folder says of itself: the form of prompts, the LLVM whose lists it writes, tokens of prompt and answer
    together (0: what config.json says), the number format of its weights, the options that may follow a list, what its
    licence asks for, and where it is from. `feedback`: it was trained to be asked again with the sizes of what was
    tried."""

    prompt: str = LLM_COMPILER
    llvm_major: int = 17
    context: int = 0
    dtype: str = "fp32"
    options: tuple[str, ...] = field(default=())
    feedback: bool = False
    licence: str = ""
    source: str = ""
    version: int = 1

    def save(self, folder: Path) -> None:
        (folder / DESCRIPTION).write_text(json.dumps(asdict(self), indent=1, sort_keys=True) + "\n")


def read_description(folder: Path) -> Description:
    """What a folder says of itself, with the context that its config.json states. Raises ToolchainError."""
    if not folder.is_dir():
        raise ToolchainError(f"there is no model folder {folder}; unset LLMCC_MODEL to use the shipped model")
    table = _read(folder / DESCRIPTION) if (folder / DESCRIPTION).exists() else {}
    if table.get("version", 1) != 1:
        raise ToolchainError(f"{folder} is of another version of llmcc; export it anew")
    try:
        table["options"] = tuple(table.get("options", ()))
        description = Description(**table)
    except TypeError as error:
        raise ToolchainError(f"{folder / DESCRIPTION} cannot be used: {error}; export it anew") from error
    if not isinstance(description.feedback, bool):
        raise ToolchainError(f"{folder / DESCRIPTION}: feedback must be true or false; export it anew")
    if description.prompt not in FORMATS:
        raise ToolchainError(
            f"{folder / DESCRIPTION} names no known form of prompts: {description.prompt}; export it anew"
        )
    refused = [option for option in description.options if not may_be_set(option)]
    if refused:
        raise ToolchainError(f"{folder / DESCRIPTION} names an option that must never be set: {refused[0]}; drop it")
    if description.context:
        return description
    config = _read(folder / "config.json")
    stated = [config[name] for name in _CONTEXTS if isinstance(config.get(name), int)]
    if not stated:
        raise ToolchainError(f"{folder / 'config.json'} does not say how many tokens the model reads; export it anew")
    return Description(**{**asdict(description), "context": min(stated[0], _LARGEST_CONTEXT)})


def model_file(folder: Path) -> Path:
    """The ONNX file of a folder: Optimum has given it several names. Raises ToolchainError."""
    for name in ("model.onnx", "decoder_model_merged.onnx", "onnx/model.onnx"):
        if (folder / name).is_file():
            return folder / name
    raise ToolchainError(f"{folder} has no model.onnx; make the folder with `llmcc-tool model export`")


def memory_needed(folder: Path) -> int:
    """Bytes that the weights of a folder take. Raises ToolchainError."""
    files = [path for path in model_file(folder).parent.iterdir() if path.is_file()]
    # Large models have their weights in files beside, under various names.
    return sum(path.stat().st_size for path in files if path.suffix not in _NO_WEIGHTS)


def require_memory(folder: Path, needed: int) -> None:
    """Raises ToolchainError where this machine has not so many bytes of memory for the model of a folder: the kernel
    would end a compile that tried, and with it a build."""
    free = min(_free_memory(), _free_in_container())
    if needed > free:
        raise ToolchainError(
            f"{folder} needs {needed / 2**30:.1f} GiB of memory and {free / 2**30:.1f} are free; "
            "export it with --dtype int4, or unset LLMCC_MODEL"
        )


_UNKNOWN = 1 << 62


def _free_memory() -> int:
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            lines = dict(line.split(":", 1) for line in file)
        return 1024 * int(lines["MemAvailable"].split()[0])
    except (OSError, ValueError, KeyError):
        return _UNKNOWN


def _free_in_container(folder: Path = Path("/sys/fs/cgroup")) -> int:
    try:
        # What is read from files is given back when it is needed.
        cached = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())["inactive_file"]
        used = int((folder / "memory.current").read_text()) - int(cached)
        return int((folder / "memory.max").read_text()) - used
    except (OSError, ValueError, KeyError):
        # No such bound, or another system.
        return _UNKNOWN


def _read(path: Path) -> dict[str, Any]:
    try:
        table = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise ToolchainError(f"{path} cannot be read: {error}; export it anew") from error
    if not isinstance(table, dict):
        raise ToolchainError(f"{path} is not a JSON object; export it anew")
    return table
