"""What the symbol table of an object says of functions and variables, and of two objects beside each other."""

from collections import Counter
from dataclasses import dataclass

from toolchain.elf import STT_OBJECT, ElfObject

STT_FUNC = 2
STT_TLS = 6
STT_GNU_IFUNC = 10


@dataclass(frozen=True, slots=True)
class Change:
    """A symbol of two objects and its bytes in each; None where there is no such symbol."""

    name: str
    before: int | None
    after: int | None

    @property
    def word(self) -> str:
        """What became of it: appeared, vanished, grew, shrank or stayed."""
        if self.before is None or self.after is None:
            return "appeared" if self.before is None else "vanished"
        return "grew" if self.after > self.before else "shrank" if self.after < self.before else "stayed"

    @property
    def growth(self) -> int:
        """Bytes more than before."""
        return (self.after or 0) - (self.before or 0)


def functions(elf: ElfObject) -> dict[str, int]:
    """Bytes of every function that is defined, by its symbol."""
    return _sizes(elf, (STT_FUNC, STT_GNU_IFUNC))


def sizes(elf: ElfObject) -> dict[str, int]:
    """Bytes of every function and variable that is defined, by its symbol."""
    return _sizes(elf, (STT_FUNC, STT_GNU_IFUNC, STT_OBJECT, STT_TLS))


def _sizes(elf: ElfObject, types: tuple[int, ...]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for symbol in elf.symbols():
        if symbol.type in types and symbol.section != "UNDEF" and symbol.name:
            # Local symbols may share a name.
            found[symbol.name] += symbol.size
    return dict(found)


def changes(before: dict[str, int], after: dict[str, int]) -> list[Change]:
    """Every symbol of either object, those that saved most first; equal ones by name."""
    found = [Change(name, before.get(name), after.get(name)) for name in before.keys() | after.keys()]
    return sorted(found, key=lambda change: (change.growth, change.name))
