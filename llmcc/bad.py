"""The bad lists: recipes, passes and options that gave wrong code, with the evidence. None is proposed again.

Two sources: bad_lists.toml, which ships, and what `llmcc-tool compare --test` found on this machine, in
its cache under (LLVM major, recipe).
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cache.store import Store, digest_of
from llmcc.fingerprint import LEARNED
from llmcc.finish import certified_as, unfinished
from toolchain.passes import Recipe, pass_names

FILE = Path(__file__).resolve().parent / "bad_lists.toml"


@dataclass(frozen=True, slots=True)
class BadEntry:
    """One entry: of which kind, which pass, option or recipe, LLVM majors (none: all), evidence."""

    kind: str
    what: str
    majors: tuple[int, ...]
    evidence: str

    def matches(self, recipe: Recipe, major: int) -> bool:
        if self.majors and major not in self.majors:
            return False
        if self.kind == "pass":
            return self.what in pass_names(str(recipe.pass_list))
        if self.kind == "option":
            return any(option.partition("=")[0] == self.what for option in recipe.codegen.options)
        return self.what == str(recipe)


KINDS = ("pass", "option", "recipe")


@cache
def shipped() -> tuple[BadEntry, ...]:
    """The entries of bad_lists.toml, in its order."""
    table = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return tuple(
        BadEntry(kind, entry[kind], tuple(entry.get("llvm", ())), entry["evidence"])
        for entry in table["bad"]
        for kind in KINDS
        if kind in entry
    )


def why_bad(recipe: Recipe, major: int, store: Store) -> str:
    """The evidence against a recipe with one LLVM; "" when there is none. Names of functions say nothing, and what is
    against a recipe is against it as finished too."""
    meant = dict.fromkeys((certified_as(recipe), unfinished(recipe)))
    for entry in shipped():
        if any(entry.matches(each, major) for each in meant):
            return entry.evidence
    if not store.has_records(b"bad"):
        return ""
    bodies = [body for each in meant if (body := store.get_record(b"bad", _key(str(each), major))) is not None]
    return bodies[0].partition(b"\n")[2].decode("utf-8", "replace") if bodies else ""


def remember_bad(store: Store, recipe: str, major: int, evidence: str) -> None:
    """Add a recipe to this machine's bad lists; one that was finished by function with what it was before that, as
    nobody knows which it was."""
    parsed = Recipe.parse(recipe)
    for each in dict.fromkeys((certified_as(parsed), unfinished(parsed))):
        store.put_record(b"bad", _key(str(each), major), f"{major} {each}\n{evidence}".encode())
        note_learned(store, f"{major} {each}")


def forget_bad(store: Store, recipe: str) -> int:
    """Take a recipe off this machine's bad lists; for how many LLVM versions it was on them."""
    majors = [major for major, text, _ in learned(store) if text == recipe]
    for major in majors:
        store.drop_record(b"bad", _key(recipe, major))
        note_learned(store, f"not {major} {recipe}")
    return len(majors)


def note_learned(store: Store, what: str) -> None:
    """Change what every key has of this machine's own findings, so that no decision made before is met again."""
    before = store.get_record(b"learned", LEARNED) or b""
    store.put_record(b"learned", LEARNED, digest_of(before + what.encode()).encode())


def learned(store: Store) -> Iterator[tuple[int, str, str]]:
    """(LLVM major, recipe, evidence) of what this machine has found."""
    for key in store.records(b"bad"):
        body = store.get_record(b"bad", key)
        if body is not None:
            head, _, evidence = body.decode("utf-8", "replace").partition("\n")
            major, _, recipe = head.partition(" ")
            yield int(major), recipe, evidence


def _key(recipe: str, major: int) -> str:
    return digest_of(b"%d\0%s" % (major, recipe.encode()))
