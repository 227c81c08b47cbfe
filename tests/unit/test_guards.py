"""What the IR outliner leaves: one function of regions that are alike, with the promises of none of them."""

import os
import re

import pytest

from tests.unit.made import make_with
from toolchain.apply import Limits, OptApplier, open_module
from toolchain.guards import outlines
from toolchain.passes import PassList, Recipe
from toolchain.run import run

LIKE = """
struct {tag} {{ {type} a, b, c; }};
void {name}({type} x, {type} y, struct {tag} *p) {{
  p->a = p->b * 3 + x; p->b = p->a * y + x; p->c = p->b * x + p->a; x += p->c * 5;
  p->a = p->c * 7 + y; p->b = p->a * x + y; p->c = p->a * y + p->b; y += p->c * 9;
  p->a = p->b * 5 + x; p->b = p->c * y + x; p->c = p->b * y + p->a; x += p->a * 3;
  p->a = p->c * 9 + y; p->b = p->a * y + x; p->c = p->c * x + p->b; y += p->b * 7;
}}
"""

LISTS = """
struct {tag} {{ struct {tag} *previous, *next; }};
static void unlink_{tag}(struct {tag} *x) {{
  x->previous->next = x->next;
  x->next->previous = x->previous;
  x->previous = x->next = x;
}}
__attribute__((noinline)) static void before_{tag}(struct {tag} *x, struct {tag} *y) {{
  unlink_{tag}(x);
  x->previous = y->previous;
  x->next = y;
  x->previous->next = x;
  y->previous = x;
}}
static int count_{tag}(const struct {tag} *head) {{
  int n = 0;
  for (const struct {tag} *at = head->next; at != head && n < 9; at = at->next) n++;
  return n;
}}
static int try_{tag}(void) {{
  struct {tag} h = {{&h, &h}}, i = {{&i, &i}}, j = {{&j, &j}};
  before_{tag}(&i, &h);
  before_{tag}(&j, opaque(&i));
  if (count_{tag}(&h) != 2) return 1;
  before_{tag}(&j, opaque(h.next));
  return count_{tag}(&h) != 1 || j.next != &j || j.previous != &j;
}}
"""
"""Lists of two kinds: with the aliasing classes of the one, the code of the other never ends or loses elements."""

MAIN = "int main(void) { return try_a() | try_b() << 1; }\n"
OPAQUE = 'static void *opaque(void *p) { __asm__ volatile ("" : "+r"(p) :: "memory"); return p; }\n'


@pytest.fixture(scope="module")
def two_kinds(open_unit, tmp_path_factory):
    source = LIKE.format(tag="s", type="int", name="f") + LIKE.format(tag="u", type="unsigned", name="g")
    return open_unit(tmp_path_factory.mktemp("kinds"), source, "-Oz", "-ffast-math")


@pytest.mark.parametrize(
    "recipe",
    [
        "<clang>,iroutliner",
        "function(mem2reg,instcombine<no-verify-fixpoint>),iroutliner",
        "<clang>,iroutliner,iroutliner",
    ],
)
def test_outlined_functions_promise_nothing(toolchain, two_kinds, tmp_path, recipe):
    lowered = run(two_kinds.job.assembly(two_kinds.module.bitcode)).stdout
    assert all(word in lowered for word in (b" nsw ", b"!tbaa"))
    found = make_with(toolchain, two_kinds, recipe, tmp_path).outlined()
    assert found, "nothing was outlined: the test shows nothing"
    for body in found:
        assert not re.search(r"\b(nsw|nuw|exact|nneg|disjoint|samesign|fast|nnan|reassoc)\b", body), body
        assert not re.search(r"!(?!dbg)[a-z]", body), body


@pytest.mark.parametrize(
    "recipe",
    [
        "function(instcombine<no-verify-fixpoint>),iroutliner,<clang>",
        "function(mem2reg),function(instcombine<no-verify-fixpoint>),iroutliner,<clang>",
        "function(instcombine<no-verify-fixpoint>),iroutliner,iroutliner,<clang>",
        "function(sroa<modify-cfg>),iroutliner,<clang>,iroutliner",
    ],
)
def test_lists_of_two_kinds_stay_lists(clang, toolchain, open_unit, tmp_path, recipe):
    source = OPAQUE + LISTS.format(tag="a") + LISTS.format(tag="b") + MAIN
    unit = open_unit(tmp_path / "lists", source, "-Oz")
    program = tmp_path / "program"
    clang.run([str(make_with(toolchain, unit, recipe, tmp_path).path), "-o", str(program)])
    done = run([os.fsencode(program)], timeout=20)
    assert (done.timed_out, done.returncode) == (False, 0)


@pytest.mark.parametrize("recipe", ["module(iroutliner,function(gvn)),<clang>", "<clang>,module(iroutliner)"])
def test_nothing_runs_before_it_is_sound(toolchain, two_kinds, tmp_path, recipe):
    folder = os.fsencode(tmp_path)
    with open_module(toolchain, two_kinds.job, two_kinds.module, folder, Limits()) as applier:
        (trial,) = applier.try_recipes([Recipe.parse(recipe)], two_kinds.pipeline)
    assert trial.measurement is None
    assert "must be a stage of its own" in trial.error


def test_the_outliner_is_a_stage_and_merging_begins_one():
    assert PassList.parse("a,iroutliner,b,<clang>,iroutliner,iroutliner,c").stages("own", 19) == (
        "a", "iroutliner", "b", "own", "iroutliner", "iroutliner", "c"
    )  # fmt: skip
    assert PassList.parse("mergefunc,a,mergefunc,b,<clang>,mergefunc").stages("own", 19) == (
        "mergefunc,a", "mergefunc,b", "own", "mergefunc"
    )  # fmt: skip
    assert outlines("a,iroutliner")
    assert not outlines("function(gvn)")


@pytest.mark.parametrize(
    "recipe", ["<clang>,iroutliner", "<clang>,mergefunc", "function(lower-constant-intrinsics),<clang>"]
)
def test_opt_alone_cannot_make_it_sound(toolchain, two_kinds, tmp_path, recipe):
    recipe = Recipe.parse(recipe)
    with OptApplier(toolchain, two_kinds.job, two_kinds.module, os.fsencode(tmp_path), Limits()) as applier:
        (trial,) = applier.try_recipes([recipe], two_kinds.pipeline)
    assert trial.measurement is None
    assert "need the library" in trial.error
