"""battery.txt: each command line by clang and by llmcc, in folders of the same name and content.

Exit status, standard output, standard error, the set of files and every file's bytes must be clang's;
only an object, and what is linked of it, may differ, and then it has the same symbols and is smaller.
Each line runs twice with llmcc: in an empty cache, and in the one that the first run left.
"""

import codecs
import os
import re
import shlex
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

FILES: dict[bytes, bytes] = {
    b"tiny.c": b"int one(void) { return 1; }\n",
    b"empty.c": b"typedef int not_empty;\n",
    b"data.c": b'const char *const words[] = {"a", "b"};\nint numbers[64] = {1, 2, 3};\nint many[1000];\n',
    b"error.c": b'#include "extra.h"\nint one(void) { return undeclared; }\n',
    b"asm-error.c": b'void bad(void) { __asm__("no such instruction"); }\n',
    b"extra.h": b"#define EXTRA 1\nstatic inline int extra(void) { return EXTRA; }\n",
    b"code.s": b".globl assembled\nassembled:\n\tret\n",
    b"code.S": b"#define VALUE RESULT\n.globl assembled\nassembled:\n\tmov $VALUE, %eax\n\tret\n",
    b"code.ll": b"define i32 @lowered() {\n  ret i32 1\n}\n",
    b"args.rsp": b"-Oz -c \"two words.c\"\n-o 'from response.o' -MMD\n",
    b"nested.rsp": b"@inner.rsp -DNAMED=1\n",
    b"inner.rsp": b"-Oz -fPIC\n",
    b"deps/.keep": b"",
    b"out/.keep": b"",
    b"link-target.o": b"kept",
    b"main.c": b"#include <stdio.h>\nunsigned crc(const unsigned char *, unsigned);\n"
    b'int main(void) { printf("%u\\n", crc((const unsigned char *)"hello", 5)); return 0; }\n',
    b"main.cpp": b"int total(int);\nint main() { return total(3) == 0; }\n",
    b"undefined.c": b"int missing(int);\nint main(void) { return missing(2); }\n",
    b"one/same.c": b"int same_one(unsigned *p) { return p[0] * 3 + p[1] * 5 + p[2] * 7; }\n",
    b"two/same.c": b"int same_two(unsigned *p) { return p[2] * 3 + p[1] * 5 + p[0] * 7; }\n",
    b"both.c": b"int same_one(unsigned *), same_two(unsigned *);\n"
    b"int main(void) { unsigned p[] = {1, 2, 3}; return same_one(p) - same_two(p) != -8; }\n",
    b"sine.c": b"#include <math.h>\n#include <stdio.h>\nvolatile double x = 0.5;\n"
    b'int main(void) { printf("%.3f %.3f\\n", sin(x), pow(x, 3)); return 0; }\n',
    b"start.c": b"unsigned crc(const unsigned char *, unsigned);\nvoid _start(void) {\n"
    b'  long code = crc((const unsigned char *)"1", 1) & 3;\n'
    b'  __asm__ volatile("syscall" : : "a"(60L), "D"(code) : "rcx", "r11");\n  __builtin_unreachable();\n}\n',
    b"thread.c": b"_Thread_local int here;\nextern _Thread_local int elsewhere;\nstatic _Thread_local long mine[9];\n"
    b"int *count(int n) {\n  for (int i = 0; i < n; i++) { here += i ^ elsewhere; mine[i % 9] += here; }\n"
    b"  elsewhere = mine[n % 9];\n  return &here;\n}\n",
    b"guard.c": b"void fill(char *, int);\nint guarded(int n) {\n  char small[8], large[200];\n  fill(small, 8);\n"
    b"  fill(large, n);\n  for (int i = 0; i < n; i++) large[i] ^= small[i & 7];\n  fill(large, 200);\n"
    b"  return large[n] + small[3];\n}\n",
    b"comdat.cpp": b"""
template <int N> struct Power { static long of(long x) { return x * Power<N - 1>::of(x); } static int used; };
template <> struct Power<0> { static long of(long) { return 1; } static int used; };
template <int N> int Power<N>::used = N;
int Power<0>::used;
inline int counter() { static int value; return ++value; }
template <typename T> __attribute__((noinline)) T largest(const T *p, int n) {
  T best = p[0];
  for (int i = 1; i < n; i++) if (p[i] > best) best = p[i];
  return best;
}
template int largest<int>(const int *, int);
template long largest<long>(const long *, int);
long powers(long x) { return Power<9>::of(x) + Power<5>::of(x + counter()) + Power<5>::used + largest(&x, 1); }
""",
    b"module.cppm": b"export module numbers;\nexport int doubled(int x) { return 2 * x; }\n",
    b"template-error.cpp": b"template <class T> T twice(T x) { return x.none(); }\nint bad = twice(3);\n",
    b"syntax.c": b"int broken(void) {\n  return (1 + ;\n}\nint more(void { }\n",
    b"fixit.c": b'struct s { int a; };\nint f(struct s *p) { return p.a; }\nint g(void) { return "x" }\n',
    b"pragma.c": b'#pragma GCC diagnostic warning "-Wunused-variable"\n#warning look here\n#pragma unknown thing\n'
    b"unsigned sum(unsigned *p, int n) {\n  int unused;\n  unsigned t = 0;\n"
    b"  for (int i = 0; i < n; i++) t += p[i] * 0x1234567 + p[n - i];\n  return t;\n}\n",
    b"pasted.ii": b"template <class T> T sum(T *p, int n) {\n  T t = 0;\n"
    b"  for (int i = 0; i < n; i++) t += p[i] * p[n - i];\n  return t;\n}\n"
    b"long a(long *p, int n) { return sum(p, n); }\nint b(int *p, int n) { return sum(p, n); }\n",
    b"blob.bin": b"0123456789",
    b"blob.c": b'__asm__(".section .rodata\\n.globl blob\\nblob: .incbin \\"blob.bin\\"\\n.previous");\n'
    b"extern const unsigned char blob[];\nunsigned total(void) {\n  unsigned t = 0;\n"
    b"  for (int i = 0; i < 10; i++) t += blob[i] * 0x1234567;\n  return t;\n}\n",
    b"several.rsp": b"-Oz part.c\n\tmain.c\r\n-o 'program'\n",
    b"deep/first.rsp": b"-c @deep/second.rsp",
    b"deep/second.rsp": b'"-Oz" -DX=\\"q\\ q\\" -o "a \\"quoted\\".o" part.c',
    b"empty.rsp": b"",
    b"loop.rsp": b"@loop.rsp",
    b"fragment.rsp": b"-Oz -c -MJ fragment.json part.c",
    b"asked.rsp": b"-### -Oz -c part.c",
    b"settings.cfg": b"# comment\n-Oz \\\n  -DFROM_CONFIG=1\n",
    b"included.cfg": b"@settings.cfg\n-fPIC\n",
    b"user/clang.cfg": b"-Oz -g1\n",
    b"system/clang.cfg": b"-ffunction-sections\n",
    b"user/x86_64-pc-linux-gnu-clang++.cfg": b"-Oz -fno-rtti\n",
    b"lto.cfg": b"-flto\n",
    b"part.c": b"""
unsigned table[256];
static void fill(void) {
  for (unsigned i = 0; i < 256; i++) {
    unsigned c = i;
    for (int k = 0; k < 8; k++) c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1;
    table[i] = c;
  }
}
unsigned crc(const unsigned char *p, unsigned n) {
  if (!table[1]) fill();
  unsigned c = ~0u;
  for (unsigned i = 0; i < n; i++) c = table[(c ^ p[i]) & 255] ^ (c >> 8);
  return ~c;
}
void mix(unsigned *a, unsigned n, unsigned *b) {
  for (unsigned i = 0; i < n; i++)
    for (unsigned j = 0; j < n; j++) {
      a[i * n + j] ^= b[j * n + i] + 0x1234567;
      if (a[i * n + j] > 0x89abcde) b[j * n + i] = a[i * n + j] * 0x1234567 + n;
    }
}
""",
    b"warns.c": b"""
#include "unit.c"
int warns(unsigned *p, int n) {
  int unused, big[64];
  for (int i = 0; i < 64; i++) big[i] = i ^ n;
  for (unsigned i = 0; i < n; i++) p[i] += big[i & 63];
  return "text" == 0;
}
""",
    b"coroutine.cpp": b"""
#include <coroutine>
struct Task {
  struct promise_type {
    Task get_return_object() { return {}; }
    std::suspend_never initial_suspend() { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
};
int counter;
Task count(int n) {
  for (int i = 0; i < n; i++) { counter += i; co_await std::suspend_never{}; }
}
""",
    b"unit.cpp": b"""
#include <map>
#include <string>
#include <vector>
#ifndef NO_THROW
#include <stdexcept>
#endif
template <typename T> struct Matrix {
  std::vector<T> cells;
  unsigned width;
  Matrix(unsigned w, unsigned h) : cells(w * h), width(w) {}
  T &at(unsigned x, unsigned y) {
#ifndef NO_THROW
    if (x >= width) throw std::out_of_range("x");
#endif
    return cells[y * width + x];
  }
  T sum() const { T t = T(); for (const T &c : cells) t += c; return t; }
};
struct Shape { virtual ~Shape() {} virtual int area() const = 0; };
struct Square final : Shape {
  int side;
  explicit Square(int s) : side(s) {}
  int area() const override { return side * side; }
};
inline int shared_inline(int a) { static int calls; calls += a; return calls; }
int total(int n) {
  Matrix<int> ints(n, n);
  Matrix<double> doubles(n, n);
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) { ints.at(i, j) = i * j + shared_inline(i); doubles.at(j, i) = i / 2.0; }
  std::map<std::string, int> names;
  for (int i = 0; i < n; i++) names[std::to_string(i)] += ints.at(i, i);
  int t = static_cast<int>(doubles.sum()) + ints.sum();
  for (const auto &entry : names) t += entry.second + static_cast<int>(entry.first.size());
#ifndef NO_THROW
  try { t += ints.at(n, 0); } catch (const std::out_of_range &e) { t -= (int)std::string(e.what()).size(); }
#endif
  Shape *shape = new Square(n);
  t += shape->area();
  delete shape;
  return t;
}
""",
}
LONG = b"n" * 240 + b".c"
COPIES = (
    *(b"-dash.c", b"two words.c", b"new\nline.c", b"quo'te\"$x.c", b"caf\xe9\xff.c", b"conftest.c"),
    *(b"back\\slash.c", b"tab\t #hash.c", "größe→.c".encode(), b"@at.c", b"*?.c", b"a.b.c", b"no-suffix", LONG),
)
"""More names of part.c."""

# The driver names the files between its steps at random; where in smaller code a call stands, the linker says.
_RANDOM = re.compile(rb"/tmp/(?:[^\s:\"']*/)?[^\s/:\"']+?-[0-9a-f]{6}\.[a-z]+")
_OFFSET = re.compile(rb"\(\.text\S*\+0x[0-9a-f]+\)")


@dataclass(frozen=True, slots=True)
class Case:
    """One line: `reason` is the word that must be in the log, SEVERAL or CLANGS."""

    reason: str
    known_wrong: bool
    program: str
    args: tuple[bytes, ...]
    environment: dict[str, str]
    stdin: bytes


def _read_cases() -> list[Case]:
    cases = []
    for line in Path(__file__).with_name("battery.txt").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        reason, *words = shlex.split(line)
        environment = {}
        while "=" in words[0]:
            name, _, value = words.pop(0).partition("=")
            environment[name] = value
        program = words.pop(0)
        stdin = words.pop()[1:].encode() if words and words[-1].startswith("<") else b""
        args = tuple(codecs.escape_decode(word.encode())[0] for word in words)
        cases.append(Case(reason.removeprefix("!"), reason.startswith("!"), program, args, environment, stdin))
    return cases


SHARE = 3
"""One line in so many is for every clang."""


def _parameters() -> list[object]:
    wrong = pytest.mark.xfail(strict=True, reason="llmcc differs from clang here")
    parameters = []
    for number, case in enumerate(_read_cases()):
        name = b" ".join([case.program.encode(), *case.args]).decode("ascii", "replace")[:90]
        marks = [wrong] if case.known_wrong else []
        if number % SHARE:
            marks.append(pytest.mark.once)
        parameters.append(pytest.param(case, id=name, marks=marks))
    return parameters


OURS = ("kept", "nothing-smaller", "coroutines")
SEVERAL = "several"
"""The reason of a command with several units, or with a link: each unit is decided for itself, or all is clang's."""
CLANGS = "clangs"
"""No object of ours, and it does not matter why."""


@pytest.fixture(scope="module")
def sources(clang, tmp_path_factory: pytest.TempPathFactory) -> dict[bytes, bytes]:
    """Every file that a case may name, by its path in the folder."""
    made = tmp_path_factory.mktemp("made")
    part = FILES[b"part.c"].decode()
    bitcode = clang.compile(part, made / "part.bc", "-Oz", "-emit-llvm")
    ready = clang.compile(part, made / "ready.o", "-Oz")
    clang.ask("llvm-ar", "rcsD", made / "libready.a", made / "ready.o")
    here = Path(__file__).resolve().parents[2] / "examples" / "makefile" / "src"
    files = {os.fsencode(path.name): path.read_bytes() for path in here.glob("*.h")}
    files |= {b"json.c": (here / "json.c").read_bytes()} | FILES
    # Most lines are about anything but code: a smaller one with headers.
    files |= {b"unit.c": b'#include <stdlib.h>\n#include "json.h"\n' + FILES[b"part.c"]}
    files |= {b"json.txt": FILES[b"part.c"], b"preprocessed.i": FILES[b"part.c"], b"part.bc": bitcode}
    files |= {b"ready.o": ready, b"libs/libready.a": (made / "libready.a").read_bytes()}
    return files | dict.fromkeys(COPIES, FILES[b"part.c"])


RELOCATABLE = b"\1\0"
OPTIONS = "-disable-lsr -disable-machine-licm -enable-ext-tsp-block-placement"
RECIPES = (f"<clang> | {OPTIONS}", f"<clang> | {OPTIONS} -enable-machine-outliner=always")


def _populate(folder: Path, files: dict[bytes, bytes]) -> None:
    folder.mkdir()
    for name, content in files.items():
        path = os.path.join(os.fsencode(folder), name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
    # Time stamps are in precompiled headers; a link is an output that must not be replaced.
    os.symlink("link-target.o", folder / "link.o")
    for top, _, names in os.walk(os.fsencode(folder)):
        for name in names:
            os.utime(os.path.join(top, name), (1_000_000_000, 1_000_000_000), follow_symlinks=False)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a command left: its end, and the files that were not there before."""

    code: int
    stdout: bytes
    stderr: bytes
    files: dict[bytes, bytes]


def _look(case: Case, work, sources: dict[bytes, bytes], program: "str | Path") -> Seen:
    shutil.rmtree(work.folder)
    _populate(work.folder, sources)
    done = work.run([program, *case.args], input=sources[case.stdin] if case.stdin else b"")
    files = {name: content for name, content in work.files().items() if sources.get(name) != content}
    said = (_OFFSET.sub(b"(.text)", _RANDOM.sub(b"TEMP", text)) for text in (done.stdout, done.stderr))
    return Seen(done.code, *said, files)


def _smaller(work, name: bytes, theirs: bytes, mine: bytes) -> None:
    """An object, or what was linked of one, that may stand for clang's. Raises NotElfError for any other file."""
    linked = theirs[16:18] != RELOCATABLE
    # The reader takes relocatable objects; a linked file has the same tables under another type.
    before, after = (work.shape_of(content[:16] + RELOCATABLE + content[18:]) for content in (theirs, mine))
    # Between smaller parts the linker may need more bytes to align the next.
    assert after.size < before.size or (linked and after.size < before.size + 16), name
    # What a smaller object does not call is not linked from an archive.
    assert after.defined == before.defined or (linked and after.defined < before.defined), name
    if linked and name == b"program":
        ends = []
        for content in (theirs, mine):
            path = work.root / "program"
            path.write_bytes(content)
            path.chmod(0o755)
            ends.append(work.run([path]))
        assert ends[0] == ends[1]


@pytest.mark.parametrize("case", _parameters())
def test_same_as_clang(case: Case, work, sources: dict[bytes, bytes], make_model: Callable[..., Path]) -> None:
    work.env["LLMCC_MODEL"] = str(make_model(*RECIPES))
    work.env |= case.environment
    suffix = "++" if case.program == "c++" else ""
    theirs = _look(case, work, sources, work.clangxx_path if suffix else work.clang_path)
    for attempt in ("cold", "warm"):
        mine = _look(case, work, sources, work.bin / f"llmcc{suffix}")
        assert (mine.code, mine.stdout, mine.stderr) == (theirs.code, theirs.stdout, theirs.stderr)
        assert sorted(mine.files) == sorted(theirs.files)
        differing = [name for name, content in theirs.files.items() if mine.files[name] != content]
        for name in differing:
            _smaller(work, name, theirs.files[name], mine.files[name])
        outcomes = work.outcomes()
        if case.reason == SEVERAL:
            # As many as there are units, or one for all.
            assert outcomes
            assert differing == [] or {outcome for outcome, _ in outcomes} != {"passthrough"}
            continue
        if case.reason == CLANGS:
            assert differing == []
            continue
        ((outcome, reason),) = outcomes
        assert reason == case.reason
        assert len(differing) == (case.reason == "kept")
        if case.reason == "reads-files":
            assert outcome == "fallback"
        elif case.reason not in OURS:
            assert outcome == "passthrough"
        elif attempt == "warm":
            assert outcome == "hit"
    assert work.left_over() == []
