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

After the IR outliner (`make_sound`), the outlined functions lose what is promised of the first region: flags and
metadata of the instructions, and facts of its function. Loops that never end, and exceptions that nobody caught, were
seen.

On x86 the machine outliner does not heed sections either, nor that functions return through a thunk: `keep_codes` marks
those.

  python -m toolchain.guards {sections,before,after} LIBRARY TRIPLE FILE.bc
"""

import ctypes
import sys
from collections import Counter
from collections.abc import Iterator
from ctypes import POINTER, c_char_p, c_int, c_size_t, c_uint, c_uint64, c_void_p
from typing import Any

from toolchain.errors import ToolchainError
from toolchain.passes import MERGER, OUTLINED, OUTLINER, pass_names, split_pipeline

_DROP_FLAGS = "_ZN4llvm11Instruction25dropPoisonGeneratingFlagsEv"
"""llvm::Instruction::dropPoisonGeneratingFlags(), which the C API lacks: it knows the flags of every instruction."""

_Signatures = dict[str, tuple[Any, list[Any]]]

_FUNCTIONS: _Signatures = {
    "LLVMGetModuleContext": (c_void_p, [c_void_p]),
    "LLVMGetFirstFunction": (c_void_p, [c_void_p]),
    "LLVMGetNextFunction": (c_void_p, [c_void_p]),
    "LLVMIsDeclaration": (c_int, [c_void_p]),
    "LLVMGetValueName2": (c_char_p, [c_void_p, POINTER(c_size_t)]),
    "LLVMGetSection": (c_char_p, [c_void_p]),
    "LLVMGetLinkage": (c_int, [c_void_p]),
    "LLVMGetVisibility": (c_int, [c_void_p]),
    "LLVMGetModuleFlag": (c_void_p, [c_void_p, c_char_p, c_size_t]),
    "LLVMGetFunctionCallConv": (c_uint, [c_void_p]),
    "LLVMCountBasicBlocks": (c_uint, [c_void_p]),
    "LLVMGetFirstUse": (c_void_p, [c_void_p]),
    "LLVMGetNextUse": (c_void_p, [c_void_p]),
    "LLVMGetUser": (c_void_p, [c_void_p]),
    "LLVMIsAInstruction": (c_void_p, [c_void_p]),
    "LLVMIsACallInst": (c_void_p, [c_void_p]),
    "LLVMIsAInvokeInst": (c_void_p, [c_void_p]),
    "LLVMGetNumOperands": (c_int, [c_void_p]),
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
_METADATA_FUNCTIONS: _Signatures = {
    "LLVMInstructionGetAllMetadataOtherThanDebugLoc": (c_void_p, [c_void_p, POINTER(c_size_t)]),
    "LLVMValueMetadataEntriesGetKind": (c_uint, [c_void_p, c_uint]),
    "LLVMDisposeValueMetadataEntries": (None, [c_void_p]),
}
_PROTECTING_FUNCTIONS: _Signatures = {
    **_METADATA_FUNCTIONS,
    "LLVMValueMetadataEntriesGetMetadata": (c_void_p, [c_void_p, c_uint]),
    "LLVMHasMetadata": (c_int, [c_void_p]),
    "LLVMGetMDKindIDInContext": (c_uint, [c_void_p, c_char_p, c_uint]),
    "LLVMMetadataAsValue": (c_void_p, [c_void_p, c_void_p]),
    "LLVMValueAsMetadata": (c_void_p, [c_void_p]),
    "LLVMGetMDNodeNumOperands": (c_uint, [c_void_p]),
    "LLVMGetMDNodeOperands": (None, [c_void_p, c_void_p]),
    "LLVMGetMetadataKind": (c_uint, [c_void_p]),
    "LLVMIsAGetElementPtrInst": (c_void_p, [c_void_p]),
    "LLVMIsInBounds": (c_int, [c_void_p]),
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
    "LLVMCountParams": (c_uint, [c_void_p]),
}
_NEWER_FUNCTIONS: _Signatures = {
    "LLVMGEPGetNoWrapFlags": (c_uint, [c_void_p]),
    "LLVMCanValueUseFastMathFlags": (c_int, [c_void_p]),
    "LLVMGetFastMathFlags": (c_uint, [c_void_p]),
}
"""What older LLVMs lack, since what it asks for is not there or is compared."""

_OUTLINED_FUNCTIONS: _Signatures = {
    **_METADATA_FUNCTIONS,
    "LLVMSetMetadata": (None, [c_void_p, c_uint, c_void_p]),
    "LLVMCanValueUseFastMathFlags": (c_int, [c_void_p]),
    "LLVMSetFastMathFlags": (None, [c_void_p, c_uint]),
    _DROP_FLAGS: (None, [c_void_p]),
}

_FUNCTION = 0xFFFFFFFF
"""The index of a function's own attributes."""

_NO_OUTLINE = b"nooutline"
"""Both outliners leave a function alone that has this attribute."""

_UNIQUE = b"llmcc-unique"
"""An attribute: functions whose values of it differ are not merged."""
_ALONE, _LIKE = b"alone ", b"like "
"""Such values begin so: of a function that is never merged, and of those that promise the same."""

_NO_PROMISES = ("DIAssignID", "heapallocsite", "prof", "srcloc")
"""Metadata that no pass draws conclusions from."""

_TUPLE = 4
"""Of LLVMMetadataKind."""
_RET, _BR, _LOAD, _STORE, _BITCAST, _PHI, _CALL = 1, 2, 27, 28, 41, 44, 45
"""Of LLVMOpcode."""

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
_NO_NEEDS = frozenset({b"min-legal-vector-width", _NO_OUTLINE, _UNIQUE})

_ASKED_OF_CLANG = b"llvm.objectsize."
"""Intrinsics that are answered within clang's own passes: of an array that came as a parameter there is no answer."""
_ANSWERING = frozenset({OUTLINER, "lower-constant-intrinsics"})
"""Passes that would leave them without one, before clang's."""

_RETURNS = ("fn_ret_thunk_extern", "speculative_load_hardening")
"""What the machine outliner's functions do not inherit."""

_EXTERNAL, _DEFAULT = 0, 0
"""Of LLVMLinkage and LLVMVisibility."""
_LINK_ONCE, _WEAK = 2, 5
"""Of LLVMLinkage: another definition may take the place of such a function."""

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


def protect(lib: ctypes.CDLL, module: int) -> None:
    """Mark the functions that must not be outlined from or merged. Raises ToolchainError when the library lacks a
    function for that."""
    api = _bind(lib, {**_FUNCTIONS, **_PROTECTING_FUNCTIONS}) | _bind_what_is_there(lib, _NEWER_FUNCTIONS)
    context, bodies = api["LLVMGetModuleContext"](module), list(_bodies(api, module))
    special = _depending_on_place(api, module)
    special |= {body for body in bodies if _is_special(api, body)}
    plain = [body for body in bodies if body not in special]
    harmless = {_kind(api, name) for name in (*_FACTS, *_WISHES)}
    needs = {body: _needs(api, body, harmless) for body in plain}
    weights: Counter[frozenset[Any]] = Counter()
    for body in plain:
        weights[needs[body]] += api["LLVMCountBasicBlocks"](body)
    usual = max(weights, key=lambda each: weights[each], default=None)
    jumping = _jumping(api, bodies)
    for body in bodies:
        if body in special or body in jumping or needs[body] != usual:
            _add(api, context, body, _NO_OUTLINE, b"")
    _keep_apart(api, module, bodies, special)


def _keep_apart(api: dict[str, Any], module: int, bodies: list[int], special: set[int]) -> None:
    """Mark the functions that must not be merged, with any other or with those that promise something else."""
    context, shared = api["LLVMGetModuleContext"](module), _is_for_shared_library(api, module)
    marks = {body: _value(api, body, _UNIQUE) for body in bodies}
    number = max((int(mark.removeprefix(_ALONE)) for mark in marks.values() if mark.startswith(_ALONE)), default=0)
    alike: dict[tuple[int, int], list[int]] = {}
    for body in bodies:
        replaceable = (api["LLVMGetLinkage"](body), api["LLVMGetVisibility"](body)) == (_EXTERNAL, _DEFAULT)
        if marks[body].startswith(_ALONE):
            continue
        if body in special or (shared and replaceable) or _depends_on_itself(api, body):
            number += 1
            _add(api, context, body, _UNIQUE, _ALONE + b"%d" % number)
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
            _add(api, context, body, _UNIQUE, _LIKE + b"%d" % known.setdefault(promises, len(known)))


def _promises(
    api: dict[str, Any], context: int, body: int, loop: int, others: frozenset[int]
) -> Iterator[tuple[Any, ...]]:
    """What merging does not compare of the instructions: metadata (of kind `loop` what it says, since every loop has a
    node of its own; none of the kinds `others`), and flags that LLVM's comparison leaves out. Nodes of one context that
    say the same are one."""
    number, count = 0, c_size_t()
    for block in _each(api["LLVMGetFirstBasicBlock"](body), api["LLVMGetNextBasicBlock"]):
        for instruction in _each(api["LLVMGetFirstInstruction"](block), api["LLVMGetNextInstruction"]):
            number += 1
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


def _jumping(api: dict[str, Any], bodies: list[int]) -> set[int]:
    """The functions that end with a call which may come back to them without another kind of call in between: to a
    function that ends so, or to one that is not known and has the same type."""
    defined = set(bodies)
    ends: dict[int, set[int]] = {}
    found = set()
    for body in bodies:
        own_type = api["LLVMGlobalGetValueType"](body)
        ends[body] = set()
        for block in _each(api["LLVMGetFirstBasicBlock"](body), api["LLVMGetNextBasicBlock"]):
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
    opcode = api["LLVMGetInstructionOpcode"]
    last = api["LLVMGetBasicBlockTerminator"](block)
    if opcode(last) == _BR and api["LLVMGetNumSuccessors"](last) == 1:
        # What all ways out of a function have in common.
        exit_block = api["LLVMGetSuccessor"](last, 0)
        for instruction in _each(api["LLVMGetFirstInstruction"](exit_block), api["LLVMGetNextInstruction"]):
            if opcode(instruction) not in (_PHI, _LOAD, _RET, _BITCAST) and not api["LLVMIsAIntrinsicInst"](
                instruction
            ):
                return None
    elif opcode(last) != _RET:
        return None
    for instruction in _each(api["LLVMGetPreviousInstruction"](last), api["LLVMGetPreviousInstruction"]):
        if opcode(instruction) == _CALL and not api["LLVMIsAIntrinsicInst"](instruction):
            return instruction
        kept = opcode(instruction) == _STORE and api["LLVMIsAAllocaInst"](api["LLVMGetOperand"](instruction, 1))
        if not kept and opcode(instruction) not in (_LOAD, _BITCAST, _CALL):
            return None
    return None


def require_answers(lib: ctypes.CDLL, module: int, pipeline: str) -> None:
    """Raises ToolchainError when a pass would leave the module's questions for sizes of objects without an answer."""
    if not answers(pipeline):
        return
    api = _bind(lib, _FUNCTIONS)
    for function in _each(api["LLVMGetFirstFunction"](module), api["LLVMGetNextFunction"]):
        if _name(api, function).startswith(_ASKED_OF_CLANG) and api["LLVMGetFirstUse"](function):
            raise ToolchainError("sizes of objects are asked for, which clang's own passes must tell", pipeline[:200])


def keep_codes(lib: ctypes.CDLL, module: int) -> None:
    """Mark the functions that have a section, or return in a way of their own, so that no code of theirs goes
    elsewhere."""
    api = _bind(lib, _FUNCTIONS)
    context = api["LLVMGetModuleContext"](module)
    kinds = [kind for kind in (_kind(api, name) for name in _RETURNS) if kind]
    for body in _bodies(api, module):
        marked = any(api["LLVMGetEnumAttributeAtIndex"](body, _FUNCTION, kind) for kind in kinds)
        if marked or api["LLVMGetSection"](body) or _has(api, body, b"implicit-section-name"):
            _add(api, context, body, _NO_OUTLINE, b"")


def make_sound(lib: ctypes.CDLL, module: int) -> None:
    """Take from the module's outlined functions the facts, and from their instructions flags and metadata, debug
    locations left. That nothing is thrown stays where it is true of every function they can be made of.

    Raises ToolchainError when the library lacks a function for that (before LLVM 18).
    """
    api = _bind(lib, {**_FUNCTIONS, **_OUTLINED_FUNCTIONS})
    outlined: list[int] = []
    others: list[int] = []
    for body in _bodies(api, module):
        (outlined if _name(api, body).startswith(OUTLINED) else others).append(body)
    nounwind = _kind(api, "nounwind")
    drop = [kind for kind in (_kind(api, name) for name in _FACTS) if kind]
    sources = [body for body in others if not _has(api, body, _NO_OUTLINE)]
    if not all(api["LLVMGetEnumAttributeAtIndex"](body, _FUNCTION, nounwind) for body in sources):
        drop.append(nounwind)
    for body in outlined:
        users = _users(api, body)
        calls = [user for user in users if api["LLVMIsACallInst"](user) or api["LLVMIsAInvokeInst"](user)]
        for kind in drop:
            api["LLVMRemoveEnumAttributeAtIndex"](body, _FUNCTION, kind)
            for call in calls:
                api["LLVMRemoveCallSiteEnumAttribute"](call, _FUNCTION, kind)
        for block in _each(api["LLVMGetFirstBasicBlock"](body), api["LLVMGetNextBasicBlock"]):
            for instruction in _each(api["LLVMGetFirstInstruction"](block), api["LLVMGetNextInstruction"]):
                _strip(api, instruction)


def _is_for_shared_library(api: dict[str, Any], module: int) -> bool:
    def has(flag: bytes) -> bool:
        return bool(api["LLVMGetModuleFlag"](module, flag, len(flag)))

    return has(b"PIC Level") and not has(b"PIE Level")


def _depending_on_place(api: dict[str, Any], module: int) -> set[int]:
    """The functions that call an intrinsic of `_PLACE`."""
    found = set()
    for function in _each(api["LLVMGetFirstFunction"](module), api["LLVMGetNextFunction"]):
        if api["LLVMIsDeclaration"](function) and _name(api, function).startswith(_PLACE):
            for user in _users(api, function):
                if api["LLVMIsAInstruction"](user):
                    found.add(_function_of(api, user))
    return found


def _depends_on_itself(api: dict[str, Any], body: int) -> bool:
    """Whether merging would have another function use this one in place of itself: for its address, or, where another
    may take its place, for a call."""
    replaceable = api["LLVMGetLinkage"](body) in (_LINK_ONCE, _WEAK)
    for user in _users(api, body):
        if api["LLVMIsAInstruction"](user) and _function_of(api, user) == body:
            count = api["LLVMGetNumOperands"](user)
            if replaceable or not (api["LLVMIsACallInst"](user) or api["LLVMIsAInvokeInst"](user)):
                return True
            # The last operand is what is called.
            if any(api["LLVMGetOperand"](user, at) == body for at in range(count - 1)):
                return True
    return False


def _function_of(api: dict[str, Any], instruction: int) -> int:
    function: int = api["LLVMGetBasicBlockParent"](api["LLVMGetInstructionParent"](instruction))
    return function


def _is_special(api: dict[str, Any], body: int) -> bool:
    name = _name(api, body).removeprefix(b"\x01")
    return bool(
        name in _MEMORY
        or name.startswith(_MEMORY_PREFIXES)
        or api["LLVMGetSection"](body)
        or api["LLVMGetFunctionCallConv"](body) == _X86_INTERRUPT
        or api["LLVMGetEnumAttributeAtIndex"](body, _FUNCTION, _kind(api, "naked"))
        or any(_has(api, body, each) for each in _SPECIAL_STRINGS)
    )


def _needs(api: dict[str, Any], body: int, harmless: set[int]) -> frozenset[Any]:
    """The attributes of a function that code of it may depend on, whose kinds are not `harmless`."""
    count = api["LLVMGetAttributeCountAtIndex"](body, _FUNCTION)
    attributes = (c_void_p * count)()
    api["LLVMGetAttributesAtIndex"](body, _FUNCTION, attributes)
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


def _bodies(api: dict[str, Any], module: int) -> Iterator[int]:
    """The functions that are defined."""
    for function in _each(api["LLVMGetFirstFunction"](module), api["LLVMGetNextFunction"]):
        if not api["LLVMIsDeclaration"](function):
            yield function


def _users(api: dict[str, Any], value: int) -> list[int]:
    """What uses a value, in a list: a user may be changed."""
    return [api["LLVMGetUser"](use) for use in _each(api["LLVMGetFirstUse"](value), api["LLVMGetNextUse"])]


def _name(api: dict[str, Any], value: int) -> bytes:
    name: bytes = api["LLVMGetValueName2"](value, ctypes.byref(c_size_t()))
    return name


def _kind(api: dict[str, Any], name: str) -> int:
    """The number of an attribute; 0 when this LLVM has none of that name."""
    number: int = api["LLVMGetEnumAttributeKindForName"](name.encode(), len(name))
    return number


def _has(api: dict[str, Any], body: int, attribute: bytes) -> bool:
    return bool(api["LLVMGetStringAttributeAtIndex"](body, _FUNCTION, attribute, len(attribute)))


def _value(api: dict[str, Any], body: int, attribute: bytes) -> bytes:
    """The value of an attribute; empty when the function does not have it."""
    found = api["LLVMGetStringAttributeAtIndex"](body, _FUNCTION, attribute, len(attribute))
    length = c_uint()
    return (
        ctypes.string_at(api["LLVMGetStringAttributeValue"](found, ctypes.byref(length)), length.value)
        if found
        else b""
    )


def _add(api: dict[str, Any], context: int, body: int, attribute: bytes, value: bytes) -> None:
    made = api["LLVMCreateStringAttribute"](context, attribute, len(attribute), value, len(value))
    api["LLVMAddAttributeAtIndex"](body, _FUNCTION, made)


def _each(first: int | None, following: Any) -> Iterator[int]:
    at = first
    while at:
        yield at
        at = following(at)


def _bind(lib: ctypes.CDLL, functions: _Signatures) -> dict[str, Any]:
    bound = {}
    for name, (result, arguments) in functions.items():
        try:
            function = getattr(lib, name)
        except AttributeError as error:
            raise ToolchainError("this LLVM is too old for iroutliner, which needs 18", str(error)) from error
        function.restype, function.argtypes = result, arguments
        bound[name] = function
    return bound


def _bind_what_is_there(lib: ctypes.CDLL, functions: _Signatures) -> dict[str, Any]:
    return _bind(lib, {name: signature for name, signature in functions.items() if hasattr(lib, name)})


def main() -> None:
    """Rewrite a bitcode file."""
    from toolchain.libllvm import LibLLVM

    when, library, triple, path = sys.argv[1:]
    target = dict.fromkeys(("cpu", "features", "relocation_model", "code_model"), "") | {"triple": triple}
    llvm = LibLLVM(library, target)
    # Which marks the functions with sections already, where that is wanted.
    module = llvm.parse(path)
    if when == "before":
        llvm.protect(module)
    elif when == "after":
        llvm.make_outlined_sound(module)
    llvm.write_bitcode(module, path)


if __name__ == "__main__":
    main()
