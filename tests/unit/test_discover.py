"""Finding clang and its LLVM. Small scripts that answer `-v` stand for the clangs of other machines."""

import os
import re
from pathlib import Path

import pytest

from toolchain import discover
from toolchain.errors import ToolchainError


def program(path: Path, text: str = "exit 0", interpreter: str = "/bin/sh") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{interpreter}\n{text}\n")
    path.chmod(0o755)
    return path


def fake_clang(path: Path, version: str = "23.1.0", *, opt: bool = True, status: int = 0) -> Path:
    """Answers -v with a version; an `opt` beside it makes it a whole LLVM."""
    if opt:
        program(path.parent / "opt")
    count = path.parent / "asked"
    words = f"Fake clang version {version} (x)", "System configuration file directory: /etc/clang"
    answer = "\n".join(f'echo "{line}" >&2' for line in words)
    return program(path, f'echo . >>"{count}"\n{answer}\nexit {status}')


def search(*folders: Path) -> bytes:
    return b":".join(os.fsencode(folder) for folder in folders)


def found(*folders: Path) -> Path:
    return Path(os.fsdecode(discover.find_clang(search(*folders))))


def test_the_newest_wins_wherever_on_path_it_is(tmp_path):
    a, b = tmp_path / "a", tmp_path / "b"
    for path in (a / "clang", a / "clang-9", a / "clang-19", b / "clang-23", b / "clang-22"):
        fake_clang(path)
    assert found(a, b) == b / "clang-23"
    assert found(b, a) == b / "clang-23"
    assert found(a) == a / "clang-19"


def test_of_equal_versions_the_first_on_path_wins(tmp_path):
    for name in ("a", "b"):
        fake_clang(tmp_path / name / "clang-19")
    assert found(tmp_path / "a", tmp_path / "b") == tmp_path / "a" / "clang-19"
    assert found(tmp_path / "b", tmp_path / "a") == tmp_path / "b" / "clang-19"


def test_plain_clang_is_taken_when_no_numbered_one_is_there(tmp_path):
    fake_clang(tmp_path / "clang")
    fake_clang(tmp_path / "clang-13")
    fake_clang(tmp_path / "clang-cpp-19")
    assert found(tmp_path) == tmp_path / "clang"


@pytest.mark.parametrize("number", [14, 29])
def test_the_ends_of_the_supported_range(tmp_path, number):
    fake_clang(tmp_path / f"clang-{number}")
    assert found(tmp_path) == tmp_path / f"clang-{number}"


def test_nothing_found_says_what_to_install(tmp_path):
    fake_clang(tmp_path / "clang-13")
    for path in (search(tmp_path), b"", b"::", search(tmp_path / "missing")):
        with pytest.raises(ToolchainError, match=r"no supported clang .* PATH; on Debian: apt-get install"):
            discover.find_clang(path)


def test_our_own_scripts_are_never_found(tmp_path, root):
    """Copied, linked and wrapped: whatever is called clang and starts llmcc is not clang."""
    ours = (root / "scripts" / "llmcc").read_text()
    copy = tmp_path / "copy" / "clang-29"
    copy.parent.mkdir()
    copy.write_text(ours)
    copy.chmod(0o755)
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / "clang-28").symlink_to(root / "scripts" / "llmcc")
    program(tmp_path / "wrap" / "clang-27", 'exec /opt/llmcc/bin/llmcc "$@"')
    program(tmp_path / "python" / "clang-26", "from llmcc.start import main; main()", "/usr/bin/python3")
    real = fake_clang(tmp_path / "real" / "clang-14")
    assert found(*(tmp_path / name for name in ("copy", "link", "wrap", "python", "real"))) == real


def test_a_script_that_is_not_ours_may_be_clang(tmp_path):
    """A wrapper of a distribution is a shell script too."""
    wrapper = program(tmp_path / "clang-20", 'exec /usr/lib/llvm-20/bin/clang "$@"')
    assert found(tmp_path) == wrapper


@pytest.mark.parametrize("cache", ["ccache", "sccache", "distcc", "icecc"])
def test_links_to_compiler_caches_are_skipped(tmp_path, cache):
    program(tmp_path / "bin" / cache)
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks" / "clang-25").symlink_to(tmp_path / "bin" / cache)
    (tmp_path / "masks" / "clang").symlink_to("clang-25")
    real = fake_clang(tmp_path / "real" / "clang-15")
    assert found(tmp_path / "masks", tmp_path / "real") == real


def test_what_cannot_be_run_is_skipped(tmp_path):
    (tmp_path / "clang-25").mkdir()
    (tmp_path / "clang-24").write_text("#!/bin/sh\n")
    (tmp_path / "clang-23").symlink_to("nowhere")
    real = fake_clang(tmp_path / "clang-22")
    assert found(tmp_path) == real


def test_the_real_clang_is_found_and_described(clang, toolchain):
    assert toolchain.clang == os.fsencode(clang.path)
    assert toolchain.major == clang.major
    assert b"clang version %d." % clang.major in toolchain.version
    assert re.fullmatch(rb"[0-9a-f]{32}", toolchain.digest)
    assert toolchain.library or toolchain.opt
    if toolchain.library:
        assert b"libLLVM" in toolchain.library
        assert os.path.exists(toolchain.library)
    assert os.access(toolchain.opt, os.X_OK)
    assert os.path.dirname(os.path.realpath(toolchain.clang)) in toolchain.config_dirs


def describe(path: Path, records: Path) -> discover.Toolchain:
    return discover.describe(os.fsencode(path), os.fsencode(records))


def facts(toolchain: discover.Toolchain) -> tuple:
    return tuple(getattr(toolchain, name) for name in toolchain.__slots__)


def times_asked(clang: Path) -> int:
    """How often the fake was run; asking for its libraries runs only the dynamic linker."""
    return (clang.parent / "asked").read_text().count(".")


def test_an_answer_is_remembered(tmp_path):
    fake, records = fake_clang(tmp_path / "bin" / "clang-23"), tmp_path / "records"
    first = describe(fake, records)
    again = describe(fake, records)
    assert times_asked(fake) == 1
    assert facts(first) == facts(again)
    assert (first.major, first.version) == (23, b"Fake clang version 23.1.0 (x)")
    assert first.opt == os.fsencode(tmp_path / "bin" / "opt")
    assert first.library == b""
    assert first.config_dirs == (b"/etc/clang", os.fsencode(tmp_path / "bin"))
    (record,) = records.iterdir()
    assert records.stat().st_mode & 0o777 == 0o700
    assert record.name.endswith(".txt")


def test_the_record_of_the_real_clang_gives_the_same_facts(clang, toolchain, tmp_path):
    assert facts(describe(Path(clang.path), tmp_path)) == facts(toolchain)
    (record,) = tmp_path.iterdir()
    stamp = record.stat().st_mtime_ns
    assert facts(describe(Path(clang.path), tmp_path)) == facts(toolchain)
    assert record.stat().st_mtime_ns == stamp


@pytest.mark.parametrize("what", ["clang", "opt", "link"])
def test_a_changed_file_is_asked_again(tmp_path, what):
    fake, records = fake_clang(tmp_path / "bin" / "clang-23"), tmp_path / "records"
    called = fake
    if what == "link":
        called = tmp_path / "clang"
        called.symlink_to(fake)
    before = describe(called, records)
    if what == "clang":
        fake_clang(fake, "24.0.1")
    elif what == "opt":
        program(fake.parent / "opt", "exit 100")
    else:
        other = fake_clang(tmp_path / "other" / "clang-24", "24.0.1")
        called.unlink()
        called.symlink_to(other)
    after = describe(called, records)
    assert after.digest != before.digest
    assert after.major == (23 if what == "opt" else 24)
    assert facts(describe(called, records)) == facts(after)


@pytest.mark.parametrize(
    "damage", [b"", b"x", b"llmcc-toolchain 1\n" * 11, b"\xff" * 100], ids=["empty", "short", "old", "binary"]
)
def test_a_damaged_record_is_no_record(tmp_path, damage):
    fake, records = fake_clang(tmp_path / "bin" / "clang-23"), tmp_path / "records"
    before = describe(fake, records)
    (record,) = records.iterdir()
    record.write_bytes(damage)
    assert facts(describe(fake, records)) == facts(before)
    assert times_asked(fake) == 2


def test_a_folder_that_cannot_hold_records_costs_nothing_but_time(tmp_path):
    fake = fake_clang(tmp_path / "bin" / "clang-23")
    (tmp_path / "file").write_text("")
    for _ in range(2):
        assert describe(fake, tmp_path / "file" / "records").major == 23
    assert times_asked(fake) == 2


def test_two_clangs_have_records_of_their_own(tmp_path):
    one, two = fake_clang(tmp_path / "a" / "clang", "20.1.1"), fake_clang(tmp_path / "b" / "clang", "21.1.1")
    records = tmp_path / "records"
    for _ in range(2):
        assert (describe(one, records).major, describe(two, records).major) == (20, 21)
    assert (times_asked(one), times_asked(two)) == (1, 1)


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (lambda p: fake_clang(p, "11.0.1"), "is clang 11; llmcc needs clang 14 or newer"),
        (lambda p: program(p, "echo gcc version 12 >&2"), "does not answer `-v` as clang does; set LLMCC_CLANG"),
        (lambda p: fake_clang(p, status=1), "does not answer `-v` as clang does"),
        (lambda p: fake_clang(p, "unknown"), "does not answer `-v` as clang does"),
        (lambda p: p, r"cannot be run \(No such file or directory\); set LLMCC_CLANG"),
        (lambda p: program(p, interpreter="/no/such/shell"), r"cannot be run \(No such file or directory\)"),
        (lambda p: fake_clang(p, opt=False), "links no libLLVM and has no opt; on Debian: apt-get install llvm-23"),
    ],
)
def test_what_cannot_be_used_is_a_sentence(tmp_path, monkeypatch, build, sentence):
    path = build(tmp_path / "bin" / "clang-x")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ToolchainError, match=sentence) as caught:
        describe(path, tmp_path / "records")
    assert str(caught.value).startswith(str(path))
    assert not (tmp_path / "records").exists()


def test_opt_on_path_belongs_to_clang_only_if_it_is_of_its_version(tmp_path, monkeypatch):
    fake = fake_clang(tmp_path / "bin" / "clang-23", opt=False)
    opt = program(tmp_path / "path" / "opt", "echo '  LLVM version 22.1.0'")
    monkeypatch.setenv("PATH", str(opt.parent))
    with pytest.raises(ToolchainError, match="has no opt"):
        describe(fake, tmp_path / "records")
    program(opt, "echo '  LLVM version 23.1.0'")
    assert describe(fake, tmp_path / "records").opt == os.fsencode(opt)
    numbered = program(tmp_path / "path" / "opt-23")
    assert describe(fake, tmp_path / "other").opt == os.fsencode(numbered)


def test_which_finds_as_a_shell_does(tmp_path, monkeypatch):
    first, second = program(tmp_path / "a" / "tool"), program(tmp_path / "b" / "tool")
    (tmp_path / "c" / "tool").mkdir(parents=True)
    path = search(tmp_path / "c", tmp_path / "b", tmp_path / "a")
    assert discover.which(b"tool", path) == os.fsencode(second)
    assert discover.which(b"other", path) == b""
    assert discover.which(os.fsencode(first), b"") == os.fsencode(first)
    assert discover.which(os.fsencode(tmp_path / "a" / "missing"), path) == b""
    monkeypatch.chdir(tmp_path / "a")
    assert discover.which(b"tool", b"") == b"./tool"


def test_the_cxx_driver_beside_a_clang(tmp_path):
    alone = fake_clang(tmp_path / "alone" / "clang-23")
    pair, cxx = fake_clang(tmp_path / "pair" / "clang-23"), fake_clang(tmp_path / "pair" / "clang++-23")
    plain = fake_clang(tmp_path / "plain" / "arm-none-eabi-clang")
    plain_cxx = fake_clang(tmp_path / "plain" / "arm-none-eabi-clang++")
    assert discover.cxx_of(os.fsencode(alone)) == [os.fsencode(alone), b"--driver-mode=g++"]
    assert discover.cxx_of(os.fsencode(pair)) == [os.fsencode(cxx)]
    assert discover.cxx_of(os.fsencode(cxx)) == [os.fsencode(cxx)]
    assert discover.cxx_of(os.fsencode(plain)) == [os.fsencode(plain_cxx)]
