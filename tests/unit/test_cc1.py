"""clang's `-cc1` lines: what `-###` prints is read back exactly, and the right words are carried on."""

import os
import subprocess

import pytest

from toolchain.cc1 import Cc1Job, parse_jobs
from toolchain.errors import ToolchainError

ODD_WORDS = [
    b"plain",
    b"two words",
    b"  spaces at both ends ",
    b'a "quoted" word',
    b"'single'",
    b"back\\slash",
    b'slash before quote \\" and at the end \\',
    b"$HOME ${x} $(date)",
    b"two\nlines",
    b'\n "looks like a job"\n',
    b"tab\tand\rreturn",
    b"latin \xe9\xff\x80 bytes",
    "unicode ✓ é".encode(),
    b'"',
    b"\\",
    b"\\\\\\",
    b"",
]


def dry_run(clang, *args: bytes, cwd=None) -> list[list[bytes]]:
    done = subprocess.run([clang.path, "-###", *args], cwd=cwd, capture_output=True, check=True)
    return parse_jobs(done.stderr)


@pytest.mark.parametrize("word", ODD_WORDS)
def test_any_argument_is_read_back_byte_for_byte(clang, tmp_path, word):
    (tmp_path / "a.c").touch()
    (job,) = dry_run(clang, b"-c", b"-Oz", b"-D", b"FIRST", b"-DX=" + word, b"a.c", cwd=tmp_path)
    assert job[1] == b"-cc1"
    assert job[job.index(b"FIRST") + 2] == b"X=" + word
    assert job[-1] == b"a.c"


def test_all_odd_arguments_at_once(clang, tmp_path):
    (tmp_path / "a.c").touch()
    (job,) = dry_run(clang, b"-c", *(b"-DX=" + word for word in ODD_WORDS), b"a.c", cwd=tmp_path)
    assert [job[i + 1][2:] for i, word in enumerate(job) if word == b"-D"] == ODD_WORDS


@pytest.mark.parametrize("name", [b"two words.c", b'"quoted".c', b"dollar$.c", b"new\nline.c", b"\xff\xfe.c", b"-DX.c"])
def test_any_file_name_is_read_back(clang, tmp_path, name):
    path = os.path.join(os.fsencode(tmp_path), name)
    output = os.path.join(os.fsencode(tmp_path), b"out " + name + b".o")
    with open(path, "wb"):
        pass
    (argv,) = dry_run(clang, b"-Os", b"-c", path, b"-o", output)
    job = Cc1Job(argv)
    assert (job.source, job.output, job.level, job.language) == (path, output, "s", b"c")


def test_every_job_of_a_command_is_there(clang, tmp_path):
    for name in ("a.c", "b.cpp"):
        (tmp_path / name).touch()
    jobs = dry_run(clang, b"a.c", b"b.cpp", b"-o", b"prog", cwd=tmp_path)
    assert len(jobs) == 3
    assert [job[1] == b"-cc1" for job in jobs] == [True, True, False]
    assert [Cc1Job(job).language for job in jobs[:2]] == [b"c", b"c++"]
    assert b"prog" in jobs[2]
    with pytest.raises(ToolchainError):
        Cc1Job(jobs[2])


def test_what_is_no_job_is_passed_over():
    assert parse_jobs(b"") == []
    assert parse_jobs(b'clang version 19.1.7\nTarget: x\n (in-process)\n "a" "b"\n') == [[b"a", b"b"]]
    assert parse_jobs(b'clang: warning: argument unused: "-x"\n "a"\n "b c"') == [[b"a"], [b"b c"]]
    with pytest.raises(ValueError, match="found"):
        parse_jobs(b' "never closed')


@pytest.mark.parametrize("flag", [b"-E", b"-S", b"-fsyntax-only", b"-emit-llvm"])
def test_a_command_that_makes_no_object_is_refused(clang, tmp_path, flag):
    (tmp_path / "a.c").touch()
    (argv,) = dry_run(clang, flag, b"-c", b"a.c", cwd=tmp_path)
    with pytest.raises(ToolchainError):
        Cc1Job(argv)


@pytest.fixture
def rich_job(cc1_job, tmp_path):
    """A job with one of everything that matters."""
    (tmp_path / "inc").mkdir()
    (tmp_path / "inc" / "pre.h").touch()
    (tmp_path / "a.c").touch()
    return cc1_job(
        *("-Oz", "-c", "a.c", "-o", "a.o", "-DNAME=1", "-D", "OTHER", "-UGONE", "-Iinc", "-isystem", "inc"),
        *("-iquote", "inc", "-include", "inc/pre.h", "-MD", "-MF", "a.d", "-MT", "goal", "-MP"),
        *("-Wall", "-Werror=format", "-pedantic", "-fdiagnostics-color=always", "-ferror-limit=3"),
        *("-ffunction-sections", "-fdata-sections", "-fno-pic", "-mcmodel=medium", "-march=haswell", "-fno-plt"),
        *("-fstack-size-section", "-fno-jump-tables", "-std=c99"),
        cwd=tmp_path,
    )


CODE_WORDS = [
    [b"-triple", b"x86_64-pc-linux-gnu"],
    [b"-ffunction-sections"],
    [b"-fdata-sections"],
    [b"-mrelocation-model", b"static"],
    [b"-mcmodel=medium"],
    [b"-target-cpu", b"haswell"],
    [b"-fstack-size-section"],
    [b"-fno-jump-tables"],
    [b"-main-file-name", b"a.c"],
    [b"-Oz"],
]
FRONT_END_WORDS = [
    *(b"-D", b"NAME=1", b"OTHER", b"-U", b"GONE", b"-I", b"inc", b"-isystem", b"-iquote", b"-include", b"inc/pre.h"),
    *(b"-dependency-file", b"a.d", b"-MT", b"goal", b"-MP", b"-Wall", b"-Werror=format", b"-pedantic"),
    *(b"-fcolor-diagnostics", b"-ferror-limit", b"-internal-isystem", b"-resource-dir", b"-x", b"a.o"),
]


def contains(words: list[bytes], part: list[bytes]) -> bool:
    return any(words[i : i + len(part)] == part for i in range(len(words)))


def test_code_generation_carries_what_the_ir_does_not_say(rich_job):
    argv = rich_job.code_generation(b"in.bc", b"out.o", ("-disable-lsr", "-x=y"))
    for part in CODE_WORDS:
        assert contains(argv, part), part
    assert contains(argv, [b"-mllvm", b"-disable-lsr"])
    assert contains(argv, [b"-mllvm", b"-x=y"])
    assert b"-disable-llvm-passes" in argv
    assert b"-emit-obj" in argv
    assert argv[:2] == rich_job.argv[:2]
    assert contains(argv, [b"-o", b"out.o"])
    assert argv[-3:] == [b"-x", b"ir", b"in.bc"]
    for word in (*FRONT_END_WORDS[:-2], b"a.o"):
        assert word in rich_job.argv, f"{word!r}: clang has renamed it; this test must follow"
        assert word not in argv, word


def test_key_has_the_code_generation_words_and_no_other(rich_job):
    words = rich_job.key_words()
    for part in CODE_WORDS:
        assert contains(words, part), part
    for word in FRONT_END_WORDS:
        assert word not in words, word
    assert not [word for word in words if b"compilation-dir" in word]


def test_lowering_keeps_the_front_end_words(rich_job):
    argv = rich_job.lowering(b"unit.bc", b"copy.d")
    for part in (
        [b"-emit-llvm-bc", b"-disable-llvm-passes"],
        [b"-o", b"unit.bc"],
        [b"-dependency-file", b"copy.d"],
        *([b"-MT", b"goal"], [b"-D", b"NAME=1"], [b"-include", b"inc/pre.h"], [b"-x", b"c", b"a.c"], [b"-MP"]),
    ):
        assert contains(argv, part), part
    assert b"-emit-obj" not in argv
    assert b"a.o" not in argv
    assert b"a.d" not in argv


def test_lowering_without_a_dependency_file_asks_for_none(rich_job):
    argv = rich_job.lowering(b"unit.bc", None)
    assert not {b"-dependency-file", b"a.d", b"-MT", b"goal", b"-MP", b"-sys-header-deps"} & set(argv)
    assert contains(argv, [b"-D", b"NAME=1"])


def test_both_commands_are_ones_that_clang_takes(clang, cc1_job, tmp_path):
    """For a source whose name and macros are the worst there is."""
    source = tmp_path / "-D odd\n$ name.c"
    source.write_text("int f(int x) { return X[x]; }\n")
    value = '"a \\"b\\" $c"'
    output = tmp_path / "a.o"
    args = ("-Oz", "-g", "-MD", f"-DX={value}", "-c", str(source), "-o", str(output))
    clang.run(args)
    whole = output.read_bytes()
    job = cc1_job(*args)
    bitcode, again = (os.fsencode(tmp_path / name) for name in ("unit.bc", "again.o"))
    for argv in (job.lowering(bitcode, None), job.code_generation(bitcode, again)):
        subprocess.run(argv, check=True, capture_output=True)
    assert whole[:4] == b"\x7fELF"
    with open(again, "rb") as file:
        assert file.read(4) == b"\x7fELF"
    assert contains(job.key_words(), [b"-main-file-name", os.fsencode(source.name)])


@pytest.mark.parametrize("debug", [False, True])
def test_folders_share_their_decisions_unless_debug_information_names_them(cc1_job, tmp_path, debug):
    jobs = []
    for name in ("here", "there"):
        folder = tmp_path / name
        (folder / "inc").mkdir(parents=True)
        (folder / "a.c").touch()
        jobs.append(
            cc1_job("-Oz", "-c", "a.c", f"-I{folder}/inc", "-MD", *(["-g"] if debug else []), cwd=folder).key_words()
        )
    assert (jobs[0] == jobs[1]) is not debug


@pytest.mark.parametrize(
    ("flag", "matters"),
    [
        ("-ffunction-sections", True),
        ("-fdata-sections", True),
        ("-fno-pic", True),
        ("-mcmodel=large", True),
        ("-march=haswell", True),
        ("-Wa,--noexecstack", False),
        ("-DX=1", False),
        ("-Wall", False),
        ("-w", False),
        ("-I/usr", False),
        ("-O2", True),
        ("-fno-asynchronous-unwind-tables", True),
    ],
)
def test_a_flag_changes_the_key_if_it_can_change_the_object(cc1_job, tmp_path, flag, matters):
    (tmp_path / "a.c").touch()
    plain = cc1_job("-Oz", "-c", "a.c", cwd=tmp_path).key_words()
    changed = cc1_job("-Oz", "-c", "a.c", flag, cwd=tmp_path).key_words()
    if flag == "-Wa,--noexecstack":
        # Words for the assembler stay, harmless or not: it is the object they are about.
        assert set(plain) <= set(changed)
    else:
        assert (plain != changed) is matters


def test_facts_read_off_a_job(cc1_job, tmp_path):
    (tmp_path / "a.cc").touch()
    job = cc1_job("-O1", "-Os", "-c", "a.cc", "-MMD", "-MF", "x.d", "--target=armv7m-none-eabi", "-g", cwd=tmp_path)
    assert (job.level, job.language, job.source, job.output) == ("s", b"c++", b"a.cc", b"a.o")
    assert job.triple.startswith("thumbv7m")
    assert job.dependency_file == b"x.d"
    assert job.has_debug_info
    assert job.value(b"-no-such-option") == b""
    assert len(job.values(b"-target-feature")) > 3
    smaller = job.at_level("z")
    assert (smaller.level, job.level) == ("z", "s")
    assert [word for word in smaller.argv if word not in job.argv] == [b"-Oz"]
    assert cc1_job("-c", "a.cc", cwd=tmp_path).level == "0"
    assert not cc1_job("-c", "a.cc", cwd=tmp_path).has_debug_info


def test_pipeline_query_asks_for_the_same_code_generation(clang, rich_job):
    answer = subprocess.run(rich_job.pipeline_query(), capture_output=True, check=True)
    assert b"globaldce" in answer.stdout
    assert b"(" in answer.stdout
    for part in ([b"-target-cpu", b"haswell"], [b"-mrelocation-model", b"static"], [b"-Oz"]):
        assert contains(rich_job.pipeline_query(), part)
