"""The helper that spares Python where a call is clang's at first sight: it answers as Python does, or not at all."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import llmcc.native as native_package
from cache import tally
from cache.store import Store, digest_of
from llmcc import invocation
from llmcc.call import FOLD_AT_LAST
from llmcc.native import FORMAT, identity, number_of
from tests.conftest import ROOT
from tests.dropin.installation import Installation

CALLS = [
    ["--version"],
    ["-v"],
    ["-E", "unit.c"],
    ["-Oz", "-S", "-o", "-", "unit.c"],
    ["-Oz", "-M", "unit.c"],
    ["-Oz", "-fsyntax-only", "unit.c"],
    ["-Oz", "-emit-llvm", "-c", "unit.c"],
    ["-O2", "-c", "unit.c"],
    ["-c", "unit.c"],
    ["-Oz", "-flto", "-c", "unit.c"],
    ["-Oz", "-c", "conftest.c"],
    ["-Oz", "-print-search-dirs"],
    ["main.c", "-o", "program"],
    ["missing.o", "-o", "program"],
    ["-O2", "missing.c", "-c"],
    ["-Oz", "-E", "-x", "c", "-"],
    ["-O2", "-c", "unit.c", "-o", "unit.o"],
    ["-O2", "-c", "unit.c", "-o././/a/../unit.o"],
    ["-O2", "-c", "unit.c", "-o", "/../..//proc/self/cwd/unit.o"],
    ["-O2", "-c", "unit.c", "-o", "//proc/self/cwd/./unit.o"],
    ["-O2", "-c", "unit.c", "-o", "///proc/self/cwd/unit.o"],
    ["-O2", "-c", "unit.c", "-o", "../work/../../../../../../../../../../../proc/self/cwd/unit.o"],
    ["-O2", "-c", "-o", "first.o", "unit.c", "-o", "second.o"],
    ["-O2", "-c", "unit.c", "-o"],
    ["-Oz", "-flto", "-c", "unit.c", "-o", "unit.o"],
    ["-no-such-option"],
    [],
]


@pytest.mark.parametrize("args", CALLS, ids=" ".join)
def test_answers_as_python_does(native: Installation, args: list[str]):
    """Exit status, output, files and what is counted are the same with the helper and without it."""
    results = []
    for without in (False, True):
        if without:
            (native.helpers / "helper").unlink()
        done = native.run(*args)
        made = sorted(p.name for p in native.folder.iterdir())
        for path in native.folder.iterdir():
            if path.suffix not in (".c",):
                path.unlink()
        index = {path: path.read_bytes() for path in (native.cache / "index").rglob("*") if path.is_file()}
        shutil.rmtree(native.cache / "index", ignore_errors=True)
        results.append((done.returncode, done.stdout, done.stderr, made, index, native.last_count()))
        assert native.starts() == int(without or not args)
    assert results[0] == results[1]
    assert results[0][5][0] == "passthrough"
    assert bool(results[0][4]) == (
        "-c" in args and any((arg.startswith("-o") and arg != "-o") or arg == "-o" != args[-1] for arg in args)
    )


@pytest.mark.parametrize(
    ("args", "env"),
    [
        (["-Oz", "-c", "unit.c", "-o", "unit.o"], {}),
        (["-c", "unit.c", "-Xclang", "-O2"], {"CCC_OVERRIDE_OPTIONS": "#O2"}),
        (["@arguments.rsp"], {}),
        (["./clang-19", "--version"], {}),
        (["--version"], {"LLMCC_CANDIDATES": "3"}),
        (["--version"], {"PATH": "/usr/bin:/bin:relative"}),
    ],
    ids=str,
)
def test_leaves_the_rest_to_python(native: Installation, args: list[str], env: dict[str, str]):
    (native.folder / "arguments.rsp").write_text("-Oz -c unit.c")
    done = native.run(*args, **env)
    assert (done.returncode, done.stderr) == (0, b"")
    assert native.starts() == 1


def test_a_settings_file_is_heard(native: Installation):
    deep = native.folder / "a" / "b"
    deep.mkdir(parents=True)
    shutil.copy(native.folder / "unit.c", deep)
    assert native.run("-E", "a/b/unit.c").returncode == 0
    assert native.starts() == 0
    (native.folder / "a" / "llmcc.toml").write_text("candidates = 2\n")
    assert native.run("-E", "a/b/unit.c").returncode == 0
    assert native.starts() == 1
    assert native.run("-E", "unit.c").returncode == 0
    assert native.starts() == 0
    (native.folder / "llmcc.toml").write_text("candidates = 2\n")
    assert b"candidates=2" in native.fingerprint()
    assert native.starts() == 1


def test_no_plan_is_made_of_a_settings_file(native: Installation):
    """It is found by the folder, which a plan does not name."""
    plain = native.fingerprint()
    toml = native.folder / "llmcc.toml"
    for path in native.plans():
        path.unlink()
    toml.write_text("candidates = 2\n")
    assert b"candidates=2" in native.fingerprint()
    toml.unlink()
    assert native.fingerprint() == plain


def test_a_lock_file_changes_the_fingerprint_at_once(native: Installation, tmp_path: Path):
    """One that is named by its whole path is watched; one that is looked for is Python's to find."""
    for path, env in (
        (tmp_path / "named.lock", {"LLMCC_LOCKED": "1", "LLMCC_LOCK": str(tmp_path / "named.lock")}),
        (native.folder / "llmcc.lock", {"LLMCC_LOCKED": "1"}),
    ):
        named = "LLMCC_LOCK" in env
        seen = {native.fingerprint()}
        for content in ("", "llmcc-lock 1\n\n", "llmcc-lock 1\n\n# more\n"):
            if content:
                path.write_text(content)
            native.starts()
            first = native.fingerprint(**env)
            assert first not in seen
            assert native.fingerprint(**env) == first
            assert native.starts() == (1 if named else 2)
            seen.add(first)


def test_the_fingerprint_follows_what_it_names(native: Installation, tmp_path: Path, make_model):
    """The model behind one path, what was learned, a setting: each changes the answer at once, and the next call
    like it starts no Python again."""
    first = native.fingerprint()
    assert native.starts() == 0
    model = tmp_path / "model.onnx"
    shutil.copy(make_model("<clang>,mergefunc"), model)
    second = native.fingerprint(LLMCC_MODEL=str(model))
    assert native.fingerprint(LLMCC_MODEL=str(model)) == second != first
    assert native.starts() == 1
    shutil.copy(make_model("<clang>,function(gvn)"), model)
    third = native.fingerprint(LLMCC_MODEL=str(model))
    assert third not in (first, second)
    assert native.starts() == 1
    assert native.fingerprint() == first
    learned = native.cache / "learned" / "00"
    learned.mkdir(parents=True)
    (learned / ("0" * 30)).write_bytes(b"damaged: no record")
    assert native.starts() == 0
    assert native.fingerprint() == first
    assert native.starts() == 1


def test_a_new_program_on_path_is_seen(native: Installation, tmp_path: Path):
    folder = tmp_path / "on path"
    folder.mkdir()
    env = {"PATH": f"{folder}:{os.environ['PATH']}"}
    for expected in (1, 0):
        assert native.run("--version", **env).returncode == 0
        assert native.starts() == expected
    (folder / "something").touch()
    assert native.run("--version", **env).returncode == 0
    assert native.starts() == 1


@pytest.mark.parametrize("damage", ["truncated", "garbage", "empty", "another", "zeros", "a letter"])
def test_a_damaged_plan_is_no_plan(native: Installation, damage: str):
    expected = native.fingerprint()
    (plan,) = native.plans()
    content = plan.read_bytes()
    bad = {
        "truncated": content[: len(content) // 2],
        "garbage": os.urandom(3000),
        "empty": b"",
        "another": content.replace(b"I llmcc\t", b"I other\t"),
        "zeros": content[:100] + bytes(64) + content[164:],
        "a letter": content.replace(b"\nG llmcc", b"\nG llmce"),
    }[damage]
    assert bad != content
    plan.write_bytes(bad)
    native.starts()
    assert native.fingerprint() == expected
    assert native.starts() == 1
    assert plan.read_bytes() == content


def test_every_truncation_of_a_plan_starts_python(native: Installation):
    expected = native.fingerprint()
    (plan,) = native.plans()
    content = plan.read_bytes()
    native.starts()
    lengths = range(0, len(content), 97)
    for length in lengths:
        plan.write_bytes(content[:length])
        assert native.fingerprint() == expected
    assert native.starts() == len(lengths)


def test_a_clang_that_cannot_link_is_asked_once(fresh: Installation, tmp_path: Path):
    """No linker, no helper: everything works, and nobody tries again at every call."""
    clang = tmp_path / "clang-19"
    asked = tmp_path / "asked"
    real = fresh.env["LLMCC_CLANG"]
    real = real if real.startswith("/") else shutil.which(real)
    clang.write_text(f'#!/bin/sh\ncase "$*" in *helper.c*) echo x >> {asked}; exit 1;; esac\nexec {real} "$@"\n')
    clang.chmod(0o755)
    env = {"LLMCC_CLANG": str(clang)}
    answers = {fresh.fingerprint(**env)}
    tried = asked.read_text()
    answers |= {fresh.fingerprint(**env) for _ in range(2)}
    assert len(answers) == 1
    assert asked.read_text() == tried != ""
    assert not (fresh.helpers / "helper").exists()
    assert fresh.run("--version", **env).returncode == 0


def test_eight_first_calls_at_once(fresh: Installation):
    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(lambda _: fresh.fingerprint(), range(8)))
    assert len(answers) == 1
    fresh.starts()
    fresh.fingerprint()
    fresh.starts()
    assert {fresh.fingerprint()} == answers
    assert fresh.starts() == 0
    assert not (fresh.helpers / "building").exists()


def test_standard_streams_may_be_closed(native: Installation):
    script = 'exec "$0" -E unit.c -o out.i <&- >&- 2>&-'
    argv = ["/bin/sh", "-c", script, native.programs / "llmcc"]
    assert subprocess.run(argv, cwd=native.folder, env=native.env, check=False).returncode == 0
    assert b"twice" in (native.folder / "out.i").read_bytes()
    assert native.starts() == 0


def test_a_cold_compile_leaves_a_plan(fresh: Installation):
    assert fresh.run("-Oz", "-c", "unit.c", "-o", "unit.o").returncode == 0
    assert fresh.starts() == 1
    assert fresh.run("unit.o", "-shared", "-o", "unit.so").returncode == 0
    assert fresh.starts() == 0
    assert fresh.last_count() == ["passthrough", "not-a-compile"]


def test_disabled_and_logged_calls_are_pythons(native: Installation, tmp_path: Path):
    log = tmp_path / "log.jsonl"
    for _ in range(2):
        assert native.run("--version", LLMCC_LOG=str(log)).returncode == 0
        assert native.run("--version", LLMCC_DISABLE="1").returncode == 0
    assert len(log.read_text().splitlines()) == 2
    assert native.starts() == 4


def test_the_number_is_fnv_1a():
    """Known answers of the hash's authors."""
    assert number_of(b"") == 0xCBF29CE484222325
    assert number_of(b"foobar") == 0x85944171F73967E8


def test_the_identity_has_every_setting():
    environment = {b"PATH": b"/bin", b"LLMCC_DIR": b"/d", b"HOME": b"/h"}
    start = os.fsencode(sys.argv[0])
    assert identity(b"llmcc", environment) == b"llmcc\t" + start + b"\tLLMCC_DIR=/d\tPATH=/bin\t"
    assert identity(b"llmcc", environment | {b"PATH": b"bin"}) == b""
    assert identity(b"llmcc", environment | {b"LLMCC_TEST": b"a\tb"}) == b""


def test_the_words_are_those_of_the_quick_look():
    letters = {letter for letter, _ in invocation.quick_words(("s", "z"))}
    assert letters == {b"OQMLXEDV"[i : i + 1] for i in range(8)}
    assert (b"L", b"-Oz") in invocation.quick_words(("s", "z"))
    assert sys.flags.no_site == 0


def test_the_address_of_a_shared_cache_is_written_nowhere(fresh: Installation):
    """It may have a password in it; and it makes no difference to a call that is clang's."""
    fresh.fingerprint(LLMCC_REMOTE="redis://:hunter2@127.0.0.1:1/0")
    assert fresh.starts() == 1
    for address in ("redis://:hunter2@127.0.0.1:1/0", "http://127.0.0.1:1/", ""):
        fresh.fingerprint(LLMCC_REMOTE=address)
        assert fresh.run("--version", LLMCC_REMOTE=address).returncode == 0
    fresh.fingerprint()
    assert fresh.starts() == 0
    files = [path for path in fresh.cache.rglob("*") if path.is_file()]
    assert len(files) > 3
    assert not [path for path in files if b"hunter2" in path.read_bytes()]


def test_statistics_that_have_grown_large_are_left_to_python(native: Installation):
    """Which folds them: builds in which nothing is ever decided count calls too. No call is lost over it."""
    line = b"passthrough level 0 0 1\n"
    calls = 2 + FOLD_AT_LAST // len(line)
    (native.cache / "stats").write_bytes(line * calls)
    for started in (1, 0, 0):
        assert native.run("--version").returncode == 0
        assert native.starts() == started
    counts = tally.read(Store(os.fsencode(native.cache)), b"stats")
    assert counts["passthrough", "level"] == [calls, 0, 0, calls]
    assert counts["passthrough", "not-a-compile"][0] == 3
    assert (native.cache / "stats").stat().st_size < 200


@pytest.mark.parametrize("helper", ["empty", "cut off", "of another machine", "without a loader"])
def test_a_helper_that_cannot_run_here(native: Installation, helper: str):
    """The cache folder may have come from elsewhere, or the machine may have crashed: no build is harmed by it."""
    path = native.helpers / "helper"
    content = path.read_bytes()
    if helper == "empty":
        path.write_bytes(b"")
    elif helper == "without a loader":
        (native.helpers / "loader").unlink()
        path.write_bytes(b"no program")
    else:
        # Neither can be told by its look; what is written in one go and synchronised is not cut off.
        (native.helpers / "loader").write_text("/lib/ld-of-another-machine.so.1\n")
        path.write_bytes(content[:4000] if helper == "cut off" else b"\x7fELF" + content[4:16] + bytes(100))
    native.starts()
    assert native.run("-Oz", "-c", "unit.c").returncode == 0
    assert (native.folder / "unit.o").exists()
    assert native.starts() == 1


def test_installations_that_share_a_cache(native: Installation, tmp_path: Path):
    """Each has its own version, and is asked for its own fingerprint: an upgrade, with the old one still there."""
    other = tmp_path / "other" / "bin"
    shutil.copytree(native.programs.parent, tmp_path / "other", symlinks=True)
    (package,) = (tmp_path / "other" / "lib").glob("python3*/site-packages/llmcc")
    init = package / "__init__.py"
    init.write_text(init.read_text().replace("__version__ = ", "__version__ = 'next' + "))
    first = native.fingerprint()
    own = native.programs
    for _ in range(2):
        native.programs = other
        assert b"version=next" in native.fingerprint()
        native.programs = own
        assert native.fingerprint() == first
    native.starts()
    native.programs = other
    assert b"version=next" in native.fingerprint()
    assert native.starts() == 0


def test_a_change_of_the_helper_is_a_new_format():
    """A helper that is there is not made again: what changes in its sources reaches nobody without another name."""
    folder = Path(native_package.__file__).parent
    names = sorted(path for path in folder.iterdir() if path.suffix in (".c", ".h"))
    digest = digest_of(b"".join(path.read_bytes() for path in names))
    launchers = [(ROOT / "scripts" / name).read_bytes() for name in ("llmcc", "llmcc++")]
    assert launchers[0] == launchers[1]
    assert b"/native/" + FORMAT + b"\n" in launchers[0]
    # Raise FORMAT, the launchers' number and this one together.
    assert (FORMAT, digest) == (b"3", "9ca7e2cf0b94314b4b6a639e2efb7200")
