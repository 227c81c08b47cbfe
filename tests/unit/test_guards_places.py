"""Functions that must not be outlined from, or merged: what they do depends on more than their instructions."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.made import Made, make_with
from toolchain.elf import SHF_EXECINSTR, ElfObject
from toolchain.errors import ToolchainError
from toolchain.run import run

OUTLINING = ("<clang>,iroutliner", "function(mem2reg),iroutliner,<clang>")
MERGING = ("mergefunc,<clang>", "<clang>,mergefunc", "function(mem2reg),mergefunc,<clang>,mergefunc")

WORK = """
  x[0] = (x[1] << (s & 31)) + x[3]; x[4] ^= x[0] >> (s & 31); x[5] -= x[3] << (s & 31); x[6] = x[2] * 5;
  x[7] += x[6] >> (x[5] & 31); x[1] ^= x[7] << (x[0] & 31); x[2] += x[1] >> (x[7] & 31);
"""
"""Enough for one outlined function in place of two."""


@pytest.fixture
def make(toolchain, open_unit, tmp_path) -> Callable[..., Made]:
    """make(source, recipe, *flags): what the recipe makes of a source."""

    def made(source: str, recipe: str, *flags: str) -> Made:
        return make_with(toolchain, open_unit(tmp_path / "unit", source, "-Oz", *flags), recipe, tmp_path)

    return made


@pytest.fixture
def run_with(clang, tmp_path) -> Callable[..., str]:
    """run_with(object, source of a main program): what the program prints; it must end well."""

    def linked(path: Path, main: str, suffix: str = ".c") -> str:
        source, program = tmp_path / f"main{suffix}", tmp_path / "program"
        source.write_text(main)
        compiled = tmp_path / "main.o"
        clang.run(["-Oz", "-c", str(source), "-o", str(compiled)])
        libraries = ["-lstdc++"] if suffix == ".cc" else []
        clang.run([str(compiled), str(path), "-o", str(program), *libraries])
        done = run([os.fsencode(program)], timeout=20)
        assert (done.timed_out, done.returncode) == (False, 0)
        return done.stdout.decode()

    return linked


TURNED = """
volatile int u, v, w;
#define F(name, type, first, second, comparison) void name(type first, type second) { \\
  int r = comparison; u = r; v = (int)a ^ 7; w = (int)b + 100; v = r ^ 33; u = (int)a + 11; v = (int)b + 13; \\
  u = r ^ 77; v = r + 91; }
F(f1, int, a, b, a < b) F(f2, int, b, a, b > a) F(g1, double, a, b, a < b) F(g2, double, b, a, b > a)
"""
TURNED_MAIN = """
#include <stdio.h>
extern volatile int u, v, w;
void f1(int, int), f2(int, int), g1(double, double), g2(double, double);
#define TRY(name) name(1, 2); printf("%d %d, ", u, w); name(2, 1); printf("%d %d, ", u, w);
int main(void) { TRY(f1) TRY(f2) TRY(g1) TRY(g2) }
"""


@pytest.mark.parametrize("recipe", ["iroutliner,<clang>", *OUTLINING])
def test_comparisons_that_are_turned_round_get_their_own_arguments(make, clang, run_with, recipe, tmp_path):
    """The outliner takes `b > a` for `a < b`, and passes `a` and `b` in the order of the one for the other."""
    clang.compile(TURNED, tmp_path / "right.o", "-Oz")
    made = make(TURNED, recipe)
    assert made.outlined()
    assert run_with(made.path, TURNED_MAIN) == run_with(tmp_path / "right.o", TURNED_MAIN)


ARRAYS = """
void use(int *, int);
#define F(name, k) void name(int *x, int n) { \\
  { int v[n]; v[0] = x[0]*3 + x[1]; v[1] = v[0]^x[2]; use(v, n); x[4] += v[0]*v[1]; } \\
  use(x, 3); x[6] += x[7]; use(x, 4); x[8] += k; }
F(f1, 1) F(f2, 2) F(f3, 3) F(f4, 4)
"""
ARRAYS_MAIN = """
#include <stdio.h>
void f1(int*,int),f2(int*,int),f3(int*,int),f4(int*,int);
void use(int *p, int n) { volatile char b[300]; for (int i = 0; i < 300; i++) b[i] = i; p[0] += n + b[3]; }
int main(void) {
  int x[9] = {1,2,3,4,5,6,7,8,9};
  f1(x, 10); f2(x, 20); f3(x, 30); f4(x, 40);
  printf("%d %d\\n", x[4], x[8]);
}
"""


@pytest.mark.parametrize(
    "recipe",
    [
        "<clang>,iroutliner,iroutliner",
        "function(sroa<modify-cfg>),iroutliner,<clang>",
        "function(gvn),iroutliner,<clang>",
    ],
)
def test_arrays_of_variable_length_stay_on_their_stack(make, run_with, recipe):
    made = make(ARRAYS, recipe)
    assert "stackrestore" not in "".join(made.outlined())
    assert run_with(made.path, ARRAYS_MAIN) == "32507 19\n"


RAM = f"""
#define RAM __attribute__((section(".ramfunc"), noinline))
RAM int one(unsigned *x, unsigned s) {{ {WORK} return x[0] & 1; }}
RAM int two(unsigned *x, unsigned s) {{ {WORK} return x[0] & 2; }}
RAM int three(unsigned *x, unsigned s) {{ {WORK} return x[0] & 4; }}
RAM int four(unsigned *x, unsigned s) {{ {WORK} return x[0] & 8; }}
"""


@pytest.mark.parametrize("recipe", [*OUTLINING, "<clang> | -enable-machine-outliner=always"])
@pytest.mark.parametrize(
    "target", [(), ("--target=thumbv7m-none-eabi", "-mcpu=cortex-m3"), ("--target=riscv32-unknown-elf",)]
)
def test_code_stays_in_its_section(make, recipe, target):
    elf = ElfObject(make(RAM, recipe, "-ffreestanding", *target).path.read_bytes())
    code = {section.name for section in elf.sections if section.flags & SHF_EXECINSTR and section.size}
    assert code == {".ramfunc"}


HANDLERS = """
extern volatile unsigned reg, ticks, head, ring[16];
#define BODY { unsigned v = reg; ring[head & 15] = v; head = head + 1; ticks += v >> 3; \\
  if (v & 1) ticks ^= 0x55; reg = v | 16; ring[v & 7] = head * 5 + ticks; reg = head ^ ticks; }
__attribute__((interrupt)) void first(void) BODY
__attribute__((interrupt)) void second(void) BODY
"""


@pytest.mark.parametrize("recipe", [*OUTLINING, *MERGING])
@pytest.mark.parametrize("target", ["riscv32-unknown-elf", "armv7a-none-eabi"])
def test_an_interrupt_handler_calls_no_part_of_another(make, recipe, target):
    made = make(HANDLERS, recipe, f"--target={target}", "-ffreestanding")
    for name in ("first", "second"):
        assert " call " not in made.function(name)


NAKED = """
#define HANDLER(name) __attribute__((naked)) void name(void) { \\
  __asm volatile("movs r0,#4\\n mov r1, lr\\n push {r1,lr}\\n bl fault\\n pop {r1,pc}\\n"); }
HANDLER(first) HANDLER(second)
"""


@pytest.mark.parametrize("recipe", MERGING)
def test_a_naked_function_stays_what_it_is(make, recipe):
    made = make(NAKED, recipe, "--target=thumbv6m-none-eabi", "-mcpu=cortex-m0")
    for name in ("first", "second"):
        assert "asm sideeffect" in made.function(name)


KINDS = f"""
__attribute__((target("avx2,bmi2"))) void fast(unsigned *x, unsigned s) {{ {WORK} }}
void plain(unsigned *x, unsigned s) {{ {WORK} }}
void same(unsigned *x, unsigned s) {{ {WORK} x[9] = 1; }}
"""


@pytest.mark.parametrize("recipe", OUTLINING)
def test_code_for_other_processors_is_not_shared(make, recipe):
    made = make(KINDS, recipe, "--target=x86_64-linux-gnu")
    shared = {name: set(re.findall(r"@(outlined_ir_func_\d+)", made.function(name))) for name in ("fast", "plain")}
    assert shared["plain"], "nothing was outlined: the test shows nothing"
    assert not shared["fast"]


THROWING = f"""
void g(int); void clean(int *);
#define BODY {{ {" ".join(WORK.split())} g(x[0]); x[5] -= x[3] << (s & 31); g(x[1]); x[8] = 3; }}
__attribute__((nothrow)) void quiet(unsigned *x, unsigned s) BODY
void loud(unsigned *x, unsigned s) BODY
int guarded(unsigned *x) {{ __attribute__((cleanup(clean))) int v = x[2]; loud(x, x[3]); return v + x[4]; }}
"""
THROWING_MAIN = """
#include <cstdio>
extern "C" { int guarded(unsigned *); void quiet(unsigned *, unsigned); int cleaned, throws;
  void g(int x) { if (throws) throw x; } void clean(int *) { cleaned++; } }
int main() {
  unsigned x[10] = {1,2,3,4,5,6,7,8,9};
  quiet(x, 3); throws = 1;
  try { guarded(x); } catch (int) { std::printf("cleaned %d\\n", cleaned); }
}
"""


@pytest.mark.parametrize("recipe", [*OUTLINING, "function(mem2reg),iroutliner,cgscc(function-attrs),<clang>"])
def test_what_is_thrown_is_cleaned_up_after(make, run_with, recipe):
    made = make(THROWING, recipe, "-fexceptions")
    assert run_with(made.path, THROWING_MAIN, ".cc") == "cleaned 1\n"


CALLERS = """
struct event { void *from; int a, b, c, d, e; } events[64];
int count;
#define LOG(x, y) do { struct event *e = &events[count++ & 63]; e->from = __builtin_return_address(0); \\
  e->a = x; e->b = y; e->c = x * y + 3; e->d = x << (y & 31); e->e = x - e->d * 5; e->a ^= e->e * e->c; \\
  e->b += e->a >> (y & 31); e->d ^= e->b * 7; e->c -= e->d << (x & 31); } while (0)
#define OPERATION(name) __attribute__((noinline)) int name(int a, int b) { LOG(a, b); return a + b; }
OPERATION(add) OPERATION(plus) OPERATION(sum)
"""
CALLERS_MAIN = """
#include <stdio.h>
extern struct event { void *from; int a, b, c, d, e; } events[64];
int add(int, int), plus(int, int), sum(int, int);
int main(void) {
  int s = add(1, 2); s ^= plus(3, 4); s ^= sum(5, 6);
  char *from = (char *)main;
  for (int i = 0; i < 3; i++) printf("%d ", (char *)events[i].from > from && (char *)events[i].from < from + 400);
  printf("%d\\n", s);
}
"""


@pytest.mark.parametrize("recipe", [*OUTLINING, "function(gvn),iroutliner,<clang>", *MERGING])
def test_a_function_knows_its_caller(make, run_with, recipe):
    made = make(CALLERS, recipe, "-fno-optimize-sibling-calls")
    assert "returnaddress" not in "".join(made.outlined())
    assert run_with(made.path, CALLERS_MAIN) == "1 1 1 15\n"


FILLING = """
#include <stddef.h>
#define BODY { unsigned char *a = d; if (n) do *a++ = c; while (--n); return d; }
void *byte_fill(void *d, int c, size_t n) BODY
void *memset(void *d, int c, size_t n) BODY
"""
FILLING_MAIN = """
#include <stdio.h>
#include <stddef.h>
void *byte_fill(void *, int, size_t), *memset(void *, int, size_t);
int main(void) { volatile char b[9] = {0}; memset((char *)b, 65, 7); byte_fill((char *)b, 66, 3); puts((char *)b); }
"""


@pytest.mark.parametrize("recipe", [*OUTLINING, *MERGING])
def test_memset_does_not_call_itself(make, run_with, recipe):
    assert run_with(make(FILLING, recipe).path, FILLING_MAIN) == "BBBAAAA\n"


def test_other_functions_are_still_merged_and_outlined(make):
    """The guards leave the passes their work."""
    twins = "".join(f"int {name}(unsigned *x, unsigned s) {{ {WORK} return x[5]; }}\n" for name in ("one", "two"))
    merged = make(twins, "<clang>,mergefunc")
    assert " call " in merged.function("one") + merged.function("two")
    assert "@outlined_ir_func_" in make(KINDS, "<clang>,iroutliner").text


FORTIFIED = """
typedef __SIZE_TYPE__ size_t;
char *strcpy(char *, const char *);
char *__strcpy_chk(char *, const char *, size_t);
void use(char *, char *);
static inline __attribute__((always_inline, gnu_inline)) char *checked(char *to, const char *from) {
  return __builtin___strcpy_chk(to, from, __builtin_object_size(to, 1));
}
void plain(char *to, const char *from) { strcpy(to, from); use(to, to); }
#define F(name) int name(const char *s, int k) { char t[16], q[16]; \\
  use(t, q); checked(t, s); use(t, q); checked(q, t); use(q, t); checked(t, q); use(t, q); return k * 3; }
F(f1) F(f2) F(f3) F(f4)
"""


@pytest.mark.parametrize(
    "recipe",
    ["iroutliner,<clang>", "function(mem2reg),iroutliner,<clang>", "function(lower-constant-intrinsics),<clang>"],
)
def test_nothing_is_outlined_while_sizes_of_objects_are_asked_for(make, recipe):
    with pytest.raises(ToolchainError, match="applied before fails now") as caught:
        make(FORTIFIED, recipe)
    assert "sizes of objects" in caught.value.evidence


def test_what_checks_sizes_is_still_called(make):
    made = make(FORTIFIED, "function(mem2reg),<clang>,iroutliner")
    assert made.outlined()
    assert "__strcpy_chk" in made.text


THUNKS = "".join(f"void f{number}(unsigned *x, unsigned s) {{ {WORK} }}\n" for number in range(6))


def test_a_function_returns_through_its_thunk(make, clang):
    made = make(
        THUNKS,
        "<clang> | -enable-machine-outliner=always",
        "-mfunction-return=thunk-extern",
        "--target=x86_64-linux-gnu",
    )
    assert not re.search(r"\tret", clang.ask("llvm-objdump", "-d", made.path).decode())


PUBLIC = """
struct dev { int a, b, c; };
#define OPEN(name) int name(struct dev *d, int n) { \\
  for (int i = 0; i < n; i++) { d->a += d->b * i; d->c ^= d->a >> 3; } return d->a - d->c; }
OPEN(camera) OPEN(disk)
"""


@pytest.mark.parametrize(("flag", "merged"), [("-fPIC", False), ("-fPIE", True), ("-fno-pic", True)])
def test_what_a_program_may_replace_is_not_merged(make, flag, merged):
    made = make(PUBLIC, "<clang>,mergefunc", flag, "--target=x86_64-linux-gnu")
    bodies = made.function("camera") + made.function("disk")
    assert bool(re.search(r"call [^\n]*@(camera|disk)\(", bodies)) == merged


STATES = """
typedef struct ctx { void (*next)(struct ctx *); void (*last)(struct ctx *); int n, log[8]; } ctx;
void hand(ctx *, void (*)(ctx *));
#define STATE(name, use) void name(ctx *c) { \\
  c->log[c->n & 7] = c->n * 3 + 1; c->n++; use; c->log[(c->n + 3) & 7] ^= 5; }
STATE(stored_a, if (c->n & 1) c->next = stored_a) STATE(stored_b, if (c->n & 1) c->next = stored_b)
STATE(handed_a, hand(c, handed_a)) STATE(handed_b, hand(c, handed_b))
STATE(compared_a, c->n += c->last == compared_a) STATE(compared_b, c->n += c->last == compared_b)
STATE(called_a, if (c->n < 9) { called_a(c); hand(c, 0); }) STATE(called_b, if (c->n < 9) { called_b(c); hand(c, 0); })
"""
STATES_MAIN = """
#include <stdio.h>
typedef struct ctx { void (*next)(struct ctx *); void (*last)(struct ctx *); int n, log[8]; } ctx;
void hand(ctx *c, void (*f)(ctx *)) { c->next = f; }
void stored_a(ctx *), stored_b(ctx *), handed_a(ctx *), handed_b(ctx *), compared_a(ctx *), compared_b(ctx *);
int main(void) {
  ctx c = {0};
  stored_a(&c); printf("%d", c.next == stored_a); c.n = 0; stored_b(&c); printf("%d", c.next == stored_b);
  handed_a(&c); printf("%d", c.next == handed_a); handed_b(&c); printf("%d", c.next == handed_b);
  c.n = 0; c.last = compared_a; compared_a(&c); printf("%d", c.n);
  c.n = 0; c.last = compared_b; compared_b(&c); printf("%d", c.n);
}
"""


@pytest.mark.parametrize("recipe", MERGING)
def test_a_function_s_own_address_is_its_own(make, run_with, recipe):
    made = make(STATES, recipe)
    assert run_with(made.path, STATES_MAIN) == "111122"
    # Whether it is the one or the other that calls itself is all the same.
    assert re.search(r"call [^\n]*@called_a\(", made.function("called_b"))


WEAK = """
void note(int);
#define COUNT(name) __attribute__((weak)) int name(int n) { \\
  if (n < 2) { note(n); return 1; } int half = name(n / 2); note(half); return half + n; }
COUNT(count_a) COUNT(count_b)
"""
WEAK_MAIN = """
#include <stdio.h>
void note(int n) { printf("%d ", n); }
int count_a(int n) { return 1000; }
int count_b(int);
int main(void) { printf("%d", count_b(9)); }
"""


@pytest.mark.parametrize("recipe", MERGING)
def test_what_replaces_a_weak_function_replaces_no_other(make, run_with, recipe):
    assert run_with(make(WEAK, recipe).path, WEAK_MAIN) == "1 1 3 7 16"


CLASSES = """
long f1(long *p, long long *q, long k) { long a = *p * k; *q = k + 5; a ^= (a << 3) + k; return a + *p; }
long g1(long *p, long *q, long k) { long a = *p * k; *q = k + 5; a ^= (a << 3) + k; return a + *p; }
long g2(long *p, long *q, long k) { long a = *p * k; *q = k + 7; a ^= (a << 3) + k; return a - *p; }
long f2(long *p, long long *q, long k) { long a = *p * k; *q = k + 7; a ^= (a << 3) + k; return a - *p; }
long h1(long *p, long *q, long k) { long a = *p * k; *q = k + 9; a ^= (a << 3) + k; return a - *p; }
long h2(long *p, long *q, long k) { long a = *p * k; *q = k + 9; a ^= (a << 3) + k; return a - *p; }
"""
CLASSES_MAIN = """
#include <stdio.h>
long f1(long *, long long *, long), g1(long *, long *, long), g2(long *, long *, long), f2(long *, long long *, long);
int main(void) {
  long x = 100; long long y = 3;
  printf("%ld ", f1(&x, &y, 2)); printf("%ld ", g1(&x, &x, 2)); x = 100;
  printf("%ld ", g2(&x, &x, 2)); printf("%ld", f2(&x, &y, 4));
}
"""


@pytest.mark.parametrize("recipe", MERGING)
def test_functions_that_promise_other_aliasing_are_not_merged(make, run_with, recipe):
    made = make(CLASSES, recipe)
    assert run_with(made.path, CLASSES_MAIN) == "1774 1681 1665 247"
    if recipe.endswith("mergefunc"):
        # Others are; before clang's passes run, that is inlined again.
        assert "@h1(" in made.function("h2") or "@h2(" in made.function("h1")


JUMPS = """
struct vm { const unsigned char *pc; unsigned acc, steps, regs[4]; };
typedef unsigned (*op)(struct vm *);
unsigned op_add(struct vm *), op_xor(struct vm *), op_sub(struct vm *);
static const op TABLE[] = {op_add, op_xor, op_sub};
#define OP(name, what, next) unsigned name(struct vm *v) { \\
  what; v->steps++; next; if (!*v->pc && v->steps > 3000000u) return v->acc; return TABLE[*v->pc](v); }
OP(op_add, v->acc += v->regs[v->steps & 3] + 3, v->pc += 1)
OP(op_xor, v->acc ^= v->regs[v->steps & 3] + 5, v->pc += 1)
OP(op_sub, v->acc -= v->regs[v->steps & 3] + 9, v->pc -= 2)
static int odd(unsigned n, int *t);
#define TURN(name, last, other) __attribute__((noinline)) static int name(unsigned n, int *t) { \\
  *t += n * 3; *t ^= n; if (!n) return last; return other(n - 1, t); }
TURN(even, 1, odd) TURN(odd, 0, even)
int is_even(unsigned n, int *t) { return even(n, t); }
"""
JUMPS_MAIN = """
#include <stdio.h>
struct vm { const unsigned char *pc; unsigned acc, steps, regs[4]; };
unsigned op_add(struct vm *); int is_even(unsigned, int *);
int main(void) {
  static const unsigned char code[] = {0, 1, 2}; struct vm v = {code, 1, 0, {1, 2, 3, 4}}; int t = 0;
  op_add(&v); printf("%u ", v.steps > 3000000); printf("%d", is_even(4000001, &t));
}
"""


@pytest.mark.parametrize(
    "recipe", [*OUTLINING, "iroutliner,<clang> | -enable-load-pre=false", "iroutliner,<clang> | -enable-pre=false"]
)
def test_calls_in_place_of_jumps_do_not_fill_the_stack(make, run_with, recipe):
    assert run_with(make(JUMPS, recipe).path, JUMPS_MAIN) == "1 0"
