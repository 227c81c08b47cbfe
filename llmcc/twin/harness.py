"""Generate the half of a twin image that knows the unit's functions: what calls each of them with generated
arguments, and a recording stub for everything it calls outside. Both are LLVM IR, so that clang lays out
arguments and results as in the unit itself.

Read from the unit's own assembly text: every `define` says how a function is called, every `declare` how a
stub must look. In the images every symbol of the unit has a prefix.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

PREFIX = "twin.of."

_LIBC_TEXT = """
abs labs llabs atoi atol atoll strtol strtoul strtoll strtoull strtod strtof strlen strnlen strcpy strncpy
strcat strncat strcmp strncmp strcasecmp strncasecmp strchr strrchr strstr strspn strcspn strpbrk strtok
strtok_r stpcpy memcpy memmove memset memcmp memchr memrchr mempcpy bcmp bzero tolower toupper isalpha isdigit
isalnum isspace isupper islower isxdigit ispunct isprint iscntrl isgraph __ctype_b_loc __ctype_tolower_loc
__ctype_toupper_loc __errno_location snprintf sprintf vsnprintf vsprintf sscanf __isoc99_sscanf qsort bsearch
sin cos tan asin acos atan atan2 sinh cosh tanh exp exp2 expm1 log log2 log10 log1p pow sqrt cbrt hypot floor
ceil round trunc rint nearbyint fabs fmod fmin fmax ldexp frexp modf copysign lround llround lrint fma scalbn
sinf cosf tanf expf exp2f logf log2f log10f powf sqrtf floorf ceilf roundf truncf fabsf fmodf fminf fmaxf ldexpf
frexpf copysignf lroundf lrintf __memcpy_chk __memmove_chk __memset_chk __strcpy_chk __strcat_chk __snprintf_chk
__sprintf_chk __vsnprintf_chk __stack_chk_fail __tls_get_addr _GLOBAL_OFFSET_TABLE_ setjmp _setjmp __sigsetjmp
longjmp siglongjmp __longjmp_chk ffs ffsl ffsll
"""
_LIBC = frozenset(_LIBC_TEXT.split())
"""The unit gets the C library's own: what LLVM may fold, replace or drop, so that calls cannot be compared."""

_HEAP = {"malloc": "twin_malloc", "calloc": "twin_calloc", "realloc": "twin_realloc", "free": "twin_free"}
_HEAP |= {"_Znwm": "twin_malloc", "_Znam": "twin_malloc", "_ZdlPv": "twin_free", "_ZdaPv": "twin_free"}
_HEAP |= {"_ZdlPvm": "twin_free", "_ZdaPvm": "twin_free"}

_SILENT_TEXT = """
printf fprintf vprintf vfprintf puts fputs putchar putc fputc putchar_unlocked putc_unlocked fputc_unlocked
fputs_unlocked fwrite fwrite_unlocked perror fflush __printf_chk __fprintf_chk __vfprintf_chk __vprintf_chk
"""
_SILENT = frozenset(_SILENT_TEXT.split())
"""Output functions that LLVM replaces by one another: answered, never recorded."""

_RUNTIME = (
    *("_ZNSt", "_ZSt", "_ZNKSt", "_ZTISt", "_ZTVSt", "_ZTVN10__cxxabi", "_ZTIN10__cxxabi", "__cxa_", "_Unwind_"),
    *("__gxx_", "__gcc_", "DW.ref."),
)
"""How the names begin that the C++ library and the unwinder have."""

_FUNDAMENTAL = re.compile(r"_ZTI(P?K?)[a-z]")
"""Type information of int and its like, which the C++ library has too."""

TextOf = Callable[[str], str]
"""Gives the symbol of a constant that holds a name."""

_NAME = re.compile(r'@("(?:[^"\\]|\\.)*"|[-\w.$]+)')


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the unit's text: name, result type, parameters as (type, attributes), whether it takes
    further arguments, whether it is defined here and seen by other units."""

    name: str
    result: str
    result_attributes: str
    fresh_result: bool
    parameters: tuple[tuple[str, str], ...]
    variadic: bool
    exported: bool
    noreturn: bool
    pure: bool


@dataclass(frozen=True, slots=True)
class Unit:
    """What the text says of a unit: its type definitions and target lines, functions, and the names of the
    external data that it uses."""

    head: tuple[str, ...]
    functions: tuple[Function, ...]
    data: tuple[str, ...]


def read_unit(text: str) -> Unit:
    """Read a module's assembly text. What cannot be read is left out: nothing calls it, nothing stands for it."""
    head, functions, data = [], [], []
    groups = dict(re.findall(r"^attributes #(\d+) = \{(.*)\}$", text, re.MULTILINE))
    for line in text.splitlines():
        if line.startswith(("target ", "%")) and (line.startswith("target") or " = type " in line):
            head.append(line)
        elif line.startswith(("define ", "declare ")):
            function = _function(line, groups)
            if function is not None:
                functions.append(function)
        elif line.startswith("@"):
            match = re.match(r'@("[^"]*"|[-\w.$]+) = (?:\w+ )*external (?:[\w()]+ )*?(?:global|constant) ', line)
            if match:
                data.append(_plain_name(match[1]))
    return Unit(tuple(head), tuple(functions), tuple(data))


def _function(line: str, groups: dict[str, str]) -> Function | None:
    name = _NAME.search(line)
    if name is None or line[name.end() : name.end() + 1] != "(":
        return None
    close = _matching(line, name.end())
    before, inside, after = line[: name.start()].strip(), line[name.end() + 1 : close], line[close + 1 :]
    kind, attributes = _last_type(before)
    parameters, variadic = [], False
    for part in _split(inside):
        if part == "...":
            variadic = True
            continue
        parameter, rest = _first_type(part)
        parameters.append((parameter, re.sub(r'\s*%("[^"]*"|[-\w.$]+)$', "", rest).strip()))
    numbers = re.findall(r"#(\d+)", after)
    said = after + " ".join(groups.get(number, "") for number in numbers)
    words = set(before.split())
    exported = line.startswith("define ") and not words & {"internal", "private", "available_externally"}
    pure = bool(re.search(r"memory\((none|read)\)|\breadnone\b|\breadonly\b", said))
    noreturn = bool(re.search(r"\bnoreturn\b", said))
    fresh = bool(_PROMISED.search(before))
    text = _plain_name(name[1])
    if {"fastcc", "coldcc", "tailcc"} & words or "swiftcc" in before or text.startswith("llvm."):
        return None
    return Function(text, kind, attributes, fresh, tuple(parameters), variadic, exported, noreturn, pure)


_PROMISED = re.compile(r"\b(nonnull|noalias|dereferenceable|sret|byval)\b")
"""Attributes by which a pointer is that of an object, and often of one that nothing else points to."""


def _plain_name(text: str) -> str:
    """A symbol as objects have it: without quotes, and with its escapes (`\\C3`) as bytes."""
    raw = text.strip('"').encode("utf-8", "surrogateescape")
    raw = re.sub(rb"\\([0-9A-Fa-f]{2})", lambda match: bytes([int(match[1], 16)]), raw)
    return raw.decode("utf-8", "surrogateescape")


def _matching(text: str, at: int) -> int:
    depth = 0
    for position in range(at, len(text)):
        if text[position] in "([{<":
            depth += 1
        elif text[position] in ")]}>":
            depth -= 1
            if depth == 0:
                return position
    return len(text)


def _split(text: str) -> Iterator[str]:
    depth = start = 0
    for at, char in enumerate(text):
        if char in "([{<":
            depth += 1
        elif char in ")]}>":
            depth -= 1
        elif char == "," and depth == 0:
            yield text[start:at].strip()
            start = at + 1
    if text[start:].strip():
        yield text[start:].strip()


def _first_type(text: str) -> tuple[str, str]:
    """The type that a text begins with, and the rest."""
    text = text.strip()
    if text[:1] in "[{<":
        close = _matching(text, 0)
        return text[: close + 1], text[close + 1 :].strip()
    kind, _, rest = text.partition(" ")
    return kind.rstrip(","), rest.strip()


def _last_type(text: str) -> tuple[str, str]:
    """The type that a text ends with, and the attributes of the result before it."""
    if text[-1:] in ("]", "}", ">"):
        depth = 0
        for at in range(len(text) - 1, -1, -1):
            depth += (text[at] in ")]}>") - (text[at] in "([{<")
            if depth == 0:
                break
        kind, before = text[at:], text[:at]
    else:
        before, _, kind = text.rpartition(" ")
    kept = [word for word in ("zeroext", "signext", "inreg") if word in before.split()]
    return kind, " ".join(kept)


def stands_for(name: str, *, declared: bool) -> str:
    """Which symbol of the image a unit's undefined `name` means: the real thing, or "" for a stub of ours.

    `declared` is whether the unit's text declares it, so that a stub can be made.
    """
    if name in _HEAP:
        return _HEAP[name]
    if name in _LIBC:
        return name
    if name in _SILENT:
        return ""
    if name.startswith(_RUNTIME) or _FUNDAMENTAL.fullmatch(name):
        return name
    return "" if declared else name


def generate(unit: Unit, defined: set[str], undefined: set[str], data: dict[str, int]) -> str:
    """The IR of the harness.

    `defined` are the symbols that all of the unit's objects have, `undefined` those that some want from
    outside; `data` the objects that it shows to other units, with their bytes.
    """
    declared = {function.name: function for function in unit.functions}
    external = set(unit.data)
    lines = [*unit.head, *_RUNTIME_DECLARATIONS]
    names: list[str] = []

    def text_of(name: str) -> str:
        names.append(name)
        return f"@.name{len(names) - 1}"

    for name in sorted(undefined):
        known = name in declared or name in external
        if stands_for(name, declared=known):
            continue
        if name in external:
            # Large enough for most; what is read past it ends the call, in all images.
            lines.append(f'@"{PREFIX}{name}" = global [65536 x i8] zeroinitializer, align 64')
        elif name in declared:
            lines += _stub(declared[name], text_of)
        else:
            # LLVM has made a puts of a printf: whatever it is given, the answer is 0.
            lines.append(f'define i64 @"{PREFIX}{name}"() {{ ret i64 0 }}')
    cases = [function for function in unit.functions if function.exported and function.name in defined]
    for number, function in enumerate(cases):
        lines += [*_caller(function, number), _declaration(function)]
    pairs = [f"{{ ptr, ptr }} {{ ptr {text_of(f.name)}, ptr @.case{i} }}" for i, f in enumerate(cases)]
    lines.append(f"@twin_cases = constant [{len(pairs)} x {{ ptr, ptr }}] [{', '.join(pairs)}]")
    lines.append(f"@twin_case_count = constant i64 {len(pairs)}")
    for name in sorted(data):
        lines.append(f'@"{PREFIX}{name}" = external global i8')
    places = [f'{{ ptr, i64 }} {{ ptr @"{PREFIX}{name}", i64 {data[name]} }}' for name in sorted(data)]
    lines.append(f"@twin_data = constant [{len(places)} x {{ ptr, i64 }}] [{', '.join(places)}]")
    lines.append(f"@twin_datum_count = constant i64 {len(places)}")
    for number, name in enumerate(names):
        content = "".join(f"\\{byte:02x}" for byte in name.encode())
        lines.append(f'@.name{number} = private constant [{len(name.encode()) + 1} x i8] c"{content}\\00"')
    return "\n".join(lines) + "\n"


_RUNTIME_DECLARATIONS = (
    "declare i64 @twin_integer()",
    "declare double @twin_real()",
    "declare ptr @twin_memory()",
    "declare ptr @twin_object()",
    "declare void @twin_begin(ptr)",
    "declare void @twin_argument(i64)",
    "declare void @twin_argument_pointer(ptr)",
    "declare void @twin_result(i64)",
    "declare void @twin_result_pointer(ptr)",
    "declare i64 @twin_end(i32)",
    "declare double @twin_end_real()",
    "declare ptr @twin_end_pointer()",
    "declare ptr @twin_end_object()",
    "declare void @twin_leave()",
)


def _parameters(function: Function, *, named: bool) -> str:
    parts = []
    for i, (kind, attributes) in enumerate(function.parameters):
        kept = " ".join(_kept_attributes(attributes))
        parts.append(" ".join(word for word in (kind, kept, f"%a{i}" if named else "") if word))
    return ", ".join([*parts, *(["..."] if function.variadic else [])])


def _kept_attributes(attributes: str) -> Iterator[str]:
    """Those that decide how an argument is passed."""
    for match in re.finditer(r"(zeroext|signext|inreg|nest)\b|(byval|sret|inalloca)\(|align (\d+)", attributes):
        if match[2]:
            yield attributes[match.start() : _matching(attributes, match.end() - 1) + 1]
        else:
            yield match[0]


def _result(function: Function) -> str:
    return f"{function.result_attributes} {function.result}".strip()


def _declaration(function: Function) -> str:
    return f'declare {_result(function)} @"{PREFIX}{function.name}"({_parameters(function, named=False)})'


def _is_integer(kind: str) -> int:
    """The bits of an integer type; 0 for others."""
    match = re.fullmatch(r"i(\d+)", kind)
    return int(match[1]) if match else 0


def _stub(function: Function, text_of: TextOf) -> list[str]:
    """A definition that records the call and answers."""
    lines = [f'define {_result(function)} @"{PREFIX}{function.name}"({_parameters(function, named=True)}) {{']
    silent = function.name in _SILENT or function.pure
    if not silent or function.noreturn:
        lines.append(f"  call void @twin_begin(ptr {text_of(function.name)})")
        for i, (kind, attributes) in enumerate(function.parameters):
            if "byval" not in attributes and "sret" not in attributes:
                lines += _record(kind, f"%a{i}", f"%r{i}")
    if function.noreturn:
        return [*lines, "  call void @twin_leave()", "  unreachable", "}"]
    return [*lines, *_answer(function.result, silent=silent, fresh=function.fresh_result), "}"]


def _record(kind: str, value: str, fresh: str, sink: str = "argument") -> list[str]:
    """Have the runtime take in a scalar: an `argument` of a call to the outside, or a `result`."""
    bits = _is_integer(kind)
    if kind == "ptr":
        return [f"  call void @twin_{sink}_pointer(ptr {value})"]
    if kind in ("float", "double"):
        wide = "i32" if kind == "float" else "i64"
        # NaNs have many forms: any is as good.
        lines = [
            f"  {fresh}.raw = bitcast {kind} {value} to {wide}",
            f"  {fresh}.nan = fcmp uno {kind} {value}, {value}",
        ]
        lines.append(f"  {fresh}.bits = select i1 {fresh}.nan, {wide} -1, {wide} {fresh}.raw")
        if kind == "float":
            return [*lines, f"  {fresh} = zext i32 {fresh}.bits to i64", f"  call void @twin_{sink}(i64 {fresh})"]
        return [*lines, f"  call void @twin_{sink}(i64 {fresh}.bits)"]
    if bits == 128:
        lines = [f"  {fresh}.low = trunc i128 {value} to i64", f"  {fresh}.shifted = lshr i128 {value}, 64"]
        lines.append(f"  {fresh}.high = trunc i128 {fresh}.shifted to i64")
        return [*lines, *(f"  call void @twin_{sink}(i64 {fresh}.{half})" for half in ("low", "high"))]
    if bits == 64:
        return [f"  call void @twin_{sink}(i64 {value})"]
    if 0 < bits < 64:
        return [f"  {fresh} = zext {kind} {value} to i64", f"  call void @twin_{sink}(i64 {fresh})"]
    return []


def _answer(kind: str, *, silent: bool, fresh: bool) -> list[str]:
    bits = _is_integer(kind)
    if kind == "void":
        return ["  ret void"]
    if silent or not (kind in ("ptr", "float", "double") or bits):
        # What may be called more or less often must answer always the same.
        return [f"  ret {kind} zeroinitializer"]
    if kind == "ptr":
        return [f"  %v = call ptr @twin_end_{'object' if fresh else 'pointer'}()", "  ret ptr %v"]
    if kind == "double":
        return ["  %v = call double @twin_end_real()", "  ret double %v"]
    if kind == "float":
        return ["  %w = call double @twin_end_real()", "  %v = fptrunc double %w to float", "  ret float %v"]
    lines = ["  %w = call i64 @twin_end(i32 0)"]
    if bits == 64:
        return [*lines, "  ret i64 %w"]
    return [*lines, f"  %v = {'trunc' if bits < 64 else 'zext'} i64 %w to {kind}", f"  ret {kind} %v"]


def _caller(function: Function, number: int) -> list[str]:
    """A function that calls one of the unit's with generated arguments and has the result taken in."""
    lines = [f"define internal void @.case{number}() {{"]
    arguments = []
    for i, (kind, attributes) in enumerate(function.parameters):
        lines += _argument(kind, f"%a{i}", promised=bool(_PROMISED.search(attributes)))
        kept = " ".join(_kept_attributes(attributes))
        known = kind == "ptr" or kind in ("float", "double") or _is_integer(kind)
        value = f"%a{i}" if known else "zeroinitializer"
        arguments.append(" ".join(word for word in (kind, kept, value) if word))
    kinds = ", ".join([kind for kind, _ in function.parameters])
    signature = f"{function.result} ({kinds}{', ' if kinds else ''}...)" if function.variadic else function.result
    call = f'call {function.result_attributes} {signature} @"{PREFIX}{function.name}"({", ".join(arguments)})'
    if function.result == "void":
        return [*lines, f"  {call}", "  ret void", "}"]
    return [*lines, f"  %v = {call}", *_seen(function.result), "  ret void", "}"]


def _seen(kind: str) -> list[str]:
    """Have the runtime take in a result: a scalar, or each scalar of a structure."""
    if not kind.startswith("{"):
        return _record(kind, "%v", "%s", "result")
    lines = []
    for i, member in enumerate(_split(kind[1:-1])):
        lines += [f"  %m{i} = extractvalue {kind} %v, {i}", *_record(member, f"%m{i}", f"%s{i}", "result")]
    return lines


def _argument(kind: str, name: str, *, promised: bool) -> list[str]:
    bits = _is_integer(kind)
    if kind == "ptr":
        return [f"  {name} = call ptr @twin_{'object' if promised else 'memory'}()"]
    if kind == "double":
        return [f"  {name} = call double @twin_real()"]
    if kind == "float":
        return [f"  {name}.wide = call double @twin_real()", f"  {name} = fptrunc double {name}.wide to float"]
    if bits == 64:
        return [f"  {name} = call i64 @twin_integer()"]
    if bits:
        step = "trunc" if bits < 64 else "sext"
        return [f"  {name}.wide = call i64 @twin_integer()", f"  {name} = {step} i64 {name}.wide to {kind}"]
    return []
