"""Recipes applied to real modules, in process and with opt, and everything that goes wrong on the way."""

import dataclasses
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from llmcc import features
from toolchain.apply import LibLLVMApplier, Limits, OptApplier, make_object, open_module, target_of
from toolchain.discover import Toolchain
from toolchain.elf import SHT_STRTAB, SHT_SYMTAB, ElfObject
from toolchain.errors import ToolchainError
from toolchain.libllvm import backend_of
from toolchain.lower import Module, lower
from toolchain.measure import measure
from toolchain.passes import CLANG, NULL_RECIPE, PassList, Recipe

RECIPES = [
    Recipe.parse(text)
    for text in (
        "<clang>",
        "<clang> | -disable-lsr",
        "<clang> | -disable-lsr -disable-machine-licm -disable-block-placement",
        "<clang> | -enable-machine-outliner=always",
        "<clang> | -regalloc=basic",
        "<clang> | -disable-lsr -enable-pre=false -jump-threading-threshold=0",
        "function(gvn),<clang>,function(sink) | -enable-load-pre=false -disable-machine-cse -keep-loops=false",
        "cgscc(inline),<clang>,function(jump-threading) | -jump-threading-threshold=0",
        "<clang>,function(break-crit-edges)",
        "scc-oz-module-inliner,<clang>",
        "attributor,<clang>,function(simplifycfg<hoist-common-insts;sink-common-insts>)",
        "function(sroa<modify-cfg>,gvn-hoist),<clang>,function(gvn-sink)",
        "<clang>,function(newgvn,dse),globaldce | -disable-machine-cse",
        "partial-inliner,<clang>",
        "function(mem2reg)",
    )
]

CXX = """
struct Shape { virtual ~Shape() {} virtual int area() const = 0; };
struct Square : Shape { int side; explicit Square(int s) : side(s) {} int area() const override { return side * side; } };
struct Box : Shape { int a, b; Box(int x, int y) : a(x), b(y) {} int area() const override { return a * b; } };
template <class T, int N> struct Stack {
  T items[N]; int count = 0;
  bool push(T item) { if (count == N) throw count; items[count++] = item; return true; }
  T pop() { return count ? items[--count] : T(); }
};
static int calls;
inline int counted(const Shape &s) { ++calls; return s.area(); }
struct Once { int value; Once() : value(counted(Square(3))) {} ~Once() { calls = 0; } } once;
int total(const Shape *const *shapes, int n) {
  Stack<int, 8> stack;
  try { for (int i = 0; i < n; i++) stack.push(counted(*shapes[i])); } catch (int at) { return -at; }
  int sum = once.value;
  while (stack.count) sum += stack.pop();
  return sum;
}
Shape *make(int kind) { return kind ? static_cast<Shape *>(new Square(kind)) : new Box(1, 2); }
"""  # fmt: skip  # noqa: E501


@pytest.fixture(scope="module")
def sources(root) -> list[Path]:
    """Two real sources: a parser and a compressor. The second compares short memory, which clang expands."""
    return [root / "examples" / "makefile" / "src" / name for name in ("json.c", "lz.c")]


def open_with(kind, toolchain, unit, limits=Limits(seconds=60), describe=None):  # noqa: B008
    unit.folder.joinpath(kind.__name__).mkdir(exist_ok=True)
    folder = os.fsencode(unit.folder / kind.__name__)
    return kind(toolchain, unit.job, unit.module, folder, limits, describe)


def trials(applier, unit, recipes):
    with applier:
        found = list(applier.try_recipes(recipes, unit.pipeline))
    assert sorted(str(trial.recipe) for trial in found) == sorted(map(str, recipes)), "one answer for each recipe"
    return {trial.recipe: trial for trial in found}


@pytest.mark.parametrize("which", [0, 1])
def test_both_appliers_measure_alike_and_give_the_same_objects(toolchain, open_unit, sources, tmp_path, which):
    unit = open_unit(tmp_path, sources[which], "-Oz", f"-I{sources[which].parent}")
    mine = trials(open_with(LibLLVMApplier, toolchain, unit), unit, RECIPES)
    theirs = trials(open_with(OptApplier, toolchain, unit), unit, RECIPES)
    baseline = measure(unit.object)
    for recipe in RECIPES:
        a, b = mine[recipe], theirs[recipe]
        assert (a.error, b.error) == ("", ""), recipe
        assert a.measurement == b.measurement, recipe
        objects = []
        for trial in (a, b):
            output = os.fsencode(tmp_path / "made.o")
            done = make_object(unit.job, trial.bitcode, output, recipe, Limits())
            assert (done.returncode, done.stderr) == (0, b"")
            objects.append(Path(os.fsdecode(output)).read_bytes())
        assert objects[0] == objects[1], recipe
        assert measure(objects[0]) == a.measurement, "the ranking is by what ships"
    assert mine[NULL_RECIPE].measurement == baseline
    assert len({trial.measurement for trial in mine.values()}) > 4, "recipes that all do the same test nothing"


@pytest.mark.parametrize("kind", [LibLLVMApplier, OptApplier])
def test_clangs_own_passes_run_by_clang_are_the_pipeline_that_it_prints(toolchain, open_unit, sources, tmp_path, kind):
    """Where clang does not print its pipeline, `<clang>` is a run of clang itself: the same objects."""
    unit = open_unit(tmp_path, sources[1], "-Oz", "-g", f"-I{sources[1].parent}")
    printed = trials(open_with(kind, toolchain, unit), unit, RECIPES)
    unit = dataclasses.replace(unit, pipeline=CLANG, folder=tmp_path / "by clang")
    unit.folder.mkdir()
    by_clang = trials(open_with(kind, toolchain, unit), unit, RECIPES)
    for recipe in RECIPES:
        objects = []
        for trial in (printed[recipe], by_clang[recipe]):
            assert trial.error == "", recipe
            output = tmp_path / "made.o"
            assert make_object(unit.job, trial.bitcode, os.fsencode(output), recipe, Limits()).returncode == 0
            objects.append(output.read_bytes())
        assert objects[0] == objects[1], recipe
        assert printed[recipe].measurement == by_clang[recipe].measurement, recipe
    assert objects[0] != unit.object, "the last recipe does something"


@pytest.mark.parametrize("kind", [LibLLVMApplier, OptApplier])
def test_the_describing_function_sees_the_module(toolchain, open_unit, tmp_path, kind):
    unit = open_unit(tmp_path, "int answer(void) { return 42; }", "-Oz")

    def describe(text: bytes) -> list[float]:
        return [float(text.count(b"@answer(")), float(b"ret i32 42" in text), float(os.getpid() == parent)]

    parent = os.getpid()
    with open_with(kind, toolchain, unit, describe=describe) as applier:
        assert applier.describe()[:2] == [1.0, 1.0]
        assert applier.describe()[2] == (kind is OptApplier)
        assert [trial.error for trial in applier.try_recipes([NULL_RECIPE], unit.pipeline)] == [""]
        assert applier.describe()[:2] == [1.0, 1.0], "trying recipes leaves the module alone"


def test_both_appliers_give_the_same_features(toolchain, open_unit, sources, tmp_path):
    unit = open_unit(tmp_path, sources[0], "-Oz", f"-I{sources[0].parent}")
    vectors = []
    for kind in (LibLLVMApplier, OptApplier):
        with open_with(kind, toolchain, unit, describe=features.extract) as applier:
            vectors.append(applier.describe())
    assert vectors[0] == vectors[1]


@pytest.mark.parametrize("kind", [LibLLVMApplier, OptApplier])
def test_what_fails_is_an_error_for_that_recipe_alone(toolchain, open_unit, sources, tmp_path, kind):
    unit = open_unit(tmp_path, sources[0], "-Oz", f"-I{sources[0].parent}")
    good = [NULL_RECIPE, Recipe.parse("<clang>,function(sink)"), Recipe.parse("<clang> | -disable-lsr")]
    bad = {
        Recipe.parse("<clang>,function(licm)"): "",  # aborts: it wants MemorySSA, that is loop-mssa
        Recipe.parse("<clang>,no-such-pass"): "no-such-pass",
        Recipe.parse("function(mergefunc),<clang>"): "mergefunc",
        Recipe.parse("<clang> | -no-such-option"): "no-such-option",
        Recipe.parse("<clang> | -disable-lsr=maybe"): "disable-lsr",
    }
    recipes = [good[0], *bad, *good[1:]]
    found = trials(open_with(kind, toolchain, unit), unit, recipes)
    for recipe, words in bad.items():
        assert found[recipe].measurement is None, recipe
        assert found[recipe].error, recipe
        assert found[recipe].bitcode == b""
        assert words in found[recipe].error, recipe
    for recipe in good:
        assert found[recipe].error == ""
    assert found[NULL_RECIPE].measurement == measure(unit.object)


def big_source(functions: int) -> str:
    """Functions that the optimiser and the code generator need long for."""
    body = "".join(f" case {i}: x = x * {i * 7 + 1} ^ a[x & 15]; if (x > {i}) goto next; break;" for i in range(60))
    one = "int f%d(int *a, int x) {{ int n = 0; next: n++; switch (x & 63) {{%s }} return x + n; }}\n"
    return "".join((one % (i, body)).replace("{{", "{").replace("}}", "}") for i in range(functions))


@pytest.mark.parametrize("kind", [LibLLVMApplier, OptApplier])
def test_a_recipe_that_takes_too_long_is_given_up(toolchain, open_unit, tmp_path, kind):
    unit = open_unit(tmp_path, big_source(40), "-Oz")
    slow = Recipe(PassList(("function(gvn,newgvn,instcombine<no-verify-fixpoint>,break-crit-edges)",) * 400))
    quick = Recipe.parse("globaldce")
    found = trials(open_with(kind, toolchain, unit, Limits(seconds=2.0)), unit, [slow, quick])
    assert "timeout after 2 s" in found[slow].error
    assert found[slow].measurement is None
    assert found[quick].error in ("", "timeout after 2 s"), "the code generator may need its time for so much code"


def test_a_recipe_that_eats_all_memory_is_an_error(toolchain, open_unit, tmp_path):
    """In a process of its own: what this one has free already does not count against the limit."""
    unit = open_unit(tmp_path, big_source(20), "-Oz")
    script = """
import json, sys
from toolchain.errors import ToolchainError
from toolchain.worker import SacrificialProcess
job = json.loads(sys.stdin.read())
task = {"stages": job["stages"], "bitcode_out": "", "options": [[]]}
for megabytes in (1500, *range(24, 0, -1)):
    try:
        with SacrificialProcess(job["library"], job["target"], job["bitcode"], seconds=60, memory=megabytes << 20) as p:
            (line,) = p.try_tasks([task])
    except ToolchainError as lost:
        line = {"error": str(lost)}
    print(json.dumps(line))
    if "error" in line:
        break
"""
    job = {
        "stages": [unit.pipeline, "function(newgvn)"],
        "library": os.fsdecode(toolchain.library),
        "target": target_of(unit.job),
        "bitcode": os.fsdecode(unit.module.bitcode),
    }
    done = subprocess.run(
        [sys.executable, "-c", script], input=json.dumps(job), text=True, capture_output=True, check=True
    )
    first, *_, last = map(json.loads, done.stdout.splitlines())
    assert first["sizes"][0] > 0
    assert "error" in last
    assert "timeout" not in last["error"]


@pytest.mark.parametrize(
    "garbage",
    [b"garbage" * 1000, b"BC\xc0\xde" + bytes(1000), None],
    ids=["text", "header only", "truncated"],
)
@pytest.mark.parametrize("kind", [LibLLVMApplier, OptApplier])
def test_garbage_bitcode_is_a_toolchain_error_or_an_error_for_each(toolchain, open_unit, tmp_path, kind, garbage):
    unit = open_unit(tmp_path, "int f(void) { return 1; }", "-Oz")
    path = Path(os.fsdecode(unit.module.bitcode))
    path.write_bytes(path.read_bytes()[:-600] if garbage is None else garbage)
    broken = type(unit)(unit.object, unit.job, Module(unit.module.bitcode), unit.pipeline, unit.folder)
    with open_with(kind, toolchain, broken, describe=features.extract) as applier, pytest.raises(ToolchainError):
        applier.describe()
    with open_with(kind, toolchain, broken) as applier:
        try:
            errors = [trial.error for trial in applier.try_recipes([NULL_RECIPE], unit.pipeline)]
        except ToolchainError:
            errors = ["refused"]
        assert all(errors)


def test_a_library_that_is_none_is_a_toolchain_error(toolchain, open_unit, tmp_path):
    unit = open_unit(tmp_path, "int f(void) { return 1; }", "-Oz")
    words = {name: getattr(toolchain, name) for name in toolchain.__slots__}
    for library in (b"/no/such/libLLVM.so", b"libc.so.6", unit.module.bitcode):
        wrong = Toolchain(**{**words, "library": library})
        with open_with(LibLLVMApplier, wrong, unit) as applier, pytest.raises(ToolchainError):
            list(applier.try_recipes([NULL_RECIPE], unit.pipeline))


def test_the_applier_follows_the_toolchain(toolchain, open_unit, tmp_path):
    unit = open_unit(tmp_path, "int f(void) { return 1; }", "-Oz")
    words = {name: getattr(toolchain, name) for name in toolchain.__slots__}
    for library, kind in ((toolchain.library, LibLLVMApplier), (b"", OptApplier)):
        chosen = Toolchain(**{**words, "library": library})
        with open_module(chosen, unit.job, unit.module, os.fsencode(tmp_path), Limits()) as applier:
            assert type(applier) is kind


def descendants(pid: int) -> list[int]:
    """Every living process below `pid`, zombies left out."""
    children: dict[int, list[int]] = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            state, parent = Path(f"/proc/{name}/stat").read_text().rpartition(") ")[2].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state not in "ZX":
            children.setdefault(int(parent), []).append(int(name))
    found, to_do = [], [pid]
    while to_do:
        below = children.get(to_do.pop(), [])
        found += below
        to_do += below
    return found


def ended(pids: list[int]) -> bool:
    for _ in range(500):
        alive = [pid for pid in pids if Path(f"/proc/{pid}").exists()]
        states = [Path(f"/proc/{pid}/stat") for pid in alive]
        try:
            if all(path.read_text().rpartition(") ")[2][0] in "ZX" for path in states):
                return True
        except (FileNotFoundError, ProcessLookupError):
            continue
        time.sleep(0.01)
    return False


def test_closing_ends_every_process_even_in_the_middle_of_work(toolchain, open_unit, tmp_path):
    unit = open_unit(tmp_path, big_source(40), "-Oz")
    slow = Recipe(PassList(("function(gvn,newgvn)",) * 1000))
    before = set(descendants(os.getpid()))
    with open_with(LibLLVMApplier, toolchain, unit) as applier:
        answers = applier.try_recipes([Recipe.parse("globaldce"), slow], unit.pipeline)
        assert next(answers).error == ""
        for _ in range(500):
            mine = sorted(set(descendants(os.getpid())) - before)
            if len(mine) >= 2:
                break
            time.sleep(0.01)
        assert len(mine) >= 2, "the child and its own child at work"
    assert ended(mine)


def test_nothing_outlives_a_parent_that_is_killed(toolchain, open_unit, root, tmp_path):
    """A compile that is killed outright must not leave a process behind that works on."""
    unit = open_unit(tmp_path, big_source(40), "-Oz")
    script = f"""
import sys
sys.path.insert(0, {str(root)!r})
from toolchain.worker import SacrificialProcess
target = dict(triple="x86_64-pc-linux-gnu", cpu="x86-64", features="", relocation_model="pic", code_model="")
process = SacrificialProcess({os.fsdecode(toolchain.library)!r}, target, {os.fsdecode(unit.module.bitcode)!r},
                             seconds=300, memory=4 << 30)
slow = ",".join(["function(gvn,newgvn)"] * 3000)
tasks = [dict(stages=["globaldce"], bitcode_out="", options=[[]]), dict(stages=[slow], bitcode_out="", options=[[]])]
for line in process.try_tasks(tasks):
    print(line, flush=True)
"""
    python = root / ".venv" / "bin" / "python"
    program = [str(python) if python.exists() else "python3", "-c", script]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as parent:
        try:
            assert "sizes" in parent.stdout.readline()
            for _ in range(500):
                below = descendants(parent.pid)
                if len(below) >= 2:
                    break
                time.sleep(0.01)
            if len(below) < 2:
                # Both tasks have ended, or one cannot begin: it has said why.
                pytest.fail(f"nothing is at work: {parent.communicate(timeout=60)[0][:400]}")
        finally:
            parent.send_signal(signal.SIGKILL)
    assert ended(below)


def test_a_lost_child_is_a_toolchain_error(toolchain, open_unit, tmp_path):
    unit = open_unit(tmp_path, "int f(void) { return 1; }", "-Oz")
    with open_with(LibLLVMApplier, toolchain, unit) as applier:
        assert [trial.error for trial in applier.try_recipes([NULL_RECIPE], unit.pipeline)] == [""]
        os.kill(applier._process._pid, signal.SIGKILL)
        with pytest.raises(ToolchainError, match=r"sacrificial process (ended|is gone)"):
            list(applier.try_recipes([NULL_RECIPE], unit.pipeline))


FLAGS = [
    ("-Oz",),
    ("-Os", "-g"),
    ("-Oz", "-fPIC", "-g"),
    ("-Os", "-ffunction-sections", "-fdata-sections"),
    ("-Oz", "-fno-pic", "-fno-asynchronous-unwind-tables", "-ffunction-sections"),
]


@pytest.mark.parametrize("flags", FLAGS, ids=" ".join)
@pytest.mark.parametrize("language", ["c", "c++"])
@pytest.mark.parametrize("kind", [LibLLVMApplier, OptApplier])
def test_the_null_recipe_makes_clangs_own_object(toolchain, open_unit, sources, tmp_path, language, flags, kind):
    source, suffix = (sources[1], ".c") if language == "c" else (CXX, ".cpp")
    unit = open_unit(tmp_path, source, *flags, f"-I{sources[1].parent}", suffix=suffix)
    trial = trials(open_with(kind, toolchain, unit), unit, [NULL_RECIPE])[NULL_RECIPE]
    assert trial.error == ""
    output = tmp_path / "null.o"
    assert make_object(unit.job, trial.bitcode, os.fsencode(output), NULL_RECIPE, Limits()).returncode == 0
    content = output.read_bytes()
    if toolchain.major >= 22 and "-g" in flags:
        # Optimised bitcode of LLVM 22 does not carry all that it knows of assigned variables.
        assert without_debug_information(content) == without_debug_information(unit.object)
    else:
        assert content == unit.object


def without_debug_information(content: bytes) -> list[tuple[str, int, bytes]]:
    elf = ElfObject(content)
    tables = (SHT_SYMTAB, SHT_STRTAB)
    sections = [s for s in elf.sections if s.type not in tables and ".debug_" not in s.name]
    assert any(s.name.startswith(".text") and s.size for s in sections)
    return [(s.name, s.flags, elf.contents(s)) for s in sections]


@pytest.mark.parametrize(
    "target",
    [
        ("--target=i386-linux-gnu",),
        ("--target=arm-none-eabi", "-mcpu=cortex-m4"),
        ("--target=riscv32-unknown-elf", "-march=rv32imac"),
        ("--target=aarch64-none-elf",),
    ],
    ids=lambda flags: flags[0].partition("=")[2],
)
def test_other_targets_measure_as_they_ship(toolchain, open_unit, tmp_path, target):
    unit = open_unit(tmp_path, big_source(1), "-Oz", "-ffreestanding", *target)
    recipes = [NULL_RECIPE, Recipe.parse("<clang> | -disable-lsr"), Recipe.parse("<clang>,function(gvn-sink)")]
    mine = trials(open_with(LibLLVMApplier, toolchain, unit), unit, recipes)
    theirs = trials(open_with(OptApplier, toolchain, unit), unit, recipes)
    for recipe in recipes:
        assert (mine[recipe].error, mine[recipe].measurement) == ("", theirs[recipe].measurement)
    output = tmp_path / "null.o"
    assert make_object(unit.job, mine[NULL_RECIPE].bitcode, os.fsencode(output), NULL_RECIPE, Limits()).returncode == 0
    assert output.read_bytes() == unit.object


def test_lowering_says_what_clang_says(clang, open_unit, cc1_job, tmp_path):
    (tmp_path / "bad.c").write_text("int f(void) { return missing; }\n#warning look\n")
    job = cc1_job("-Oz", "-MD", "-c", str(tmp_path / "bad.c"), "-o", str(tmp_path / "bad.o"))
    done = lower(job, os.fsencode(tmp_path / "bad.bc"), os.fsencode(tmp_path / "mine.d"))
    whole = subprocess.run(
        [clang.path, "-Oz", "-MD", "-c", tmp_path / "bad.c", "-o", tmp_path / "bad.o"], capture_output=True, check=False
    )
    assert done.returncode == whole.returncode == 1
    assert b"undeclared identifier" in done.stderr
    assert done.stderr == whole.stderr
    assert not (tmp_path / "bad.o").exists()


def test_the_same_source_has_the_same_digest_in_any_folder(open_unit, tmp_path, monkeypatch):
    digests = []
    for name, body in (("a", "1"), ("b", "1"), ("c", "2")):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        Path("unit.c").write_text(f"int f(void) {{ return {body}; }}\n")
        unit = open_unit(Path("out"), Path("unit.c"), "-Oz")
        digests.append(unit.module.digest)
        assert unit.module.length == len(Path(os.fsdecode(unit.module.bitcode)).read_bytes())
    assert digests[0] == digests[1] != digests[2]
    assert re.fullmatch("[0-9a-f]{32}", digests[0])


@pytest.mark.parametrize(
    ("triple", "backend"),
    [
        ("x86_64-pc-linux-gnu", "X86"),
        ("i686-linux-gnu", "X86"),
        ("thumbv7em-none-unknown-eabi", "ARM"),
        ("armv6kz-unknown-linux-gnueabihf", "ARM"),
        ("riscv32-unknown-elf", "RISCV"),
        ("aarch64-none-elf", "AArch64"),
        ("nvptx64-nvidia-cuda", ""),
        ("", ""),
    ],
)
def test_backend_of_a_triple(triple, backend):
    assert backend_of(triple) == backend
