"""What a build sees of a compiler besides its objects: files, modes, links, descriptors, names, neighbours."""

import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest


@pytest.fixture
def unit(work):
    """A workspace with json.c; few candidates, as only the files matter here."""
    work.sources("json.c")
    work.env["LLMCC_CANDIDATES"] = "2"
    return work


COMMAND = ("-Oz", "-c", "json.c", "-o", "json.o", "-MD")


def both(work, prepare, **how):
    """Run COMMAND by clang, by llmcc cold and by llmcc warm, each on a folder fresh from `prepare`.

    Returns what `stat` tells of every file, for each of the three, with the exit status and stderr.
    """
    results = []
    prefix = how.pop("prefix", [])
    for program in (work.clang_path, work.bin / "llmcc", work.bin / "llmcc"):
        for path in work.folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        work.sources("json.c")
        prepare(work.folder)
        done = work.run([*prefix, program, *COMMAND], **how)
        stats = {}
        for path in sorted(work.folder.rglob("*")):
            if path.suffix not in (".c", ".h"):
                s = path.lstat()
                links = sorted(other.name for other in work.folder.rglob("*") if other.lstat().st_ino == s.st_ino)
                stats[path.name] = (oct(s.st_mode), s.st_nlink, links)
        results.append((done.code, done.stderr, stats))
    return results


def nothing(folder: Path) -> None:
    pass


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o027, 0o077, 0o777], ids=oct)
def test_modes_follow_the_umask(unit, umask):
    theirs, cold, warm = both(unit, nothing, umask=umask)
    assert theirs[0] == 0
    assert cold == warm == theirs
    assert {outcome for outcome, _ in unit.outcomes()} == {"kept", "hit"} or umask == 0o777


def test_modes_and_links_of_outputs_that_exist(unit):
    """A hard link to the old object keeps the old content; the dependency file is written in place."""

    def prepare(folder: Path) -> None:
        for name, mode in (("json.o", 0o600), ("json.d", 0o640)):
            (folder / name).write_bytes(b"old")
            (folder / name).chmod(mode)
            os.link(folder / name, folder / f"link-to-{name}")

    theirs, cold, warm = both(unit, prepare)
    assert theirs[0] == 0
    assert cold == warm == theirs
    assert unit.outcomes() == [("kept", "kept"), ("hit", "kept")]
    assert unit.read("link-to-json.o") == b"old"
    assert unit.read("link-to-json.d") == unit.read("json.d") != b"old"


def test_output_in_a_folder_that_cannot_be_written(unit, as_owner):
    both(unit, nothing)
    (unit.folder / "locked").mkdir(0o555)
    theirs = unit.run([*as_owner, unit.clang_path, "-Oz", "-c", "json.c", "-o", "locked/json.o"])
    assert theirs.code != 0
    assert b"locked" in theirs.stderr
    # The decision for this unit is known, so this is the way of a hit.
    mine = unit.run([*as_owner, unit.bin / "llmcc", "-Oz", "-c", "json.c", "-o", "locked/json.o"])
    assert mine == theirs
    assert list((unit.folder / "locked").iterdir()) == []


def test_outputs_that_cannot_be_overwritten(unit, as_owner):
    """Clang refuses a read-only object although its folder is writable; so do we, cold and warm."""

    for readonly in ("json.o", "json.d"):
        both(unit, nothing)

        def prepare(folder: Path, name: str = readonly) -> None:
            (folder / name).write_bytes(b"old")
            (folder / name).chmod(0o444)

        theirs, cold, warm = both(unit, prepare, prefix=as_owner)
        assert theirs[0] != 0
        assert cold == warm == theirs
        assert unit.read(readonly) == b"old"


def test_a_symbolic_link_stays_one(unit):
    def prepare(folder: Path) -> None:
        (folder / "elsewhere").mkdir()
        (folder / "json.o").symlink_to("elsewhere/real.o")

    theirs, cold, warm = both(unit, prepare)
    assert cold == warm == theirs


def test_inherited_descriptors_reach_clang(unit):
    """As make's jobserver needs it: the source includes what descriptor 3 of its compiler holds."""
    extra = unit.file("extra.h", "enum { FROM_DESCRIPTOR = 3 };\n")
    unit.file("unit.c", '#include "json.c"\nint value(void) { return FROM_DESCRIPTOR; }\n')
    for options, outcome in ((["-Oz"], "kept"), (["-Oz"], "hit"), (["-O2"], "passthrough")):
        with extra.open("rb") as file:
            fd = file.fileno()
            done = unit.llmcc(*options, "-c", "unit.c", "-include", f"/proc/self/fd/{fd}", pass_fds=[fd])
        assert (done.code, done.stderr) == (0, b"")
        assert [o for o, _ in unit.outcomes()] == [outcome]
    assert unit.llmcc("-Oz", "-c", "unit.c", "-include", "/proc/self/fd/3").code != 0


def test_standard_streams_may_be_closed(unit):
    """Some build tools start compilers with descriptors 0 to 2 closed."""
    for _ in range(2):
        done = unit.run(["sh", "-c", 'exec "$0" "$@" <&- >&- 2>&-', unit.bin / "llmcc", "-Oz", "-c", "json.c"])
        assert done.code == 0
        assert unit.shape_of(unit.read("json.o")).size > 0
    assert [reason for _, reason in unit.outcomes()] == ["kept", "kept"]


def test_hostile_python_environment(unit):
    """Modules of our packages' and of Python's names in the folder, and every PYTHON variable set badly."""
    for name in (
        "cache",
        "toolchain",
        "llmcc",
        "json",
        "os",
        "signal",
        "numpy",
        "onnxruntime",
        "site",
        "sitecustomize",
    ):
        unit.file(f"{name}/__init__.py", "raise SystemExit('wrong module')\n")
        unit.file(f"{name}.py", "raise SystemExit('wrong module')\n")
    here = str(unit.folder)
    env = {
        "PYTHONPATH": here, "PYTHONHOME": here, "PYTHONSTARTUP": f"{here}/os.py", "PYTHONINSPECT": "1",
        "PYTHONVERBOSE": "1", "PYTHONDEBUG": "1", "PYTHONWARNINGS": "error", "PYTHONPLATLIBDIR": "nowhere",
        "PYTHONUSERBASE": here, "PYTHONSAFEPATH": "", "PYTHONUTF8": "0",
    }  # fmt: skip
    for outcome in ("kept", "hit"):
        done = unit.llmcc("-Oz", "-c", "json.c", env=env)
        assert (done.code, done.stdout, done.stderr) == (0, b"", b"")
        assert unit.outcomes() == [(outcome, "kept")]
    assert not list(unit.folder.rglob("__pycache__"))


def test_no_environment_at_all(unit):
    """`env -i`: even PATH and HOME may be missing."""
    unit.clang("-Oz", "-c", "json.c", "-o", "theirs.o")
    argv = ["env", "-i", f"LLMCC_CLANG={unit.clang_path}", unit.bin / "llmcc", "-O2", "-c", "json.c"]
    assert unit.run(argv).code == 0
    argv[2:2] = [f"LLMCC_DIR={unit.cache}", f"LLMCC_MODEL={unit.env['LLMCC_MODEL']}", "LLMCC_GATES=structure"]
    argv[argv.index("-O2")] = "-Oz"
    done = unit.run(argv)
    assert (done.code, done.stderr) == (0, b"")
    assert unit.shape_of(unit.read("json.o")).size < unit.shape_of(unit.read("theirs.o")).size


NAMES = {
    "clang": "c",
    "clang++": "c++",
    "x86_64-linux-gnu-clang": "c",
    "x86_64-linux-gnu-clang++": "c++",
    "cc": "c",
    "c++": "c++",
}


@pytest.mark.parametrize("name", NAMES)
def test_symbolic_links(unit, name):
    """Through a chain of links, one relative, from a folder with a space; `…++` drives C++."""
    folder = unit.root / "a folder"
    folder.mkdir()
    target = unit.bin / ("llmcc++" if name == "c++" else "llmcc")
    (folder / "first").symlink_to(target)
    (folder / name).symlink_to("first")
    unit.file("main.cpp", "#include <string>\nint main() { return (int)std::string(1, 'a').size() - 1; }\n")
    done = unit.run([folder / name, "-Oz", "-c", "-x", "c", "json.c"])
    assert (done.code, done.stderr) == (0, b"")
    assert [reason for _, reason in unit.outcomes()] == ["kept"]
    linked = unit.run([folder / name, "main.cpp", "-o", "program"])
    # Only the C++ driver links libstdc++.
    assert (linked.code == 0) == (NAMES[name] == "c++")
    if linked.code == 0:
        assert unit.run([unit.folder / "program"]).code == 0


def test_found_on_path(unit):
    env = {"PATH": f"{unit.bin}:{os.environ['PATH']}"}
    done = unit.run(["sh", "-c", "llmcc -Oz -c json.c && llmcc++ -Oz -c -x c++ /dev/null -o empty.o"], env=env)
    assert (done.code, done.stderr) == (0, b"")
    assert unit.outcomes()[0] == ("kept", "kept")


def test_never_calls_itself(unit):
    """Links to llmcc, copies of its script and wrappers around it stand before clang on PATH."""
    first = unit.root / "first"
    first.mkdir()
    for number in (29, 22, 19):
        (first / f"clang-{number}").symlink_to(unit.bin / "llmcc")
    (first / "clang").symlink_to("clang-22")
    second = unit.root / "second"
    second.mkdir()
    shutil.copy(unit.bin / "llmcc", second / "clang-28")
    (second / "clang").write_text(f'#!/bin/sh\nexec {unit.bin}/llmcc "$@"\n')
    (second / "clang").chmod(0o755)
    real = unit.root / "real"
    real.mkdir()
    (real / "clang-19").symlink_to(unit.clang_path)
    env = {"LLMCC_CLANG": None, "PATH": f"{first}:{second}:{real}:/usr/bin:/bin"}
    for program in (unit.bin / "llmcc", first / "clang"):
        done = unit.run([program, "-Oz", "-c", "json.c"], env=env)
        assert (done.code, done.stderr) == (0, b"")
        (event,) = unit.events()
        assert event["reason"] == "kept"
        assert event["argv"][0] == str(real / "clang-19")
    # And whoever names one of them as the clang to drive is told.
    for wrong in (first / "clang", second / "clang-28", second / "clang", unit.bin / "llmcc"):
        done = unit.llmcc("-Oz", "-c", "json.c", env={**env, "LLMCC_CLANG": str(wrong)})
        assert done.code == 1
        assert done.stderr == f"llmcc: LLMCC_CLANG={wrong} is not a clang that can be run; name one that is\n".encode()


def test_launcher_form(unit):
    unit.clang("-Oz", "-c", "json.c", "-o", "theirs.o")
    name = os.path.basename(unit.clang_path)
    # LLMCC_CLANG must not matter: the command says which clang.
    env = {"LLMCC_CLANG": "/no/such/clang"}
    for compiler in (name, unit.clang_path):
        assert unit.llmcc(compiler, "-Oz", "-c", "json.c", env=env).code == 0
    (cold, warm) = unit.events()
    assert (cold["outcome"], warm["outcome"]) == ("kept", "hit")
    assert cold["argv"] == [unit.clang_path, "-Oz", "-c", "json.c"]
    unit.file("main.cpp", "#include <string>\nint main() { return (int)std::string(1, 'a').size() - 1; }\n")
    assert unit.llmcc(os.path.basename(unit.clangxx_path), "main.cpp", "-o", "program", env=env).code == 0
    assert unit.run([unit.folder / "program"]).code == 0


def test_a_source_called_clang_is_no_compiler(unit):
    """First argument, executable (as everything is on some file systems), with `clang` in its name."""
    for name in ("clang.c", "clang-tidy-fix.c", "my-clang.c"):
        shutil.copy(unit.folder / "json.c", unit.folder / name)
        (unit.folder / name).chmod(0o755)
        done = unit.llmcc(f"./{name}", "-Oz", "-c")
        assert (done.code, done.stderr) == (0, b"")
        assert [reason for _, reason in unit.outcomes()] == ["kept"]


CPP = """
#include <stdexcept>
#include <vector>
int at(std::vector<int> &v, int i) {
  try { return v.at(i); } catch (std::out_of_range &) { return -1; }
}
int main() { std::vector<int> v{1, 2}; return at(v, 1) == 2 && at(v, 5) == -1 ? 0 : 1; }
"""


def test_the_cpp_driver_compiles_cpp(unit):
    unit.file("u.cpp", CPP)
    assert unit.llmccxx("-Oz", "-c", "u.cpp").code == 0
    assert unit.llmccxx("u.o", "-o", "program").code == 0
    assert unit.run([unit.folder / "program"]).code == 0
    assert [outcome for outcome, _ in unit.outcomes()][1:] == ["passthrough"]


def test_disabled_is_clang(unit):
    shutil.rmtree(unit.cache)
    unit.clang("-Oz", "-c", "json.c", "-o", "theirs.o")
    assert unit.llmcc("-Oz", "-c", "json.c", env={"LLMCC_DISABLE": "1"}).code == 0
    assert unit.read("json.o") == unit.read("theirs.o")
    assert unit.events() == []
    assert not unit.cache.exists()


def test_sixteen_at_once_on_one_output(unit):
    with ThreadPoolExecutor(16) as pool:
        runs = list(pool.map(lambda _: unit.llmcc("-Oz", "-c", "json.c"), range(16)))
    assert {(run.code, run.stdout, run.stderr) for run in runs} == {(0, b"", b"")}
    content = unit.read("json.o")
    assert sorted(path.name for path in unit.folder.glob("*json.*")) == ["json.c", "json.h", "json.o"]
    outcomes = unit.outcomes()
    assert len(outcomes) == 16
    assert {reason for _, reason in outcomes} == {"kept"}
    assert unit.left_over() == []
    assert unit.llmcc("-Oz", "-c", "json.c", env={"LLMCC_DIR": str(unit.root / "fresh")}).code == 0
    assert unit.read("json.o") == content


def test_sixteen_at_once_on_different_outputs(unit):
    """Equal units under sixteen names and a fresh cache: one object, sixteen times."""

    def compile_one(number: int) -> bytes:
        done = unit.llmcc("-Oz", "-c", "json.c", "-o", f"{number}.o", "-MMD")
        assert (done.code, done.stdout, done.stderr) == (0, b"", b"")
        assert unit.read(f"{number}.d").startswith(f"{number}.o: json.c".encode())
        return unit.read(f"{number}.o")

    with ThreadPoolExecutor(16) as pool:
        objects = set(pool.map(compile_one, range(16)))
    assert len(objects) == 1
    assert {reason for _, reason in unit.outcomes()} == {"kept"}
    assert unit.left_over() == []


def test_the_terminal_gets_clangs_colours(unit):
    """On a terminal clang colours its warnings; cold and warm it must know that it has one."""
    unit.file("warns.c", '#include "json.c"\nint warns(void) { int unused; return 0; }\n')

    def on_a_terminal(program: "str | Path") -> bytes:
        mine, theirs = os.openpty()
        env = unit.env | {"TERM": "xterm-256color"}
        argv = [program, "-Wall", "-Oz", "-c", "warns.c"]
        with subprocess.Popen(argv, cwd=unit.folder, env=env, stdin=theirs, stdout=theirs, stderr=theirs) as process:
            os.close(theirs)
            said = b""
            while True:
                try:
                    block = os.read(mine, 1 << 16)
                except OSError:
                    break
                said += block
                if not block:
                    break
        os.close(mine)
        assert process.returncode == 0
        return said

    expected = on_a_terminal(unit.clang_path)
    assert b"\x1b[" in expected
    assert on_a_terminal(unit.bin / "llmcc") == expected
    assert on_a_terminal(unit.bin / "llmcc") == expected
