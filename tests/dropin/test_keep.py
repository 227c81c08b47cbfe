"""What is kept is real: it shrinks, links and runs the same, is found again, and is the same everywhere."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "makefile"
GOOD = "<clang> | -disable-lsr -disable-machine-licm -enable-ext-tsp-block-placement"
OTHER = "function(gvn),<clang>"


def test_a_whole_program_shrinks_links_and_passes_its_tests(work):
    """The Makefile example: every object at most clang's size, the sum smaller, its own tests pass."""
    work.env["LLMCC_CANDIDATES"] = "2"
    sizes = {}
    shutil.copytree(EXAMPLE, work.folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("build*"))
    for build, compiler in (("theirs", work.clang_path), ("mine", str(work.bin / "llmcc"))):
        done = work.run(["make", "-s", "-j2", f"CC={compiler}", f"BUILD={build}", "check"])
        assert done.code == 0, done.stdout + done.stderr
        assert done.stderr == b""
        sizes[build] = {path.name: work.shape_of(path.read_bytes()) for path in (work.folder / build).glob("*.o")}
    mine, theirs = sizes["mine"], sizes["theirs"]
    assert len(theirs) >= 15
    assert {n: s.defined for n, s in mine.items()} == {n: s.defined for n, s in theirs.items()}
    assert all(mine[name].size <= theirs[name].size for name in theirs)
    assert sum(s.size for s in mine.values()) < sum(s.size for s in theirs.values())
    reasons = [reason for outcome, reason in work.outcomes() if outcome != "passthrough"]
    assert len(reasons) == len(theirs)
    assert set(reasons) <= {"kept", "nothing-smaller"}


@pytest.fixture
def kept(work):
    """json.c compiled cold at -Oz; (workspace, the object that was kept)."""
    work.sources("json.c")
    assert work.clang("-Oz", "-c", "json.c").code == 0
    before = work.read("json.o")
    assert work.llmcc("-Oz", "-c", "json.c").code == 0
    assert work.outcomes() == [("kept", "kept")]
    content = work.read("json.o")
    assert work.shape_of(content).size < work.shape_of(before).size
    return work, content


def test_the_second_time_comes_from_the_cache(kept):
    work, content = kept
    (work.folder / "json.o").unlink()
    assert work.llmcc("-Oz", "-c", "json.c", "-o", "other.o").code == 0
    assert work.read("other.o") == content
    assert not (work.folder / "json.o").exists()
    assert work.outcomes() == [("hit", "kept")]
    first, second = work.stats()
    assert first.startswith("kept kept ")
    assert second.split()[:4] == first.replace("kept kept", "hit kept").split()[:4]


def test_a_hit_imports_neither_numpy_nor_onnxruntime(work):
    """The list of imported modules, as Python itself prints it; the cold run shows that the look works.

    Warm, it runs as an installation does, without `site`: that it is enough is part of the test.
    """
    work.sources("json.c")
    del work.env["LLMCC_LOG"]

    def imported(*options: str) -> set[str]:
        start = [sys.executable, "-I", *options, "-X", "importtime", ROOT / "llmcc" / "start.py", work.bin / "llmcc"]
        done = work.run([*start, "-Oz", "-c", "json.c"])
        assert (done.code, done.stdout) == (0, b"")
        lines = done.stderr.decode().splitlines()
        return {line.split("|")[2].strip().partition(".")[0] for line in lines if line.startswith("import time:")}

    cold, warm = imported(), imported("-S")
    assert [line.split(" ")[0] for line in work.stats()] == ["kept", "hit"]
    assert {"numpy", "onnxruntime", "json"} <= cold
    assert "llmcc" in warm
    slow = {"numpy", "onnxruntime", "json", "re", "subprocess", "pathlib", "dataclasses", "argparse", "tempfile"}
    assert not warm & slow


def test_the_key_has_the_model_by_content(kept, tmp_path, make_model):
    """The same model under another name is a hit; another model is not."""
    work, content = kept
    copy = tmp_path / "copy.onnx"
    shutil.copy(work.env["LLMCC_MODEL"], copy)
    assert work.llmcc("-Oz", "-c", "json.c", env={"LLMCC_MODEL": str(copy)}).code == 0
    assert work.outcomes() == [("hit", "kept")]
    assert work.read("json.o") == content
    other = make_model("<clang>,function(sink)")
    assert work.llmcc("-Oz", "-c", "json.c", env={"LLMCC_MODEL": str(other)}).code == 0
    ((outcome, _),) = work.outcomes()
    assert outcome != "hit"


def test_no_candidates_still_finds_what_is_known(work):
    work.as_usual().sources("json.c")
    assert work.llmcc("-Oz", "-c", "json.c").code == 0
    assert work.outcomes() == [("kept", "kept")]
    content = work.read("json.o")
    (work.folder / "json.o").unlink()
    assert work.llmcc("-Oz", "-c", "json.c", env={"LLMCC_CANDIDATES": "0"}).code == 0
    assert work.outcomes() == [("hit", "kept")]
    assert work.read("json.o") == content


def test_no_candidates_and_nothing_known_is_clang_and_not_remembered(work):
    work.sources("json.c")
    assert work.clang("-Oz", "-c", "json.c", "-o", "theirs.o").code == 0
    for _ in range(2):
        assert work.llmcc("-Oz", "-c", "json.c", env={"LLMCC_CANDIDATES": "0"}).code == 0
        assert work.outcomes() == [("passthrough", "no-candidates")]
        assert work.read("json.o") == work.read("theirs.o")
    assert work.llmcc("-Oz", "-c", "json.c").code == 0
    assert work.outcomes() == [("kept", "kept")]
    # With decisions of other units in the cache this one has to be looked for.
    assert work.llmcc("-Oz", "-Dstatic=", "-c", "json.c", env={"LLMCC_CANDIDATES": "0"}).code == 0
    assert work.outcomes() == [("fallback", "no-candidates")]
    assert work.llmcc("-Oz", "-Dstatic=", "-c", "json.c").code == 0
    assert work.outcomes() != [("hit", "kept")]


def test_diagnostics_are_replayed(work):
    """Warnings of front end and driver stand on stderr at a hit, under the options of this very command."""
    work.sources("json.c")
    work.file("warns.c", '#include "json.c"\nint warns(void) { int unused; return "text" == 0; }\n')
    commands = (
        ["-Oz", "-c", "warns.c"],
        ["-Oz", "-c", "warns.c", "-Wall"],
        ["-Oz", "-c", "warns.c", "-lm"],
        ["-Oz", "-c", "warns.c", "-Wall", "-Wl,-O1"],
    )
    expected = [work.clang(*command).stderr for command in commands]
    assert len(set(expected)) == len(expected)
    assert [work.llmcc(*command).stderr for command in commands] == expected
    work.events()
    assert [work.llmcc(*command).stderr for command in commands] == expected
    assert work.outcomes() == [("hit", "kept")] * len(commands)


def test_a_warning_of_the_back_end_is_not_lost(work):
    """-Wframe-larger-than speaks after the passes: the front end alone does not replay it."""
    work.sources("json.c")
    work.file("frame.c", '#include "json.c"\nvoid use(char *);\nvoid big(void) { char a[4096]; use(a); }\n')
    quiet = ["-Oz", "-c", "frame.c"]
    loud = [*quiet, "-Wframe-larger-than=100"]
    expected = work.clang(*loud).stderr
    assert b"stack frame size" in expected
    for command, stderr in ((quiet, b""), (loud, expected), (quiet, b""), (loud, expected)):
        done = work.llmcc(*command)
        assert (done.code, done.stderr) == (0, stderr)
    failing = work.llmcc(*loud, "-Werror")
    assert failing.code == work.clang(*loud, "-Werror").code != 0


def test_one_digest_everywhere(work):
    """Cold builds with another cache, TMPDIR, umask, locale, folder of objects and number of jobs."""
    names = ("csv.c", "date.c", "lz.c", "map.c")
    work.sources(*names)

    def build(label: str, jobs: int, umask: int, locale: str) -> dict[str, bytes]:
        folder = work.root / label
        (folder / "tmp").mkdir(parents=True)
        (folder / "out").mkdir()
        env = {"LLMCC_DIR": str(folder / "cache"), "TMPDIR": str(folder / "tmp"), "LC_ALL": locale, "LANG": locale}

        def compile_one(name: str) -> bytes:
            output = folder / "out" / name.replace(".c", ".o")
            done = work.llmcc("-Oz", "-c", name, "-o", output, env=env, umask=umask)
            assert (done.code, done.stdout, done.stderr) == (0, b"", b"")
            return output.read_bytes()

        with ThreadPoolExecutor(jobs) as pool:
            objects = dict(zip(names, pool.map(compile_one, names), strict=True))
        assert os.listdir(folder / "tmp") == []
        return objects

    first = build("first", 1, 0o022, "C")
    assert {outcome for outcome, _ in work.outcomes()} <= {"kept", "fallback"}
    second = build("second", 4, 0o077, "C.UTF-8")
    assert {outcome for outcome, _ in work.outcomes()} <= {"kept", "fallback"}
    assert second == first
    # And from the first one's cache.
    for name, content in first.items():
        done = work.llmcc("-Oz", "-c", name, "-o", "x.o", env={"LLMCC_DIR": str(work.root / "first" / "cache")})
        assert done.code == 0
        assert work.read("x.o") == content
    assert [outcome for outcome, _ in work.outcomes()] == ["hit"] * len(names)


def test_two_checkouts_share_decisions(work):
    """Without debug information the folder is not in the key; with it, it is."""
    work.sources("json.c")
    other = work.root / "another checkout"
    shutil.copytree(work.folder, other)
    for options, expected in ((["-Oz"], ["kept", "hit"]), (["-Oz", "-g"], ["kept", "kept"])):
        for folder in (work.folder, other):
            assert work.llmcc(*options, "-c", "json.c", cwd=folder).code == 0
        assert [outcome for outcome, _ in work.outcomes()] == expected


def test_two_checkouts_with_mapped_folders_give_equal_objects(work):
    """`-ffile-prefix-map` takes the folder out of what -g and __FILE__ record: cold, each with a cache of its own."""
    work.sources("json.c")
    source = work.read("json.c") + b"\nconst char *here(void) { return __FILE__; }\n"
    made = []
    for name in ("one", "another checkout"):
        folder = work.root / name
        shutil.copytree(work.folder, folder)
        (folder / "json.c").write_bytes(source)
        mapped = ("-g", f"-ffile-prefix-map={folder}=/build")
        env = {"LLMCC_DIR": str(work.root / f"cache of {name}")}
        assert work.llmcc("-Oz", *mapped, "-c", str(folder / "json.c"), "-o", "json.o", cwd=folder, env=env).code == 0
        made.append((folder / "json.o").read_bytes())
    assert [outcome for outcome, _ in work.outcomes()] == ["kept", "kept"]
    assert made[0] == made[1]
    assert os.fsencode(work.root) not in made[0]


# Four ways to a stale object that caches keyed on the preprocessor's input fall for (DESIGN section 9).


def same_as_fresh(work, *args: str, env: "dict[str, str] | None" = None) -> tuple[str, bytes]:
    """Compile with the warm cache and with an empty one: the objects must be equal. (Outcome, object)."""
    work.env["LLMCC_CANDIDATES"] = "2"
    work.events()
    assert work.llmcc(*args, env=env or {}).code == 0
    ((outcome, _),) = work.outcomes()
    warm = work.read("unit.o")
    fresh = {"LLMCC_DIR": str(work.root / f"fresh-{len(os.listdir(work.root))}"), **(env or {})}
    assert work.llmcc(*args, env=fresh).code == 0
    assert work.read("unit.o") == warm
    return outcome, warm


def test_overridden_options_are_no_stale_hit(work):
    work.sources("json.c")
    args = ("-Oz", "-c", "json.c", "-o", "unit.o")
    _, plain = same_as_fresh(work, *args)
    outcome, other = same_as_fresh(work, *args, env={"CCC_OVERRIDE_OPTIONS": "# +-fno-pic"})
    assert outcome != "hit"
    assert other != plain


def test_a_new_header_is_no_stale_hit(work):
    work.sources("json.c")
    source = '#if __has_include("late.h")\n#include "late.h"\n#endif\n#include "json.c"\n'
    work.file("unit.c", source)
    _, plain = same_as_fresh(work, "-Oz", "-c", "unit.c")
    work.file("late.h", "int late(void) { return 42; }\n")
    outcome, other = same_as_fresh(work, "-Oz", "-c", "unit.c")
    assert outcome != "hit"
    assert other != plain


def test_embedded_files_are_no_stale_hit(work):
    work.sources("json.c")
    work.file("blob.bin", b"one")
    work.file("unit.c", '#include "json.c"\nconst char blob[] = {\n#embed "blob.bin"\n};\n')
    args = ("-Oz", "-c", "unit.c", "-Wno-c23-extensions")
    _, plain = same_as_fresh(work, *args)
    work.file("blob.bin", b"two")
    outcome, other = same_as_fresh(work, *args)
    assert outcome != "hit"
    assert other != plain


def test_a_header_earlier_on_the_path_is_no_stale_hit(work):
    work.sources("json.c")
    work.file("late/which.h", "enum { WHICH = 1 };\n")
    (work.folder / "early").mkdir()
    work.file("unit.c", '#include "json.c"\n#include <which.h>\nint which(void) { return WHICH; }\n')
    args = ("-Oz", "-c", "-Iearly", "-Ilate", "unit.c")
    _, plain = same_as_fresh(work, *args)
    work.file("early/which.h", "enum { WHICH = 2 };\n")
    outcome, other = same_as_fresh(work, *args)
    assert outcome != "hit"
    assert other != plain


SYSTEM_FOLDERS = {
    "by target": (("--sysroot=root",), "root/usr/include", "root/usr/include/{triple}/late.h", ()),
    "of a GCC": (
        ("--sysroot=root", "-x", "c++"), "root/usr/lib", "root/usr/include/c++/12/late.h",
        ("root/usr/lib/gcc/{triple}/12/crtbegin.o",),
    ),
    "of libc++": (
        ("--sysroot=root", "-x", "c++", "-stdlib=libc++"), "root/usr/include", "root/usr/include/c++/v1/late.h", (),
    ),
    "of a named GCC": (
        ("--gcc-toolchain=gcc", "-x", "c++"), "gcc", "gcc/include/c++/12/late.h",
        ("gcc/lib/gcc/{triple}/12/crtbegin.o",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SYSTEM_FOLDERS)
def test_a_system_folder_that_appears_is_no_stale_hit(work, case):
    """What the driver passes on depends on which folders there are."""
    flags, folder, header, others = SYSTEM_FOLDERS[case]
    work.file("unit.c", "#if __has_include(<late.h>)\n#include <late.h>\n#endif\n" + LOOP)
    (work.folder / folder).mkdir(parents=True)
    args = ("-Oz", "--target=x86_64-linux-gnu", *flags, "-c", "unit.c")
    _, plain = same_as_fresh(work, *args)
    for path in (header, *others):
        work.file(path.format(triple="x86_64-linux-gnu"), "int late(void) { return 42; }\n")
    outcome, other = same_as_fresh(work, *args)
    assert outcome != "hit"
    assert other != plain


def test_a_configuration_that_keeps_its_time_is_no_stale_hit(work):
    """Reproducible builds set the times of all files alike."""
    work.file("unit.c", LOOP)
    args = ("-Oz", "--config-user-dir=configured", "-c", "unit.c")
    objects = []
    for factor in ("3", "5"):
        path = work.file("configured/clang.cfg", f"-DFACTOR={factor}\n")
        for each in (path, path.parent):
            os.utime(each, (1000, 1000))
        objects.append(same_as_fresh(work, *args))
    assert objects[1][0] != "hit"
    assert objects[0][1] != objects[1][1]


def test_native_in_a_file_of_arguments_is_not_remembered(work):
    work.sources("json.c")
    work.file("flags", "-march=native\n")
    assert work.llmcc("-Oz", "@flags", "-c", "json.c").code == 0
    assert not (work.cache / "answers").exists()


def test_what_a_pragma_silenced_is_said_without_it(work):
    """Passes warn of loops that they could not transform; the IR does not say whether anybody wants to know."""
    source = "\n#pragma clang loop vectorize(enable) vectorize_width(4)\n" + LOOP_THAT_LEAVES
    args = ("-Oz", "-Werror", "-c", "unit.c")
    work.file("unit.c", '#pragma clang diagnostic ignored "-Wpass-failed"\nint f(int n, int *p) {' + source)
    assert work.llmcc(*args).code == 0
    work.file("unit.c", "\nint f(int n, int *p) {" + source)
    assert work.llmcc(*args).code == 1


def test_standard_output_is_no_file(work):
    """Whatever is there of its name."""
    work.file("unit.c", LOOP)
    work.file("-", "")
    for _ in range(2):
        assert work.llmcc("-Oz", "-c", "unit.c", "-o-").stdout == work.clang("-Oz", "-c", "unit.c", "-o-").stdout
        assert work.read("-") == b""


LOOP = """
#ifndef FACTOR
#define FACTOR 3
#endif
int f(int n, int *p) { int s = 0; for (int i = 0; i < n; i++) s += p[i] * FACTOR; return s; }
"""
LOOP_THAT_LEAVES = """
  for (int i = 0; i < n; i++) { if (p[i] == 77) break; p[i * p[0]] = 3; } return 0; }
"""


def test_a_source_that_was_not_there_yet(work):
    """Clang's error about a missing file is not remembered."""
    assert work.llmcc("-Oz", "-c", "json.c").code == 1
    work.sources("json.c")
    assert work.llmcc("-Oz", "-c", "json.c").code == 0
    assert work.outcomes() == [("passthrough", "command-failed"), ("kept", "kept")]


def test_what_native_means_is_not_remembered(work):
    """Machines with different processors may share a cache folder."""
    work.sources("json.c")
    assert work.llmcc("-Oz", "-march=native", "-c", "json.c").code == 0
    assert not (work.cache / "answers").exists()
    assert work.llmcc("-Oz", "-c", "json.c").code == 0
    assert (work.cache / "answers").exists()


def test_damaged_cache_entries_are_misses(kept):
    """Flip one byte of every entry of a kind: all is made again, and equal."""
    work, content = kept
    for kind in ("objects", "decisions", "answers", "pipelines", "models"):
        entries = [path for path in (work.cache / kind).rglob("*") if path.is_file()]
        assert entries, kind
        for path in entries:
            data = bytearray(path.read_bytes())
            data[len(data) // 2] ^= 1
            path.write_bytes(data)
        assert work.llmcc("-Oz", "-c", "json.c").code == 0
        assert work.read("json.o") == content
        ((outcome, reason),) = work.outcomes()
        assert reason == "kept"
        # An object is made again from its decision, a decision is made anew.
        assert outcome == ("kept" if kind == "decisions" else "hit")
    assert work.llmcc("-Oz", "-c", "json.c").code == 0
    assert work.outcomes() == [("hit", "kept")]


def test_the_users_test_decides(work):
    """LLMCC_TEST sees both objects and the source; what it rejects is not kept, and the next best is tried."""
    work.sources("json.c")
    assert work.clang("-Oz", "-c", "json.c", "-o", "theirs.o").code == 0
    seen = work.root / "seen"
    look = f'cmp -s "$LLMCC_BASELINE_OBJECT" theirs.o && test "$LLMCC_SOURCE" -ef json.c && echo x >>"{seen}"'
    assert work.llmcc("-Oz", "-c", "json.c", env={"LLMCC_TEST": f"{look} && false"}).code == 0
    assert work.outcomes() == [("fallback", "all-rejected")]
    assert work.read("json.o") == work.read("theirs.o")
    rejected = len(seen.read_text().split())
    assert rejected > 1
    best = work.llmcc("-Oz", "-c", "json.c", "-o", "best.o", env={"LLMCC_TEST": f"{look} && nm $LLMCC_OBJECT >&2"})
    assert (best.code, best.stdout, best.stderr) == (0, b"", b"")
    second = work.llmcc("-Oz", "-c", "json.c", "-o", "second.o", env={"LLMCC_TEST": '! cmp -s "$LLMCC_OBJECT" best.o'})
    assert second.code == 0
    assert work.outcomes() == [("kept", "kept")] * 2
    sizes = [work.shape_of(work.read(name)).size for name in ("best.o", "second.o", "theirs.o")]
    assert sizes[0] <= sizes[1] < sizes[2]
    assert work.read("second.o") != work.read("best.o")


def test_fingerprint_names_what_an_object_depends_on(work, make_model):
    def fingerprint(**env: str) -> bytes:
        done = work.llmcc("--llmcc-fingerprint", env=env)
        assert (done.code, done.stderr) == (0, b"")
        assert done.stdout.count(b"\n") == 1
        return done.stdout

    lines = [
        fingerprint(),
        fingerprint(LLMCC_CANDIDATES="0"),
        fingerprint(LLMCC_GATES="structure"),
        fingerprint(LLMCC_LEVELS="z"),
        fingerprint(LLMCC_CANDIDATES="3"),
        fingerprint(LLMCC_MODEL=str(make_model("<clang>,function(sink)"))),
        fingerprint(LLMCC_TEST="true"),
    ]
    assert len(set(lines)) == len(lines)
    assert fingerprint(LLMCC_DIR=str(work.root / "elsewhere"), LLMCC_LOG="") == lines[0]


@pytest.mark.skipif(not shutil.which("ccache"), reason="ccache is not installed")
def test_under_ccache(work):
    work.sources("json.c")
    env = {"CCACHE_DIR": str(work.root / "ccache"), "CCACHE_COMPILERTYPE": "clang"}
    for _ in range(2):
        done = work.run(["ccache", work.bin / "llmcc", "-Oz", "-c", "json.c"], env=env)
        assert (done.code, done.stderr) == (0, b"")
    stats = subprocess.run(["ccache", "--print-stats"], env=work.env | env, capture_output=True, text=True, check=True)
    assert "direct_cache_hit\t1" in stats.stdout


def test_a_large_budget_searches_around_the_best(work, make_model):
    """What is kept is in no model, is smaller than the best of the model, and is the same every time."""
    work.sources("json.c")
    work.env |= {"LLMCC_MODEL": str(make_model(GOOD, OTHER)), "LLMCC_CANDIDATES": "2"}
    assert work.llmcc("-Oz", "-c", "json.c", "-o", "ranked.o").code == 0
    work.env["LLMCC_CANDIDATES"] = "56"
    assert work.llmcc("-Oz", "-c", "json.c", "-o", "searched.o").code == 0
    second = work.events()[-1]
    assert second["recipe"] not in ("", GOOD, OTHER)
    sizes = [work.shape_of(work.read(name)).size for name in ("ranked.o", "searched.o")]
    assert sizes[1] < sizes[0]
    shutil.rmtree(work.cache)
    assert work.llmcc("-Oz", "-c", "json.c", "-o", "again.o").code == 0
    assert work.events()[-1]["recipe"] == second["recipe"]
    assert work.read("again.o") == work.read("searched.o")
