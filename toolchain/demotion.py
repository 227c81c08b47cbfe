"""Make modules ready for `reg2mem`, which puts values into stack slots and reads them back where they are used.

What an `invoke` gives it stores where the call returns to. A phi there that takes the result (loop passes leave such
ones, with one entry) is read for at the end of the block before it, ahead of the call: it gets what the slot held until
then (LLVM 14 to 22). So phis of one entry where an `invoke` returns to are replaced by what they stand for. The results
of `asm goto` are not expected at all: the functions' stack slots are refused then.
"""

import ctypes
from ctypes import c_uint, c_void_p
from typing import Any

from toolchain.errors import ToolchainError
from toolchain.ir import FUNCTIONS, Signatures, bind, bodies_of, each
from toolchain.passes import DEMOTION, MANAGERS, pass_names

_DEMOTION_FUNCTIONS: Signatures = {
    "LLVMGetBasicBlockTerminator": (c_void_p, [c_void_p]),
    "LLVMIsACallBrInst": (c_void_p, [c_void_p]),
    "LLVMGetNormalDest": (c_void_p, [c_void_p]),
    "LLVMIsAPHINode": (c_void_p, [c_void_p]),
    "LLVMCountIncoming": (c_uint, [c_void_p]),
    "LLVMGetIncomingValue": (c_void_p, [c_void_p, c_uint]),
    "LLVMReplaceAllUsesWith": (None, [c_void_p, c_void_p]),
    "LLVMInstructionEraseFromParent": (None, [c_void_p]),
}


def demotes(pipeline: str) -> bool:
    """Whether `reg2mem` is among the passes of a pipeline."""
    return DEMOTION in pass_names(pipeline)


def prepare(lib: ctypes.CDLL, module: int, pipeline: str) -> None:
    """Make a module ready for a pipeline that begins with `reg2mem`. Raises ToolchainError when it has that elsewhere,
    or the module what it cannot be made ready for."""
    _, *others = (name for name in pass_names(pipeline) if name not in MANAGERS)
    if DEMOTION in others:
        raise ToolchainError("reg2mem must begin a stage", pipeline[:200])
    api = bind(lib, {**FUNCTIONS, **_DEMOTION_FUNCTIONS})
    for body in bodies_of(api, module):
        for block in each(api["LLVMGetFirstBasicBlock"](body), api["LLVMGetNextBasicBlock"]):
            last = api["LLVMGetBasicBlockTerminator"](block)
            if api["LLVMIsAInvokeInst"](last):
                _replace_phis(api, api["LLVMGetNormalDest"](last))
            elif api["LLVMIsACallBrInst"](last) and api["LLVMGetFirstUse"](last):
                raise ToolchainError("asm goto has a result, which reg2mem does not expect", pipeline[:200])


def _replace_phis(api: dict[str, Any], block: int) -> None:
    first = api["LLVMGetFirstInstruction"](block)
    while api["LLVMIsAPHINode"](first) and api["LLVMCountIncoming"](first) == 1:
        following = api["LLVMGetNextInstruction"](first)
        api["LLVMReplaceAllUsesWith"](first, api["LLVMGetIncomingValue"](first, 0))
        api["LLVMInstructionEraseFromParent"](first)
        first = following
