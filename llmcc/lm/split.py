"""Split the assembly text of a module by function, for models whose context is too short for all of it.

Every part is a module of its own that LLVM reads: one or several functions with the types, globals, declarations,
attributes and metadata that they need. It is done on the text, which is what a model gets: parts are never compiled,
and nothing of LLVM is called that could end a process.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_NAME = r'(?:"(?:[^"\\]|\\.)*"|[-a-zA-Z$._0-9]+)'
_USES = re.compile(rf"[@%$!#]{_NAME}")
_DEFINED = re.compile(rf"([@%$!]{_NAME}) = ")
_ATTRIBUTES = re.compile(r"attributes (#\d+) = ")
_FUNCTION = re.compile(rf"(?:define|declare) [^@\n]*(@{_NAME})\(")
_LINKAGE = re.compile(
    r"(?<= )(?:private|internal|available_externally|linkonce_odr|linkonce|weak_odr|weak|common|external|extern_weak) "
)
_OF_DEFINITION = re.compile(r" (?:comdat(?:\([^)]*\))?|personality .*|section \"[^\"]*\"|![a-z.]+ !\d+)(?= |$)")
_GLOBAL = re.compile(r"(@\S+ = .*?\b(?:global|constant) )(.*)", re.S)
_OWN_COMDAT = re.compile(r" comdat(?! ?\(|\$)")
_ALIGN = re.compile(r", align \d+")
_PLACE = re.compile(r"^(!\d+) = (?:distinct )?!DILocation\(", re.M)
_LOOP = re.compile(r"^!\d+ = distinct !\{.*$", re.M)
_REFERENCE = re.compile(r", (!\d+)(?=[,}])")
_NOT_DEBUG = re.compile(r",? !dbg !\d+")

SHORT = 200
"""Characters of a constant that a part has with its value: passes look at it."""


@dataclass(frozen=True, slots=True)
class Function:
    """One function of a module: its name with `@`, and its instructions."""

    name: str
    instructions: int


@dataclass(frozen=True, slots=True)
class Part:
    """A module that holds some functions of another, as LLVM assembly."""

    text: str
    functions: tuple[Function, ...]

    @property
    def instructions(self) -> int:
        return sum(function.instructions for function in self.functions)


class ModuleText:
    """The assembly of a module, taken apart into its top-level entities."""

    def __init__(self, text: str) -> None:
        self._head: list[str] = []
        self._entities: dict[str, str] = {}
        self._named: list[str] = []
        self._bodies: dict[str, str] = {}
        self._text = text
        for entity in _entities(text):
            self._take(entity)
        self._needs: dict[str, tuple[str, ...]] = {}

    @property
    def functions(self) -> tuple[Function, ...]:
        """Every function with a body, in the order of the text."""
        return tuple(Function(name, _instructions(body)) for name, body in self._bodies.items())

    def whole(self) -> Part:
        return Part(self._text, self.functions)

    def part(self, names: Sequence[str]) -> Part:
        """The module with the bodies of these functions alone."""
        wanted = set(names)
        needed: set[str] = set()
        pending = [use for name in names for use in _uses(self._bodies[name])]
        pending += [use for line in self._named if line.startswith("!llvm.module.flags") for use in _uses(line)]
        while pending:
            name = pending.pop()
            if name in needed or (name not in self._entities and name not in self._bodies):
                continue
            needed.add(name)
            if name not in wanted:
                pending += self._uses_of(name)
        lines = [*self._head]
        lines += [self._declared(name) for name in self._entities if name in needed]
        for name, body in self._bodies.items():
            if name in wanted:
                lines += ["", body]
            elif name in needed:
                lines += ["", _declaration(body)]
        lines += [line for line in self._named if line.startswith("!llvm.module.flags")]
        functions = tuple(f for f in self.functions if f.name in wanted)
        return Part("\n".join(lines) + "\n", functions)

    def _take(self, entity: str) -> None:
        if entity.startswith("define "):
            found = _FUNCTION.match(entity)
            # What no name is found of would be lost.
            self._bodies[found[1] if found else entity] = entity
            return
        found = _FUNCTION.match(entity) or _ATTRIBUTES.match(entity) or _DEFINED.match(entity)
        if found is None:
            self._head.append(entity)
        elif entity.startswith("!") and not found[1][1:].isdigit():
            self._named.append(entity)
        else:
            self._entities[found[1]] = entity

    def _uses_of(self, name: str) -> tuple[str, ...]:
        if name not in self._needs:
            text = _declaration(self._bodies[name]) if name in self._bodies else self._declared(name)
            self._needs[name] = tuple(use for use in _uses(text) if use != name)
        return self._needs[name]

    def _declared(self, name: str) -> str:
        """What a part has of a global that is needed: a short constant as it is, otherwise a declaration."""
        entity = self._entities[name]
        found = _GLOBAL.match(entity)
        if not name.startswith("@") or found is None:
            return entity if not _ALIAS.search(entity) else f"{name} = external global i8"
        if found[1].endswith("constant ") and len(entity) <= SHORT:
            return entity
        kind = _first_type(found[2])
        start = _LINKAGE.sub("", found[1]).replace(" = ", " = external ", 1)
        align = _ALIGN.search(found[2][len(kind) :])
        return start + kind + (align[0] if align else "")


_ALIAS = re.compile(r" (?:alias|ifunc) ")


def without_debug_information(text: str) -> str:
    """The assembly of a module as it is without -g: what a debugger reads says nothing of how to optimise."""
    if "!llvm.dbg.cu" not in text:
        return text
    # Loops name where they begin and end.
    places = set(_PLACE.findall(text))
    text = _LOOP.sub(lambda line: _REFERENCE.sub(lambda r: "" if r[1] in places else r[0], line[0]), text)
    lines = [line for line in text.split("\n") if "@llvm.dbg." not in line and not line.startswith("    #dbg_")]
    module = ModuleText(_NOT_DEBUG.sub("", "\n".join(lines)))
    return module.part([function.name for function in module.functions]).text


def split(module: ModuleText, fits: Callable[[str], int], room: int, most: int) -> tuple[list[Part], list[Function]]:
    """Parts of a module that fit, at most `most`, and the functions that are in none: those too long for a part of
    their own, and the smallest ones where there would be more parts than that.

    `fits` tells the length of a text, of which `room` may not be exceeded. Parts are in the order of the module.
    """
    lengths = {function.name: fits(module.part([function.name]).text) for function in module.functions}
    left = [function for function in module.functions if lengths[function.name] > room]
    groups: list[list[Function]] = []
    filled = 0
    for function in module.functions:
        length = lengths[function.name]
        if length > room:
            continue
        # What two functions both need counts twice: parts are shorter than that.
        if not groups or filled + length > room:
            groups.append([])
            filled = 0
        groups[-1].append(function)
        filled += length
    weights = [sum(function.instructions for function in group) for group in groups]
    kept = sorted(sorted(range(len(groups)), key=lambda at: (-weights[at], at))[:most])
    left += [function for at, group in enumerate(groups) if at not in kept for function in group]
    return [module.part([function.name for function in groups[at]]) for at in kept], left


def _uses(text: str) -> list[str]:
    uses = _USES.findall(text)
    first = text.partition("\n")[0]
    found = _FUNCTION.match(first) or _DEFINED.match(first)
    if found is not None and _OWN_COMDAT.search(first):
        uses.append("$" + found[1][1:])
    return uses


def _declaration(body: str) -> str:
    """The declaration of a function that is defined."""
    head = body.partition("\n")[0].removesuffix(" {")
    return "declare " + _OF_DEFINITION.sub("", _LINKAGE.sub("", head, count=1)).removeprefix("define ")


def _instructions(body: str) -> int:
    # A switch ends with a bracket on a line of its own.
    return sum(line.startswith("  ") and line[2:3] not in (" ", "]") for line in body.split("\n"))


_CLOSERS = {"[": "]", "{": "}", "<": ">", "(": ")"}


def _first_type(text: str) -> str:
    """The type that a text begins with."""
    closers: list[str] = []
    for at, char in enumerate(text):
        if char in _CLOSERS:
            closers.append(_CLOSERS[char])
        elif closers and char == closers[-1]:
            closers.pop()
        elif not closers and char in " ,":
            return text[:at]
    return text


def _entities(text: str) -> list[str]:
    """The top-level entities; functions with their bodies; comments and empty lines left out."""
    entities: list[str] = []
    body: list[str] = []
    for line in text.split("\n"):
        if body:
            body.append(line)
            if line == "}":
                entities.append("\n".join(body))
                body = []
        elif line.startswith("define "):
            body = [line]
        elif line and not line.startswith(";"):
            entities.append(line)
    return entities
