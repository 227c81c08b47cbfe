"""Read and mark the functions of a module through LLVM's C API: what guards, merging and jumps have in common.

A module, function, block, instruction or use is its pointer; `api` is what `bind` gives.
"""

import ctypes
from collections.abc import Iterator
from ctypes import POINTER, c_char_p, c_int, c_size_t, c_uint, c_uint64, c_void_p
from typing import Any

from toolchain.errors import ToolchainError

Signatures = dict[str, tuple[Any, list[Any]]]
"""Names of functions of the library, with the types of result and arguments."""

FUNCTIONS: Signatures = {
    "LLVMGetModuleContext": (c_void_p, [c_void_p]),
    "LLVMGetFirstFunction": (c_void_p, [c_void_p]),
    "LLVMGetNextFunction": (c_void_p, [c_void_p]),
    "LLVMIsDeclaration": (c_int, [c_void_p]),
    "LLVMGetValueName2": (c_char_p, [c_void_p, POINTER(c_size_t)]),
    "LLVMGetSection": (c_char_p, [c_void_p]),
    "LLVMGetFunctionCallConv": (c_uint, [c_void_p]),
    "LLVMCountBasicBlocks": (c_uint, [c_void_p]),
    "LLVMGetFirstUse": (c_void_p, [c_void_p]),
    "LLVMGetNextUse": (c_void_p, [c_void_p]),
    "LLVMGetUser": (c_void_p, [c_void_p]),
    "LLVMIsAInstruction": (c_void_p, [c_void_p]),
    "LLVMIsACallInst": (c_void_p, [c_void_p]),
    "LLVMIsAInvokeInst": (c_void_p, [c_void_p]),
    "LLVMGetOperand": (c_void_p, [c_void_p, c_uint]),
    "LLVMGetInstructionParent": (c_void_p, [c_void_p]),
    "LLVMGetBasicBlockParent": (c_void_p, [c_void_p]),
    "LLVMGetAttributeCountAtIndex": (c_uint, [c_void_p, c_uint]),
    "LLVMGetAttributesAtIndex": (None, [c_void_p, c_uint, c_void_p]),
    "LLVMIsEnumAttribute": (c_int, [c_void_p]),
    "LLVMIsStringAttribute": (c_int, [c_void_p]),
    "LLVMGetEnumAttributeKind": (c_uint, [c_void_p]),
    "LLVMGetEnumAttributeValue": (c_uint64, [c_void_p]),
    "LLVMGetEnumAttributeKindForName": (c_uint, [c_char_p, c_size_t]),
    "LLVMGetStringAttributeKind": (c_void_p, [c_void_p, POINTER(c_uint)]),
    "LLVMGetStringAttributeValue": (c_void_p, [c_void_p, POINTER(c_uint)]),
    "LLVMGetEnumAttributeAtIndex": (c_void_p, [c_void_p, c_uint, c_uint]),
    "LLVMGetStringAttributeAtIndex": (c_void_p, [c_void_p, c_uint, c_char_p, c_uint]),
    "LLVMCreateStringAttribute": (c_void_p, [c_void_p, c_char_p, c_uint, c_char_p, c_uint]),
    "LLVMAddAttributeAtIndex": (None, [c_void_p, c_uint, c_void_p]),
    "LLVMRemoveEnumAttributeAtIndex": (None, [c_void_p, c_uint, c_uint]),
    "LLVMRemoveCallSiteEnumAttribute": (None, [c_void_p, c_uint, c_uint]),
    "LLVMGetFirstBasicBlock": (c_void_p, [c_void_p]),
    "LLVMGetNextBasicBlock": (c_void_p, [c_void_p]),
    "LLVMGetFirstInstruction": (c_void_p, [c_void_p]),
    "LLVMGetNextInstruction": (c_void_p, [c_void_p]),
}
METADATA_FUNCTIONS: Signatures = {
    "LLVMGetMDKindIDInContext": (c_uint, [c_void_p, c_char_p, c_uint]),
    "LLVMMetadataAsValue": (c_void_p, [c_void_p, c_void_p]),
    "LLVMInstructionGetAllMetadataOtherThanDebugLoc": (c_void_p, [c_void_p, POINTER(c_size_t)]),
    "LLVMValueMetadataEntriesGetKind": (c_uint, [c_void_p, c_uint]),
    "LLVMDisposeValueMetadataEntries": (None, [c_void_p]),
}

FUNCTION = 0xFFFFFFFF
"""The index of a function's own attributes."""

NO_OUTLINE = b"nooutline"
"""Both outliners leave a function alone that has this attribute."""


def function_of(api: dict[str, Any], instruction: int) -> int:
    """The function that an instruction is in."""
    function: int = api["LLVMGetBasicBlockParent"](api["LLVMGetInstructionParent"](instruction))
    return function


def bodies_of(api: dict[str, Any], module: int) -> Iterator[int]:
    """The functions that are defined."""
    for function in each(api["LLVMGetFirstFunction"](module), api["LLVMGetNextFunction"]):
        if not api["LLVMIsDeclaration"](function):
            yield function


def instructions_of(api: dict[str, Any], body: int) -> Iterator[int]:
    """The instructions of a function, block by block."""
    for block in each(api["LLVMGetFirstBasicBlock"](body), api["LLVMGetNextBasicBlock"]):
        yield from each(api["LLVMGetFirstInstruction"](block), api["LLVMGetNextInstruction"])


def users_of(api: dict[str, Any], value: int) -> list[int]:
    """What uses a value, in a list: a user may be changed."""
    return [api["LLVMGetUser"](use) for use in each(api["LLVMGetFirstUse"](value), api["LLVMGetNextUse"])]


def name_of(api: dict[str, Any], value: int) -> bytes:
    """The name of a function or another global; empty when it has none."""
    name: bytes = api["LLVMGetValueName2"](value, ctypes.byref(c_size_t()))
    return name


def kind_of(api: dict[str, Any], name: str) -> int:
    """The number of an attribute; 0 when this LLVM has none of that name."""
    number: int = api["LLVMGetEnumAttributeKindForName"](name.encode(), len(name))
    return number


def has(api: dict[str, Any], body: int, attribute: bytes) -> bool:
    """Whether a function has an attribute that is text."""
    return bool(api["LLVMGetStringAttributeAtIndex"](body, FUNCTION, attribute, len(attribute)))


def value_of(api: dict[str, Any], body: int, attribute: bytes) -> bytes:
    """The value of an attribute; empty when the function does not have it."""
    found, length = api["LLVMGetStringAttributeAtIndex"](body, FUNCTION, attribute, len(attribute)), c_uint()
    if not found:
        return b""
    return ctypes.string_at(api["LLVMGetStringAttributeValue"](found, ctypes.byref(length)), length.value)


def add(api: dict[str, Any], context: int, body: int, attribute: bytes, value: bytes) -> None:
    """Give a function an attribute that is text, in place of one of the same name."""
    made = api["LLVMCreateStringAttribute"](context, attribute, len(attribute), value, len(value))
    api["LLVMAddAttributeAtIndex"](body, FUNCTION, made)


def each(first: int | None, following: Any) -> Iterator[int]:
    """What is linked in a list, from `first`; `following` gives the next of each."""
    at = first
    while at:
        yield at
        at = following(at)


def bind(lib: ctypes.CDLL, functions: Signatures) -> dict[str, Any]:
    """The functions by name. Raises ToolchainError when the library lacks one."""
    bound = {}
    for name, (result, arguments) in functions.items():
        try:
            function = getattr(lib, name)
        except AttributeError as error:
            raise ToolchainError("this LLVM is too old for iroutliner, which needs 18", str(error)) from error
        function.restype, function.argtypes = result, arguments
        bound[name] = function
    return bound


def bind_those_there(lib: ctypes.CDLL, functions: Signatures) -> dict[str, Any]:
    """Those of the functions that the library has, by name."""
    return bind(lib, {name: signature for name, signature in functions.items() if hasattr(lib, name)})
