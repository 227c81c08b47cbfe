"""Keep functions apart that `mergefunc` must not make one of (see toolchain.guards).

LLVM 14 to 22 compare two functions without metadata and without some flags, and take the address of each for that of
the other.
"""

import ctypes
from collections.abc import Iterator
from ctypes import c_char_p, c_int, c_size_t, c_uint, c_void_p
from typing import Any

from toolchain.ir import METADATA_FUNCTIONS, Signatures, add, function_of, instructions_of, users_of, value_of

MERGING_FUNCTIONS: Signatures = {
    **METADATA_FUNCTIONS,
    "LLVMValueMetadataEntriesGetMetadata": (c_void_p, [c_void_p, c_uint]),
    "LLVMHasMetadata": (c_int, [c_void_p]),
    "LLVMValueAsMetadata": (c_void_p, [c_void_p]),
    "LLVMGetMDNodeNumOperands": (c_uint, [c_void_p]),
    "LLVMGetMDNodeOperands": (None, [c_void_p, c_void_p]),
    "LLVMGetMetadataKind": (c_uint, [c_void_p]),
    "LLVMIsAGetElementPtrInst": (c_void_p, [c_void_p]),
    "LLVMIsInBounds": (c_int, [c_void_p]),
    "LLVMCountParams": (c_uint, [c_void_p]),
    "LLVMGetLinkage": (c_int, [c_void_p]),
    "LLVMGetVisibility": (c_int, [c_void_p]),
    "LLVMGetModuleFlag": (c_void_p, [c_void_p, c_char_p, c_size_t]),
    "LLVMGetNumOperands": (c_int, [c_void_p]),
}
NEWER_FUNCTIONS: Signatures = {
    "LLVMGEPGetNoWrapFlags": (c_uint, [c_void_p]),
    "LLVMCanValueUseFastMathFlags": (c_int, [c_void_p]),
    "LLVMGetFastMathFlags": (c_uint, [c_void_p]),
}
"""What older LLVMs lack, since what it asks for is not there or is compared."""

UNIQUE = b"llmcc-unique"
"""An attribute: functions whose values of it differ are not merged."""
_ALONE, _LIKE = b"alone ", b"like "
"""Such values begin so: of a function that is never merged, and of those that promise the same."""

_NO_PROMISES = ("DIAssignID", "heapallocsite", "prof", "srcloc")
"""Metadata that no pass draws conclusions from."""

_TUPLE = 4
"""Of LLVMMetadataKind."""
_EXTERNAL, _DEFAULT = 0, 0
"""Of LLVMLinkage and LLVMVisibility."""
_LINK_ONCE, _WEAK = 2, 5
"""Of LLVMLinkage: another definition may take the place of such a function."""


def keep_apart(api: dict[str, Any], module: int, bodies: list[int], special: set[int]) -> None:
    """Mark the functions that must not be merged, with any other or with those that promise something else."""
    context, shared = api["LLVMGetModuleContext"](module), _is_for_shared_library(api, module)
    marks = {body: value_of(api, body, UNIQUE) for body in bodies}
    number = max((int(mark.removeprefix(_ALONE)) for mark in marks.values() if mark.startswith(_ALONE)), default=0)
    alike: dict[tuple[int, int], list[int]] = {}
    for body in bodies:
        replaceable = (api["LLVMGetLinkage"](body), api["LLVMGetVisibility"](body)) == (_EXTERNAL, _DEFAULT)
        if marks[body].startswith(_ALONE):
            continue
        if body in special or (shared and replaceable) or _depends_on_itself(api, body):
            number += 1
            add(api, context, body, UNIQUE, _ALONE + b"%d" % number)
        else:
            # Only such are compared at all.
            shape = api["LLVMCountBasicBlocks"](body), api["LLVMCountParams"](body)
            alike.setdefault(shape, []).append(body)
    loop, *others = (
        api["LLVMGetMDKindIDInContext"](context, name.encode(), len(name)) for name in ("llvm.loop", *_NO_PROMISES)
    )
    known: dict[tuple[Any, ...], int] = {}
    for group in alike.values():
        for body in group if len(group) > 1 else ():
            promises = tuple(_promises(api, context, body, loop, frozenset(others)))
            add(api, context, body, UNIQUE, _LIKE + b"%d" % known.setdefault(promises, len(known)))


def _promises(
    api: dict[str, Any], context: int, body: int, loop: int, others: frozenset[int]
) -> Iterator[tuple[Any, ...]]:
    """What merging does not compare of the instructions: metadata (of kind `loop` what it says, since every loop has a
    node of its own; none of the kinds `others`), and flags that LLVM's comparison leaves out. Nodes of one context that
    say the same are one."""
    count = c_size_t()
    for number, instruction in enumerate(instructions_of(api, body), 1):
        if api["LLVMHasMetadata"](instruction):
            entries = api["LLVMInstructionGetAllMetadataOtherThanDebugLoc"](instruction, ctypes.byref(count))
            for at in range(count.value):
                kind = api["LLVMValueMetadataEntriesGetKind"](entries, at)
                node = api["LLVMValueMetadataEntriesGetMetadata"](entries, at)
                if kind not in others:
                    yield number, kind, _said_of_loop(api, context, node) if kind == loop else node
            api["LLVMDisposeValueMetadataEntries"](entries)
        if api["LLVMIsAGetElementPtrInst"](instruction):
            flags = api.get("LLVMGEPGetNoWrapFlags", api["LLVMIsInBounds"])(instruction)
            if flags:
                yield number, flags
        elif "LLVMGetFastMathFlags" in api and api["LLVMCanValueUseFastMathFlags"](instruction):
            yield number, api["LLVMGetFastMathFlags"](instruction)


def _said_of_loop(api: dict[str, Any], context: int, node: int) -> tuple[int, ...]:
    value = api["LLVMMetadataAsValue"](context, node)
    operands = (c_void_p * api["LLVMGetMDNodeNumOperands"](value))()
    api["LLVMGetMDNodeOperands"](value, operands)
    # The first is the node itself; others may be where the loop begins and ends.
    said = [api["LLVMValueAsMetadata"](operand) for operand in operands[1:] if operand]
    return tuple(each for each in said if api["LLVMGetMetadataKind"](each) == _TUPLE)


def _is_for_shared_library(api: dict[str, Any], module: int) -> bool:
    def has(flag: bytes) -> bool:
        return bool(api["LLVMGetModuleFlag"](module, flag, len(flag)))

    return has(b"PIC Level") and not has(b"PIE Level")


def _depends_on_itself(api: dict[str, Any], body: int) -> bool:
    """Whether merging would have another function use this one in place of itself: for its address, or, where another
    may take its place, for a call."""
    replaceable = api["LLVMGetLinkage"](body) in (_LINK_ONCE, _WEAK)
    for user in users_of(api, body):
        if api["LLVMIsAInstruction"](user) and function_of(api, user) == body:
            count = api["LLVMGetNumOperands"](user)
            if replaceable or not (api["LLVMIsACallInst"](user) or api["LLVMIsAInvokeInst"](user)):
                return True
            # The last operand is what is called.
            if any(api["LLVMGetOperand"](user, at) == body for at in range(count - 1)):
                return True
    return False
