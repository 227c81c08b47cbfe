"""Keep in a module what clang keeps of its inline functions, whatever is done with their calls.

A function that every unit brings along which needs it (an inline one, an instance of a template: linkage `linkonce`)
may be dropped where its calls were inlined. Other units bring it all the same, so dropping it makes the object smaller
and the image larger. Those that are left after clang's own passes become `weak` before anything is tried: the same
symbols in the object, which no pass drops. Both of LLVM's outliners leave functions alone that are `linkonce_odr`, as
what they move out of one stays in every unit that brings it along, and take `weak` ones; so those are marked.

  python -m toolchain.retention LIBRARY TRIPLE UNIT.bc OPTIMISED.bc
"""

import ctypes
import sys
from collections.abc import Iterator
from ctypes import c_int, c_void_p
from typing import Any

from toolchain.ir import FUNCTIONS, NO_OUTLINE, Signatures, add, bind, bodies_of, each, name_of

_LINKAGE_FUNCTIONS: Signatures = {
    "LLVMGetFirstGlobal": (c_void_p, [c_void_p]),
    "LLVMGetNextGlobal": (c_void_p, [c_void_p]),
    "LLVMGetFirstGlobalAlias": (c_void_p, [c_void_p]),
    "LLVMGetNextGlobalAlias": (c_void_p, [c_void_p]),
    "LLVMGetLinkage": (c_int, [c_void_p]),
    "LLVMSetLinkage": (None, [c_void_p, c_int]),
}

_ODR = 3
_KEPT = {2: 5, _ODR: 6}
"""LLVMLinkOnceAny and LLVMLinkOnceODR of LLVM's C API, with the weak linkage that is like each."""


def has_droppable(lib: ctypes.CDLL, module: int) -> bool:
    """Whether a module defines anything that is dropped where nothing in it needs it."""
    api = bind(lib, {**FUNCTIONS, **_LINKAGE_FUNCTIONS})
    return any(True for _ in _droppable(api, module))


def retain(lib: ctypes.CDLL, module: int, optimised: int) -> None:
    """Make weak, in a module and in what clang's own passes make of it (`optimised`), what these have not dropped."""
    api = bind(lib, {**FUNCTIONS, **_LINKAGE_FUNCTIONS})
    kept = {name_of(api, value) for value in _droppable(api, optimised)}
    for changed in (module, optimised):
        context = api["LLVMGetModuleContext"](changed)
        for body in bodies_of(api, changed):
            if api["LLVMGetLinkage"](body) == _ODR and name_of(api, body) in kept:
                add(api, context, body, NO_OUTLINE, b"")
        for value in [value for value in _droppable(api, changed) if name_of(api, value) in kept]:
            api["LLVMSetLinkage"](value, _KEPT[api["LLVMGetLinkage"](value)])


def _droppable(api: dict[str, Any], module: int) -> Iterator[int]:
    for kind in ("Function", "Global", "GlobalAlias"):
        for value in each(api[f"LLVMGetFirst{kind}"](module), api[f"LLVMGetNext{kind}"]):
            if api["LLVMGetLinkage"](value) in _KEPT and not api["LLVMIsDeclaration"](value):
                yield value


def main() -> None:
    """Rewrite both files."""
    from toolchain.libllvm import LibLLVM, plain_target

    library, triple, *paths = sys.argv[1:]
    llvm = LibLLVM(library, plain_target(triple))
    module, optimised = map(llvm.parse, paths)
    llvm.retain(module, optimised)
    for made, path in ((module, paths[0]), (optimised, paths[1])):
        llvm.write_bitcode(made, path)


if __name__ == "__main__":
    main()
