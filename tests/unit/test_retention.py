"""Inline functions that clang keeps stay in every candidate, and nothing else changes for it."""

import dataclasses
import os
import signal
from pathlib import Path

import pytest

from llmcc.gates import Pair, structure
from toolchain import apply
from toolchain.apply import Limits, OptApplier, make_object, open_module
from toolchain.elf import STB_WEAK, ElfObject
from toolchain.errors import ProcessLostError, ToolchainError
from toolchain.passes import CLANG, NULL_RECIPE, Recipe

SOURCE = """
template <class T> struct List {
  T items[8]; int count = 0;
  void add(T item) { if (count < 8) items[count++] = item; else count = 0; }
  T last() const { return count ? items[count - 1] : T(); }
  static T spare;
};
template <class T> T List<T>::spare = 3;
inline int scaled(int by) { static int calls; calls += by; return calls * 3 + by; }
struct Base { virtual ~Base() {} virtual int get() const = 0; };
template <class T> struct Holder : Base {
  T value;
  Holder(T v) : value(v) {}
  int get() const override { return value; }
};
Base *hold(int value) { return new Holder<int>(value); }
int fill(List<int> *list, int n) {
  list->add(n); list->add(scaled(n)); list->add(scaled(n + 7)); list->add(List<int>::spare);
  list->add(n - 2); list->add(scaled(list->last())); list->add(list->last());
  return list->last() + list->last() * scaled(2);
}
inline int weigh(const char *s, int most) {
  int sum = 0;
  for (; *s; s++) { if (*s == ' ') continue; sum += *s > 'm' ? 3 * *s : *s / 2; if (sum > most) sum -= most / 3; }
  return sum;
}
int use(const char *s, int n) { List<int> list; return fill(&list, weigh(s, n)) + weigh(s + 1, 3) + list.last(); }
"""

INLINES_MORE = Recipe.parse("<clang> | -inline-threshold=300 -inline-instr-cost=1")
RECIPES = (
    INLINES_MORE,
    Recipe.parse("scc-oz-module-inliner,<clang>,globaldce | -inline-threshold=300 -inline-instr-cost=1"),
    Recipe.parse("<clang>,mergefunc,iroutliner,globaldce"),
    Recipe.parse("iroutliner,<clang>,iroutliner | -enable-machine-outliner=always -inline-threshold=300"),
)
TARGETS = {
    "x86-64": (),
    "riscv32": ("--target=riscv32-unknown-elf", "-march=rv32imac", "-ffreestanding"),
    "aarch64": ("--target=aarch64-none-elf", "-ffreestanding"),
    "thumbv7m": ("--target=thumbv7m-none-eabi", "-mcpu=cortex-m3", "-ffreestanding"),
}
ALIKE = """
struct Port { int last[8], sum; void put(int, int); };
inline void first(Port *p, const int *v, int n) {
  for (int i = 0; i < n; i++) { p->put(v[i] * 3 + i, n); p->put(v[i] * 5 - i, i); p->sum += p->last[i & 7]; }
  p->put(p->sum, n); p->put(p->last[1] * 7 + p->last[2], n + 1); p->put(p->last[3] * 7 + p->last[4], n + 2);
}
inline void second(Port *p, const int *v, int n) {
  for (int i = 0; i < n; i++) { p->put(v[i] * 3 + i, n); p->put(v[i] * 5 - i, i); p->sum -= p->last[i & 7]; }
  p->put(p->sum, n); p->put(p->last[1] * 7 + p->last[2], n + 1); p->put(p->last[3] * 7 + p->last[4], n + 2);
}
void both(Port *p, const int *v, int n) { first(p, v, n); second(p, v, n); first(p + 1, v, 2); second(p + 2, v, 3); }
"""


@pytest.fixture
def unit(open_unit, tmp_path):
    return open_unit(tmp_path, SOURCE, "-Oz", "-std=c++17", suffix=".cpp")


def weak_symbols(content: bytes) -> set[str]:
    return {s.name for s in ElfObject(content).symbols() if s.binding == STB_WEAK and s.section != "UNDEF"}


def calls_weigh(content: bytes) -> bool:
    return ("_Z3usePKci", "_Z5weighPKci") in ElfObject(content).references()


def objects(applier, unit, recipes) -> dict[Recipe, bytes]:
    """The objects that clang makes of a unit after each recipe."""
    made = {}
    with applier:
        for trial in applier.try_recipes(recipes, unit.pipeline):
            assert trial.error == "", trial.recipe
            output = unit.folder / "made.o"
            assert make_object(unit.job, trial.bitcode, os.fsencode(output), trial.recipe, Limits()).returncode == 0
            made[trial.recipe] = output.read_bytes()
    return made


def opened(toolchain, unit):
    return open_module(toolchain, unit.job, unit.module, os.fsencode(unit.folder), Limits())


@pytest.mark.parametrize("printed", [True, False])
def test_what_clang_keeps_no_recipe_drops(toolchain, unit, printed):
    if not printed:
        unit = dataclasses.replace(unit, pipeline=CLANG)
    kept = weak_symbols(unit.object)
    assert len(kept) > 5
    made = objects(opened(toolchain, unit), unit, RECIPES)
    for recipe, content in made.items():
        assert weak_symbols(content) >= kept, recipe
        assert structure(Pair(unit.object, content, b"", b"", b"")).passes, recipe
    assert calls_weigh(unit.object)
    assert not calls_weigh(made[INLINES_MORE])


def test_without_it_the_same_recipe_drops_some(toolchain, unit):
    """What `opt` alone makes, which cannot retain, and the gate rejects."""
    applier = OptApplier(toolchain, unit.job, unit.module, os.fsencode(unit.folder), Limits())
    (content,) = objects(applier, unit, [INLINES_MORE]).values()
    assert weak_symbols(unit.object) - weak_symbols(content)
    assert "is gone" in structure(Pair(unit.object, content, b"", b"", b"")).evidence


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("source", [SOURCE, ALIKE])
def test_clangs_own_object_comes_out_as_it_is(toolchain, open_unit, tmp_path, source, target):
    flags = ("-Oz", "-std=c++17", "-fno-exceptions", *TARGETS[target])
    unit = open_unit(tmp_path, source, *flags, suffix=".cpp")
    assert weak_symbols(unit.object)
    (content,) = objects(opened(toolchain, unit), unit, [NULL_RECIPE]).values()
    assert content == unit.object


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_is_outlined_from_what_other_units_bring_too(toolchain, open_unit, tmp_path, target):
    """The part would stay in each of them, whoever's function the linker takes."""
    unit = open_unit(tmp_path, ALIKE, "-Oz", "-std=c++17", "-fno-exceptions", *TARGETS[target], suffix=".cpp")
    kept = weak_symbols(unit.object)
    assert kept == {"_Z5firstP4PortPKii", "_Z6secondP4PortPKii"}
    for recipe, content in objects(opened(toolchain, unit), unit, RECIPES).items():
        told = {other for name, other in ElfObject(content).references() if name in kept and other[:2] != ".L"}
        assert told == {"_ZN4Port3putEii"}, recipe


@pytest.mark.parametrize("printed", [True, False])
def test_what_was_tried_is_made_again(toolchain, unit, printed):
    if not printed:
        unit = dataclasses.replace(unit, pipeline=CLANG)
    made = objects(opened(toolchain, unit), unit, RECIPES)
    for recipe, content in made.items():
        again = unit.folder / "again"
        again.mkdir(exist_ok=True)
        with open_module(toolchain, unit.job, unit.module, os.fsencode(again), Limits()) as applier:
            bitcode = applier.optimise(recipe, unit.pipeline)
        assert make_object(unit.job, bitcode, os.fsencode(again / "a.o"), recipe, Limits()).returncode == 0
        assert (again / "a.o").read_bytes() == content, recipe


def test_a_unit_of_c_is_left_as_it_is(toolchain, open_unit, tmp_path):
    unit = open_unit(tmp_path, "static inline int f(int x) { return x * 3; }\nint g(int x) { return f(x); }\n", "-Oz")
    before = Path(os.fsdecode(unit.module.bitcode)).read_bytes()
    with opened(toolchain, unit) as applier:
        assert len(list(applier.try_recipes([NULL_RECIPE], unit.pipeline))) == 1
        assert applier._module.bitcode == unit.module.bitcode
    assert Path(os.fsdecode(unit.module.bitcode)).read_bytes() == before


def test_where_clangs_own_passes_fail_nothing_is_tried(toolchain, unit, monkeypatch):
    """Else recipes with other passes before clang's would give what is not given again."""
    unit, limited, ended = dataclasses.replace(unit, pipeline=CLANG), apply._limited, [-signal.SIGXCPU]

    def once(argv, limits):
        done = limited(argv, limits)
        done.returncode = ended.pop() if ended else done.returncode
        return done

    monkeypatch.setattr(apply, "_limited", once)
    with opened(toolchain, unit) as applier:
        with pytest.raises(ToolchainError, match="clang's own passes failed"):
            list(applier.try_recipes([RECIPES[1]], unit.pipeline))
        ended.append(-signal.SIGKILL)
        with pytest.raises(ToolchainError):
            list(applier.try_recipes([RECIPES[1]], unit.pipeline))
    ended[:] = [-signal.SIGKILL]
    with opened(toolchain, unit) as applier, pytest.raises(ProcessLostError) as lost:
        list(applier.try_recipes([RECIPES[1]], unit.pipeline))
    assert lost.value.killed
