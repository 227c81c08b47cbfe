"""Find the functions whose stack stays small because clang makes jumps of their last calls (see toolchain.guards)."""

from ctypes import c_int, c_uint, c_void_p
from typing import Any

from toolchain.ir import Signatures, each

JUMPING_FUNCTIONS: Signatures = {
    "LLVMIsAFunction": (c_void_p, [c_void_p]),
    "LLVMIsAAllocaInst": (c_void_p, [c_void_p]),
    "LLVMIsAIntrinsicInst": (c_void_p, [c_void_p]),
    "LLVMGetInstructionOpcode": (c_int, [c_void_p]),
    "LLVMGetCalledValue": (c_void_p, [c_void_p]),
    "LLVMGetCalledFunctionType": (c_void_p, [c_void_p]),
    "LLVMGlobalGetValueType": (c_void_p, [c_void_p]),
    "LLVMGetBasicBlockTerminator": (c_void_p, [c_void_p]),
    "LLVMGetNumSuccessors": (c_uint, [c_void_p]),
    "LLVMGetSuccessor": (c_void_p, [c_void_p, c_uint]),
    "LLVMGetPreviousInstruction": (c_void_p, [c_void_p]),
}

_RET, _BR, _LOAD, _STORE, _BITCAST, _PHI, _CALL = 1, 2, 27, 28, 41, 44, 45
"""Of LLVMOpcode."""


def jumping(api: dict[str, Any], bodies: list[int]) -> set[int]:
    """The functions that end with a call which may come back to them without another kind of call in between: to a
    function that ends so, or to one that is not known and has the same type."""
    defined = set(bodies)
    ends: dict[int, set[int]] = {}
    found = set()
    for body in bodies:
        own_type = api["LLVMGlobalGetValueType"](body)
        ends[body] = set()
        for block in each(api["LLVMGetFirstBasicBlock"](body), api["LLVMGetNextBasicBlock"]):
            call = _last_call(api, block)
            if call:
                callee = api["LLVMGetCalledValue"](call)
                if callee in defined:
                    ends[body].add(callee)
                elif not api["LLVMIsAFunction"](callee) and api["LLVMGetCalledFunctionType"](call) == own_type:
                    found.add(body)
    for body in bodies:
        reached, todo = set(), list(ends[body])
        while todo and body not in reached:
            callee = todo.pop()
            if callee not in reached:
                reached.add(callee)
                todo += ends[callee]
        if body in reached:
            found.add(body)
    return found


def _last_call(api: dict[str, Any], block: int) -> int | None:
    """The call that a block returns from, as far as that can be told before anything was simplified."""
    opcode, is_intrinsic = api["LLVMGetInstructionOpcode"], api["LLVMIsAIntrinsicInst"]
    last = api["LLVMGetBasicBlockTerminator"](block)
    if opcode(last) == _BR and api["LLVMGetNumSuccessors"](last) == 1:
        # What all ways out of a function have in common.
        way_out = api["LLVMGetSuccessor"](last, 0)
        for instruction in each(api["LLVMGetFirstInstruction"](way_out), api["LLVMGetNextInstruction"]):
            if opcode(instruction) not in (_PHI, _LOAD, _RET, _BITCAST) and not is_intrinsic(instruction):
                return None
    elif opcode(last) != _RET:
        return None
    for instruction in each(api["LLVMGetPreviousInstruction"](last), api["LLVMGetPreviousInstruction"]):
        kind = opcode(instruction)
        if kind == _CALL and not is_intrinsic(instruction):
            return instruction
        kept = kind == _STORE and api["LLVMIsAAllocaInst"](api["LLVMGetOperand"](instruction, 1))
        if not kept and kind not in (_LOAD, _BITCAST, _CALL):
            return None
    return None
