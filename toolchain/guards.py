"""Keep two passes away from functions that they would break, and make sound what the IR outliner leaves.

`iroutliner` makes one function of regions that do the same and `mergefunc` one of functions that do. Neither looks at
what the regions or functions are besides their instructions (LLVM 14 to 22). So, before they run (`protect`), functions
are marked that

- have a section of their own: code in RAM must not call code in flash;
- are `naked` or `interrupt`: these return another way, and must not be called;
- ask for their caller or their stack (`__builtin_return_address`, variable-length arrays...): another function has
  another answer;
- hold their own address, which merging takes for the same in each, or call themselves where a program may replace them;
- promise something else of the same instructions (aliasing classes, ranges, no overflow in an address), which merging
  does not compare;
- end with a call that may come back to them: clang makes a jump of it, the stack of an outlined region grows;
- are a C library's memory functions: what they are made of is later recognised and made a call of them;
- have other needs (target features, stack protector, strict floating point...) than most functions of the module: the
  outliner gives its function those of the first region alone.

Functions that a shared library lets others replace are not merged: one must not call another in place of itself. And
while the module asks for the sizes of objects (_FORTIFY_SOURCE), which only clang's passes can tell, nothing is
outlined (`require_answers`).

Regions that do the same with their operands the other way round (`a < b` in one, `a > b` in another) are given each
other's arguments: before the outliner, every comparison of two values is turned to "less", and after it back (`_turn`).

After the IR outliner (`make_sound`), the outlined functions lose what is promised of the first region: flags and
metadata of the instructions, and facts of its function. Loops that never end, and exceptions that nobody caught, were
seen.

On x86 the machine outliner does not heed sections either, nor that functions return through a thunk: `keep_codes` marks
those.

  python -m toolchain.guards {sections,merging,outlining,outlined,demoting} LIBRARY TRIPLE FILE.bc
"""

import ctypes
import sys
from collections import Counter
from collections.abc import Iterator
from ctypes import c_int, c_size_t, c_uint, c_void_p
from typing import Any

from toolchain.errors import ToolchainError
from toolchain.ir import (
    FUNCTION,
    FUNCTIONS,
    METADATA_FUNCTIONS,
    NO_OUTLINE,
    Signatures,
    add,
    bind,
    bind_those_there,
    bodies_of,
    each,
    function_of,
    has,
    instructions_of,
    kind_of,
    name_of,
    users_of,
)
from toolchain.jumps import JUMPING_FUNCTIONS, jumping
from toolchain.merging import MERGING_FUNCTIONS, NEWER_FUNCTIONS, UNIQUE, keep_apart
from toolchain.passes import DEMOTION, MERGER, OUTLINED, OUTLINER, pass_names, split_pipeline

_DROP_FLAGS = "_ZN4llvm11Instruction25dropPoisonGeneratingFlagsEv"
"""llvm::Instruction::dropPoisonGeneratingFlags(), which the C API lacks: it knows the flags of every instruction."""

_SWAP_OPERANDS = "_ZN4llvm7CmpInst12swapOperandsEv"
"""llvm::CmpInst::swapOperands(), which the C API lacks: it leaves flags and metadata as they are."""

_COMPARISON_FUNCTIONS: Signatures = {
    "LLVMIsACmpInst": (c_void_p, [c_void_p]),
    "LLVMIsAICmpInst": (c_void_p, [c_void_p]),
    "LLVMGetICmpPredicate": (c_int, [c_void_p]),
    "LLVMGetFCmpPredicate": (c_int, [c_void_p]),
    "LLVMIsConstant": (c_int, [c_void_p]),
    "LLVMMDNodeInContext2": (c_void_p, [c_void_p, c_void_p, c_size_t]),
    "LLVMGetMetadata": (c_void_p, [c_void_p, c_uint]),
    "LLVMSetMetadata": (None, [c_void_p, c_uint, c_void_p]),
    _SWAP_OPERANDS: (None, [c_void_p]),
}
_OUTLINED_FUNCTIONS: Signatures = {
    **METADATA_FUNCTIONS,
    **_COMPARISON_FUNCTIONS,
    "LLVMCanValueUseFastMathFlags": (c_int, [c_void_p]),
    "LLVMSetFastMathFlags": (None, [c_void_p, c_uint]),
    _DROP_FLAGS: (None, [c_void_p]),
}

_IS_TURNED = b"llmcc.turned"
"""Metadata of comparisons that are turned while the outliner runs."""
_GREATER_INTEGER = frozenset({34, 35, 38, 39})
"""LLVMIntUGT, UGE, SGT and SGE of LLVM's C API."""
_GREATER_FLOAT = frozenset({2, 3, 10, 11})
"""LLVMRealOGT, OGE, UGT and UGE."""

_PLACE = (
    b"llvm.stacksave", b"llvm.stackrestore", b"llvm.returnaddress", b"llvm.frameaddress",
    b"llvm.addressofreturnaddress", b"llvm.sponentry", b"llvm.read_register", b"llvm.read_volatile_register",
    b"llvm.write_register", b"llvm.eh.sjlj.", b"llvm.eh.return", b"llvm.eh.unwind.init", b"llvm.eh.dwarf.cfa",
    b"llvm.localaddress", b"llvm.localescape", b"llvm.va_start", b"llvm.va_end", b"llvm.va_copy",
    b"llvm.get.dynamic.area.offset", b"llvm.swift.async.context.addr",
)  # fmt: skip
"""Intrinsics, by how their names begin, that mean something else in another function."""

_MEMORY = frozenset(
    b"bcmp bcopy bzero memchr memcmp memcpy memmove mempcpy memset memset_pattern16 stpcpy strcat strchr strcmp strcpy "
    b"strlen strncmp strncpy strnlen wcslen".split()
)
"""Functions that LLVM makes calls of where it finds what they do; with what bare metal has before their names too."""
_MEMORY_PREFIXES = (b"__aeabi_mem", b"__mem", b"__str")

_FACTS = (
    "allockind", "allocsize", "memory", "readnone", "readonly", "writeonly", "argmemonly", "inaccessiblememonly",
    "inaccessiblemem_or_argmemonly", "mustprogress", "nocallback", "nofree", "norecurse", "noreturn", "nosync",
    "speculatable", "willreturn",
)  # fmt: skip
"""What is known of one function and need not be true of another."""

_WISHES = ("alwaysinline", "cold", "hot", "inlinehint", "minsize", "noinline", "nounwind", "optsize")
"""What is no function's need: one that lacks it is as right (of `nounwind` see `make_sound`)."""
_NO_NEEDS = frozenset({b"min-legal-vector-width", NO_OUTLINE, UNIQUE})

_ASKED_OF_CLANG = b"llvm.objectsize."
"""Intrinsics that are answered within clang's own passes: of an array that came as a parameter there is no answer."""
_ANSWERING = frozenset({OUTLINER, "lower-constant-intrinsics"})
"""Passes that would leave them without one, before clang's."""

_RETURNS = ("fn_ret_thunk_extern", "speculative_load_hardening")
"""What the machine outliner's functions do not inherit."""

_SPECIAL_STRINGS = (b"interrupt", b"signal", b"cmse_nonsecure_entry", b"implicit-section-name")
_X86_INTERRUPT = 83
"""Calling convention of x86 interrupt handlers."""


def is_guarded(pipeline: str) -> bool:
    """Whether a pass is among those of a pipeline that functions must be protected from."""
    return not {OUTLINER, MERGER}.isdisjoint(pass_names(pipeline))


def outlines(pipeline: str) -> bool:
    """Whether the IR outliner is among the passes of a pipeline."""
    return OUTLINER in pass_names(pipeline)


def answers(pipeline: str) -> bool:
    """Whether a pass of a pipeline would leave questions for sizes of objects without an answer (`require_answers`)."""
    return not _ANSWERING.isdisjoint(pass_names(pipeline))


def require_order(pipeline: str) -> None:
    """Raises ToolchainError when the IR outliner is not alone, or merging not first, in a stage: functions are
    protected before a stage, and what the outliner leaves is made sound after it."""
    first, *others = split_pipeline(pipeline) or ("",)
    if outlines(pipeline) and (others or first != OUTLINER):
        raise ToolchainError("iroutliner must be a stage of its own", pipeline[:200])
    if any(is_guarded(item) for item in others) or (is_guarded(first) and first not in (OUTLINER, MERGER)):
        raise ToolchainError("mergefunc must begin a stage", pipeline[:200])


def protect(lib: ctypes.CDLL, module: int, *, outlining: bool) -> None:
    """Mark the functions that must not be outlined from or merged, and for outlining turn comparisons. Raises
    ToolchainError when the library lacks a function for that."""
    api = bind(lib, {**FUNCTIONS, **MERGING_FUNCTIONS, **JUMPING_FUNCTIONS}) | bind_those_there(lib, NEWER_FUNCTIONS)
    context, bodies = api["LLVMGetModuleContext"](module), list(bodies_of(api, module))
    special = _depending_on_place(api, module)
    special |= {body for body in bodies if _is_special(api, body)}
    plain = [body for body in bodies if body not in special]
    harmless = {kind_of(api, name) for name in (*_FACTS, *_WISHES)}
    needs = {body: _needs(api, body, harmless) for body in plain}
    weights: Counter[frozenset[Any]] = Counter()
    for body in plain:
        weights[needs[body]] += api["LLVMCountBasicBlocks"](body)
    usual = max(weights, key=lambda need: weights[need], default=None)
    ending_with_jumps = jumping(api, bodies)
    for body in bodies:
        if body in special or body in ending_with_jumps or needs[body] != usual:
            add(api, context, body, NO_OUTLINE, b"")
    keep_apart(api, module, bodies, special)
    if outlining:
        _turn(api | bind(lib, _COMPARISON_FUNCTIONS), context, bodies)


def require_answers(lib: ctypes.CDLL, module: int, pipeline: str) -> None:
    """Raises ToolchainError when a pass would leave the module's questions for sizes of objects without an answer."""
    if not answers(pipeline):
        return
    api = bind(lib, FUNCTIONS)
    for function in each(api["LLVMGetFirstFunction"](module), api["LLVMGetNextFunction"]):
        if name_of(api, function).startswith(_ASKED_OF_CLANG) and api["LLVMGetFirstUse"](function):
            raise ToolchainError("sizes of objects are asked for, which clang's own passes must tell", pipeline[:200])


def keep_codes(lib: ctypes.CDLL, module: int) -> None:
    """Mark the functions that have a section, or return in a way of their own, so that no code of theirs goes
    elsewhere."""
    api = bind(lib, FUNCTIONS)
    context = api["LLVMGetModuleContext"](module)
    kinds = [kind for kind in (kind_of(api, name) for name in _RETURNS) if kind]
    for body in bodies_of(api, module):
        marked = any(api["LLVMGetEnumAttributeAtIndex"](body, FUNCTION, kind) for kind in kinds)
        if marked or api["LLVMGetSection"](body) or has(api, body, b"implicit-section-name"):
            add(api, context, body, NO_OUTLINE, b"")


def make_sound(lib: ctypes.CDLL, module: int) -> None:
    """Take from the module's outlined functions the facts, and from their instructions flags and metadata, debug
    locations left. That nothing is thrown stays where it is true of every function they can be made of. Comparisons
    are turned back.

    Raises ToolchainError when the library lacks a function for that (before LLVM 18).
    """
    api = bind(lib, {**FUNCTIONS, **_OUTLINED_FUNCTIONS})
    outlined: list[int] = []
    others: list[int] = []
    for body in bodies_of(api, module):
        (outlined if name_of(api, body).startswith(OUTLINED) else others).append(body)
    _turn_back(api, api["LLVMGetModuleContext"](module), [*outlined, *others])
    nounwind = kind_of(api, "nounwind")
    drop = [kind for kind in (kind_of(api, name) for name in _FACTS) if kind]
    sources = [body for body in others if not has(api, body, NO_OUTLINE)]
    if not all(api["LLVMGetEnumAttributeAtIndex"](body, FUNCTION, nounwind) for body in sources):
        drop.append(nounwind)
    for body in outlined:
        users = users_of(api, body)
        calls = [user for user in users if api["LLVMIsACallInst"](user) or api["LLVMIsAInvokeInst"](user)]
        for kind in drop:
            api["LLVMRemoveEnumAttributeAtIndex"](body, FUNCTION, kind)
            for call in calls:
                api["LLVMRemoveCallSiteEnumAttribute"](call, FUNCTION, kind)
        for instruction in instructions_of(api, body):
            _strip(api, instruction)


def _turn(api: dict[str, Any], context: int, bodies: list[int]) -> None:
    """Make "less" of every "greater" of two values, as the outliner itself takes them, and note where.

    It numbers the values of a region in the order of its comparisons so turned, but passes arguments in the order of
    the operands as they are. Constants are no arguments.
    """
    kind = api["LLVMGetMDKindIDInContext"](context, _IS_TURNED, len(_IS_TURNED))
    note = api["LLVMMetadataAsValue"](context, api["LLVMMDNodeInContext2"](context, None, 0))
    for comparison in _comparisons(api, bodies):
        if api["LLVMIsAICmpInst"](comparison):
            greater = api["LLVMGetICmpPredicate"](comparison) in _GREATER_INTEGER
        else:
            greater = api["LLVMGetFCmpPredicate"](comparison) in _GREATER_FLOAT
        if greater and not any(api["LLVMIsConstant"](api["LLVMGetOperand"](comparison, at)) for at in (0, 1)):
            api[_SWAP_OPERANDS](comparison)
            api["LLVMSetMetadata"](comparison, kind, note)


def _turn_back(api: dict[str, Any], context: int, bodies: list[int]) -> None:
    """Turn what is left of those comparisons back: the code generator makes other code of them turned."""
    kind = api["LLVMGetMDKindIDInContext"](context, _IS_TURNED, len(_IS_TURNED))
    for comparison in _comparisons(api, bodies):
        if api["LLVMGetMetadata"](comparison, kind):
            api[_SWAP_OPERANDS](comparison)
            api["LLVMSetMetadata"](comparison, kind, None)


def _comparisons(api: dict[str, Any], bodies: list[int]) -> Iterator[int]:
    for body in bodies:
        for instruction in instructions_of(api, body):
            if api["LLVMIsACmpInst"](instruction):
                yield instruction


def _depending_on_place(api: dict[str, Any], module: int) -> set[int]:
    """The functions that call an intrinsic of `_PLACE`."""
    found = set()
    for function in each(api["LLVMGetFirstFunction"](module), api["LLVMGetNextFunction"]):
        if api["LLVMIsDeclaration"](function) and name_of(api, function).startswith(_PLACE):
            for user in users_of(api, function):
                if api["LLVMIsAInstruction"](user):
                    found.add(function_of(api, user))
    return found


def _is_special(api: dict[str, Any], body: int) -> bool:
    name = name_of(api, body).removeprefix(b"\x01")
    return bool(
        name in _MEMORY
        or name.startswith(_MEMORY_PREFIXES)
        or api["LLVMGetSection"](body)
        or api["LLVMGetFunctionCallConv"](body) == _X86_INTERRUPT
        or api["LLVMGetEnumAttributeAtIndex"](body, FUNCTION, kind_of(api, "naked"))
        or any(has(api, body, word) for word in _SPECIAL_STRINGS)
    )


def _needs(api: dict[str, Any], body: int, harmless: set[int]) -> frozenset[Any]:
    """The attributes of a function that code of it may depend on, whose kinds are not `harmless`."""
    count = api["LLVMGetAttributeCountAtIndex"](body, FUNCTION)
    attributes = (c_void_p * count)()
    api["LLVMGetAttributesAtIndex"](body, FUNCTION, attributes)
    found: set[Any] = set()
    length = c_uint()
    for attribute in attributes:
        if api["LLVMIsStringAttribute"](attribute):
            text = ctypes.string_at(api["LLVMGetStringAttributeKind"](attribute, ctypes.byref(length)), length.value)
            value = ctypes.string_at(api["LLVMGetStringAttributeValue"](attribute, ctypes.byref(length)), length.value)
            if text not in _NO_NEEDS:
                found.add((text, value))
        elif api["LLVMIsEnumAttribute"](attribute):
            kind = api["LLVMGetEnumAttributeKind"](attribute)
            if kind not in harmless:
                found.add((kind, api["LLVMGetEnumAttributeValue"](attribute)))
        else:
            # Of a kind that the C API cannot read; of equal ones LLVM keeps one.
            found.add(attribute)
    return frozenset(found)


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


def main() -> None:
    """Rewrite a bitcode file."""
    from toolchain.libllvm import LibLLVM, plain_target

    when, library, triple, path = sys.argv[1:]
    llvm = LibLLVM(library, plain_target(triple))
    # Which marks the functions with sections already, where that is wanted.
    module = llvm.parse(path)
    if when in ("merging", "outlining"):
        llvm.protect(module, outlining=when == "outlining")
    elif when == "outlined":
        llvm.make_outlined_sound(module)
    elif when == "demoting":
        llvm.make_demotable(module, DEMOTION)
    llvm.write_bitcode(module, path)


if __name__ == "__main__":
    main()
