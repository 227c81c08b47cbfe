"""Run function passes on some functions of a module only: the items `only<NAME;...>(PASSES)` of pass lists.

While they run, the other functions are marked `optnone`, and LLVM's managers of function and loop passes leave those
alone. Besides names, which are those of symbols, `K%N` takes every function with zlib's CRC-32 of its name leaving K
when divided by N: that shares out the functions of any program, as certificates want it.

  python -m toolchain.parts LIBRARY TRIPLE RELOCATION-MODEL IN.bc OUT.bc ITEM [OPTION...]
"""

import ctypes
import re
import sys
from collections.abc import Callable
from ctypes import c_uint, c_uint64, c_void_p
from typing import Any
from zlib import crc32

from toolchain.ir import FUNCTION, FUNCTIONS, Signatures, bind, bodies_of, kind_of, name_of
from toolchain.passes import Part

_MARKING_FUNCTIONS: Signatures = {"LLVMCreateEnumAttribute": (c_void_p, [c_void_p, c_uint, c_uint64])}

_SHARE = re.compile(r"(\d+)%([1-9]\d*)")


def covers(part: Part, name: bytes) -> bool:
    """Whether the passes of a part run on the function of that symbol.

    >>> from toolchain.passes import part_of
    >>> covers(part_of("only<put;0%1>(function(sink))"), b"anything")
    True
    """
    for word in part.words:
        share = _SHARE.fullmatch(word)
        if word.encode() == name or (share and crc32(name) % int(share[2]) == int(share[1])):
            return True
    return False


def run_on_part(lib: ctypes.CDLL, module: int, part: Part, run: Callable[[str], Any]) -> None:
    """Have `run` run the part's passes on the module, while all functions but the part's are marked."""
    api = bind(lib, {**FUNCTIONS, **_MARKING_FUNCTIONS})
    optnone = kind_of(api, "optnone")
    mark = api["LLVMCreateEnumAttribute"](api["LLVMGetModuleContext"](module), optnone, 0)
    marked = [
        body
        for body in bodies_of(api, module)
        # Of assembler names, \1 says that they are to be taken as they are.
        if not covers(part, name_of(api, body).removeprefix(b"\x01"))
        and not api["LLVMGetEnumAttributeAtIndex"](body, FUNCTION, optnone)
    ]
    for body in marked:
        api["LLVMAddAttributeAtIndex"](body, FUNCTION, mark)
    run(part.pipeline)
    # Function passes take no function away.
    for body in marked:
        api["LLVMRemoveEnumAttributeAtIndex"](body, FUNCTION, optnone)


def main() -> None:
    """Run one item on a bitcode file."""
    from toolchain.libllvm import LibLLVM, plain_target

    library, triple, model, path, output, item, *options = sys.argv[1:]
    llvm = LibLLVM(library, plain_target(triple, model))
    if options:
        llvm.parse_options(options)
    module = llvm.parse(path)
    llvm.run_passes(module, item)
    llvm.write_bitcode(module, output)


if __name__ == "__main__":
    main()
