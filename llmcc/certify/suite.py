"""The certification suite: programs that check themselves, in C and C++, and the digest that names them all.

Each program is one source in `programs/` (see certify.h there) and is compiled by itself, as a unit of a
project would be. Many are linked into one image, which runs them one after the other.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cache.store import digest_of

FOLDER = Path(__file__).resolve().parent / "programs"
RUNNER = FOLDER / "runner.c"


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


def programs() -> tuple[Program, ...]:
    """Every program of the suite, by name."""
    paths = (path for path in FOLDER.iterdir() if path.suffix in (".c", ".cpp") and path != RUNNER)
    return tuple(sorted(Program(path.stem, path) for path in paths))


@cache
def digest() -> str:
    """Names the suite by content: a certificate is for one suite."""
    parts = []
    for path in sorted(FOLDER.iterdir()):
        content = path.read_bytes()
        parts.append(b"%d %s %d\n%s" % (len(path.name), path.name.encode(), len(content), content))
    return digest_of(b"".join(parts))[:16]
