"""Make what the IR outliner leaves sound.

`iroutliner` makes one function of regions that do the same, and keeps the instructions of the first of them with all
that is promised there: no signed overflow, an exact division, a range, an aliasing class. The other regions have
promised none of that (LLVM 14 to 22), and passes that come later act on it: loops that never end were seen. Here every
promise is taken out of the outlined functions, before any other pass runs.

  python -m toolchain.outlined LIBRARY TRIPLE FILE.bc
"""

import ctypes
import sys
from collections.abc import Iterator
from ctypes import POINTER, c_char_p, c_int, c_size_t, c_uint, c_void_p
from typing import Any

from toolchain.errors import ToolchainError
from toolchain.passes import OUTLINED, OUTLINER, pass_names, split_pipeline

_DROP_FLAGS = "_ZN4llvm11Instruction25dropPoisonGeneratingFlagsEv"
"""llvm::Instruction::dropPoisonGeneratingFlags(), which the C API lacks: it knows the flags of every instruction."""

_FUNCTIONS = {
    "LLVMGetFirstFunction": (c_void_p, [c_void_p]),
    "LLVMGetNextFunction": (c_void_p, [c_void_p]),
    "LLVMGetValueName2": (c_char_p, [c_void_p, POINTER(c_size_t)]),
    "LLVMGetFirstBasicBlock": (c_void_p, [c_void_p]),
    "LLVMGetNextBasicBlock": (c_void_p, [c_void_p]),
    "LLVMGetFirstInstruction": (c_void_p, [c_void_p]),
    "LLVMGetNextInstruction": (c_void_p, [c_void_p]),
    "LLVMInstructionGetAllMetadataOtherThanDebugLoc": (c_void_p, [c_void_p, POINTER(c_size_t)]),
    "LLVMValueMetadataEntriesGetKind": (c_uint, [c_void_p, c_uint]),
    "LLVMDisposeValueMetadataEntries": (None, [c_void_p]),
    "LLVMSetMetadata": (None, [c_void_p, c_uint, c_void_p]),
    "LLVMCanValueUseFastMathFlags": (c_int, [c_void_p]),
    "LLVMSetFastMathFlags": (None, [c_void_p, c_uint]),
    _DROP_FLAGS: (None, [c_void_p]),
}


def outlines(pipeline: str) -> bool:
    """Whether the IR outliner is among the passes of a pipeline."""
    return OUTLINER in pass_names(pipeline)


def require_last(pipeline: str) -> None:
    """Raises ToolchainError when passes would run after the IR outliner before `make_sound` does."""
    *before, last = split_pipeline(pipeline) or ("",)
    if any(outlines(item) for item in before) or (outlines(last) and last != OUTLINER):
        raise ToolchainError("iroutliner must be the last pass of a stage", pipeline[:200])


def make_sound(lib: ctypes.CDLL, module: int) -> None:
    """Take flags and metadata, debug locations left, from every instruction of the module's outlined functions.

    Raises ToolchainError when the library lacks a function for that (before LLVM 18).
    """
    api = _bind(lib)
    length = c_size_t()
    for function in _each(api["LLVMGetFirstFunction"](module), api["LLVMGetNextFunction"]):
        if not api["LLVMGetValueName2"](function, ctypes.byref(length)).startswith(OUTLINED):
            continue
        for block in _each(api["LLVMGetFirstBasicBlock"](function), api["LLVMGetNextBasicBlock"]):
            for instruction in _each(api["LLVMGetFirstInstruction"](block), api["LLVMGetNextInstruction"]):
                _strip(api, instruction)


def _strip(api: dict[str, Any], instruction: int) -> None:
    api[_DROP_FLAGS](instruction)
    if api["LLVMCanValueUseFastMathFlags"](instruction):
        # Not all of these make poison, but none is the other regions' own.
        api["LLVMSetFastMathFlags"](instruction, 0)
    count = c_size_t()
    entries = api["LLVMInstructionGetAllMetadataOtherThanDebugLoc"](instruction, ctypes.byref(count))
    kinds = [api["LLVMValueMetadataEntriesGetKind"](entries, at) for at in range(count.value)]
    api["LLVMDisposeValueMetadataEntries"](entries)
    for kind in kinds:
        api["LLVMSetMetadata"](instruction, kind, None)


def _each(first: int | None, following: Any) -> Iterator[int]:
    at = first
    while at:
        yield at
        at = following(at)


def _bind(lib: ctypes.CDLL) -> dict[str, Any]:
    bound = {}
    for name, (result, arguments) in _FUNCTIONS.items():
        try:
            function = getattr(lib, name)
        except AttributeError as error:
            raise ToolchainError("this LLVM is too old for iroutliner, which needs 18", str(error)) from error
        function.restype, function.argtypes = result, arguments
        bound[name] = function
    return bound


def main() -> None:
    """Rewrite a bitcode file."""
    from toolchain.libllvm import LibLLVM

    library, triple, path = sys.argv[1:]
    target = dict.fromkeys(("cpu", "features", "relocation_model", "code_model"), "") | {"triple": triple}
    llvm = LibLLVM(library, target)
    module = llvm.parse(path)
    llvm.make_outlined_sound(module)
    llvm.write_bitcode(module, path)


if __name__ == "__main__":
    main()
