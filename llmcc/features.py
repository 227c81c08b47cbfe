"""Features of a module, from the assembly text of its unoptimised IR.

Text because its instruction names have been the same from LLVM 14 to 22, and because one pass of a
regular expression over it is faster than a walk over the C API from Python. VERSION changes whenever
a feature does; a model states the version it was trained for.
"""

import math
import re
from collections import Counter

VERSION = 1

_OPCODES = (
    "add", "alloca", "and", "ashr", "atomicrmw", "bitcast", "br", "call", "cmpxchg", "extractvalue", "fadd", "fcmp",
    "fdiv", "fence", "fmul", "fneg", "fpext", "fptosi", "fptoui", "fptrunc", "freeze", "fsub", "getelementptr", "icmp",
    "indirectbr", "insertvalue", "inttoptr", "invoke", "landingpad", "load", "lshr", "mul", "or", "phi", "ptrtoint",
    "ret", "sdiv", "select", "sext", "shl", "sitofp", "srem", "store", "sub", "switch", "trunc", "udiv", "uitofp",
    "unreachable", "urem", "xor", "zext",
)  # fmt: skip
_INTRINSICS = ("lifetime", "memcpy", "memmove", "memset", "fmuladd", "va_", "smax", "fabs", "assume", "expect", "bswap")
_TYPES = ("i1", "i8", "i16", "i32", "i64", "i128", "ptr", "float", "double")
_ARCHITECTURES = ("x86_64", "i386", "arm", "aarch64", "riscv32", "riscv64")

_INSTRUCTION = re.compile(rb"^  (?:%[^ ]+ = )?(?:(?:tail|musttail|notail) )?([a-z]+)", re.M)
_ACCESS = re.compile(rb" (?:load|store) (?:volatile |atomic )*([a-z0-9]+)[ ,]")
_CALLEE = re.compile(rb" (?:call|invoke) [^@%\n]*([@%])([^(\s]+)\(")
_LABEL_USE = re.compile(rb"label %(\d+)")
_LABEL = re.compile(rb"^(\d+):", re.M)
_COMPARE = re.compile(rb" icmp (?:samesign )?([a-z]+)")
_CONSTANT = re.compile(rb" (-?\d+)(?=[,\s)])")
_GLOBAL = re.compile(rb"^@[^=]+ = (.*)$", re.M)
_GRAMS = (3, 5, 8)


def extract(text: bytes) -> list[float]:
    """The feature vector (len(NAMES) floats) of a module given as LLVM assembly."""
    values: list[float] = []
    functions = text.split(b"\ndefine ")
    head, bodies = functions[0], functions[1:]
    opcodes = [_INSTRUCTION.findall(body[: body.find(b"\n}")]) for body in bodies]
    everything = Counter(op for ops in opcodes for op in ops)
    total = sum(everything.values()) or 1
    sizes = sorted(len(ops) for ops in opcodes) or [0]
    internal = sum(body.startswith(b"internal ") for body in bodies)
    linkonce = sum(body.startswith((b"linkonce_odr ", b"weak_odr ")) for body in bodies)

    values += [math.log1p(n) for n in (len(bodies), internal, linkonce, total, text.count(b"\ndeclare "))]
    values += [internal / max(1, len(bodies)), total / max(1, len(bodies)) / 100]
    values += [math.log1p(sizes[-1]), math.log1p(sizes[len(sizes) // 2]), sizes[-1] / total]
    values += [math.log1p(everything[op.encode()]) for op in _OPCODES]
    values += [everything[op.encode()] / total * 10 for op in _OPCODES]
    values += _control_flow(bodies, opcodes, total)
    values += _calls(bodies, text, total)
    accesses = Counter(_ACCESS.findall(text))
    values += [accesses[kind.encode()] / total * 10 for kind in _TYPES]
    compares = Counter(_COMPARE.findall(text))
    values += [compares[kind] / total * 10 for kind in (b"eq", b"ne", b"slt", b"ult", b"sgt", b"ugt")]
    values += _constants(bodies, total)
    values += _globals(head, total)
    values += _repetition(opcodes, total)
    triple = text[text.find(b"target triple") :][:80]
    values += [float(b'"' + arch.encode() in triple) for arch in _ARCHITECTURES[:2]]
    values += [float(b'"arm' in triple or b'"thumb' in triple)]
    values += [float(b'"' + arch.encode() in triple) for arch in _ARCHITECTURES[3:]]
    values += [float(b"!dbg " in text), float(b'"PIE Level"' in text or b'"PIC Level"' in text)]
    return [round(value, 5) for value in values]


def _control_flow(bodies: list[bytes], opcodes: list[list[bytes]], total: int) -> list[float]:
    blocks = backward = cases = 0
    for body in bodies:
        labels = [int(n) for n in _LABEL.findall(body)]
        blocks += 1 + len(labels)
        # Unnamed blocks are numbered in order: a branch to a lower number goes back.
        position = 0
        for line in body.split(b"\n"):
            if line[:1].isdigit():
                position = int(line.partition(b":")[0])
            elif line.startswith(b"  br "):
                backward += any(int(n) <= position for n in _LABEL_USE.findall(line))
            elif line.startswith(b"    i") and b", label " in line:
                cases += 1
    straight = sum(b"br" not in ops for ops in opcodes)
    return [
        math.log1p(blocks),
        total / max(1, blocks) / 10,
        math.log1p(backward),
        backward / max(1, blocks) * 10,
        math.log1p(cases),
        cases / total * 10,
        straight / max(1, len(opcodes)),
    ]


def _calls(bodies: list[bytes], text: bytes, total: int) -> list[float]:
    defined = {body[body.find(b"@") + 1 : body.find(b"(", body.find(b"@"))] for body in bodies}
    callees = _CALLEE.findall(text)
    names = Counter(name for sigil, name in callees if sigil == b"@")
    local = sum(n for name, n in names.items() if name in defined)
    once = sum(n == 1 for name, n in names.items() if name in defined)
    indirect = sum(sigil == b"%" for sigil, _ in callees)
    intrinsic = sum(n for name, n in names.items() if name.startswith(b"llvm."))
    most = names.most_common(1)[0][1] if names else 0
    kinds = [sum(n for name, n in names.items() if name.startswith(b"llvm." + k.encode())) for k in _INTRINSICS]
    outside = len(callees) - local - indirect - intrinsic
    return [
        *(count / total * 10 for count in (local, indirect, intrinsic, outside, once)),
        math.log1p(local),
        math.log1p(outside),
        math.log1p(most),
        *(math.log1p(k) for k in kinds),
    ]


def _constants(bodies: list[bytes], total: int) -> list[float]:
    small = medium = large = 0
    for body in bodies:
        for word in _CONSTANT.findall(body):
            n = len(word)
            small += n < 3
            medium += 3 <= n < 5
            large += n >= 5
    return [small / total, medium / total, large / total]


def _globals(head: bytes, total: int) -> list[float]:
    lines = _GLOBAL.findall(head)
    constant = sum(b" constant " in line[:80] for line in lines)
    private = sum(line.startswith((b"private ", b"internal ")) for line in lines)
    return [
        math.log1p(len(lines)),
        math.log1p(constant),
        math.log1p(private),
        math.log1p(len(head)) / 4,
        len(lines) / total,
    ]


def _repetition(opcodes: list[list[bytes]], total: int) -> list[float]:
    """How much of the code is alike: repeated runs of instructions, functions of one shape."""
    values = []
    for length in _GRAMS:
        grams: Counter[tuple[bytes, ...]] = Counter()
        for ops in opcodes:
            grams.update(zip(*(ops[i:] for i in range(length)), strict=False))
        repeated = sum(n for n in grams.values() if n > 1)
        values += [repeated / total, len(grams) / total]
    shapes = Counter(tuple(ops) for ops in opcodes if len(ops) > 3)
    values.append(sum(n - 1 for n in shapes.values()) / max(1, len(opcodes)))
    return values


LENGTH = len(extract(b""))
ARCHITECTURE = slice(LENGTH - 2 - len(_ARCHITECTURES), LENGTH - 2)
"""The features that name the architecture: 1 for the module's own, 0 for all others."""
"""How many numbers `extract` gives."""
