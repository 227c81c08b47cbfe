"""Two builds of a linked image or object, symbol by symbol."""

from pathlib import Path

from llmcc.errors import UserError
from llmcc.report.data import Image, SymbolSize
from toolchain.elf import ET_DYN, ET_EXEC, ET_REL, SHF_ALLOC, ElfObject, NotElfError
from toolchain.measure import Measurement, measure, measure_image


def compare_images(before: Path, after: Path) -> Image:
    """What became of each symbol. Raises UserError for a file that is no such image, or has no symbols."""
    old_sizes, old = _read(before)
    new_sizes, new = _read(after)
    rows = [SymbolSize(*name, old.get(name, 0), new.get(name, 0)) for name in old.keys() | new.keys()]
    rows.sort(key=lambda row: (row.after - row.before, -row.before, row.section, row.name))
    return Image((str(before), str(after)), old_sizes, new_sizes, tuple(rows))


def _read(path: Path) -> tuple[Measurement, dict[tuple[str, str], int]]:
    """Sizes, and the bytes of symbols by section and name; what belongs to none goes by the name ""."""
    try:
        content = path.read_bytes()
        sizes = measure(content) if content[16:18] in (b"\1\0", b"\0\1") else measure_image(content)
        elf = ElfObject(content, (ET_REL, ET_EXEC, ET_DYN))
        symbols = elf.symbols()
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); --image takes two linked images") from error
    except NotElfError as error:
        raise UserError(f"{path} cannot be compared ({error}); --image takes two linked images or objects") from error
    if not symbols:
        raise UserError(f"{path} has no symbols; --image takes images that are not stripped")
    rest: dict[str, int] = {}
    for section in elf.sections:
        if section.flags & SHF_ALLOC:
            rest[section.name] = rest.get(section.name, 0) + section.size
    found: dict[tuple[str, str], int] = {}
    taken: set[tuple[str, int]] = set()
    # Of several names for one place the first in the alphabet stands for all, so that both builds agree.
    for symbol in sorted(symbols, key=lambda symbol: symbol.name):
        place = symbol.section, symbol.value
        if not symbol.size or not symbol.name or symbol.section not in rest or place in taken:
            continue
        taken.add(place)
        name = symbol.section, symbol.name
        found[name] = found.get(name, 0) + symbol.size
        rest[symbol.section] -= symbol.size
    # Symbols may overlap; then there is no rest to speak of.
    found.update({(section, ""): size for section, size in rest.items() if size > 0})
    return sizes, found
