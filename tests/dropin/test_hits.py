"""Compiles that the native helper replays: the same in every respect as Python's replay, or left to Python."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.dropin.installation import Installation

SOURCE = """#include "limit.h"
static int clamp(int x) { return x > LIMIT ? LIMIT : x; }
int sum(const int *a, int n) { int s = 0; for (int i = 0; i < n; i++) s += clamp(a[i]); return s; }
int most(const int *a, int n) { int s = 0; for (int i = 0; i < n; i++) if (clamp(a[i]) > s) s = clamp(a[i]); return s; }
"""


@pytest.fixture
def warm(fresh: Installation, make_model) -> Installation:
    """One with a model of our own, sources, and quick decisions."""
    fresh.env |= {
        "LLMCC_MODEL": str(make_model("<clang>,mergefunc", "<clang> | -disable-block-placement")),
        "LLMCC_GATES": "structure",
    }
    (fresh.folder / "deep").mkdir()
    for name in ("code.c", "deep/code.c", "code.cc"):
        (fresh.folder / name).write_text(SOURCE)
    (fresh.folder / "limit.h").write_text("#define LIMIT 100\n")
    (fresh.folder / "warned.c").write_text(SOURCE + "static int unused(void) { return LIMIT; }\n")
    (fresh.folder / "a name with 'quotes'.c").write_text(SOURCE)
    return fresh


def outputs(there: Installation) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in there.folder.rglob("*") if p.suffix in (".o", ".d", ".out")}


def clean(there: Installation) -> None:
    for path in there.folder.rglob("*"):
        if path.suffix in (".o", ".d", ".out"):
            path.unlink()


def index(there: Installation) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in (there.cache / "index").rglob("*") if path.is_file()}


def without_python(there: Installation, *args: str, program: str = "llmcc", **env: str) -> bytes:
    """Compile, seeing that no Python was needed; the object."""
    clean(there)
    there.starts()
    done = there.run(*args, program=program, **env)
    assert (done.returncode, there.starts()) == (0, 0), done.stderr
    (made,) = (content for name, content in outputs(there).items() if name.endswith((".o", ".out")))
    return made


COMPILES = [
    ["-Oz", "-c", "code.c"],
    ["-Oz", "-c", "code.c", "-o", "other.o"],
    ["-Os", "-c", "code.c", "-o", "deep/other.out"],
    ["-Oz", "-c", "deep/code.c", "-I.", "-MD"],
    ["-Oz", "-c", "code.c", "-MMD", "-MP", "-MF", "deep/deps.d", "-MT", "a b"],
    ["-Oz", "-g", "-fPIC", "-c", "code.c", "-ffunction-sections"],
    ["-Oz", "-Wall", "-Wextra", "-c", "warned.c"],
    ["-Oz", "-c", "code.c", "-no-such-thing", "-Qunused-arguments"],
    ["-Oz", "-Wl,-x", "-c", "code.c"],
    ["-Oz", "-c", "a name with 'quotes'.c"],
    ["-Oz", "-c", "code.c", '-DLIMIT_NAME="a\\b"', "-D_A= B\tC"],
]


@pytest.mark.parametrize("args", COMPILES, ids=" ".join)
def test_replays_as_python_does(warm: Installation, args: list[str]):
    """Exit status, streams, files, their modes, what is counted and what `explain` finds."""
    cold = warm.run(*args)
    if cold.returncode != 0:
        assert warm.run(*args).stderr == cold.stderr
        return
    assert warm.starts() == 1
    seen = []
    for without in (True, False):
        helper = warm.helpers / "helper"
        helper.chmod(0o644 if without else 0o755)
        clean(warm)
        shutil.rmtree(warm.cache / "index")
        done = warm.run(*args)
        modes = sorted((p.name, p.stat().st_mode) for p in warm.folder.rglob("*"))
        line = (warm.cache / "stats").read_text().splitlines()[-1].split()[:4]
        seen.append((done.returncode, done.stdout, done.stderr, outputs(warm), modes, index(warm), line))
        assert warm.starts() == int(without)
    assert seen[0] == seen[1]
    assert (seen[0][1], seen[0][2]) == (cold.stdout, cold.stderr)
    assert seen[0][6][0] == "hit"


def test_cxx(warm: Installation):
    args = ["-Oz", "-c", "code.cc", "-std=c++17"]
    assert warm.run(*args, program="llmcc++").returncode == 0
    expected = outputs(warm)
    assert without_python(warm, *args, program="llmcc++") == next(iter(expected.values()))
    # The other driver means other things by the same words.
    assert warm.run(*args).returncode == 0
    assert warm.starts() == 1


@pytest.mark.parametrize("path", ["name", "whole path"])
def test_the_launcher_form(warm: Installation, path: str):
    """As `make CC="llmcc clang-19"` and CMake's compiler launcher call it."""
    clang = warm.env.pop("LLMCC_CLANG")
    named = clang if path == "name" else str(shutil.which(clang))
    args = [named, "-Oz", "-c", "code.c"]
    assert warm.run(*args).returncode == 0
    (expected,) = outputs(warm).values()
    assert without_python(warm, *args) == expected
    assert warm.run(named, "-E", "code.c").returncode == 0
    assert warm.run(named, "--version").returncode == 0
    assert warm.starts() == 0
    # Another program of that kind is another call, even where it is the same in the end.
    shutil.copy(str(shutil.which(clang)), warm.folder / "clang")
    assert warm.run("./clang", "--version").returncode == 0
    assert warm.starts() == 1


def test_a_script_around_clang_may_go_by_anything(warm: Installation, tmp_path: Path):
    """By the environment, say, as those of nixpkgs do."""
    clang = tmp_path / "clang"
    clang.write_text(f'#!/bin/sh\nexec {shutil.which(warm.env.pop("LLMCC_CLANG"))} $MORE_FLAGS "$@"\n')
    clang.chmod(0o755)
    (warm.folder / "limit.h").write_text("")
    args = [str(clang), "-Oz", "-c", "code.c"]
    made = {}
    for limit in ("7", "100", "7", "100"):
        assert warm.run(*args, MORE_FLAGS=f"-DLIMIT={limit}").returncode == 0
        made.setdefault(limit, (warm.folder / "code.o").read_bytes())
        assert made[limit] == (warm.folder / "code.o").read_bytes()
    assert made["7"] != made["100"]


LOUD = {
    "attribute-warning": """int bad(int) __attribute__((warning("not this one")));
int f(int a) { int s = 0; for (int i = 0; i < a; i++) s += bad(i) * 3; return s + bad(2) * 5; }
""",
    "inline-asm": """int f(int a) { __asm__ volatile(".warning \\"hey\\""); return a * 3; }
""",
    "frame-larger-than": """void use(char *);
void f(void) { char room[4000]; use(room); }
""",
}


@pytest.mark.parametrize("warning", LOUD)
def test_what_a_pragma_kept_clang_from_saying(warm: Installation, warning: str):
    """A source that is silent by a pragma has the same IR as one that is not: the back end's errors must come."""
    pragma = f'#ifdef QUIET\n#pragma clang diagnostic ignored "-W{warning}"\n#endif\n'
    (warm.folder / "loud.c").write_text(pragma + LOUD[warning])
    args = ["-Oz", "-Werror", "-c", "loud.c"] + (["-Wframe-larger-than=100"] if warning.startswith("frame") else [])
    for _ in range(2):
        quiet = warm.run(*args, "-DQUIET")
        assert (quiet.returncode, quiet.stderr) == (0, b"")
        (warm.folder / "loud.o").unlink()
        loud = warm.run(*args)
        own = subprocess.run([warm.env["LLMCC_CLANG"], *args], cwd=warm.folder, capture_output=True, check=False)
        assert (loud.returncode, loud.stderr) == (own.returncode, own.stderr)
        assert loud.returncode == 1
        assert not (warm.folder / "loud.o").exists()


def test_inline_assembly_that_says_nothing_is_replayed(warm: Installation):
    (warm.folder / "asm.c").write_text('int f(int a) { __asm__ volatile("nop"); return a * 3; }\n')
    args = ["-Oz", "-c", "asm.c"]
    assert warm.run(*args).returncode == 0
    without_python(warm, *args)


def test_an_edit_is_seen(warm: Installation):
    args = ["-Oz", "-c", "code.c", "-o", "code.o"]
    objects = {}
    for limit in ("100", "7", "100", "7"):
        (warm.folder / "limit.h").write_text(f"#define LIMIT {limit}\n")
        warm.starts()
        assert warm.run(*args).returncode == 0
        made = (warm.folder / "code.o").read_bytes()
        assert warm.starts() == int(limit not in objects)
        assert objects.setdefault(limit, made) == made
    assert objects["100"] != objects["7"]


def test_a_header_that_comes_to_stand_in_front(warm: Installation):
    (warm.folder / "first").mkdir()
    args = ["-Oz", "-Ifirst", "-I.", "-c", "deep/code.c", "-o", "code.o"]
    assert warm.run(*args).returncode == 0
    first = without_python(warm, *args)
    (warm.folder / "first" / "limit.h").write_text("#define LIMIT 7\n")
    warm.starts()
    assert warm.run(*args).returncode == 0
    assert warm.starts() == 1
    assert (warm.folder / "code.o").read_bytes() != first


def test_the_environment_of_clang_is_heard(warm: Installation):
    (warm.folder / "other").mkdir()
    (warm.folder / "other" / "limit.h").write_text("#define LIMIT 7\n")
    (warm.folder / "limit.h").rename(warm.folder / "deep" / "limit.h")
    args = ["-Oz", "-c", "code.c", "-o", "code.o"]
    made = {}
    for folder in ("deep", "other", "deep", "other"):
        warm.starts()
        assert warm.run(*args, CPATH=folder).returncode == 0
        assert warm.starts() == int(folder not in made)
        made.setdefault(folder, (warm.folder / "code.o").read_bytes())
        assert made[folder] == (warm.folder / "code.o").read_bytes()
    assert made["deep"] != made["other"]


@pytest.mark.parametrize("setting", [{"LLMCC_CANDIDATES": "1"}, {"LLMCC_GATES": ""}, {"LLMCC_TEST": "true"}], ids=str)
def test_another_setting_is_another_call(warm: Installation, setting: dict[str, str]):
    args = ["-Oz", "-c", "code.c"]
    assert warm.run(*args).returncode == 0
    warm.starts()
    assert warm.run(*args, **setting).returncode == 0
    assert warm.starts() == 1


def test_another_folder_is_another_call(warm: Installation):
    args = ["-Oz", "-c", "code.c", "-I.."]
    (warm.folder / "deep" / "limit.h").write_text("#define LIMIT 7\n")
    first = warm.run(*args)
    assert first.returncode == 0
    one = without_python(warm, *args)
    warm.folder = warm.folder / "deep"
    assert warm.run(*args).returncode == 0
    assert warm.starts() == 1
    assert (warm.folder / "code.o").read_bytes() != one


ENTRIES = ["calls", "decisions", "objects"]


@pytest.mark.parametrize("kind", ENTRIES)
@pytest.mark.parametrize("damage", ["gone", "truncated", "a bit", "another"])
def test_a_damaged_entry_is_none(warm: Installation, kind: str, damage: str):
    args = ["-Oz", "-c", "code.c"]
    assert warm.run(*args).returncode == 0
    expected = without_python(warm, *args)
    (path,) = (path for path in (warm.cache / kind).rglob("*") if path.is_file())
    content = path.read_bytes()
    if damage == "gone":
        path.unlink()
    elif damage == "truncated":
        path.write_bytes(content[:-10])
    elif damage == "a bit":
        path.write_bytes(content[:200] + bytes([content[200] ^ 4]) + content[201:])
    else:
        # Whole, under another name.
        assert warm.run("-Oz", "-c", "main.c").returncode == 0
        (other,) = (p for p in (warm.cache / kind).rglob("*") if p.is_file() and p != path)
        path.write_bytes(other.read_bytes())
        (warm.folder / "main.o").unlink()
    warm.starts()
    assert warm.run(*args).returncode == 0
    assert warm.starts() == 1
    assert (warm.folder / "code.o").read_bytes() == expected
    assert without_python(warm, *args) == expected


def test_every_truncation_of_a_call_is_pythons(warm: Installation):
    args = ["-Oz", "-c", "code.c"]
    assert warm.run(*args).returncode == 0
    expected = without_python(warm, *args)
    (path,) = (path for path in (warm.cache / "calls").rglob("*") if path.is_file())
    content = path.read_bytes()
    lengths = range(0, len(content), 331)
    warm.starts()
    for length in lengths:
        path.write_bytes(content[:length])
        assert warm.run(*args).returncode == 0
        assert (warm.folder / "code.o").read_bytes() == expected
    assert warm.starts() == len(lengths)


def test_outputs_that_clang_would_not_replace(warm: Installation):
    args = ["-Oz", "-c", "code.c", "-o", "code.o", "-MD", "-MF", "deps.d"]
    assert warm.run(*args).returncode == 0
    without_python(warm, *args)
    elsewhere = warm.folder / "elsewhere"
    elsewhere.write_bytes(b"")
    for name in ("code.o", "deps.d"):
        (warm.folder / name).unlink(missing_ok=True)
        (warm.folder / name).symlink_to(elsewhere)
        warm.starts()
        assert warm.run(*args).returncode == 0
        assert warm.starts() == 1
        stays = (warm.folder / name).is_symlink()
        (warm.folder / name).unlink()
        (warm.folder / name).symlink_to(elsewhere)
        subprocess.run([warm.env["LLMCC_CLANG"], *args], cwd=warm.folder, check=True)
        assert (warm.folder / name).is_symlink() == stays
        (warm.folder / name).unlink()
    (warm.folder / "code.o").unlink()
    (warm.folder / "code.o").mkdir()
    warm.starts()
    assert warm.run(*args).returncode != 0
    assert warm.starts() == 1


@pytest.mark.parametrize("place", ["missing", "a file"])
def test_no_place_for_temporary_files(warm: Installation, tmp_path: Path, place: str):
    args = ["-Oz", "-c", "code.c"]
    assert warm.run(*args).returncode == 0
    expected = without_python(warm, *args)
    (tmp_path / "a file").touch()
    warm.run(*args, TMPDIR=str(tmp_path / place))
    assert (warm.folder / "code.o").read_bytes() == expected


def test_nothing_is_left_behind(warm: Installation, tmp_path: Path):
    """Temporary files go, after a hit and after a call that came to nothing."""
    args = ["-Oz", "-c", "code.c", "-MD"]
    assert warm.run(*args).returncode == 0
    place = tmp_path / "temporary"
    place.mkdir()
    assert warm.run(*args, TMPDIR=str(place)).returncode == 0
    (warm.folder / "code.c").write_text("int broken(")
    assert warm.run(*args, TMPDIR=str(place)).returncode == 1
    (warm.folder / "code.c").unlink()
    assert warm.run(*args, TMPDIR=str(place)).returncode == 1
    assert list(place.iterdir()) == []
    assert sorted(p.suffix for p in warm.folder.iterdir() if p.name.startswith(".")) == []


def test_pinned_units_are_pythons(warm: Installation):
    args = ["-Oz", "-c", "code.c"]
    assert warm.run(*args).returncode == 0
    without_python(warm, *args)
    assert warm.run("-Oz", "-c", "main.c").returncode == 0
    digests = {
        line.partition(b'"ir": "')[2][:32].decode()
        for path in (warm.cache / "decisions").rglob("*")
        if path.is_file()
        for line in path.read_bytes().split(b"\n")
        if b'"ir": "' in line and b"code.c" in path.read_bytes()
    }
    (digest,) = digests
    pin = warm.cache / "pins" / digest[:2]
    pin.mkdir(parents=True)
    (pin / digest[2:]).write_bytes(b"whatever it says")
    warm.starts()
    assert warm.run(*args).returncode == 0
    assert warm.starts() == 1


def test_closed_streams(warm: Installation):
    args = ["-Oz", "-c", "code.c"]
    assert warm.run(*args).returncode == 0
    expected = without_python(warm, *args)
    clean(warm)
    warm.starts()
    argv = ["/bin/sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", warm.programs / "llmcc", *args]
    assert subprocess.run(argv, cwd=warm.folder, env=warm.env, check=False).returncode == 0
    assert (warm.folder / "code.o").read_bytes() == expected
    assert warm.starts() == 0


def test_a_read_only_cache(warm: Installation):
    """Hits need to write nothing there."""
    args = ["-Oz", "-c", "code.c"]
    assert warm.run(*args).returncode == 0
    expected = without_python(warm, *args)
    for path in [warm.cache, *warm.cache.rglob("*")]:
        path.chmod(path.stat().st_mode & ~0o222)
    try:
        assert without_python(warm, *args) == expected
    finally:
        for path in [warm.cache, *warm.cache.rglob("*")]:
            path.chmod(path.stat().st_mode | 0o200)


@pytest.mark.parametrize("how", ["default", "ignored"])
@pytest.mark.parametrize("helper", [True, False])
def test_nobody_listens(warm: Installation, tmp_path: Path, how: str, helper: bool):
    """Diagnostics go to a pipe that nobody reads: clang ends with a status of its own, and without an object."""
    args = ["-Oz", "-Wall", "-c", "warned.c"]
    assert warm.run(*args).returncode == 0
    without_python(warm, *args)
    place = tmp_path / "temporary"
    place.mkdir()
    if not helper:
        (warm.helpers / "helper").chmod(0o644)
    script = "import os,signal,sys; r,w=os.pipe(); os.dup2(w,2); os.close(r); os.close(w); "
    script += f"signal.signal(signal.SIGPIPE, signal.SIG_{'DFL' if how == 'default' else 'IGN'}); "
    script += "os.execvp(sys.argv[1], sys.argv[1:])"
    ended = []
    for program in (warm.env["LLMCC_CLANG"], str(warm.programs / "llmcc")):
        clean(warm)
        argv = [sys.executable, "-c", script, program, *args]
        status = subprocess.run(argv, cwd=warm.folder, env=warm.env | {"TMPDIR": str(place)}, check=False).returncode
        ended.append((status, outputs(warm)))
    assert ended[0] == ended[1]
    assert ended[0][0] != 0
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_as_it_ends_clang(warm: Installation, tmp_path: Path, signum: signal.Signals):
    place = tmp_path / "temporary"
    place.mkdir()
    slow = warm.folder / "slow.c"
    lines = [f"int f{i}(int x) {{ return x * {i} + LIMIT; }}" for i in range(3)]
    slow.write_text("\n".join(['#include "limit.h"', *lines]))
    args = ["-Oz", "-c", "slow.c"]
    assert warm.run(*args).returncode == 0
    without_python(warm, *args)
    clean(warm)
    # The front end waits for what it includes.
    (warm.folder / "limit.h").unlink()
    os.mkfifo(warm.folder / "limit.h")
    env = warm.env | {"TMPDIR": str(place)}
    with subprocess.Popen([warm.programs / "llmcc", *args], cwd=warm.folder, env=env) as process:
        deadline = time.monotonic() + 60
        while not list(place.glob("llmcc-*/err")):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signum)
        assert process.wait(60) == -signum
    assert warm.starts() == 0
    assert list(place.iterdir()) == []
    assert outputs(warm) == {}


def test_a_front_end_that_is_killed_is_run_again(warm: Installation, tmp_path: Path):
    """By Python: the kernel, short of memory, must not cost a build."""
    clang = tmp_path / "clang-19"
    real = shutil.which(warm.env["LLMCC_CLANG"])
    mark = tmp_path / "kill"
    clang.write_text(
        f'#!/bin/sh\ncase "$*" in *-emit-llvm-bc*) [ -e "{mark}" ] && rm "{mark}" && kill -9 $$;; esac\n'
        f'exec "{real}" "$@"\n'
    )
    clang.chmod(0o755)
    args = ["-Oz", "-c", "code.c"]
    env = {"LLMCC_CLANG": str(clang)}
    assert warm.run(*args, **env).returncode == 0
    expected = (warm.folder / "code.o").read_bytes()
    mark.touch()
    warm.starts()
    assert warm.run(*args, **env).returncode == 0
    assert (warm.folder / "code.o").read_bytes() == expected
