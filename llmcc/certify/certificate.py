"""Certificates as values, the ones that ship, and the ones that this cache holds.

A shipped file is named llvm<major>-<family>.txt: a head line, then one line per recipe, tab-separated:
outcome, random programs passed, recipe, evidence. Sorted, so that a change of it can be read.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cache.store import Store, digest_of
from llmcc.certify.family import families_of, named
from llmcc.fingerprint import WAY
from llmcc.finish import certified_as
from toolchain.cc1 import Cc1Job
from toolchain.discover import Toolchain
from toolchain.errors import ToolchainError
from toolchain.passes import NULL_RECIPE, Recipe

FOLDER = Path(__file__).resolve().parent / "certificates"
_HEAD = "llmcc-certificates 1"


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the suite said of one recipe with one LLVM and one target family.

    `evidence` is the first thing that went wrong, "" when the recipe passed; `random` counts the random
    programs that it passed besides the suite.
    """

    recipe: Recipe
    evidence: str = ""
    random: int = 0

    @property
    def passed(self) -> bool:
        return not self.evidence


class Certificates:
    """What is known of recipes with one toolchain and one target family: `shipped` first, then `store`."""

    def __init__(self, toolchain: Toolchain, family: str, store: Store) -> None:
        self._toolchain = toolchain
        self._family = family
        self._store = store

    def find(self, recipe: Recipe) -> Certificate | None:
        """The certificate of a recipe, or of what it is `certified_as`; None when there is none. The null recipe is
        clang itself."""
        if recipe == NULL_RECIPE:
            return Certificate(recipe)
        recipe = certified_as(recipe)
        shipped = _read_row(shipped_rows(self._toolchain.major, self._family).get(str(recipe), ""))
        own = self._own(recipe)
        # What was found wrong on this machine counts for more than what was found right elsewhere.
        return own if own is not None and (shipped is None or not own.passed) else shipped

    def put(self, certificate: Certificate) -> None:
        """Remember a certificate made here."""
        body = f"{certificate.random}\t{certificate.evidence}"
        self._store.put_record(b"certificates", self._key(certificate.recipe), body.encode())

    def _own(self, recipe: Recipe) -> Certificate | None:
        if not self._store.has_records(b"certificates"):
            return None
        body = self._store.get_record(b"certificates", self._key(recipe))
        if body is None:
            return None
        random, _, evidence = body.decode("utf-8", "replace").partition("\t")
        return Certificate(recipe, evidence, int(random)) if random.isdigit() else None

    def _key(self, recipe: Recipe) -> str:
        words = [
            WAY,
            self._toolchain.digest,
            self._family.encode(),
            named(self._family).suite.digest().encode(),
            str(recipe).encode(),
        ]
        return digest_of(b"\0".join(words))


class UnitCertificates:
    """The certificates that a recipe needs for one compile; `families` names those of each, and is empty when
    there are none to be had."""

    def __init__(self, toolchain: Toolchain, job: Cc1Job, store: Store) -> None:
        self.families = families_of(job)
        self._of_each = [Certificates(toolchain, family, store) for family in self.families]

    def find(self, recipe: Recipe) -> Certificate | None:
        """The one that failed, if any did; None when one is missing; else that of the first family."""
        if recipe == NULL_RECIPE:
            return Certificate(recipe)
        found = [certificates.find(recipe) for certificates in self._of_each]
        failed = [certificate for certificate in found if certificate is not None and not certificate.passed]
        if failed:
            return failed[0]
        return found[0] if found and None not in found else None


def shipped_path(major: int, family: str) -> Path:
    """Where the certificates for an LLVM and a family are in the distribution."""
    return FOLDER / f"llvm{major}-{family}.txt"


@cache
def shipped_rows(major: int, family: str) -> dict[str, str]:
    """The lines of the shipped certificates by the recipe's text; empty when none were made for that LLVM and family.
    A compile needs a few of hundreds, and reading one takes longer than finding it."""
    try:
        lines = shipped_path(major, family).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    return {line.split("\t")[2]: line for line in lines[1:] if line.count("\t") == 3}


def _read_row(row: str) -> Certificate | None:
    """The certificate in a line; None for what cannot be read, which certifies nothing."""
    try:
        outcome, random, text, evidence = row.split("\t")
        return Certificate(Recipe.parse(text), "" if outcome == "pass" else evidence or "failed", int(random))
    except (ValueError, ToolchainError):
        return None


def read_shipped(major: int, family: str) -> dict[Recipe, Certificate]:
    """The shipped certificates by recipe; empty when none were made for that LLVM and family."""
    found = filter(None, map(_read_row, shipped_rows(major, family).values()))
    return {certificate.recipe: certificate for certificate in found}


def shipped_suite(major: int, family: str) -> str:
    """The digest of the suite that shipped certificates were made with; "" when there are none."""
    try:
        with shipped_path(major, family).open(encoding="utf-8") as file:
            return file.readline().split("\t")[1].strip()
    except (FileNotFoundError, IndexError):
        return ""


def read_current(major: int, family: str) -> dict[Recipe, Certificate]:
    """The shipped certificates that were made with the suite as it is now."""
    return read_shipped(major, family) if shipped_suite(major, family) == named(family).suite.digest() else {}


def write_shipped(major: int, family: str, version: str, certificates: Iterable[Certificate]) -> Path:
    """Write the file for an LLVM and a family; `version` says which clang made them."""
    path = shipped_path(major, family)
    path.parent.mkdir(exist_ok=True)
    rows = sorted(
        f"{'pass' if c.passed else 'fail'}\t{c.random}\t{c.recipe}\t{' '.join(c.evidence.split())}"
        for c in certificates
        if c.recipe != NULL_RECIPE
    )
    path.write_text("\n".join([f"{_HEAD}\t{named(family).suite.digest()}\t{version}", *rows, ""]), encoding="utf-8")
    shipped_rows.cache_clear()
    return path


def proven() -> tuple[tuple[int, str], ...]:
    """(LLVM major, family) of every shipped file, sorted."""
    found = []
    for path in FOLDER.glob("llvm*-*.txt"):
        major, _, family = path.stem.removeprefix("llvm").partition("-")
        found.append((int(major), family))
    return tuple(sorted(found))
