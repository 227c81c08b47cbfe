"""Standard streams, odd outputs, make's jobserver and neighbours: clang is asked, then llmcc, cold and warm."""

import os
import shutil
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

WARNS = '#include "json.c"\nint warns(void) { int unused; return 0; }\n'


@pytest.fixture
def unit(work):
    """A workspace with json.c and warns.c; few candidates, as only what surrounds the object matters here."""
    work.sources("json.c")
    work.file("warns.c", WARNS)
    work.env["LLMCC_CANDIDATES"] = "2"
    return work


def in_shell(work, script: str, *args: str, **how: object) -> "list[tuple[int, bytes, bytes]]":
    """How a script ended with clang, with llmcc, and with llmcc again as `$0`; `$@` are the arguments."""
    ends = []
    for program in (work.clang_path, work.bin / "llmcc", work.bin / "llmcc"):
        done = work.run(["sh", "-c", script, program, *args], **how)
        ends.append((done.code, done.stdout, done.stderr))
    return ends


@pytest.mark.parametrize("level", ["-Oz", "-O2"])
def test_standard_input_is_left_for_others(unit, level):
    """In `while read name; do $CC …; done`, say."""
    theirs, cold, warm = in_shell(unit, '"$0" "$@" && cat', level, "-c", "json.c", input=b"the rest")
    assert theirs == (0, b"the rest", b"")
    assert cold == warm == theirs


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&-", ">&- 2>&-", "<&- 2>&-"])
def test_some_standard_streams_are_closed(unit, closed):
    """No file that is opened in their place may get the words of clang."""
    theirs, cold, warm = in_shell(unit, f'"$0" "$@" {closed}', "-Wall", "-Oz", "-c", "warns.c", "-MD")
    assert theirs[0] == 0
    assert (b"unused" in theirs[2]) == ("2>" not in closed)
    assert cold == warm == theirs
    assert [reason for _, reason in unit.outcomes()] == ["kept", "kept"]
    assert b"unused" not in unit.read("warns.d")
    assert unit.shape_of(unit.read("warns.o")).size > 0


@pytest.mark.parametrize(
    ("redirection", "args"),
    [
        ("2>/dev/full", ("-Wall", "-Oz", "-c", "warns.c")),
        (">/dev/full", ("-Wall", "-Oz", "-c", "warns.c")),
        (">/dev/full", ("-Oz", "-E", "json.c")),
        (">/dev/full", ("--version",)),
        ("2>/dev/full", ("-Oz", "-c", "missing.c")),
        ("", ("-Oz", "-c", "json.c", "-o", "/dev/full")),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_standard_streams_are_full(unit, redirection, args):
    # With LLMCC_STRICT a message that cannot be written counts as ours.
    unit.env["LLMCC_STRICT"] = "0"
    theirs, cold, warm = in_shell(unit, f'"$0" "$@" {redirection}', *args)
    assert [end[0] for end in (cold, warm)] == [theirs[0]] * 2
    if theirs[2].startswith(b"fatal error"):
        # The rest is a stack dump with addresses.
        assert cold[2].splitlines()[0] == warm[2].splitlines()[0] == theirs[2].splitlines()[0]
    else:
        assert cold == warm == theirs


def test_nobody_reads_standard_error(unit):
    """The reader of the diagnostics has gone: the same end as clang's."""
    unit.env["LLMCC_STRICT"] = "0"
    ends = []
    for program in (unit.clang_path, unit.bin / "llmcc", unit.bin / "llmcc"):
        reader, writer = os.pipe()
        os.close(reader)
        argv = [program, "-Wall", "-Oz", "-c", "warns.c"]
        done = subprocess.run(argv, cwd=unit.folder, env=unit.env, stdin=subprocess.DEVNULL, stderr=writer, check=False)
        os.close(writer)
        ends.append((done.returncode, sorted(path.name for path in unit.folder.glob("*.o"))))
        (unit.folder / "warns.o").unlink(missing_ok=True)
    assert ends == [ends[0]] * 3


@pytest.mark.parametrize("level", ["-Oz", "-O2"])
def test_standard_output_is_a_terminal_and_standard_error_a_file(unit, level):
    """Colours are for standard error; where that is a file there are none."""
    said = []
    for program in (unit.clang_path, unit.bin / "llmcc", unit.bin / "llmcc"):
        mine, theirs = os.openpty()
        with (unit.folder / "said").open("wb") as file:
            argv = [program, "-Wall", level, "-c", "warns.c"]
            env = unit.env | {"TERM": "xterm-256color", "COLUMNS": "60"}
            subprocess.run(argv, cwd=unit.folder, env=env, stdin=theirs, stdout=theirs, stderr=file, check=True)
        os.close(theirs)
        os.close(mine)
        said.append(unit.read("said"))
    assert b"unused" in said[0]
    assert said == [said[0]] * 3


# Outputs


@pytest.mark.parametrize("args", ["-o pipe", "-o json.o -MD -MF pipe"])
def test_an_output_is_a_named_pipe(unit, args):
    os.mkfifo(unit.folder / "pipe")
    script = (
        'timeout 60 cat pipe >got & "$0" -Oz -c json.c $1; code=$?; wait; test -p pipe || code=not-a-pipe; echo $code'
    )
    results = []
    for program in (unit.clang_path, unit.bin / "llmcc", unit.bin / "llmcc"):
        done = unit.run(["sh", "-c", script, program, args])
        results.append((done.stdout, done.stderr, unit.read("got")))
    assert results[0][:2] == (b"0\n", b"")
    assert results == [results[0]] * 3


def test_an_output_is_a_socket(unit):
    results = []
    for program in (unit.clang_path, unit.bin / "llmcc", unit.bin / "llmcc"):
        path = unit.folder / "json.o"
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as server:
            here = os.open(unit.folder, os.O_PATH)
            # The name of a socket may have a hundred characters only.
            server.bind(f"/proc/self/fd/{here}/json.o")
            os.close(here)
            done = unit.run([program, "-Oz", "-c", "json.c"])
        results.append((done, path.is_socket()))
    assert results == [results[0]] * 3


def test_the_object_is_as_new_as_the_call(unit):
    """Or make would build it again: also when it was there, and comes from the cache."""
    for outcome in ("kept", "hit"):
        (unit.folder / "json.o").touch()
        os.utime(unit.folder / "json.o", (1_000_000_000, 1_000_000_000))
        before = (unit.folder / "json.c").stat().st_mtime_ns
        os.utime(unit.folder / "json.c")
        assert unit.llmcc("-Oz", "-c", "json.c", "-MD").code == 0
        assert unit.outcomes() == [(outcome, "kept")]
        after = (unit.folder / "json.c").stat().st_mtime_ns
        assert after > before
        assert (unit.folder / "json.o").stat().st_mtime_ns >= after
        assert (unit.folder / "json.d").stat().st_mtime_ns >= after


def test_two_writers_of_one_object(unit):
    """Two units, one name: at every moment a whole object of one of them, and what was learnt of each stays true."""
    unit.sources("diff.c")
    whole = set()
    for name in ("json", "diff"):
        assert unit.clang("-Oz", "-c", f"{name}.c", "-o", "theirs.o").code == 0
        assert (
            unit.llmcc("-Oz", "-c", f"{name}.c", "-o", f"{name}.o", env={"LLMCC_DIR": str(unit.root / name)}).code == 0
        )
        whole |= {unit.read("theirs.o"), unit.read(f"{name}.o")}
    unit.outcomes()
    for _ in range(4):
        with ThreadPoolExecutor(4) as pool:
            runs = list(pool.map(lambda n: unit.llmcc("-Oz", "-c", f"{n}.c", "-o", "one.o"), ["json", "diff"] * 2))
        assert {(run.code, run.stderr) for run in runs} == {(0, b"")}
        assert unit.read("one.o") in whole
    for name in ("json", "diff"):
        assert unit.llmcc("-Oz", "-c", f"{name}.c", "-o", "after.o").code == 0
        assert unit.shape_of(unit.read("after.o")).defined == unit.shape_of(unit.read(f"{name}.o")).defined
    assert unit.left_over() == []


def test_another_compiler_writes_the_object_meanwhile(unit):
    """As above, at the worst moment: just after clang has written ours, somebody else's is renamed over it."""
    unit.file("other.c", "int other;\n")
    assert unit.clang("-Oz", "-c", "other.c").code == 0
    unit.file("plain.c", "int plain(void) { return 1; }\n")
    wrapper = unit.root / "clang"
    wrapper.write_text(
        f'#!/bin/sh\n{unit.clang_path} "$@"\ncode=$?\n'
        'case "$*" in *-cc1*|*-###*) ;; *plain.c*) cp other.o plain.new && mv plain.new plain.o ;; esac\nexit $code\n'
    )
    wrapper.chmod(0o755)
    unit.env["LLMCC_CLANG"] = str(wrapper)
    assert unit.llmcc("-Oz", "-c", "plain.c").code == 0
    assert unit.llmcc("-Oz", "-c", "plain.c", "-o", "again.o").code == 0
    assert {symbol[0] for symbol in unit.shape_of(unit.read("again.o")).defined} == {"plain"}


# Neighbours


def test_the_jobserver_of_make(unit):
    """A clang that takes a token from make and gives it back, cold, warm and passed through."""
    if shutil.which("bash") is None:
        pytest.skip("bash is not installed")
    wrapper = unit.root / "clang"
    wrapper.write_text(
        '#!/bin/bash\ncase "$*" in *-###*|*-cc1*) ;; *-c*)\n'
        "auth=${MAKEFLAGS##*--jobserver-auth=}; auth=${auth%% *}\n"
        'read -r -N 1 token <&${auth%,*} && printf %s "$token" >&${auth#*,} && echo token >>tokens ;; esac\n'
        f'exec {unit.clang_path} "$@"\n'
    )
    wrapper.chmod(0o755)
    unit.env["LLMCC_CLANG"] = str(wrapper)
    unit.file(
        "Makefile",
        "all: json.o fast.o\njson.o: json.c\n\t+$(CC) -Oz -c json.c\nfast.o: json.c\n\t+$(CC) -O2 -c json.c -o $@\n",
    )
    for program, tokens in ((wrapper, 2), (unit.bin / "llmcc", 2), (unit.bin / "llmcc", 1)):
        for name in ("json.o", "fast.o", "tokens"):
            (unit.folder / name).unlink(missing_ok=True)
        done = unit.run(["make", "-j3", f"CC={program}"], env={"MAKEFLAGS": None})
        assert (done.code, done.stderr) == (0, b"")
        # A hit needs no more than the front end, which this wrapper is not asked for.
        assert unit.read("tokens") == b"token\n" * tokens
    assert {outcome for outcome, _ in unit.outcomes()} == {"kept", "hit", "passthrough"}


def test_sixty_four_at_once(unit):
    """Eight sources, eight times each, in a fresh cache: every object is right, nothing is said, nothing stays."""
    unit.env["LLMCC_CANDIDATES"] = "1"
    for number in range(8):
        lines = "".join(f"  t ^= p[{i}] * {i * 7919 + number + 3}u;\n" for i in range(12))
        unit.file(f"u{number}.c", f"unsigned u{number}(unsigned *p) {{\n  unsigned t = 0;\n{lines}  return t;\n}}\n")

    def compile_one(job: int) -> tuple[int, bytes]:
        done = unit.llmcc("-Oz", "-c", f"u{job % 8}.c", "-o", f"{job}.o", "-MMD")
        assert (done.code, done.stdout, done.stderr) == (0, b"", b"")
        assert unit.read(f"{job}.d") == f"{job}.o: u{job % 8}.c\n".encode()
        return job % 8, unit.read(f"{job}.o")

    with ThreadPoolExecutor(64) as pool:
        objects = set(pool.map(compile_one, range(64)))
    assert len(objects) == 8
    for number, content in objects:
        assert {symbol[0] for symbol in unit.shape_of(content).defined} == {f"u{number}"}
    assert len(unit.outcomes()) == 64
    assert len(unit.stats()) == 64
    assert unit.left_over() == []


# Files that are no input of the front end, and yet change what clang does


@pytest.mark.parametrize("directive", ["incbin", "include", "INCBIN"])
def test_a_file_that_the_assembler_reads_changes(unit, directive):
    unit.file(
        "blob.c",
        f'__asm__(".pushsection .rodata\\n.globl blob\\nblob: .{directive} \\"blob.inc\\"\\n.popsection");\n'
        "extern const unsigned char blob[];\nint first(void) { return blob[0]; }\n",
    )
    for content in (".byte 1, 2\n", ".byte 3, 4\n"):
        unit.file("blob.inc", content)
        assert unit.clang("-Oz", "-c", "blob.c", "-o", "theirs.o").code == 0
        assert unit.llmcc("-Oz", "-c", "blob.c", "-o", "mine.o").code == 0
        # Nothing in this source can be made smaller.
        assert unit.read("mine.o") == unit.read("theirs.o")


def test_a_precompiled_header_appears(unit):
    """`-include x.h` means x.h.pch where there is one; an outdated one is an error."""
    unit.file("x.h", "int x;\n")
    ends = []
    for program in (unit.clang_path, unit.bin / "llmcc"):
        (unit.folder / "x.h.pch").unlink(missing_ok=True)
        command = [program, "-Oz", "-c", "json.c", "-include", "x.h"]
        before = unit.run(command)
        unit.file("x.h.pch", "not a precompiled header")
        ends.append((before, unit.run(command)))
    assert ends[0][1].code != 0
    assert ends[1] == ends[0]


def test_fragments_of_the_compilation_database(unit):
    """-gen-cdb-fragment-path: one file per call, of a name that clang draws."""
    for _ in range(3):
        assert unit.llmcc("-Oz", "-c", "json.c", "-gen-cdb-fragment-path", "fragments").code == 0
    assert len(list(Path(unit.folder / "fragments").iterdir())) == 3
