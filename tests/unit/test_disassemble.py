"""Functions as assembly text, from LLVM's objdump and from GNU's; two listings beside each other."""

import os
import shutil

import pytest

from llmcc.cli.sides import beside
from toolchain.disassemble import Instruction, disassemble, find_objdump, parse
from toolchain.errors import ToolchainError
from toolchain.symbols import changes

SOURCE = """\
int outside(int);
static int inside(int n) { int s = 0; for (int i = 0; i < n; i++) s += outside(i); return s; }
int first(int n) { return outside(n) + inside(n); }
int second(int n) { return n ? inside(n) : first(n); }
const char *word(void) { return "a word"; }
"""


@pytest.mark.parametrize(
    "target", ["x86_64-linux-gnu", "thumbv7m-none-eabi", "riscv32-unknown-elf", "aarch64-linux-gnu"]
)
def test_calls_name_what_is_called(clang, toolchain, tmp_path, target):
    clang.compile(SOURCE, tmp_path / "unit.o", "-Oz", f"--target={target}", "-ffreestanding")
    objdump = find_objdump(toolchain, os.environb[b"PATH"])
    found = disassemble(objdump, os.fsencode(tmp_path / "unit.o"))
    assert {"first", "second", "word"} <= set(found)
    assert found["first"][0].offset == 0
    text = "\n".join(instruction.text for code in found.values() for instruction in code)
    assert "outside" in text
    assert "first" in "".join(instruction.text for instruction in found["second"])
    assert "<" not in text


def test_gnu_objdump_says_the_same(clang, toolchain, tmp_path):
    gnu = shutil.which("objdump")
    if gnu is None or os.uname().machine != "x86_64":
        pytest.skip("there is no GNU objdump for this machine")
    clang.compile(SOURCE, tmp_path / "unit.o", "-Oz")
    path = os.fsencode(tmp_path / "unit.o")
    ours, theirs = disassemble(find_objdump(toolchain, b""), path), disassemble(os.fsencode(gnu), path)
    assert ours.keys() == theirs.keys()
    for name, code in ours.items():
        assert [each.offset for each in code] == [each.offset for each in theirs[name]]


def test_a_jump_to_code_that_moved_has_the_same_shape():
    before = parse("0000000000000010 <f>:\n      10:\tjmp\t0x14 <f+0x4>\n      12:\tjmp\t0x30 <g>\n")["f"]
    after = parse("0000000000000000 <f>:\n       0:\tjmp\t0x8 <f+0x8>\n       2:\tjmp\t0x40 <g>\n")["f"]
    assert before == [Instruction(0, "jmp +0x4"), Instruction(2, "jmp g")]
    assert [each.shape for each in before] == [each.shape for each in after]


def test_what_the_linker_fills_in_replaces_the_place_that_stands_there():
    listing = "0000 <f>:\n 0:\tjmp\t0x5 <g>\n\t\t0001:  R_X86_64_PLT32\th-0x4\n"
    assert parse(listing)["f"] == [Instruction(0, "jmp h")]


def test_what_is_no_object_is_one_sentence(toolchain, tmp_path):
    (tmp_path / "text.o").write_text("words")
    with pytest.raises(ToolchainError, match=r"cannot read the object .*; install llvm-objdump$"):
        disassemble(find_objdump(toolchain, b""), os.fsencode(tmp_path / "text.o"))


def test_without_any_objdump_the_package_is_named(toolchain, tmp_path):
    lonely = type(toolchain)(b"/nowhere/clang", b"", 19, b"", b"", b"", ())
    with pytest.raises(ToolchainError, match="apt-get install llvm-19"):
        find_objdump(lonely, os.fsencode(tmp_path))


def test_listings_stand_beside_each_other_where_there_is_room():
    before, after = ["a", "b", "c", "d"], ["a", "x", "c", "d", "e"]
    assert beside(before, after, 105) == [f"{line:51} {rest}".rstrip() for line, rest in (
        ("a", "  a"), ("b", "| x"), ("c", "  c"), ("d", "  d"), ("", "> e")
    )]  # fmt: skip
    assert beside(before, after, 80) == ["  a", "- b", "+ x", "  c", "  d", "+ e"]
    assert beside(["x" * 90], [], 103)[0] == "x" * 49 + "… <"


def test_what_became_of_symbols():
    found = changes({"a": 10, "b": 4, "gone": 8, "same": 2}, {"a": 4, "b": 9, "new": 3, "same": 2})
    assert [(each.name, each.word, each.growth) for each in found] == [
        ("gone", "vanished", -8),
        ("a", "shrank", -6),
        ("same", "stayed", 0),
        ("new", "appeared", 3),
        ("b", "grew", 5),
    ]
