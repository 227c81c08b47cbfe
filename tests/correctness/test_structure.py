"""Each rule of the structure gate is broken by some real pass list, and none of these objects gets through."""

import os
from pathlib import Path

import pytest

from cache.store import Store
from llmcc import invocation
from llmcc.call import Invocation
from llmcc.decide import remembered_pipeline
from llmcc.gates import Pair, structure
from llmcc.judge import stack_frames
from tests.correctness.planted import FOLDER, LIMITS
from toolchain import discover
from toolchain.apply import make_object, open_module
from toolchain.lower import Module, lower
from toolchain.passes import Recipe
from toolchain.run import DISCARD, run

FRAMES = """
int outside(int *values);
int first(int a, int b, int c) {
    int values[4] = {a, b, c, a ^ b};
    for (int i = 0; i < a; i++)
        values[i & 3] += b > i ? c : values[(i + 1) & 3];
    return outside(values) + values[2] * b;
}
"""


class Unit:
    """One source lowered for a target, to apply real pass lists to."""

    def __init__(self, clang: bytes, source: Path, work: Path, *flags: str) -> None:
        directory = os.fsencode(work / "cache")
        self.toolchain = discover.describe(clang, directory)
        self.store = Store(directory)
        words = ["-Oz", *flags, "-c", str(source), "-o", str(work / "unit.o")]
        call = Invocation([clang], [os.fsencode(word) for word in words], os.fsencode(work))
        judged = invocation.classify(call, self.toolchain, ("z",), self.store)
        assert isinstance(judged, invocation.Command)
        (self.job,) = judged.compiles
        self.folder = os.fsencode(work)
        self.bitcode = os.path.join(self.folder, b"unit.bc")
        assert lower(self.job, self.bitcode).returncode == 0
        self.baseline = work / "baseline.o"
        assert run(self.job.compiling(os.fsencode(self.baseline)), stdin=DISCARD).returncode == 0

    def judge(self, text: str) -> str:
        """Why a pass list's object is rejected; "" when it is not."""
        recipe = Recipe.parse(text)
        path = os.path.join(self.folder, b"candidate.o")
        with open_module(self.toolchain, self.job, Module(self.bitcode), self.folder, LIMITS) as applier:
            (trial,) = applier.try_recipes([recipe], remembered_pipeline(self.toolchain, self.store, self.job))
        if trial.measurement is None:
            return trial.error
        assert make_object(self.job, trial.bitcode, path, recipe, LIMITS).returncode == 0
        frames = stack_frames(self.job, self.job, trial, self.folder, LIMITS) if self.job.is_bare_metal else None
        contents = self.baseline.read_bytes(), Path(os.fsdecode(path)).read_bytes()
        baseline = os.fsencode(self.baseline)
        return structure(Pair(*contents, baseline, path, self.job.source, frames=frames)).evidence


@pytest.fixture(scope="module")
def unit(clang, tmp_path_factory) -> Unit:
    return Unit(os.fsencode(clang.path), FOLDER / "shapes.cpp", tmp_path_factory.mktemp("unit"))


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


@pytest.mark.parametrize("passes", ["<clang>", "<clang>,mergefunc", "function(newgvn),<clang>"])
def test_sound_lists_keep_the_structure(unit, passes):
    assert unit.judge(passes) == ""


def test_stack_frames_on_bare_metal(clang, tmp_path):
    """`reg2mem` spills everything: right, and dangerous where a stack has a few hundred bytes."""
    source = tmp_path / "frames.c"
    source.write_text(FRAMES)
    bare = Unit(os.fsencode(clang.path), source, tmp_path, "--target=thumbv7m-none-eabi", "-mcpu=cortex-m3")
    assert "the largest stack frame grows from" in bare.judge("<clang>,function(reg2mem)")
    assert bare.judge("<clang>") == ""
    hosted = Unit(os.fsencode(clang.path), source, tmp_path, "--target=x86_64-linux-gnu")
    assert hosted.judge("<clang>,function(reg2mem)") == ""
