"""The checksums of the bare-metal C++ suite are what compilers come to, and a broken recipe fails there."""

import os
import re

import pytest

from llmcc.certify import suite
from llmcc.certify.build import Workbench, certify
from llmcc.certify.family import Family, named
from tests.correctness.checksums import TABLE, families, measure, table
from toolchain.passes import NULL_RECIPE, Recipe

BROKEN = ("<clang>,function(structurizecfg)", "internalize,<clang>")


@pytest.mark.parametrize("level", ["-O0", "-Oz"])
@pytest.mark.parametrize("family", families(), ids=lambda family: family.name)
def test_clang_comes_to_the_checksums(family, level, clang, tmp_path):
    answer = measure(family, clang.path, level, tmp_path / "work")
    assert table(dict(sorted(answer.items()))) == TABLE.read_text()


@pytest.mark.parametrize("family", families(), ids=lambda family: family.name)
def test_gcc_comes_to_the_checksums(family, tmp_path):
    answer = measure(family, family.linker[0], "-Os", tmp_path / "work")
    assert table(dict(sorted(answer.items()))) == TABLE.read_text()


def test_checksums_are_all_different():
    values = re.findall(r"0x[0-9a-f]{8}", TABLE.read_text())
    assert len(set(values)) == len(values) >= 40


def test_recipes_on_bare_metal(clang, tmp_path):
    """Broken lists fail and sound ones pass, in an image of the C++ suite alone."""
    family: Family = named("arm-cxx")
    bench = Workbench(os.fsencode(clang.path), family, os.fsencode(tmp_path / "cache"), tmp_path)
    sound = Recipe.parse("<clang>,mergefunc")
    made = certify(bench, [NULL_RECIPE, sound, *map(Recipe.parse, BROKEN)], 2, lambda *_: None)
    assert [certificate.passed for certificate in made] == [True, True, *[False] * len(BROKEN)]
    names = {program.name for program in suite.BARE_CXX.programs()}
    assert any(certificate.evidence.partition(" ")[0] in names for certificate in made[2:])
