"""The certification suites: programs that check themselves, in C and C++, and the digest that names each suite.

Each program is one source (see certify.h in `programs/`) and is compiled by itself, as a unit of a project would be.
Many are linked into one image, which runs them one after the other.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cache.store import digest_of

FOLDER = Path(__file__).resolve().parent / "programs"
BARE_CXX_FOLDER = FOLDER.with_name("bare_cxx")
RUNNER = FOLDER / "runner.c"
RUNTIME = BARE_CXX_FOLDER / "runtime.cpp"


@dataclass(frozen=True, slots=True, order=True)
class Program:
    """One self-checking program."""

    name: str
    path: Path

    @property
    def is_cxx(self) -> bool:
        return self.path.suffix == ".cpp"

    @property
    def throws(self) -> bool:
        """Whether it needs what unwinds the stack."""
        return self.name.startswith("cxx_throw_")


@dataclass(frozen=True, slots=True)
class Suite:
    """The programs that recipes of some target families are certified with.

    They are those in `folder`, and of the general suite's those that `shared` names; every image has `supports`
    besides, which no recipe touches. `cxx_flags` are for what is in C++.
    """

    folder: Path
    shared: tuple[str, ...] = ()
    supports: tuple[Path, ...] = (RUNNER,)
    cxx_flags: tuple[str, ...] = ("-std=c++17",)

    def programs(self) -> tuple[Program, ...]:
        """Every program, by name."""
        found = [path for path in self.folder.iterdir() if path.suffix in (".c", ".cpp") and path not in self.supports]
        found += [FOLDER / f"{name}.cpp" for name in self.shared]
        return tuple(sorted(Program(path.stem, path) for path in found))

    def flags(self, program: Program) -> list[str]:
        """What a program is compiled with besides its family's flags."""
        return list(self.cxx_flags) if program.is_cxx else ["-std=c11"]

    def files(self) -> list[Path]:
        """All that the suite is made of."""
        found = list(self.folder.iterdir())
        if self.folder != FOLDER:
            found += [FOLDER / "certify.h", RUNNER, *(FOLDER / f"{name}.cpp" for name in self.shared)]
        return sorted(found)

    def digest(self) -> str:
        """Names the suite by content: a certificate is for one suite."""
        return _digest(self)


@cache
def _digest(suite: Suite) -> str:
    parts = []
    for path in suite.files():
        content = path.read_bytes()
        parts.append(b"%d %s %d\n%s" % (len(path.name), path.name.encode(), len(content), content))
    return digest_of(b"".join(parts))[:16]


GENERAL = Suite(FOLDER)

BARE_CXX = Suite(
    BARE_CXX_FOLDER,
    # What needs neither a library nor exceptions.
    shared=(
        "cxx_destructor_order",
        "cxx_final_classes",
        "cxx_inline_containers",
        "cxx_interface_visitors",
        "cxx_member_pointers",
        "cxx_multiple_inheritance",
        "cxx_static_guards",
        "cxx_static_init_order",
        "cxx_temporary_lifetime",
        "cxx_virtual_bases",
    ),
    supports=(RUNNER, RUNTIME),
    cxx_flags=("-std=c++17", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics", f"-I{FOLDER}"),
)
"""C++ where there is no C++ library. It is a suite of its own, so that certificates for C on bare metal stay what they
are: a recipe for a C++ unit there needs both."""
