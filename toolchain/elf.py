"""A reader for ELF relocatable objects, 32- and 64-bit, either byte order.

Only what measuring and comparing objects needs: sections, symbols and relocations (System V gABI, chapter 4).
"""

import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter

ET_REL = 1
ET_EXEC = 2
ET_DYN = 3
SHT_SYMTAB = 2
SHT_STRTAB = 3
SHT_RELA = 4
SHT_NOTE = 7
SHT_NOBITS = 8
SHT_REL = 9
SHT_GROUP = 17
SHF_WRITE = 0x1
SHF_ALLOC = 0x2
SHF_EXECINSTR = 0x4
SHN_UNDEF = 0
SHN_ABS = 0xFFF1
SHN_COMMON = 0xFFF2
SHN_XINDEX = 0xFFFF
STB_LOCAL = 0
STB_GLOBAL = 1
STB_WEAK = 2
STT_OBJECT = 1
STT_FUNC = 2
STT_SECTION = 3
STT_FILE = 4
GRP_COMDAT = 1
EM_ARM = 40

_SPECIAL = {SHN_UNDEF: "UNDEF", SHN_ABS: "ABS", SHN_COMMON: "COMMON"}

_DAMAGE = (struct.error, IndexError, ValueError, OverflowError)
"""What reading at an offset or index that a damaged file gives can raise."""


class NotElfError(ValueError):
    """The bytes are not an ELF relocatable object we can read."""


@dataclass(frozen=True, slots=True)
class Section:
    """One section header; `size` in bytes."""

    name: str
    type: int
    flags: int
    offset: int
    size: int
    link: int
    info: int


@dataclass(frozen=True, slots=True)
class Symbol:
    """One symbol; `section` is its section's name, or "UNDEF", "ABS", "COMMON"."""

    name: str
    value: int
    size: int
    binding: int
    type: int
    visibility: int
    section: str


class ElfObject:
    """The sections and symbols of one relocatable object, or if asked of a linked image.

    Raises NotElfError for anything else, truncated files included.
    """

    __slots__ = ("_data", "_endian", "_is64", "machine", "sections")

    def __init__(self, data: bytes, kinds: tuple[int, ...] = (ET_REL,)) -> None:
        if data[:4] != b"\x7fELF" or len(data) < 52 or data[4] not in (1, 2) or data[5] not in (1, 2):
            raise NotElfError("not an ELF file")
        self._data = data
        self._is64 = data[4] == 2
        self._endian = "<" if data[5] == 1 else ">"
        try:
            self.machine, self.sections = self._read_sections(kinds)
        except NotElfError:
            raise
        except _DAMAGE as error:
            raise NotElfError(f"damaged ELF file: {error}") from error

    def _read_sections(self, kinds: tuple[int, ...]) -> tuple[int, tuple[Section, ...]]:
        data, e = self._data, self._endian
        kind, machine = struct.unpack_from(e + "HH", data, 16)
        if kind not in kinds:
            raise NotElfError("not a relocatable object" if kinds == (ET_REL,) else "not a linked image")
        if self._is64:
            (table,) = struct.unpack_from(e + "Q", data, 40)
            entry, count, names = struct.unpack_from(e + "HHH", data, 58)
            header, fields = struct.Struct(e + "IIQQQQIIQQ"), (0, 1, 2, 4, 5, 6, 7)
        else:
            (table,) = struct.unpack_from(e + "I", data, 32)
            entry, count, names = struct.unpack_from(e + "HHH", data, 46)
            header, fields = struct.Struct(e + "IIIIIIIIII"), (0, 1, 2, 4, 5, 6, 7)
        first = header.unpack_from(data, table)
        # Objects with 0xff00 sections and more keep the true counts in section 0.
        count = count or first[5]
        names = first[6] if names == SHN_XINDEX else names
        if entry < header.size or table + count * entry > len(data):
            raise NotElfError("the section headers are cut off")
        raw = [tuple(header.unpack_from(data, table + i * entry)[f] for f in fields) for i in range(count)]
        names_at = raw[names][3]
        sections = tuple(Section(self._string(names_at + r[0]), *r[1:]) for r in raw)
        for section in sections:
            if section.type != SHT_NOBITS and section.offset + section.size > len(data):
                raise NotElfError(f"section {section.name} is cut off")
        return machine, sections

    def _string(self, at: int) -> str:
        return self._data[at : self._data.index(b"\0", at)].decode("utf-8", "surrogateescape")

    @property
    def is_little_endian(self) -> bool:
        return self._endian == "<"

    @property
    def word_bytes(self) -> int:
        """Bytes of an address."""
        return 8 if self._is64 else 4

    def contents(self, section: Section) -> bytes:
        """The bytes of a section; empty for NOBITS."""
        if section.type == SHT_NOBITS:
            return b""
        return self._data[section.offset : section.offset + section.size]

    def symbols(self) -> tuple[Symbol, ...]:
        """All symbols but the null one, in file order."""
        table = next((s for s in self.sections if s.type == SHT_SYMTAB), None)
        if table is None:
            return ()
        extended = next((s for s in self.sections if s.type == 18), None)
        e, found = self._endian, []
        entry = struct.Struct(e + ("IBBHQQ" if self._is64 else "IIIBBH"))
        try:
            strings = self.sections[table.link].offset
            for i in range(1, table.size // entry.size):
                fields = entry.unpack_from(self._data, table.offset + i * entry.size)
                if self._is64:
                    name, info, other, index, value, size = fields
                else:
                    name, value, size, info, other, index = fields
                if index == SHN_XINDEX and extended is not None:
                    # A number from this table is a section's, even where it looks like a special one.
                    (index,) = struct.unpack_from(e + "I", self._data, extended.offset + 4 * i)
                    home = self.sections[index].name
                else:
                    home = _SPECIAL.get(index) or self.sections[index].name
                found.append(Symbol(self._string(strings + name), value, size, info >> 4, info & 15, other & 3, home))
        except _DAMAGE as error:
            raise NotElfError(f"damaged symbol table: {error}") from error
        return tuple(found)

    def references(self) -> set[tuple[str, str]]:
        """Pairs of a function and a symbol that its code refers to by a relocation. Sections of one name count as one.

        Raises NotElfError when a section of relocations is damaged."""
        symbols = self.symbols()
        functions: dict[str, list[tuple[int, int, str]]] = {}
        for symbol in symbols:
            if symbol.type == STT_FUNC and symbol.size:
                # The lowest bit of a Thumb function's address is not part of where it is.
                start = symbol.value & ~1 if self.machine == EM_ARM else symbol.value
                functions.setdefault(symbol.section, []).append((start, start + symbol.size, symbol.name))
        found = set()
        for table in self.sections:
            if table.type in (SHT_RELA, SHT_REL):
                if table.info >= len(self.sections):
                    raise NotElfError(f"section {table.name} is for a section that there is not")
                inside = sorted(functions.get(self.sections[table.info].name, ()))
                for offset, number in self._relocations(table) if inside else ():
                    at = bisect_right(inside, offset, key=itemgetter(0)) - 1
                    if at >= 0 and offset < inside[at][1] and 0 < number <= len(symbols):
                        found.add((inside[at][2], symbols[number - 1].name))
        return found

    def _relocations(self, table: Section) -> Iterator[tuple[int, int]]:
        """Offset and number of the symbol of each entry."""
        word, shift = ("Q", 32) if self._is64 else ("I", 8)
        entry = struct.Struct(self._endian + word * (3 if table.type == SHT_RELA else 2))
        content = self.contents(table)
        for at in range(0, len(content) - entry.size + 1, entry.size):
            offset, info, *_ = entry.unpack_from(content, at)
            yield offset, info >> shift

    def comdat_groups(self) -> dict[str, tuple[str, ...]]:
        """COMDAT groups: signature symbol -> names of the member sections."""
        groups = {}
        table = next((s for s in self.sections if s.type == SHT_SYMTAB), None)
        symbols = self.symbols() if table is not None else ()
        for section in self.sections:
            if section.type != SHT_GROUP:
                continue
            try:
                words = struct.unpack(self._endian + f"{section.size // 4}I", self.contents(section))
                if words and words[0] & GRP_COMDAT:
                    signature = symbols[section.info - 1]
                    # A group may be signed by a section symbol, which has no name of its own.
                    groups[signature.name or signature.section] = tuple(self.sections[w].name for w in words[1:])
            except _DAMAGE as error:
                raise NotElfError(f"damaged section group: {error}") from error
        return groups
