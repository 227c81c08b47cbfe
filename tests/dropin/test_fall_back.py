"""Whatever is missing, broken, full or wrong: inside a compile the user gets clang's object and exit status.

LLMCC_STRICT is unset here; where it changes the answer, that is tested too.
"""

import os
import random
import re
import resource
import shutil
from pathlib import Path

import pytest

ENDLESS = f"<clang>,function({','.join(['early-cse<memssa>,gvn'] * 60_000)})"
GOOD = "<clang> | -disable-lsr -disable-machine-licm -enable-ext-tsp-block-placement"


@pytest.fixture
def unit(work, make_model):
    """A workspace with json.c and clang's object for it, one good recipe, and LLMCC_STRICT unset."""
    work.sources("json.c")
    assert work.clang("-Oz", "-c", "json.c", "-o", "theirs.o").code == 0
    del work.env["LLMCC_STRICT"]
    work.env["LLMCC_MODEL"] = str(make_model(GOOD))
    return work


def is_clang(unit, reason: str, prefix: "list[str] | None" = None, program: str = "llmcc", **how: object) -> None:
    """Compile: clang's object, exit status 0, silence, `reason` in the log. Then an error: clang's words."""
    (unit.folder / "json.o").unlink(missing_ok=True)
    before = sorted(os.listdir(unit.folder))
    done = unit.run([*(prefix or []), unit.bin / program, "-Oz", "-c", "json.c"], **how)
    assert (done.code, done.stdout, done.stderr) == (0, b"", b"")
    assert unit.read("json.o") == unit.read("theirs.o")
    assert sorted(os.listdir(unit.folder)) == sorted([*before, "json.o"])
    assert [event["reason"] for event in unit.events()] == ([reason] if reason else [])
    theirs = unit.clang("-Oz", "-c", "nosuch.c")
    assert unit.run([*(prefix or []), unit.bin / program, "-Oz", "-c", "nosuch.c"], **how) == theirs
    unit.events()


# Of fewer candidates none is finished by function: what is kept is a recipe of the model, as it stands there.
UNFINISHED = "7"


def is_kept(unit, **how: object) -> dict[str, object]:
    """Compile: the good recipe's object is kept. Returns the log's line."""
    done = unit.llmcc("-Oz", "-c", "json.c", **how)
    assert (done.code, done.stdout, done.stderr) == (0, b"", b"")
    (event,) = unit.events()
    assert event["reason"] == "kept"
    assert unit.shape_of(unit.read("json.o")).size < unit.shape_of(unit.read("theirs.o")).size
    return event


def one_sentence(done) -> str:
    """A user's error: one line that starts with our name, no traceback, exit status 1."""
    assert done.code == 1
    text = done.stderr.decode()
    assert text.startswith("llmcc: ")
    assert text.count("\n") == 1
    return text


def test_the_workspace_keeps_when_nothing_is_wrong(unit):
    is_kept(unit)


# The toolchain


def test_no_clang_on_path(unit):
    empty = unit.root / "empty"
    empty.mkdir()
    for tool in ("sh", "readlink", "env"):
        (empty / tool).symlink_to(shutil.which(tool))
    done = unit.llmcc("-Oz", "-c", "json.c", env={"PATH": str(empty), "LLMCC_CLANG": None})
    assert "no supported clang" in one_sentence(done)
    assert not (unit.folder / "json.o").exists()


@pytest.mark.parametrize("value", ["/no/such/clang", "no-such-clang", "/", "json.c", "/dev/null"])
def test_llmcc_clang_is_no_clang(unit, value):
    done = unit.llmcc("-Oz", "-c", "json.c", env={"LLMCC_CLANG": value})
    assert f"LLMCC_CLANG={value} " in one_sentence(done)


def test_llmcc_clang_is_another_program(unit):
    """A program that runs but is no clang: it is run as the user asked for, and nothing is made up."""
    done = unit.llmcc("-Oz", "-c", "json.c", env={"LLMCC_CLANG": "/bin/false"})
    assert (done.code, done.stdout, done.stderr) == (1, b"", b"")
    assert not (unit.folder / "json.o").exists()


@pytest.fixture
def wrapped(unit):
    """A wrapper around clang, as distributions make them: it links no libLLVM."""
    path = unit.root / "wrapped" / "clang"
    path.parent.mkdir()
    path.write_text(f'#!/bin/sh\nexec {unit.clang_path} "$@"\n')
    path.chmod(0o755)
    unit.env["LLMCC_CLANG"] = str(path)
    return unit


def test_no_llvm_library_and_no_opt(wrapped):
    tools = wrapped.root / "tools"
    tools.mkdir()
    for tool in ("sh", "readlink", "env"):
        (tools / tool).symlink_to(shutil.which(tool))
    is_clang(wrapped, "no-llvm", env={"PATH": str(tools)})
    is_clang(wrapped, "no-llvm", env={"PATH": str(tools), "LLMCC_STRICT": "1"})


def test_opt_takes_the_place_of_the_library(wrapped, clang):
    assert clang.tool("opt")
    wrapped.env["LLMCC_CANDIDATES"] = UNFINISHED
    in_process = is_kept(wrapped, env={"LLMCC_CLANG": wrapped.clang_path})
    content = wrapped.read("json.o")
    is_kept(wrapped)
    assert wrapped.read("json.o") == content
    assert in_process["recipe"] == GOOD


def test_clang_killed_from_outside(wrapped):
    """Out of memory, say: we die as it died, and do not start it again."""
    count = wrapped.root / "count"
    Path(wrapped.env["LLMCC_CLANG"]).write_text(
        "#!/bin/sh\n"
        f'case "$*" in *-###*|*-cc1*|-v) exec {wrapped.clang_path} "$@";; esac\n'
        f"[ $# -gt 0 ] || exec {wrapped.clang_path}\necho x >>{count}\nkill -9 $$\n"
    )
    for strict in ("0", "1"):
        done = wrapped.llmcc("-Oz", "-c", "json.c", env={"LLMCC_STRICT": strict})
        assert (done.code, done.stdout, done.stderr) == (-9, b"", b"")
    assert count.read_text() == "x\n" * 2
    assert wrapped.left_over() == []


# The model


def test_model_is_missing(unit):
    is_clang(unit, "no-model", env={"LLMCC_MODEL": str(unit.root / "none.onnx")})
    is_clang(unit, "no-model", env={"LLMCC_MODEL": str(unit.folder)})
    is_kept(unit)


def test_model_is_damaged(unit):
    whole = Path(unit.env["LLMCC_MODEL"]).read_bytes()
    path = unit.root / "damaged.onnx"
    noise = random.Random(5).randbytes(5000)
    for content in (b"", b"garbage", noise, whole[: len(whole) // 2], whole[:-1], whole[1:]):
        path.write_bytes(content)
        (unit.folder / "json.o").unlink(missing_ok=True)
        done = unit.llmcc("-Oz", "-c", "json.c", env={"LLMCC_MODEL": str(path)})
        assert (done.code, done.stdout, done.stderr) == (0, b"", b"")
        assert [reason for _, reason in unit.outcomes()] == ["no-model"]
        assert unit.read("json.o") == unit.read("theirs.o")
    # What was decided with a broken model is not remembered for the mended one.
    path.write_bytes(whole)
    is_kept(unit, env={"LLMCC_MODEL": str(path)})


def test_model_of_another_kind(unit):
    """A valid ONNX file that is no ranker of ours."""
    import onnx
    from onnx import TensorProto, helper

    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("Identity", ["features"], ["weights"])],
        "other",
        [value("features", TensorProto.FLOAT, [1, 3])],
        [value("weights", TensorProto.FLOAT, [1, 3])],
    )
    path = unit.root / "other.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    is_clang(unit, "no-model", env={"LLMCC_MODEL": str(path)})


@pytest.mark.parametrize(
    "recipe", ["<clang>,function(structurizecfg)", "mergefunc", "<clang>,<clang>", "internalize,<clang>"]
)
def test_model_that_proposes_what_must_never_run(unit, make_model, recipe):
    is_clang(unit, "no-model", env={"LLMCC_MODEL": str(make_model(recipe, GOOD))})


def test_model_of_other_features(unit):
    import onnx

    model = onnx.load(unit.env["LLMCC_MODEL"])
    for entry in model.metadata_props:
        if entry.key == "feature_version":
            entry.value = "999"
    path = unit.root / "old.onnx"
    onnx.save(model, path)
    is_clang(unit, "no-model", env={"LLMCC_MODEL": str(path)})


# Recipes that LLVM does not survive: the others still count


@pytest.mark.parametrize(
    ("recipe", "evidence"),
    [
        ("<clang>,function(globaldce)", "unknown"),
        # Not even tried.
        ("<clang>,function(no-such-pass)", ""),
        ("<clang>,function(licm)", ""),
        ("<clang>,function(instcombine)", ""),
        ("<clang> | -no-such-option", "no-such-option"),
        ("<clang> | -regalloc=nonsense", "nonsense"),
        ("<clang> | -inline-threshold=many", ""),
        ("<clang> | -help", ""),
        ("<clang>,print", ""),
        ("<clang> | -print-after-all", ""),
        ("<clang>,trigger-crash-module", ""),
    ],
)
def test_a_recipe_that_fails(unit, make_model, recipe, evidence):
    """The bad one has its problem in the record, or did no harm; the good one is kept."""
    unit.env |= {"LLMCC_MODEL": str(make_model(recipe, GOOD)), "LLMCC_CANDIDATES": UNFINISHED}
    event = is_kept(unit)
    assert event["recipe"] == GOOD
    (record,) = [path for path in (unit.cache / "decisions").rglob("*") if path.is_file()]
    assert evidence in record.read_text()
    assert unit.left_over() == []


def test_a_recipe_that_is_the_only_one_and_fails(unit, make_model):
    is_clang(unit, "nothing-smaller", env={"LLMCC_MODEL": str(make_model("<clang>,function(licm)"))})


def test_a_unit_of_which_the_model_expects_too_little(unit, make_model):
    """The model's bank gains 8 % at most. A search is made all the same for those who ask for one."""
    unit.env["LLMCC_MODEL"] = str(make_model(GOOD, threshold=0.2))
    is_clang(unit, "little-expected")
    unit.env["LLMCC_CANDIDATES"] = "33"
    assert is_kept(unit)
    unit.env |= {"LLMCC_MODEL": str(make_model(GOOD, threshold=0.001)), "LLMCC_CANDIDATES": UNFINISHED}
    assert is_kept(unit)["recipe"] == GOOD


def test_a_recipe_that_never_ends(unit, make_model):
    """Thousands of slow passes: stopped at the time limit, together with the process's children."""
    unit.env |= {"LLMCC_MODEL": str(make_model(ENDLESS, GOOD)), "LLMCC_BUDGET": "2", "LLMCC_CANDIDATES": UNFINISHED}
    event = is_kept(unit)
    assert event["recipe"] == GOOD
    (record,) = [path for path in (unit.cache / "decisions").rglob("*") if path.is_file()]
    assert "timeout" in record.read_text()
    assert unit.left_over() == []


NEST = b"""
int sink(int);
int nest(void) {
  int t = 0;
  for (int i = 0; i < 1000; i++)
    for (int j = 0; j < 1000; j++)
      for (int k = 0; k < 1000; k++) t += sink(i ^ j ^ k);
  return t;
}
"""
UNROLL = (
    "function(mem2reg,loop(loop-rotate),instcombine<no-verify-fixpoint>,loop-unroll<O3;full-unroll-max=2000>),<clang>"
)


def test_a_recipe_that_eats_memory(unit, make_model):
    """A loop nest of 10^9 steps, unrolled completely: memory or time runs out in the sacrificial process only."""
    unit.file("json.c", unit.read("json.c") + NEST)
    unit.clang("-Oz", "-c", "json.c", "-o", "theirs.o")
    unit.env |= {"LLMCC_MODEL": str(make_model(UNROLL, GOOD)), "LLMCC_CANDIDATES": UNFINISHED}
    event = is_kept(unit)
    assert event["recipe"] == GOOD


# Settings


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("LLMCC_FOO", "1", "LLMCC_FOO is not a setting"),
        ("LLMCC_CANDIDATE", "4", "did you mean LLMCC_CANDIDATES?"),
        ("LLMCC_CANDIDATES", "many", "whole number"),
        ("LLMCC_CANDIDATES", "-1", "whole number"),
        ("LLMCC_CANDIDATES", "1e99", "whole number"),
        ("LLMCC_BUDGET", "nan", "number"),
        ("LLMCC_BUDGET", "", "number"),
        ("LLMCC_LEVELS", "fast", "LLMCC_LEVELS"),
        ("LLMCC_GATES", "structure,no-gate", "no-gate"),
        ("LLMCC_DEVICE", "tpu", "auto, cpu, cuda"),
        ("LLMCC_DISABLE", "yes", "1 or 0"),
        ("LLMCC_MAX_SIZE", "big", "a size such as 5G"),
    ],
)
def test_a_wrong_setting(unit, name, value, words):
    is_clang(unit, "", env={name: value})
    assert words in one_sentence(unit.llmcc("-Oz", "-c", "json.c", env={name: value, "LLMCC_STRICT": "1"}))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"candidates = ", "cannot be read"),
        (b"\xff\xfe\x00", "cannot be read"),
        (b"candidats = 4\n", "did you mean candidates?"),
        (b"candidates = 'four'\n", "whole number"),
        (b"exclude = 'json.c'\n", "list of globs"),
        (b"exclude = [1]\n", "list of globs"),
        (b"[candidates]\nx = 1\n", "whole number"),
    ],
)
def test_a_wrong_settings_file(unit, content, words):
    unit.as_usual().file("llmcc.toml", content)
    is_clang(unit, "")
    sentence = one_sentence(unit.llmcc("-Oz", "-c", "json.c", env={"LLMCC_STRICT": "1"}))
    assert words in sentence
    assert "llmcc.toml" in sentence or "LLMCC_CANDIDATES" in sentence


def test_settings_file(unit):
    """exclude leaves a source to clang; the environment wins over the file; it is found from a folder below."""
    unit.as_usual().file("llmcc.toml", "candidates = 0\nexclude = ['json.c', '*/hot/*']\n")
    is_clang(unit, "excluded")
    unit.file("llmcc.toml", "candidates = 0\n")
    is_clang(unit, "no-candidates")
    is_kept(unit, env={"LLMCC_CANDIDATES": "8"})
    unit.file("llmcc.toml", f"clang = '{unit.clang_path}'\nmodel = '{unit.env['LLMCC_MODEL']}'\n")
    (unit.folder / "below").mkdir()
    del unit.env["LLMCC_CLANG"], unit.env["LLMCC_MODEL"]
    done = unit.llmcc("-Oz", "-c", "../json.c", cwd=unit.folder / "below")
    assert (done.code, done.stderr) == (0, b"")
    assert [reason for _, reason in unit.outcomes()] == ["kept"]


def test_settings_file_can_disable(unit):
    unit.file("llmcc.toml", "disable = true\n")
    is_clang(unit, "")
    is_kept(unit, env={"LLMCC_DISABLE": "0"})


# Places that cannot be written


def test_cache_folder_is_a_file(unit):
    """The savings do not depend on the cache: the unit is decided each time."""
    place = unit.root / "file"
    place.write_text("in the way")
    for directory in (place, place / "below"):
        for _ in range(2):
            is_kept(unit, env={"LLMCC_DIR": str(directory)})
    assert place.read_text() == "in the way"


def test_cache_folder_cannot_be_written(unit, as_owner):
    locked = unit.root / "locked"
    locked.mkdir(0o555)
    done = unit.run([*as_owner, unit.bin / "llmcc", "-Oz", "-c", "json.c"], env={"LLMCC_DIR": str(locked)})
    assert (done.code, done.stderr) == (0, b"")
    assert unit.outcomes() == [("kept", "kept")]
    assert list(locked.iterdir()) == []


@pytest.mark.parametrize("size", [4, 12, 40, 100, 200])
def test_cache_disk_is_full(unit, small_disk, size):
    """Whatever fits into so many KiB: clang's object or the good one, whole, and never a word."""
    is_kept(unit)
    good = unit.read("json.o")
    disk = unit.root / "disk"
    disk.mkdir()
    script = "for i in 1 2 3; do rm -f json.o; $0 -Oz -c json.c || exit; cp json.o $i.o; done"
    argv = [*small_disk(disk, size), "sh", "-c", script, str(unit.bin / "llmcc")]
    done = unit.run(argv, env={"LLMCC_DIR": str(disk)})
    assert (done.code, done.stdout, done.stderr) == (0, b"", b"")
    assert {unit.read(f"{i}.o") for i in (1, 2, 3)} <= {good, unit.read("theirs.o")}


def test_output_disk_is_full(unit, small_disk):
    """No room for the object: clang's exit status and words, and nothing left of it."""
    is_kept(unit)
    disk = unit.root / "disk"
    disk.mkdir()
    results = []
    for program in (unit.clang_path, unit.bin / "llmcc"):
        script = (
            'dd if=/dev/zero of=$0/fill bs=4k 2>/dev/null; "$@" -Oz -c json.c -o $0/json.o; c=$?; ls -A $0; exit $c'
        )
        done = unit.run([*small_disk(disk, 16), "sh", "-c", script, str(disk), str(program)])
        # The rest is a stack dump with addresses.
        # Clang 22 leaves its own half-written file, of a random name.
        left = re.sub(rb"-[0-9a-f]{8}\.o\.tmp", b"-xxxxxxxx.o.tmp", done.stdout)
        results.append((done.code, left, done.stderr.splitlines()[0]))
    assert results[0][0] != 0
    assert results[1] == results[0]


def test_log_and_record_cannot_be_written(unit):
    is_kept_elsewhere = unit.llmcc("-Oz", "-c", "json.c", env={"LLMCC_LOG": "/no/such/folder/log"})
    assert (is_kept_elsewhere.code, is_kept_elsewhere.stderr) == (0, b"")
    assert [line.split(" ")[0] for line in unit.stats()] == ["kept"]
    is_clang(unit, "internal-error", env={"LLMCC_RECORD": "/dev/null/folder"})


def test_temporary_folder_is_missing(unit):
    is_kept(unit, env={"TMPDIR": "/no/such/folder"})


# Limits of the process itself


@pytest.mark.parametrize("megabytes", [1000, 700, 500, 400])
def test_little_memory(unit, megabytes):
    """`ulimit -v`: where clang itself still works, so does a build."""
    limit = megabytes << 20

    def lower() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    assert unit.clang("-Oz", "-c", "json.c", preexec_fn=lower).code == 0
    done = unit.llmcc("-Oz", "-c", "json.c", preexec_fn=lower)
    assert (done.code, done.stdout, done.stderr) == (0, b"", b"")
    assert unit.shape_of(unit.read("json.o")).size <= unit.shape_of(unit.read("theirs.o")).size


def test_few_descriptors(unit):
    def lower() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))

    assert unit.clang("-Oz", "-c", "json.c", preexec_fn=lower).code == 0
    done = unit.llmcc("-Oz", "-c", "json.c", preexec_fn=lower)
    assert (done.code, done.stdout, done.stderr) == (0, b"", b"")


def test_small_files_only(unit):
    """`ulimit -f`: room for the object but not for our IR."""
    limit = 20 << 10

    def lower() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    assert unit.clang("-Oz", "-c", "json.c", preexec_fn=lower).code == 0
    done = unit.llmcc("-Oz", "-c", "json.c", preexec_fn=lower)
    assert (done.code, done.stdout, done.stderr) == (0, b"", b"")
    assert unit.shape_of(unit.read("json.o")).size <= unit.shape_of(unit.read("theirs.o")).size
