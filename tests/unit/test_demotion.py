"""reg2mem where an `invoke` returns to: a value must not be read before the call that gives it."""

import os

import pytest

from tests.unit.made import make_with
from toolchain.errors import ToolchainError
from toolchain.run import run

THROWING = """
extern "C" int printf(const char *, ...);
__attribute__((noinline)) static int twice(int n, int tries) {
  if (n % 4 > tries) throw n;
  return n * 2 + tries;
}
__attribute__((noinline)) static int with_patience(const int *items, int count) {
  int sum = 0;
  for (int i = 0; i < count; i++) {
    int tries = 0;
    for (;;) {
      try { sum = sum * 3 + twice(items[i], tries); break; } catch (int) { tries++; }
    }
    sum ^= tries << 8;
  }
  return sum;
}
int main(int argc, char **) {
  int items[6];
  for (int i = 0; i < 6; i++) items[i] = i * 7 + argc;
  printf("%d\\n", with_patience(items, 6));
}
"""

JUMPING = """
int probe(int *p, int n) {
  int value = 0;
  for (int i = 0; i < n; i++) {
    asm goto ("# %0 %l1" : "=r"(value) : : : failed);
    p[i] = value;
  }
  return value;
failed:
  return -1;
}
"""


def printed(clang, path, folder) -> bytes:
    program = folder / "program"
    clang.run([str(path), "-lstdc++", "-o", str(program)])
    done = run([os.fsencode(program)], timeout=20)
    assert done.returncode == 0
    return done.stdout


@pytest.mark.parametrize(
    "recipe",
    [
        "<clang>,function(loop(loop-reduce)),function(reg2mem)",
        "<clang>,function(lcssa),function(reg2mem)",
        "<clang>,function(lcssa),function(reg2mem,instcombine<no-verify-fixpoint>)",
        "function(lcssa),function(reg2mem),<clang>",
        "<clang>,function(lcssa),only<0%1>(function(reg2mem))",
    ],
)
def test_what_a_call_returns_is_read_after_it(clang, toolchain, open_unit, tmp_path, recipe):
    unit = open_unit(tmp_path / "throwing", THROWING, "-Oz", suffix=".cpp")
    clang.compile(THROWING, tmp_path / "right.o", "-Oz", suffix=".cpp")
    made = make_with(toolchain, unit, recipe, tmp_path)
    assert printed(clang, made.path, tmp_path) == printed(clang, tmp_path / "right.o", tmp_path)


@pytest.mark.parametrize(
    "recipe", ["<clang>,function(sink,reg2mem)", "<clang>,only<0%1>(function(sink),function(reg2mem))"]
)
def test_it_begins_a_stage(toolchain, open_unit, tmp_path, recipe):
    unit = open_unit(tmp_path / "throwing", THROWING, "-Oz", suffix=".cpp")
    with pytest.raises(ToolchainError) as caught:
        make_with(toolchain, unit, recipe, tmp_path)
    assert "reg2mem must begin a stage" in caught.value.evidence


def test_results_of_asm_goto_are_refused(toolchain, open_unit, tmp_path):
    unit = open_unit(tmp_path / "jumping", JUMPING, "-Oz")
    with pytest.raises(ToolchainError) as caught:
        make_with(toolchain, unit, "<clang>,function(reg2mem)", tmp_path)
    assert "asm goto has a result" in caught.value.evidence
