"""The oldest LLVM versions that are supported: a smoke suite that names its clangs itself.

clang 14 and 16 do not print their pass pipeline, so `<clang>` is a run of clang itself there; pass lists
made for a later LLVM are told in their words, and what they do not know is not tried.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from cache.store import Store
from llmcc.fingerprint import SHIPPED_MODEL
from llmcc.model import Ranker
from llmcc.pipelines import known_passes
from llmcc.selftest import LEVELS, VARIANTS, check_commands
from toolchain import discover
from toolchain.apply import LibLLVMApplier, Limits, OptApplier, make_object
from toolchain.cc1 import Cc1Job, parse_jobs
from toolchain.discover import Toolchain
from toolchain.errors import ToolchainError
from toolchain.lower import Module, clang_pipeline, lower
from toolchain.measure import measure
from toolchain.passes import CLANG, NULL_RECIPE, PassList, Recipe
from toolchain.run import run

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "makefile"
VERSIONS = (14, 16)
GOOD = "<clang> | -disable-lsr -disable-machine-licm -enable-ext-tsp-block-placement"
# Its names are those of later versions.
LATER = "function(instcombine<no-verify-fixpoint>),<clang>,function(sroa<preserve-cfg>),function(lower-switch)"

CXX = """
#include <stdexcept>
#include <string>
#include <vector>
struct Shape { virtual ~Shape() {} virtual int area() const = 0; };
struct Square : Shape { int side; explicit Square(int s) : side(s) {} int area() const override { return side * side; } };
static int checked(const std::vector<Shape *> &shapes, unsigned at) {
  if (at >= shapes.size()) throw std::out_of_range("shape " + std::to_string(at));
  return shapes[at]->area();
}
int total(const std::vector<Shape *> &shapes, unsigned n) {
  int sum = 0;
  try { for (unsigned i = 0; i < n; i++) sum += checked(shapes, i); } catch (const std::out_of_range &) { return -sum; }
  return sum;
}
Shape *make(int side) { return new Square(side); }
"""  # noqa: E501


@pytest.fixture(scope="session", params=VERSIONS)
def old_clang(request: pytest.FixtureRequest) -> str:
    """The path of one of these clangs. Only who cannot install it may go without."""
    name = f"clang-{request.param}"
    path = shutil.which(name)
    if path:
        return path
    words = f"{name} is not installed; on Debian: apt-get install {name} llvm-{request.param}"
    if os.environ.get("CI") or os.geteuid() == 0:
        pytest.fail(words)
    pytest.skip(words)


@pytest.fixture
def old(work, old_clang):
    """A workspace whose clang is the old one, with clang's own object of json.c."""
    work.clang_path, work.clangxx_path = old_clang, old_clang.replace("clang", "clang++")
    work.env["LLMCC_CLANG"] = old_clang
    work.sources("json.c", "lz.c")
    assert work.clang("-Oz", "-c", "json.c", "-o", "theirs.o").code == 0
    return work


@pytest.fixture(scope="session")
def old_toolchain(old_clang, tmp_path_factory: pytest.TempPathFactory) -> Toolchain:
    return discover.describe(os.fsencode(old_clang), os.fsencode(tmp_path_factory.mktemp("toolchains")))


def lowered(clang: str, folder: Path, source: Path, *flags: str) -> tuple[Cc1Job, Module]:
    asked = run([os.fsencode(word) for word in (clang, "-###", *flags, "-c", source, "-o", folder / "unit.o")])
    (argv,) = parse_jobs(asked.stderr)
    job = Cc1Job(argv)
    bitcode = os.fsencode(folder / "unit.bc")
    assert lower(job, bitcode).returncode == 0
    return job, Module(bitcode)


def explained(work) -> dict[str, object]:
    """What is remembered of the decision for json.o."""
    done = work.run([work.bin / "llmcc-tool", "explain", "--json", "json.o"])
    assert done.code == 0, done.stderr
    details: dict[str, object] = json.loads(done.stdout)
    return details


def test_a_whole_program_shrinks_links_and_passes_its_tests(old):
    old.env["LLMCC_CANDIDATES"] = "2"
    sizes = {}
    shutil.copytree(EXAMPLE, old.folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("build*"))
    for build, compiler in (("theirs", old.clang_path), ("mine", str(old.bin / "llmcc"))):
        done = old.run(["make", "-s", "-j2", f"CC={compiler}", f"BUILD={build}", "check"])
        assert done.code == 0, done.stdout + done.stderr
        sizes[build] = {path.name: old.shape_of(path.read_bytes()) for path in (old.folder / build).glob("*.o")}
    mine, theirs = sizes["mine"], sizes["theirs"]
    assert len(theirs) >= 15
    assert {name: shape.defined for name, shape in mine.items()} == {n: s.defined for n, s in theirs.items()}
    assert all(mine[name].size <= theirs[name].size for name in theirs)
    assert sum(shape.size for shape in mine.values()) < sum(shape.size for shape in theirs.values())
    reasons = [reason for outcome, reason in old.outcomes() if outcome != "passthrough"]
    assert len(reasons) == len(theirs)
    assert set(reasons) <= {"kept", "nothing-smaller"}


def test_the_second_time_comes_from_the_cache(old):
    assert old.llmcc("-Oz", "-c", "json.c").code == 0
    first = old.read("json.o")
    assert old.shape_of(first).size < old.shape_of(old.read("theirs.o")).size
    (old.folder / "json.o").unlink()
    assert old.llmcc("-Oz", "-c", "json.c").code == 0
    assert old.read("json.o") == first
    assert old.outcomes() == [("kept", "kept"), ("hit", "kept")]


def test_what_explain_says_makes_the_kept_object(old, make_model):
    """Around `<clang>` too: what comes before it and after it goes through opt."""
    recipe = "function(gvn),<clang>,function(sink) | -disable-lsr -disable-machine-licm"
    old.env["LLMCC_MODEL"] = str(make_model(recipe))
    assert old.llmcc("-Oz", "-c", "json.c").code == 0
    assert old.outcomes() == [("kept", "kept")]
    kept = old.read("json.o")
    assert recipe in old.run([old.bin / "llmcc-tool", "explain", "json.o"]).stdout.decode()
    said = old.run([old.bin / "llmcc-tool", "explain", "--reproduce", "json.o"]).stdout.decode()
    (old.folder / "json.o").unlink()
    assert old.run(["sh", "-e", "-c", said]).code == 0
    assert old.read("json.o") == kept


@pytest.mark.parametrize("suffix", [".c", ".cpp"])
def test_the_null_policy_gives_clangs_own_objects(old, suffix):
    source = old.folder / "lz.c" if suffix == ".c" else old.file("unit.cpp", CXX)
    command = [os.fsencode(word) for word in (old.clang_path, "-c", source.name, "-o", "unit.o")]
    checks = list(check_commands([(command, os.fsencode(old.folder))], old.root / "selftest"))
    assert len(checks) == len(LEVELS) * len(VARIANTS)
    assert [check for check in checks if check.problem] == []


def test_both_ways_to_apply_measure_what_ships(old, old_toolchain, old_clang):
    recipes = [
        Recipe.parse(text)
        for text in (
            "<clang>",
            GOOD,
            LATER,
            "<clang> | -enable-machine-outliner=always -disable-machine-cse",
            "<clang> | -regalloc=basic",
            "cgscc(inline),<clang>",
            "function(newgvn),<clang>,function(loop-mssa(lnicm))",
            "function(break-crit-edges)",
        )
    ]
    job, module = lowered(old_clang, old.folder, old.folder / "json.c", "-Oz")
    assert clang_pipeline(job) == CLANG
    found = []
    for kind in (LibLLVMApplier, OptApplier):
        folder = old.root / kind.__name__
        folder.mkdir()
        with kind(old_toolchain, job, module, os.fsencode(folder), Limits(seconds=60)) as applier:
            found.append({trial.recipe: trial for trial in applier.try_recipes(recipes, CLANG)})
    for recipe in recipes:
        a, b = found[0][recipe], found[1][recipe]
        assert (a.error, b.error) == ("", ""), recipe
        objects = []
        for trial in (a, b):
            output = old.folder / "made.o"
            assert make_object(job, trial.bitcode, os.fsencode(output), recipe, Limits()).returncode == 0
            objects.append(output.read_bytes())
        assert objects[0] == objects[1], recipe
        assert measure(objects[0]) == a.measurement == b.measurement, recipe
        if recipe == NULL_RECIPE:
            assert objects[0] == old.read("theirs.o")
    assert len({trial.measurement for trial in found[0].values()}) > 4, "recipes that all do the same test nothing"


def test_an_error_is_that_recipes_alone(old, old_toolchain, old_clang):
    bad = {
        "no-such-pass,<clang>": "no-such-pass",
        "<clang>,function(no-such-pass)": "no-such-pass",
        "<clang> | -no-such-option": "no-such-option",
    }
    recipes = [NULL_RECIPE, *map(Recipe.parse, bad), Recipe.parse(GOOD)]
    job, module = lowered(old_clang, old.folder, old.folder / "json.c", "-Oz")
    with LibLLVMApplier(old_toolchain, job, module, os.fsencode(old.root), Limits(seconds=60)) as applier:
        found = {str(trial.recipe): trial for trial in applier.try_recipes(recipes, CLANG)}
    assert len(found) == len(recipes)
    for recipe, words in bad.items():
        assert words in found[recipe].error
        assert found[recipe].measurement is None
    assert found[GOOD].error == found[CLANG].error == ""


def test_a_pass_that_this_version_does_not_know_is_never_tried(old, make_model: Callable[..., Path]):
    """And costs no candidate: with one allowed, the one that can be tried is."""
    unknown = ("<clang>,function(no-such-pass)", "<clang>,function(loop(loop-rotate<no-header-duplication>))")
    old.env |= {"LLMCC_MODEL": str(make_model(*unknown, GOOD)), "LLMCC_CANDIDATES": "1"}
    assert old.llmcc("-Oz", "-c", "json.c").code == 0
    assert old.outcomes() == [("kept", "kept")]
    tried = [candidate["recipe"] for candidate in explained(old)["candidates"]]
    assert tried == [GOOD]


def test_a_list_of_later_names_is_tried_and_kept_as_it_was_called(old, make_model: Callable[..., Path]):
    recipe = f"{LATER} | -disable-lsr -disable-machine-licm"
    old.env["LLMCC_MODEL"] = str(make_model(recipe))
    assert old.llmcc("-Oz", "-c", "json.c").code == 0
    (candidate,) = [each for each in explained(old)["candidates"] if each["recipe"] == recipe]
    assert candidate["ranked"] is not None, candidate["problem"]


def test_most_of_the_shipped_recipes_can_be_tried(old_toolchain, tmp_path):
    known = known_passes(old_toolchain, Store(os.fsencode(tmp_path)))
    recipes = Ranker(SHIPPED_MODEL).recipes
    usable = [recipe for recipe in recipes if known.suffice_for(recipe.pass_list)]
    assert 0.9 * len(recipes) < len(usable) < len(recipes)


def test_what_is_listed_is_what_opt_takes(old, old_toolchain, old_clang):
    """The answer from `--print-passes` is opt's own: it runs what is called known, and refuses the rest."""
    known = known_passes(old_toolchain, Store(os.fsencode(old.root / "store")))
    _, module = lowered(old_clang, old.folder, old.folder / "lz.c", "-Oz")
    lists = {PassList((item,)) for recipe in Ranker(SHIPPED_MODEL).recipes for item in recipe.pass_list.passes}
    lists.discard(NULL_RECIPE.pass_list)
    answers = {}
    for pass_list in sorted(lists):
        words = [old_toolchain.opt, f"-passes={pass_list.named_for(old_toolchain.major)}", "-disable-output"]
        done = subprocess.run([*words, module.bitcode], capture_output=True, check=False)
        answers[str(pass_list)] = done.returncode == 0
    assert answers == {str(pass_list): known.suffice_for(pass_list) for pass_list in lists}
    assert set(answers.values()) == {True, False}


def test_a_flag_that_adds_a_pass_leaves_the_unit_to_clang(old, old_clang):
    flags = ("-Oz", "-g", "-fdebug-info-for-profiling")
    assert old.clang(*flags, "-c", "json.c", "-o", "theirs.o").code == 0
    job, _ = lowered(old_clang, old.folder, old.folder / "json.c", *flags)
    with pytest.raises(ToolchainError, match="AddDiscriminators"):
        clang_pipeline(job)
    assert old.llmcc(*flags, "-c", "json.c").code == 0
    assert old.outcomes() == [("fallback", "unknown-pipeline")]
    assert old.read("json.o") == old.read("theirs.o")


def test_what_cannot_be_decided_is_clangs_own(old, tmp_path):
    """No model, no candidate, an error in the source: clang's object, exit status and words."""
    for env, reason in (
        ({"LLMCC_MODEL": str(tmp_path / "none.onnx")}, "no-model"),
        ({"LLMCC_CANDIDATES": "0"}, "no-candidates"),
    ):
        done = old.llmcc("-Oz", "-c", "json.c", env=env)
        assert (done.code, done.stdout, done.stderr) == (0, b"", b"")
        assert old.read("json.o") == old.read("theirs.o")
        assert [word for _, word in old.outcomes()] == [reason]
    old.file("error.c", '#include "json.c"\nint f(void) { return undeclared; }\n')
    assert old.llmcc("-Oz", "-c", "error.c") == old.clang("-Oz", "-c", "error.c")
