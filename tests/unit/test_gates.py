"""The structure gate on pairs of real objects, one for each of its rules, and the user's own test."""

import os
from pathlib import Path

import pytest

from llmcc import gates
from llmcc.config import resolve
from llmcc.gates import Outcome, Pair, Verdict, run_gates, structure, user


@pytest.fixture
def build(clang, tmp_path):
    """build(source, *flags): a real object of it."""
    number = 0

    def built(source: str, *flags: str, suffix: str = ".c") -> bytes:
        nonlocal number
        number += 1
        return clang.compile(source, tmp_path / f"o{number}.o", "-Oz", *flags, suffix=suffix)

    return built


def pair(baseline: bytes, candidate: bytes) -> Pair:
    return Pair(baseline, candidate, b"baseline.o", b"candidate.o", b"unit.c")


def problem(baseline: bytes, candidate: bytes) -> str:
    """What the gate says against a candidate; "" when it passes."""
    verdict = structure(pair(baseline, candidate))
    assert verdict.gate == "structure"
    assert verdict.outcome in (Outcome.PASS, Outcome.FAIL)
    assert bool(verdict.evidence) is (verdict.outcome is Outcome.FAIL)
    assert verdict.passes is (verdict.outcome is Outcome.PASS)
    return verdict.evidence


RICH = """
extern int outside(int);
extern int maybe(int) __attribute__((weak));
int tentative[9];
int set_up = 4;
const int fixed[3] = {1, 2, 3};
static int hits;
__attribute__((section("own_data"))) int placed[4] = {1, 2, 3, 4};
__attribute__((section("own_text"))) int code(int x) { return outside(x) + hits++; }
__attribute__((weak)) int soft(int x) { return x * 2; }
__attribute__((visibility("hidden"))) int inner(int x) { return x + set_up + fixed[x & 1]; }
int outer(int x) { return code(x) + inner(x) + soft(x) + (maybe ? maybe(x) : tentative[x & 7]); }
__attribute__((constructor)) static void start(void) { hits = 1; }
_Thread_local int own = 3;
_Thread_local int own_zero;
"""
# Two sections of one name and of different sizes: each variable is in a group of its own.
RICH_CXX = """
template <class T> struct Box { static int first; static long second[4]; };
template <class T> __attribute__((section("shared_name"))) int Box<T>::first = 1;
template <class T> __attribute__((section("shared_name"))) long Box<T>::second[4] = {1, 2};
struct Base { virtual ~Base(); virtual int get(int x) { return x; } };
inline __attribute__((noinline)) int twice(int x) { static int seen; return seen += x * 2; }
int use(Base &b, int x) { try { return b.get(x) + twice(x) + Box<int>::first; } catch (...) { return Box<int>::second[x]; } }
int *take() { return &Box<long>::first; }
"""  # fmt: skip  # noqa: E501
TARGETS = [
    (),
    ("-g", "-ffunction-sections", "-fdata-sections"),
    ("-fcommon", "-fno-pic"),
    ("--target=i386-linux-gnu",),
    ("--target=arm-none-eabi", "-mcpu=cortex-m4", "-ffreestanding"),
    ("--target=riscv32-unknown-elf", "-ffreestanding"),
]


def _probe(name: str, flags: str = '""') -> str:
    """A place that a tracer finds by a note, as <sys/sdt.h> writes it."""
    note = f'.pushsection .note.probes,{flags},@note\\n.asciz "{name}"\\n.popsection'
    return "__asm__(" + '"' + note.replace('"', '\\"') + '"' + ");"


@pytest.mark.parametrize("flags", TARGETS, ids=" ".join)
@pytest.mark.parametrize("language", ["c", "c++"])
def test_identical_objects_pass(build, flags, language):
    extra = ("-fexceptions",) if language == "c++" else ()
    data = build(RICH if language == "c" else RICH_CXX, *flags, *extra, suffix={"c": ".c", "c++": ".cpp"}[language])
    assert problem(data, data) == ""


@pytest.mark.parametrize("flags", TARGETS, ids=" ".join)
def test_smaller_code_of_the_same_unit_passes(build, flags):
    """The same source at two levels: other code, other literals, but the same to the linker."""
    grown, small = build(RICH, *flags, "-O1"), build(RICH, *flags)
    assert grown != small
    assert problem(grown, small) == ""


ONE = "int kept(int x) { return x + 1; }\nint value = 3;\n"


@pytest.mark.parametrize(
    ("before", "after", "evidence"),
    [
        ("int gone(void) { return 1; }", "", "symbol gone is gone"),
        ("int gone = 1;", "", "symbol gone is gone"),
        ("int gone;", "static int gone; int *address(void) { return &gone; }", "symbol gone is gone"),
        ("int f() { return 1; }", "__attribute__((weak)) int f() { return 1; }", "symbol f has another binding"),
        ("__attribute__((weak)) int v = 1;", "int v = 1;", "symbol v has another binding"),
        ("int f(void) { return 1; }", "int f = 1;", "symbol f has another type"),
        (
            "int f(void) { return 1; }",
            "__attribute__((visibility(\"hidden\"))) int f(void) { return 1; }",
            "symbol f has another visibility",
        ),
        ("int v = 1;", "const int v = 1;", "symbol v moved from .data to .rodata"),
        ("int v = 1;", "int v;", "symbol v moved from .data to .bss"),
        ("int v = 1;", "__attribute__((section(\"mine\"))) int v = 1;", "symbol v moved from .data to mine"),
        (
            "__attribute__((section(\"mine\"))) int f(void) { return 1; }",
            "int f(void) { return 1; }",
            "symbol f moved from mine to .text",
        ),
        ("", "int fresh(void) { return 1; }", "symbol fresh is new"),
        ("", "__attribute__((weak)) int fresh(void) { return 1; }", "symbol fresh is new"),
        ("int f(int x) { return x; }", "int g(int); int f(int x) { return g(x); }", "new undefined symbol g"),
        (
            "int g(int); int f(int x) { return g(x); }",
            "__attribute__((weak)) int g(int); int f(int x) { return g(x); }",
            "undefined symbol g has another binding",
        ),
        ("__attribute__((section(\"mine\"), used)) static int v = 1;", "", "section mine is gone"),
        ("", "__attribute__((section(\"mine\"), used)) static int v = 1;", "section mine is new"),
        (
            "__attribute__((section(\"mine\"), used)) static int v = 1;",
            "__attribute__((section(\"mine\"), used)) static const int v = 1;",
            "section mine has other flags",
        ),
        (
            "__attribute__((section(\"mine\"), used)) static int v[2] = {1};",
            "__attribute__((section(\"mine\"), used)) static int v[1] = {1};",
            "section mine has another size",
        ),
        (_probe("a") + _probe("b"), _probe("a"), "section .note.probes has another size"),
        (_probe("a"), "", "section .note.probes is gone"),
        (_probe("a", '"a"'), "", "section .note.probes is gone"),
        (_probe("a", '"a"') + _probe("b", '"a"'), _probe("a", '"a"'), "section .note.probes has another size"),
        ("void g(void); __attribute__((constructor)) static void c(void) { g(); }", "", "section .init_array is gone"),
        (
            "void g(void); __attribute__((constructor)) static void c(void) { g(); }",
            "void g(void); __attribute__((constructor)) static void c(void) { g(); }"
            " __attribute__((constructor)) static void d(void) { g(); value--; }",
            "section .init_array has another size",
        ),
        (
            "__attribute__((section(\"mine\"))) int f(int x) { return x * x + value; }",
            "__attribute__((noinline)) static int part(int x) { return x * x + value; }"
            " __attribute__((section(\"mine\"))) int f(int x) { return part(x); }",
            "code of section mine may have moved to another",
        ),
    ],
)  # fmt: skip
def test_what_the_linker_would_see(build, before, after, evidence):
    assert problem(build(ONE + before), build(ONE + after)) == evidence


def test_a_call_that_a_pass_would_make_is_a_new_undefined_symbol(build):
    loop = "void clear(char *p, unsigned n) { while (n--) *p++ = 0; }"
    plain, idiom = build(loop, "-O2", "-ffreestanding"), build(loop, "-O2")
    assert problem(plain, idiom) == "new undefined symbol memset"
    assert problem(idiom, plain) == "", "one call less is no harm"


@pytest.mark.parametrize(
    ("before", "after", "evidence"),
    [
        ("int g(int n) { return n * 3; }", "int g(int n) { return n ? g(n - 1) + 3 : 0; }", "g refers to g now"),
        ("void h(char *p) { *p = 0; }", "void h(char *p) { memset(p, 0, 1); }", "h refers to memset now"),
        ("void h(char *p) { *p = 0; }", "void h(char *p) { __mulsi3(1, 2); *p = 0; }", "h refers to __mulsi3 now"),
        ("void h(char *p) { *p = 0; }", "void h(char *p) { own(); *p = 0; }", ""),
        ("int g(int n) { return n ? g(n - 1) + 3 : 0; }", "int g(int n) { return n * 3; }", ""),
    ],
)
@pytest.mark.parametrize("target", ["x86_64-linux-gnu", "thumbv7m-none-eabi", "riscv32"])
def test_a_function_that_is_made_of_itself(build, before, after, evidence, target):
    """Code that a pass has recognised, in the very function that the compiler's run-time library is to have for it."""
    own = """void *memset(void *p, int c, __SIZE_TYPE__ n) { return p; }
    int __mulsi3(int a, int b) { return a; }
    void own(void) {}
    """
    flags = (f"--target={target}", "-O0", "-ffreestanding")
    assert problem(build(own + before, *flags), build(own + after, *flags)) == evidence


INLINE = """
inline int small(int x) { return x * 3 + 1; }
int use(int x) { return small(x) + small(x + 1); }
"""


def test_an_inline_function_that_is_no_longer_inlined_is_allowed(build):
    inlined = build(INLINE, suffix=".cpp")
    called = build(INLINE, "-fno-inline", suffix=".cpp")
    assert called.count(b"_Z5smalli") > inlined.count(b"_Z5smalli") == 0
    assert problem(inlined, called) == ""
    assert problem(called, inlined) == "symbol _Z5smalli is gone"


def test_a_c99_inline_function_that_is_no_longer_inlined_is_not(build):
    """Nobody defines it: the link would fail."""
    source = "inline int small(int x) { return x * 3; }\nint use(int x) { return small(x); }\n"
    assert problem(build(source), build(source, "-fno-inline")) == "new undefined symbol small"


@pytest.mark.parametrize(
    ("source", "suffix", "reference_flags", "hosted", "evidence"),
    [
        (INLINE, ".cpp", (), True, ""),
        ("inline int small(int x) { return x * 3; }\nint use(int x) { return small(x); }\n", ".c",
         ("-fno-inline",), True, "new undefined symbol small"),
        ("template <class T> struct Box { T get(T x) { return x * 3; } };\nextern template struct Box<int>;\n"
         "int use(int x) { return Box<int>().get(x); }\n", ".cpp", ("-fno-inline",), True,
         "new undefined symbol _ZN3BoxIiE3getEi"),
        ("extern inline __attribute__((gnu_inline)) int small(int x) { return x * 3; }\n"
         "int use(int x) { return small(x); }\n", ".cpp", ("-fno-inline",), True, "new undefined symbol _Z5smalli"),
        ("#include <string>\nint use(const std::string &s, std::string &t) { t.append(s); return s.size(); }\n", ".cpp",
         ("-fno-inline",), True, ""),
        ("int same(const char *a, const char *b) { return __builtin_memcmp(a, b, 24) == 0; }\n", ".c", (), True, ""),
        ("int same(const char *a, const char *b) { return __builtin_memcmp(a, b, 24) == 0; }\n", ".c", (), False,
         "new undefined symbol bcmp"),
    ],
    ids=["C++ inline", "C99 inline", "extern template", "gnu_inline", "std", "library call",
         "library call without a library"],
)  # fmt: skip
def test_an_os_unit_is_compared_with_clangs_own_oz(build, source, suffix, reference_flags, hosted, evidence):
    """Clang keeps other inline functions at -Os than at -Oz; what it needs then must be there to link."""
    keeps = ("-Os", "-fno-inline") if source == INLINE else ("-Os",)
    baseline = build(source, *keeps, suffix=suffix)
    reference = build(source, *reference_flags, suffix=suffix)
    two = Pair(baseline, reference, b"baseline.o", b"candidate.o", b"unit.c", reference, hosted)
    assert structure(two).evidence == evidence
    # Without the reference each of them would be turned down.
    assert structure(Pair(baseline, reference, b"baseline.o", b"candidate.o", b"unit.c")).evidence
    other = build(source + "int more;\n", *reference_flags, suffix=suffix)
    assert (
        structure(Pair(baseline, other, b"b.o", b"c.o", b"unit.c", reference, hosted)).evidence == "symbol more is new"
    )


def test_sections_of_one_name_are_compared_together(build):
    bigger = RICH_CXX.replace("second[4]", "second[6]")
    before, after = build(RICH_CXX, suffix=".cpp"), build(bigger, suffix=".cpp")
    assert problem(before, after) == "section shared_name has another size"


@pytest.mark.parametrize(
    "flags", [("--target=arm-none-eabi", "-mcpu=cortex-m4", "-ffreestanding"), ("--target=riscv32-unknown-elf",)]
)
def test_what_llvm_lays_out_itself_may_shrink(build, flags):
    """Unwind tables and small data change with the code; only names from the source are sacred."""
    source = """
    static int hits[2]; static short level = 3; {more}
    int one(int x) {{ return hits[x & 1] += x + level++; }}
    __attribute__((noinline)) static int same(int x) {{ return x * 3 + 7; }}
    int two(int x) {{ return same(x) + {call}; }}
    """
    more = (
        "static int spare; __attribute__((noinline)) static int other(int x) { spare += x; return x * 3 + 7 + spare; }"
    )
    before = build(source.format(more=more, call="other(x)"), *flags, "-funwind-tables")
    after = build(source.format(more="", call="x"), *flags, "-funwind-tables")
    assert problem(before, after) == ""


def test_another_machine_or_no_object_at_all_fails(build):
    mine = build(ONE)
    assert problem(mine, build(ONE, "--target=i386-linux-gnu")) == "machine 3 instead of 62"
    for garbage in (b"", b"garbage", mine[:200], mine[: len(mine) // 2], b"BC\xc0\xde" + bytes(64)):
        assert problem(mine, garbage)
        assert problem(garbage, mine)


@pytest.fixture
def test_pair(tmp_path) -> Pair:
    for name, content in (("base.o", b"base"), ("cand idate.o", b"candidate"), ("unit.c", b"int x;")):
        (tmp_path / name).write_bytes(content)
    paths = [os.fsencode(tmp_path / name) for name in ("base.o", "cand idate.o", "unit.c")]
    return Pair(b"base", b"candidate", *paths)


@pytest.mark.parametrize(
    ("command", "outcome", "evidence"),
    [
        ("true", Outcome.PASS, ""),
        ("echo fine", Outcome.PASS, "fine"),
        ("echo out; echo err >&2; exit 3", Outcome.FAIL, "exit status 3: out\nerr"),
        ("false", Outcome.FAIL, "exit status 1: "),
        ("no-such-command-anywhere", Outcome.FAIL, "exit status 127: "),
        ("kill -9 $$", Outcome.FAIL, "exit status -9: "),
        ("if", Outcome.FAIL, "exit status 2: "),
        ("cat", Outcome.PASS, ""),
    ],
)
def test_the_users_test_decides_by_its_exit_status(test_pair, command, outcome, evidence):
    verdict = user(test_pair, command)
    assert (verdict.gate, verdict.outcome) == ("user", outcome)
    assert verdict.evidence.startswith(evidence)
    assert verdict.passes is (outcome is Outcome.PASS)


def test_no_command_is_no_objection(test_pair):
    verdict = user(test_pair, "")
    assert verdict.outcome is Outcome.SKIP
    assert verdict.passes


def test_the_users_test_sees_both_objects_and_the_source(test_pair, monkeypatch, tmp_path):
    monkeypatch.setenv("FROM_THE_BUILD", "yes")
    monkeypatch.chdir(tmp_path)
    relative = Pair(b"base", b"candidate", b"base.o", b"cand idate.o", b"unit.c")
    command = (
        '[ "$(cat "$LLMCC_OBJECT")" = candidate ] && [ "$(cat "$LLMCC_BASELINE_OBJECT")" = base ] &&'
        ' [ "$(cat "$LLMCC_SOURCE")" = "int x;" ] && [ "$FROM_THE_BUILD" = yes ] && [ "$LLMCC_DISABLE" = 1 ] &&'
        ' cd / && [ -f "$LLMCC_OBJECT" ] && [ -f "$LLMCC_BASELINE_OBJECT" ] && [ -f "$LLMCC_SOURCE" ]'
    )
    for objects in (test_pair, relative):
        verdict = user(objects, command)
        assert verdict.outcome is Outcome.PASS, verdict.evidence


def test_evidence_is_the_end_of_what_was_said_and_always_text(test_pair):
    verdict = user(test_pair, r"printf 'x%.0s' $(seq 1000); printf '\377 end'; exit 1")
    assert len(verdict.evidence) < 500
    assert verdict.evidence.endswith(" end")


def test_a_test_that_hangs_is_ended_with_all_its_children(test_pair, monkeypatch, tmp_path):
    monkeypatch.setattr(gates, "USER_TEST_SECONDS", 0.5)
    mark = tmp_path / "mark"
    verdict = user(test_pair, f"(sleep 2; touch '{mark}') & echo $! >'{mark}.pid'; wait")
    assert (verdict.outcome, verdict.passes) == (Outcome.TIMEOUT, False)
    assert "0.5 s" in verdict.evidence
    stat = Path(f"/proc/{(tmp_path / 'mark.pid').read_text().strip()}/stat")
    assert not stat.exists() or stat.read_text().rpartition(") ")[2][0] in "ZX"
    assert not mark.exists()


def test_gates_run_in_order_up_to_the_first_that_fails(build, monkeypatch, tmp_path):
    small, other = build("int f(void) { return 1; }"), build("int g(void) { return 1; }")

    def gates(names: str, after: Path) -> list[tuple[str, bool]]:
        monkeypatch.setenv("LLMCC_GATES", names)
        certificate, twin = Verdict("certificate", Outcome.PASS), Verdict("twin", Outcome.FAIL, "f crashes")
        verdicts = run_gates(resolve(str(tmp_path)), pair(small, after), lambda: certificate, lambda: twin)
        return [(verdict.gate, verdict.passes) for verdict in verdicts]

    monkeypatch.setenv("LLMCC_TEST", "exit 7")
    assert gates("structure,certificate,user", other) == [("structure", False)]
    expected = [("structure", True), ("certificate", True), ("user", False)]
    assert gates("structure,certificate,user", small) == expected
    assert gates("twin,user", small) == [("twin", False)]
    assert gates("user", other) == [("user", False)]
    assert gates("", other) == []


def test_a_check_that_is_gone(build):
    declared = "void *__memcpy_chk(void *, const void *, unsigned long, unsigned long); "
    plain = "void *memcpy(void *, const void *, unsigned long); void *h(void *a, void *b) { return memcpy(a, b, 99); } "
    checked = build(declared + plain + "void *f(void *a, void *b) { return __memcpy_chk(a, b, 99, 9); }")
    unchecked = build(declared + plain + "void *f(void *a, void *b) { return memcpy(a, b, 99); }")
    assert problem(checked, unchecked) == "the check __memcpy_chk is gone"
    assert problem(unchecked, unchecked) == ""


UNWOUND = """
int ext(int *, int);
__attribute__((noinline)) static int k(int *x, int s) { return ext(x + 1, s ^ 5); }
#define F(i) int f##i(int *x, int s) { x[i+5] = s + i; x[1] += x[2]; x[3] ^= 77; k(x, 11); x[1] += x[2]; x[3] ^= 77; \\
  x[4] += x[1] * 3; x[7] ^= x[5]; x[2] += x[1]; x[10] ^= x[4]; k(x, 13); x[4] ^= i; return i; }
F(0) F(1) F(2) F(3) F(4) F(5)
"""


def test_an_outlined_function_that_cannot_be_unwound_through(clang, build):
    """LLVM's machine outliner tells the unwinder of 4 bytes of stack where it took 8."""
    flags = ("--target=thumbv7em-none-eabi", "-mcpu=cortex-m4", "-mfloat-abi=soft", "-fomit-frame-pointer")
    plain = build(UNWOUND, *flags, "-funwind-tables", "-mllvm", "-enable-machine-outliner=never")
    outlined = build(UNWOUND, *flags, "-funwind-tables", "-mllvm", "-enable-machine-outliner=always")
    if clang.major == 19:
        assert problem(plain, outlined) == "an outlined function could not be unwound through"
    assert problem(outlined, outlined) == ""
    assert problem(build(UNWOUND, *flags), build(UNWOUND, *flags, "-mllvm", "-enable-machine-outliner=always")) == ""
