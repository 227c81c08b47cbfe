"""The suite, target families, certificates and bad lists as values."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from cache.store import Store
from llmcc import bad, config
from llmcc.certify import certificate, random_programs, suite
from llmcc.certify.build import programs_for
from llmcc.certify.certificate import (
    Certificate,
    Certificates,
    UnitCertificates,
    proven,
    read_shipped,
    shipped_suite,
)
from llmcc.certify.family import FAMILIES, families_of, family_of, named
from llmcc.errors import UserError
from llmcc.fingerprint import SHIPPED_MODEL
from llmcc.model import Ranker
from toolchain.cc1 import Cc1Job
from toolchain.discover import Toolchain
from toolchain.passes import NULL_RECIPE, Recipe

TOOLS = Toolchain(b"/usr/bin/clang-19", b"clang version 19", 19, b"", b"/usr/bin/opt-19", b"digest", ())


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(str(tmp_path / "cache").encode())


def test_the_suite_has_enough_programs_of_every_kind():
    programs = suite.GENERAL.programs()
    assert len(programs) >= 200
    assert len({program.name for program in programs}) == len(programs)
    kinds = {program.name.partition("_")[0] for program in programs}
    wanted = "integer bitfield float alias volatile atomic memory struct switch goto loop call varargs setjmp recursion"
    assert kinds >= {*wanted.split(), "static", "cxx"}
    assert sum(program.is_cxx for program in programs) >= 30
    assert sum(program.throws for program in programs) >= 10


BARE_ONLY = [program for program in suite.BARE_CXX.programs() if program.path.parent == suite.BARE_CXX_FOLDER]


def test_the_suite_for_cxx_on_bare_metal_needs_no_library():
    programs = suite.BARE_CXX.programs()
    assert len({program.name for program in programs}) == len(programs) >= 50
    assert len(BARE_ONLY) >= 40
    assert all(program.is_cxx and not program.throws for program in programs)
    for path in suite.BARE_CXX.files():
        if path != suite.RUNNER:
            headers = set(re.findall(r"#include (.*)", path.read_text()))
            assert headers <= {'"bare.h"', '"certify.h"', '"checksums.h"', "<limits.h>", "<stddef.h>", "<stdint.h>"}, (
                path
            )


def test_every_checksum_is_used_and_every_program_has_one():
    named_there = re.findall(r"checksum_(\w+) = 0x", (suite.BARE_CXX_FOLDER / "checksums.h").read_text())
    assert named_there == [program.name for program in BARE_ONLY]
    for program in BARE_ONLY:
        assert re.findall(r"AGREED\((\w+), sum\);", program.path.read_text()) == [program.name]


def test_the_programs_of_each_family():
    languages = {family.name: {program.is_cxx for program in programs_for(family)} for family in FAMILIES}
    assert {name for name, both in languages.items() if both == {False}} == {"arm", "riscv32"}
    assert {name for name, both in languages.items() if both == {True}} == {"arm-cxx", "riscv32-cxx"}
    assert languages["x86-64"] == {False, True}


@pytest.mark.parametrize("program", [*suite.GENERAL.programs(), *BARE_ONLY], ids=lambda program: program.name)
def test_a_program_is_named_after_its_file_and_shows_nothing_else(program):
    text = program.path.read_text()
    assert re.findall(r"^PROGRAM\((\w+)\) \{", text, re.MULTILINE) == [program.name]
    assert text.startswith(("/*", "//")), "the first line says what it checks"
    assert "CHECK(" in text or "AGREED(" in text
    assert not re.search(r"\b(printf|puts|std::cout)\b *[(<]", text), "nothing is printed"


@pytest.mark.parametrize("of", ["GENERAL", "BARE_CXX"])
def test_the_digest_names_every_file(tmp_path, monkeypatch, of):
    before = getattr(suite, of).digest()
    assert re.fullmatch(r"[0-9a-f]{16}", before)
    assert suite.GENERAL.digest() != suite.BARE_CXX.digest()

    def made_from(folder: Path) -> str:
        for source in (suite.GENERAL, suite.BARE_CXX):
            (folder / source.folder.name).mkdir(parents=True)
        for path in (*suite.GENERAL.folder.iterdir(), *suite.BARE_CXX.folder.iterdir()):
            (folder / path.parent.name / path.name).write_bytes(path.read_bytes())
        return str(folder)

    def digest(folder: Path) -> str:
        with monkeypatch.context() as patch:
            patch.setattr(suite, "FOLDER", folder / "programs")
            patch.setattr(suite, "RUNNER", folder / "programs" / "runner.c")
            original: suite.Suite = getattr(suite, of)
            return replace(original, folder=folder / original.folder.name).digest()

    made_from(tmp_path / "same")
    assert digest(tmp_path / "same") == before
    for number, name in enumerate(path.name for path in getattr(suite, of).files()):
        if number % 17 and name not in ("certify.h", "runner.c", "runtime.cpp", "checksums.h", "cxx_virtual_bases.cpp"):
            continue
        folder = tmp_path / str(number)
        made_from(folder)
        (path,) = folder.glob(f"*/{name}")
        path.write_text("/* another */")
        assert digest(folder) != before, name


@pytest.mark.parametrize(
    ("triple", "family"),
    [
        ("x86_64-pc-linux-gnu", "x86-64"),
        ("thumbv7em-none-unknown-eabihf", "arm"),
        ("thumbv8.1m.main-none-eabi", "arm"),
        ("armv7l-unknown-linux-gnueabihf", "arm"),
        ("aarch64-none-elf", "aarch64"),
        ("riscv64-unknown-elf", "riscv64"),
        ("riscv32-unknown-elf", "riscv32"),
        ("x86_64-pc-linux-gnux32", ""),
        ("i686-pc-linux-gnu", "i386"),
        ("powerpc64le-unknown-linux-gnu", ""),
        ("", ""),
    ],
)
def test_families_of_triples(triple, family):
    assert family_of(triple) == family


def job(triple: str, language: str, *words: str) -> Cc1Job:
    argv = ["clang", "-cc1", "-triple", triple, "-emit-obj", *words, "-o", "a.o", "-x", language, "a.cpp"]
    return Cc1Job([word.encode() for word in argv])


ARM, CXX = "thumbv7m-none-unknown-eabi", "c++"


@pytest.mark.parametrize(
    ("compiled", "families"),
    [
        (job(ARM, "c"), ("arm",)),
        (job(ARM, "c", "-fexceptions"), ("arm",)),
        (job(ARM, CXX), ("arm", "arm-cxx")),
        (job(ARM, "c++-cpp-output"), ("arm", "arm-cxx")),
        (job(ARM, CXX, "-fcxx-exceptions", "-fexceptions"), ()),
        (job(ARM, CXX, "-fexceptions"), ()),
        (job("riscv32-unknown-unknown-elf", CXX), ("riscv32", "riscv32-cxx")),
        (job("armv7l-unknown-linux-gnueabihf", CXX, "-fcxx-exceptions", "-fexceptions"), ()),
        (job("x86_64-pc-linux-gnu", CXX, "-fcxx-exceptions", "-fexceptions"), ("x86-64",)),
        (job("powerpc64le-unknown-linux-gnu", CXX), ()),
        (job("powerpc64le-unknown-linux-gnu", "c"), ()),
    ],
)
def test_families_whose_certificates_a_unit_needs(compiled, families):
    assert families_of(compiled) == families


def test_cxx_on_bare_metal_needs_both_certificates(store):
    unit = UnitCertificates(TOOLS, job(ARM, CXX), store)
    in_c, in_cxx = Certificates(TOOLS, "arm", store), Certificates(TOOLS, "arm-cxx", store)
    recipe = Recipe.parse("<clang>,mergefunc | -no-such-option")
    assert unit.find(NULL_RECIPE) == Certificate(NULL_RECIPE)
    assert unit.find(recipe) is None
    in_c.put(Certificate(recipe, "", 3))
    assert unit.find(recipe) is None
    in_cxx.put(Certificate(recipe))
    assert unit.find(recipe) == Certificate(recipe, "", 3)
    in_cxx.put(Certificate(recipe, "bare_trees failed at line 3"))
    assert unit.find(recipe) == Certificate(recipe, "bare_trees failed at line 3")
    assert UnitCertificates(TOOLS, job(ARM, "c"), store).find(recipe) == Certificate(recipe, "", 3)
    other = Recipe.parse("<clang> | -no-such-option")
    in_cxx.put(Certificate(other, "bare_trees failed at line 3"))
    found = unit.find(other)
    assert found is not None, "what is known to be wrong needs no other certificate"
    assert not found.passed
    assert UnitCertificates(TOOLS, job(ARM, CXX, "-fexceptions"), store).find(recipe) is None


def test_family_names():
    assert {named(family.name) for family in FAMILIES} == set(FAMILIES)
    with pytest.raises(UserError, match="x86-64"):
        named("vax")


@pytest.mark.parametrize(("major", "family"), proven())
def test_shipped_certificates_are_of_this_suite(major, family):
    assert shipped_suite(major, family) == named(family).suite.digest()
    certificates = read_shipped(major, family)
    recipes = set(Ranker(SHIPPED_MODEL).recipes)
    passed = [recipe for recipe in recipes & set(certificates) if certificates[recipe].passed]
    assert len(passed) >= 15
    for found in certificates.values():
        assert found.passed or len(found.evidence) > 5


def test_every_shipped_recipe_has_an_answer_for_the_llvm_that_it_was_mined_with():
    recipes = set(Ranker(SHIPPED_MODEL).recipes) - {NULL_RECIPE}
    assert recipes <= set(read_shipped(config.PROVEN_MAJORS[0], "x86-64"))


def test_certificates_are_shipped_for_the_clangs_that_are_preferred():
    assert {(major, "x86-64") for major in config.PROVEN_MAJORS} <= set(proven())


def test_a_certificate_of_ones_own(store):
    certificates = Certificates(TOOLS, "x86-64", store)
    recipe = Recipe.parse("<clang>,mergefunc | -no-such-option")
    assert certificates.find(NULL_RECIPE) == Certificate(NULL_RECIPE)
    assert certificates.find(recipe) is None
    certificates.put(Certificate(recipe, "", 7))
    assert certificates.find(recipe) == Certificate(recipe, "", 7)
    assert Certificates(TOOLS, "arm", store).find(recipe) is None
    certificates.put(Certificate(recipe, "loop_calls failed at line 3"))
    found = certificates.find(recipe)
    assert found is not None
    assert not found.passed


def test_what_failed_here_counts_for_more_than_what_ships(store, tmp_path, monkeypatch):
    monkeypatch.setattr(certificate, "FOLDER", tmp_path)
    certificate.shipped_rows.cache_clear()
    good, wrong = Recipe.parse("<clang>,mergefunc"), Recipe.parse("attributor,<clang>")
    path = certificate.write_shipped(
        19, "x86-64", "clang 19", [Certificate(good, "", 5), Certificate(wrong, "a\tb\nc")]
    )
    assert path.read_text().splitlines()[1:] == ["fail\t0\tattributor,<clang>\ta b c", "pass\t5\t<clang>,mergefunc\t"]
    certificates = Certificates(TOOLS, "x86-64", store)
    assert certificates.find(good) == Certificate(good, "", 5)
    assert certificates.find(wrong) == Certificate(wrong, "a b c")
    certificates.put(Certificate(good, "csmith --seed 4: does not end"))
    certificates.put(Certificate(wrong))
    assert [certificates.find(recipe).passed for recipe in (good, wrong)] == [False, False]
    path.write_text(path.read_text() + "nonsense\npass\tx\t<clang>\t\n")
    certificate.shipped_rows.cache_clear()
    assert set(read_shipped(19, "x86-64")) == {good, wrong}
    certificate.shipped_rows.cache_clear()


def test_bad_lists(store):
    recipe = Recipe.parse("cgscc(attributor-cgscc),<clang> | -disable-lsr")
    assert "never ends" in bad.why_bad(recipe, 22, store)
    assert bad.why_bad(Recipe.parse("attributor,<clang>"), 19, store)
    assert bad.why_bad(Recipe.parse("<clang>,function(gvn)"), 19, store) == ""
    assert bad.why_bad(Recipe.parse("<clang>,function(lower-invoke)"), 19, store)
    other = Recipe.parse("<clang>,mergefunc")
    bad.remember_bad(store, str(other), 19, "make check fails")
    assert bad.why_bad(other, 19, store) == "make check fails"
    assert bad.why_bad(other, 22, store) == ""
    assert list(bad.learned(store)) == [(19, "<clang>,mergefunc", "make check fails")]
    for entry in bad.shipped():
        assert entry.what
        assert entry.evidence
    looping = Recipe.parse("<clang> | -disable-lsr -jump-threading-across-loop-headers=true")
    assert "too early" in bad.why_bad(looping, 19, store)
    assert bad.why_bad(Recipe.parse("<clang> | -disable-lsr -jump-threading-threshold=0"), 19, store) == ""


def test_random_programs_take_turns():
    recipes = [Recipe.parse(f"<clang> | -x{i}") for i in range(5)]
    turns = [random_programs._turn(recipes, i * 2, 2) for i in range(5)]
    met = [recipe for turn in turns for recipe in turn]
    assert sorted(met) == sorted(recipes * 2)
    assert random_programs._turn(recipes, 3, 99) == recipes[3:] + recipes[:3]


def test_every_program_is_installed(root):
    """What the suite needs at run time is package data."""
    listed = (Path(root) / "pyproject.toml").read_text()
    assert '"bare_cxx/*", "certificates/*.txt", "programs/*"' in listed
