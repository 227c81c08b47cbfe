"""Passes for some functions only: the others stay as they are."""

import os
import re

import pytest

from llmcc.finish import FINISHES
from tests.unit.made import make_with
from toolchain.apply import Limits, OptApplier
from toolchain.errors import ToolchainError
from toolchain.parts import covers
from toolchain.passes import PassList, Recipe, brief, part_of

SOURCE = """
int table[64];
#define BODY(k) \\
  int sum = k; \\
  for (int i = 0; i < n; i++) { if (p[i] > k) sum += table[p[i] & 63] * k; else sum ^= p[i] + k; } \\
  return sum;
int first(const int *p, int n) { BODY(3) }
int second(const int *p, int n) { BODY(5) }
__attribute__((optnone, noinline)) int untouched(const int *p, int n) { BODY(7) }
__attribute__((noinline)) int named(const int *p, int n) __asm__("other");
int named(const int *p, int n) { BODY(9) }
"""

TAIL = "function(reg2mem)"


@pytest.fixture(scope="module")
def unit(open_unit, tmp_path_factory):
    return open_unit(tmp_path_factory.mktemp("parts"), SOURCE, "-Oz")


@pytest.fixture(scope="module")
def texts(toolchain, unit, tmp_path_factory):
    """The definitions of every function after a recipe."""

    def made(recipe: str) -> dict[str, str]:
        text = make_with(toolchain, unit, recipe, tmp_path_factory.mktemp("made")).text
        # Numbers of attributes and metadata are those of the whole module.
        plain = re.sub(r"[#!][0-9]+", "", text)
        found = re.findall(r'^define [^\n]*@"?([^"(]+)"?\(.*?^}', plain, re.M | re.S)
        bodies = re.findall(r"^define .*?^}", plain, re.M | re.S)
        return dict(zip(found, bodies, strict=True))

    return made


@pytest.mark.parametrize(
    ("words", "changed"),
    [
        ("first", {"first"}),
        ("first;second", {"first", "second"}),
        ("other", {"other"}),
        ("nobody", set()),
        ("0%1", {"first", "second", "other"}),
    ],
)
def test_the_others_stay_as_they_are(texts, words, changed):
    before, after = texts("<clang>"), texts(f"<clang>,only<{words}>({TAIL})")
    everywhere = texts(f"<clang>,{TAIL}")
    assert before.keys() == after.keys()
    assert {name for name in before if before[name] != after[name]} == changed
    for name in changed:
        assert after[name] == everywhere[name]


@pytest.mark.parametrize("passes", list(map(str, FINISHES)))
def test_finishes_heed_it(texts, passes):
    before, after = texts("<clang>"), texts(f"<clang>,only<first>({passes})")
    assert {name for name in before if before[name] != after[name]} <= {"first"}


def test_no_mark_is_left(toolchain, unit, tmp_path):
    text = make_with(toolchain, unit, f"<clang>,only<first>({TAIL})", tmp_path).text
    marked = re.findall(r"^attributes #(\d+) = \{[^}]*\boptnone\b", text, re.M)
    assert len(marked) == 1
    assert len(re.findall(rf"^define [^\n]* #{marked[0]} ", text, re.M)) == 1, "more than the user's own"


def test_shares_are_of_all_functions_once():
    names = [f"function_{n}".encode() for n in range(400)]
    parts = [part_of(f"only<{k}%4>({TAIL})") for k in range(4)]
    shares = [[name for name in names if covers(part, name)] for part in parts]
    assert sorted(name for share in shares for name in share) == sorted(names)
    assert all(60 < len(share) < 140 for share in shares)


def test_a_share_of_nothing_is_none():
    assert not covers(part_of("only<1%0>(function(sink))"), b"x")


@pytest.mark.parametrize(
    "text",
    ["only<f>(globaldce)", "only<>(function(sink))", "only<f>", "only<f>()", "only<f>(function(sink),mergefunc)"],
)
def test_what_is_no_part_is_refused(text):
    with pytest.raises(ToolchainError, match="not a part of a pass list"):
        PassList.parse(f"<clang>,{text}")


def test_a_part_is_a_stage():
    text = "a,only<f;g>(function(b)),c,only<h>(function(d)),only<i>(function(e)),<clang>"
    stages = ("a", "only<f;g>(function(b))", "c", "only<h>(function(d))", "only<i>(function(e))", "own")
    assert PassList.parse(text).stages("own", 19) == stages


def test_tables_have_no_names():
    recipe = "<clang>,only<f;g>(function(sink)),only<h>(function(dse)) | -disable-lsr"
    assert brief(recipe) == "<clang>,only<…>(function(sink)),only<…>(function(dse)) | -disable-lsr"


def test_opt_alone_cannot(toolchain, unit, tmp_path):
    recipe = Recipe.parse(f"<clang>,only<first>({TAIL})")
    with OptApplier(toolchain, unit.job, unit.module, os.fsencode(tmp_path), Limits()) as applier:
        (trial,) = applier.try_recipes([recipe], unit.pipeline)
    assert "need the library" in trial.error
