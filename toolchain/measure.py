"""Bytes of an object by section class. Sections are classed by ELF flags, never by name:
a pass that moves code to a section of another name has saved nothing (DESIGN section 5).
"""

from dataclasses import dataclass

from toolchain.elf import ET_DYN, ET_EXEC, SHF_ALLOC, SHF_EXECINSTR, SHF_WRITE, SHT_NOBITS, ElfObject

UNWIND_PREFIXES = (".eh_frame", ".ARM.exidx", ".ARM.extab", ".gcc_except_table")


@dataclass(frozen=True, slots=True)
class Measurement:
    """Bytes by section class; `bss` counts common symbols too."""

    text: int
    rodata: int
    data: int
    unwind: int
    bss: int

    @property
    def size(self) -> int:
        """text + data, in bytes: what savings are quoted in."""
        return self.text + self.data

    @property
    def loaded(self) -> int:
        """Every byte that takes flash: text + rodata + data + unwind."""
        return self.text + self.rodata + self.data + self.unwind

    @property
    def ram(self) -> int:
        """Every byte that takes memory from the start: data + bss."""
        return self.data + self.bss

    def better_than(self, baseline: "Measurement") -> bool:
        """DESIGN's keep rule on sizes: size strictly smaller, nothing loaded and no bss larger."""
        return self.size < baseline.size and self.loaded <= baseline.loaded and self.bss <= baseline.bss


def largest_frame(data: bytes) -> int:
    """Bytes of the largest stack frame of an object made with -fstack-size-section; 0 when it has none.

    Raises NotElfError for what is no such object. A frame of a size known only at run time counts with
    its fixed part.
    """
    elf = ElfObject(data)
    largest = 0
    for section in elf.sections:
        if not section.name.startswith(".stack_sizes"):
            continue
        content, at = elf.contents(section), 0
        while at < len(content):
            # An address, then the size as ULEB128.
            at += elf.word_bytes
            size = shift = 0
            while at < len(content):
                byte = content[at]
                at += 1
                size |= (byte & 0x7F) << shift
                shift += 7
                if not byte & 0x80:
                    break
            largest = max(largest, size)
    return largest


def measure_image(data: bytes) -> Measurement:
    """Measure a linked program or shared library: `loaded` is what it takes of flash, `ram` of memory before it
    runs. Raises NotElfError for anything else, and for an image without section headers."""
    return _measure(ElfObject(data, (ET_EXEC, ET_DYN)))


def measure(data: bytes) -> Measurement:
    """Measure one ELF relocatable object. Raises NotElfError for anything else."""
    return _measure(ElfObject(data))


def _measure(elf: ElfObject) -> Measurement:
    text = rodata = data_bytes = unwind = bss = 0
    for section in elf.sections:
        if not section.flags & SHF_ALLOC:
            continue
        if section.flags & SHF_EXECINSTR:
            text += section.size
        elif section.type == SHT_NOBITS:
            bss += section.size
        elif section.name.startswith(UNWIND_PREFIXES):
            unwind += section.size
        elif section.flags & SHF_WRITE:
            data_bytes += section.size
        else:
            rodata += section.size
    common = sum(symbol.size for symbol in elf.symbols() if symbol.section == "COMMON")
    return Measurement(text, rodata, data_bytes, unwind, bss + common)
