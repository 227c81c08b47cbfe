"""Each rule of the structure gate is broken by some real pass list, and none of these objects gets through."""

import os
from pathlib import Path

import pytest

from llmcc.gates import structure
from llmcc.judge import stack_frames
from tests.correctness.planted import FOLDER, LIMITS, Compiled
from toolchain.passes import Recipe

FRAMES = """
int outside(int *values);
int first(int a, int b, int c) {
    int values[4] = {a, b, c, a ^ b};
    for (int i = 0; i < a; i++)
        values[i & 3] += b > i ? c : values[(i + 1) & 3];
    return outside(values) + values[2] * b;
}
"""


class Unit(Compiled):
    """A source compiled for a target, to judge real pass lists on."""

    def judge(self, text: str) -> str:
        """Why a pass list's object is rejected; "" when it is not."""
        trial = self.apply(Recipe.parse(text))
        path, error = self.object_of(trial)
        if error:
            return error
        bare = self.job.is_bare_metal
        frames = stack_frames(self.job, self.job, trial, self.folder, LIMITS) if bare else None
        return structure(self.pair(path, frames)).evidence


def compiled(clang, source: Path, work: Path, *flags: str) -> Unit:
    return Unit(os.fsencode(clang.path), os.fsencode(work / "cache"), source, work, *flags)


@pytest.fixture(scope="module")
def unit(clang, tmp_path_factory) -> Unit:
    return compiled(clang, FOLDER / "shapes.cpp", tmp_path_factory.mktemp("unit"))


@pytest.mark.parametrize(
    ("passes", "words"),
    [
        ("<clang>,function(trigger-verifier-error)", "the IR is broken after the passes"),
        ("<clang>,pgo-instr-gen", "killed by SIGABRT"),
        ("internalize,<clang>", "is gone"),
        ("<clang>,metarenamer", "is gone"),
        ("lower-ifunc,<clang>", "symbol chosen is gone"),
        ("<clang>,lower-emutls", "is new"),
        ("<clang>,asan", "is new"),
        ("<clang>,hwasan", "moved from"),
        ("<clang>,tsan-module", "new undefined symbol __tsan_init"),
        ("<clang>,lower-global-dtors", "new undefined symbol __cxa_atexit"),
        ("always-inline", "section .fixed is new"),
    ],
)
def test_a_real_pass_list_breaks_the_rule(unit, passes, words):
    assert words in unit.judge(passes)


@pytest.mark.parametrize("passes", ["<clang>", "<clang>,mergefunc", "function(gvn),<clang>"])
def test_sound_lists_keep_the_structure(unit, passes):
    assert unit.judge(passes) == ""


def test_stack_frames_on_bare_metal(clang, tmp_path):
    """`reg2mem` spills everything: right, and dangerous where a stack has a few hundred bytes."""
    source = tmp_path / "frames.c"
    source.write_text(FRAMES)
    bare = compiled(clang, source, tmp_path, "--target=thumbv7m-none-eabi", "-mcpu=cortex-m3")
    assert "the largest stack frame grows from" in bare.judge("<clang>,function(reg2mem)")
    assert bare.judge("<clang>") == ""
    hosted = compiled(clang, source, tmp_path, "--target=x86_64-linux-gnu")
    assert hosted.judge("<clang>,function(reg2mem)") == ""
