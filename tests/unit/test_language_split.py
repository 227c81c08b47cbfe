"""Long modules are split by function: every function once, every part a module that LLVM reads."""

import re
import subprocess
from pathlib import Path

import pytest

from llmcc.lm.prompt import condensed, plain_ir
from llmcc.lm.split import ModuleText, split, without_debug_information

C = r"""
#include <stdarg.h>
struct list { int value; struct list *next; };
union bits { float f; unsigned u; };
static const char *const names[] = {"a @g %struct.list !5", "\"b\" { } ; not a comment"};
static const int squares[200] = {1, 4, 9, 16};
static int counter;
_Thread_local int mine = 3;
extern int ext, *other(void);
__attribute__((weak)) int weak(void) { return 1; }
inline int inl(int x) { return x + ext; }
static int helper(struct list *p) { return p ? p->value + helper(p->next) : 0; }
int sum(int n, ...) { va_list l; va_start(l, n); int s = 0; while (n--) s += va_arg(l, int); va_end(l); return s; }
int g(struct list *p, int n) { for (int i = 0; i < n; i++) counter += names[i & 1][i] + helper(p); return inl(n); }
int (*const table[])(struct list *, int) = { g };
int h(int i, union bits b) { mine++; return table[0](0, squares[i]) + weak() + (int)b.u + *other(); }
void nothing(void) {}
int i(void) __attribute__((alias("weak")));
double k(double x) { __asm__ volatile("nop" ::: "memory"); return x * 2.5e-3; }
"""
CXX = r"""
#include <stdexcept>
#include <string>
#include <vector>
struct Base { virtual ~Base() = default; virtual int f() const { return 1; } };
struct Derived : Base { int f() const override { return 2; } };
template <class T> T twice(T x) { return x + x; }
namespace { int hidden(int x) { if (x < 0) throw std::out_of_range("negative"); return x; } }
int use(const Base &b, std::vector<int> &v) { v.push_back(b.f()); return twice(v.back()); }
int guarded(int x) { try { return hidden(x); } catch (const std::out_of_range &e) { return e.what()[0]; } }
std::string text() { static std::string kept("some words"); return kept + "more"; }
Base *make() { return new Derived; }
"""


def assembly(clang, folder: Path, source: str, *flags: str, suffix: str = ".c") -> str:
    path = folder / f"unit{suffix}"
    path.write_text(source)
    command = [*flags, "-Oz", "-S", "-emit-llvm", "-Xclang", "-disable-llvm-passes", "-c", path, "-o", folder / "u.ll"]
    clang.run(command)
    return (folder / "u.ll").read_text()


@pytest.fixture(scope="module", params=["c", "c++", "c -g", "arm"])
def text(request, clang, tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("unit")
    if request.param == "c++":
        return assembly(clang, folder, CXX, suffix=".cpp")
    flags = {"c": [], "c -g": ["-g"], "arm": ["--target=thumbv7em-none-eabi", "-ffunction-sections"]}[request.param]
    return assembly(clang, folder, C, *flags)


def reads(clang, text: str) -> None:
    """The LLVM at hand reads and verifies a module."""
    done = subprocess.run(
        [clang.tool("opt"), "-passes=verify", "-S", "-o", "-", "-"],
        input=text.encode(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode() + text


def defined(text: str) -> list[str]:
    return re.findall(r'^define [^@\n]*(@(?:"[^"]*"|[-\w.$]+))\(', text, re.M)


def test_every_function_alone_is_a_module(clang, text):
    module = ModuleText(text)
    assert [function.name for function in module.functions] == defined(text)
    for function in module.functions:
        part = module.part([function.name])
        assert defined(part.text) == [function.name]
        assert function.instructions > 0
        reads(clang, part.text)


def test_a_part_has_the_function_as_it_was(text):
    module = ModuleText(text)
    for function in module.functions:
        lines = module.part([function.name]).text.split("\n")
        begin = next(at for at, line in enumerate(lines) if line.startswith("define "))
        end = lines.index("}", begin)
        assert "\n".join(lines[begin : end + 1]) + "\n" in text


def test_parts_keep_every_function_once(clang, text):
    module = ModuleText(text)
    longest = max(len(module.part([function.name]).text) for function in module.functions)
    parts, left = split(module, len, 2 * longest, 100)
    assert left == []
    assert len(parts) > 1
    names = [name for part in parts for name in defined(part.text)]
    assert names == [function.name for part in parts for function in part.functions] == defined(text)
    for part in parts:
        assert len(part.text) <= 2 * longest
        reads(clang, part.text)


def test_what_is_left_out_is_told(text):
    module = ModuleText(text)
    lengths = {function.name: len(module.part([function.name]).text) for function in module.functions}
    room = sorted(lengths.values())[-2]
    parts, left = split(module, len, room, 100)
    assert {function.name for function in left} == {name for name, length in lengths.items() if length > room}
    assert left
    fewer, more = split(module, len, room, 1)
    assert len(fewer) == 1
    assert fewer[0].instructions == max(part.instructions for part in parts)
    told = [function.name for part in fewer for function in part.functions] + [function.name for function in more]
    assert sorted(told) == sorted(lengths)


def test_all_of_a_module_without_what_a_debugger_reads(clang, text):
    plain = without_debug_information(plain_ir(text))
    assert "ModuleID" not in plain
    assert "!dbg" not in plain
    assert "DILocation" not in plain
    assert defined(plain) == defined(text)
    reads(clang, plain)
    if "!llvm.dbg.cu" not in text:
        assert plain == plain_ir(text)


def test_the_condensed_form_is_short_and_has_every_instruction(text):
    plain = without_debug_information(plain_ir(text))
    short = condensed(plain)
    assert len(short) < 0.8 * len(plain)
    assert "!tbaa" not in short
    assert "attributes" not in short
    assert "target" not in short
    assert defined(short) == defined(plain)
    assert short.count(" = load ") == plain.count(" = load ")
    assert short.count("ret ") >= len(defined(short)) // 2
