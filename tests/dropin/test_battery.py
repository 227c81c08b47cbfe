"""battery.txt: each command line by clang and by llmcc, in folders of the same name and content.

Exit status, standard output, standard error, the set of files and every file's bytes must be clang's;
only an object may differ, and then it has the same symbols and is smaller. A unit that is ours is
compiled twice, so that the second time it comes from the cache.
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
#include "json.c"
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
COPIES = (b"-dash.c", b"two words.c", b"new\nline.c", b"quo'te\"$x.c", b"caf\xe9\xff.c", b"conftest.c")
"""More names of part.c."""

# The driver names the files between its steps at random.
_RANDOM = re.compile(rb"/tmp/[\w.-]+?-[0-9a-f]{6}\.[a-z]+")


@dataclass(frozen=True, slots=True)
class Case:
    reason: str
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
        cases.append(Case(reason, program, args, environment, stdin))
    return cases


CASES = _read_cases()


@pytest.fixture(scope="module")
def sources(clang, tmp_path_factory: pytest.TempPathFactory) -> dict[bytes, bytes]:
    """Every file that a case may name, by its path in the folder."""
    bitcode = clang.compile(FILES[b"part.c"].decode(), tmp_path_factory.mktemp("bc") / "part.bc", "-Oz", "-emit-llvm")
    here = Path(__file__).resolve().parents[2] / "examples" / "makefile" / "src"
    files = {os.fsencode(path.name): path.read_bytes() for path in here.glob("*.h")}
    files |= {b"json.c": (here / "json.c").read_bytes()} | FILES
    files |= {b"json.txt": FILES[b"part.c"], b"preprocessed.i": FILES[b"part.c"], b"part.bc": bitcode}
    return files | dict.fromkeys(COPIES, FILES[b"part.c"])


@pytest.fixture(scope="module")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("battery") / "cache"


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


@pytest.mark.parametrize(
    "case", CASES, ids=lambda c: b" ".join([c.program.encode(), *c.args]).decode("ascii", "replace")
)
def test_same_as_clang(
    case: Case, work, sources: dict[bytes, bytes], shared_cache: Path, make_model: Callable[..., Path]
) -> None:
    work.env["LLMCC_DIR"] = str(shared_cache)
    options = "-disable-lsr -disable-machine-licm -enable-ext-tsp-block-placement"
    work.env["LLMCC_MODEL"] = str(
        make_model(f"<clang> | {options}", f"<clang> | {options} -enable-machine-outliner=always")
    )
    work.env |= case.environment
    stdin = sources[case.stdin] if case.stdin else b""

    def compile_by(program: "str | Path") -> tuple[int, bytes, bytes, dict[bytes, bytes]]:
        shutil.rmtree(work.folder)
        _populate(work.folder, sources)
        done = work.run([program, *case.args], input=stdin)
        files = {name: content for name, content in work.files().items() if sources.get(name) != content}
        return done.code, _RANDOM.sub(b"TEMP", done.stdout), _RANDOM.sub(b"TEMP", done.stderr), files

    suffix = "++" if case.program == "c++" else ""
    theirs = compile_by(work.clangxx_path if suffix else work.clang_path)
    ours = case.reason in ("kept", "nothing-smaller", "coroutines")
    for attempt in ("cold", "warm")[: 1 + ours]:
        mine = compile_by(work.bin / f"llmcc{suffix}")
        ((outcome, reason),) = work.outcomes()
        assert mine[:3] == theirs[:3]
        assert sorted(mine[3]) == sorted(theirs[3])
        assert reason == case.reason
        if not ours:
            assert outcome == "passthrough"
        elif attempt == "warm":
            assert outcome == "hit"
        shrunk = 0
        for name, content in theirs[3].items():
            if mine[3][name] == content:
                continue
            before, after = work.shape_of(content), work.shape_of(mine[3][name])
            assert after.defined == before.defined, name
            assert after.size < before.size, name
            shrunk += 1
        assert shrunk == (case.reason == "kept")
    assert work.left_over() == []
