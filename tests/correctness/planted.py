"""Planted miscompiles: broken objects and broken recipes, and which gate notices each.

An object is broken by editing the assembly that clang made of planted/unit.c or unit.cpp; a recipe is a real
pass list or option, known to break something, applied with the real LLVM. `python -m tests.correctness`
prints the table.
"""

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from cache.store import Store
from llmcc import invocation
from llmcc.call import Invocation
from llmcc.certify.build import Workbench, certify
from llmcc.certify.family import named
from llmcc.certify.suite import GENERAL, Suite
from llmcc.gates import Outcome, Pair, Verdict, structure, user
from llmcc.pipelines import remembered_pipeline
from llmcc.twin.gate import Twins
from toolchain import discover
from toolchain.apply import Limits, Trial, make_object, open_module
from toolchain.lower import Module, lower
from toolchain.passes import CLANG, Recipe
from toolchain.run import DISCARD, run

FOLDER = Path(__file__).resolve().parent / "planted"
LIMITS = Limits(seconds=20.0)

Edit = Callable[[str], str]


def within(function: str, pattern: str, replacement: str, most: int = 1) -> Edit:
    """Edit the first matches (0: all) in one function's assembly. It is an error when there is none."""

    def edit(text: str) -> str:
        start = text.index(f"\n{function}:")
        end = text.index(".size\t" + function, start)
        body, count = re.subn(pattern, replacement, text[start:end], count=most)
        assert count, f"{pattern} is not in {function}"
        return text[:start] + body + text[end:]

    return edit


def anywhere(pattern: str, replacement: str) -> Edit:
    def edit(text: str) -> str:
        changed, count = re.subn(pattern, replacement, text, count=1)
        assert count == 1, f"{pattern} is not there"
        return changed

    return edit


def inverted_branch(function: str) -> Edit:
    """Turn round the first conditional jump of a function."""
    other = {
        "e": "ne",
        "ne": "e",
        "l": "ge",
        "ge": "l",
        "g": "le",
        "le": "g",
        "a": "be",
        "be": "a",
        "ae": "b",
        "b": "ae",
    }
    other |= {"s": "ns", "ns": "s"}

    def edit(text: str) -> str:
        start = text.index(f"\n{function}:")
        match = re.compile(r"\tj(n?e|n?s|[lg]e?|[ab]e?)\t").search(text, start)
        assert match is not None
        return f"{text[: match.start()]}\tj{other[match[1]]}\t{text[match.end() :]}"

    return edit


OBJECTS: dict[str, tuple[str, Edit]] = {
    "a wrong constant": ("unit.c", within("mix", r"\$16777619", "$16777617")),
    "a wrong shift amount": ("unit.c", within("mix", r"shrl\t\$15", "shrl\t$14")),
    "a loop that ends one late": ("unit.c", within("mix", r"\$64\b", "$65", most=0)),
    "a loop that never ends": ("unit.c", within("clear", r"\tincq\t", "\ttestq\t%rax, ")),
    "a swapped branch": ("unit.c", inverted_branch("reject")),
    "another swapped branch": ("unit.c", inverted_branch("remember")),
    "a dropped store": ("unit.c", within("turn", r"\tmovl\t%e\w+, 4?\(%rdi\)\n", "")),
    "a dropped counter": ("unit.c", within("remember", r"\tincl\ttotal_calls\(%rip\)\n", "")),
    "a zero-extended load": ("unit.c", within("weighted", r"movsb", "movzb")),
    "a narrower store": ("unit.c", within("clear", r"\tmovl\t(%)e(\w)i, scratch", r"\tmovb\t\1\2il, scratch")),
    "a wrong condition": ("unit.c", within("saturating_add", r"cmovno", "cmovo")),
    "a wrong operation": ("unit.c", within("scale", r"mulsd", "addsd")),
    "a wrong callee": ("unit.c", within("reject", r"report(@PLT)?", "hook")),
    "a dropped outside call": ("unit.c", within("reject", r"\tcallq\treport(@PLT)?\n", "")),
    "a wrong argument": ("unit.c", within("reject", r"\tpushq\t\$2\n", "\tpushq\t$3\n")),
    "a spoilt register": ("unit.c", within("hook", r"\tretq", "\txorl\t%ebx, %ebx\n\tretq")),
    "an emptied function": ("unit.c", within("days", r"# %bb\.0:", "\tretq")),
    "a wrong initial value": ("unit.c", anywhere(r"(?<=total_calls:\n)\t\.long\t5", "\t.long\t6")),
    "a wrong value in a table": ("unit.c", anywhere(r"\t\.short\t9", "\t.short\t8")),
    "a missing symbol": ("unit.c", anywhere(r"\t\.globl\tdays\b", "\t.local\tdays")),
    "a symbol too many": ("unit.c", anywhere(r"\t\.globl\tdays\b", "\t.globl\tdays2\n\tdays2 = days\n\t.globl\tdays")),
    "a stronger symbol": ("unit.c", anywhere(r"\t\.weak\thook\b", "\t.globl\thook")),
    "a hidden symbol": ("unit.c", anywhere(r"\t\.globl\tmix\b", "\t.hidden\tmix\n\t.globl\tmix")),
    "a symbol of another type": ("unit.c", anywhere(r"\t\.type\tscale,@function", "\t.type\tscale,@object")),
    "a call to a new helper": ("unit.c", within("clear", r"\tretq", "\tjmp\tmemory_helper@PLT")),
    "a moved section": ("unit.c", anywhere(r'\.section\t\.settings,"aw",@progbits', ".data")),
    "a read-only section": ("unit.c", anywhere(r'\.settings,"aw"', '.settings,"a"')),
    "a longer section": ("unit.c", anywhere(r"(?<=table_size:\n)\t\.long\t16", "\t.long\t16\n\t.long\t0")),
    "a handler that is not found": ("unit.cpp", anywhere(r"\t\.byte\t3( +# +On action: 2)", r"\t.byte\t0\1")),
    "a cleanup that is left out": ("unit.cpp", within("_Z7attempti", r"\tdecl\t_ZL4live\(%rip\)\n", "")),
    "a wrong comparison width": ("unit.cpp", within("_Z7limitedIsET_S0_S0_", r"cmpw\t%si, %di", "cmpb\t%sil, %dil")),
    "a function without its group": (
        "unit.cpp",
        anywhere(r'"axG",@progbits,_Z7limitedIsET_S0_S0_,comdat', '"ax",@progbits'),
    ),
}
"""Name, source and edit of each broken object."""

RECIPES = (
    "<clang>,function(structurizecfg)",
    "<clang>,function(lower-switch,unify-loop-exits,structurizecfg)",
    "function(lower-invoke),<clang>",
    "internalize,<clang>",
    "<clang>,metarenamer",
    "<clang>,module(function(tsan),tsan-module)",
    "<clang>,hotcoldsplit,function(lower-invoke)",
)
"""Lists that llmcc never proposes, with what they break."""


@dataclass(slots=True)
class Row:
    """One plant, and what each gate says of it."""

    name: str
    verdicts: dict[str, Verdict] = field(default_factory=dict)

    @property
    def caught(self) -> list[str]:
        return [gate for gate, verdict in self.verdicts.items() if not verdict.passes]


class Compiled:
    """One source compiled by clang in `work`, to apply recipes to."""

    def __init__(self, clang: bytes, directory: bytes, source: Path, work: Path, *flags: str) -> None:
        self.work = work
        self.store = Store(directory)
        self.toolchain = discover.describe(clang, os.path.join(directory, b"toolchains"))
        words = ["-Oz", *flags, "-c", str(source), "-o", str(work / "unit.o")]
        call = Invocation([clang], [os.fsencode(word) for word in words], os.fsencode(work))
        judged = invocation.classify(call, self.toolchain, ("z",), self.store)
        assert isinstance(judged, invocation.Command)
        (self.job,) = judged.compiles
        self.folder = os.fsencode(work)
        self.bitcode = os.path.join(self.folder, b"unit.bc")
        assert lower(self.job, self.bitcode).returncode == 0
        self.baseline = os.path.join(self.folder, b"baseline.o")
        assert run(self.job.compiling(self.baseline), stdin=DISCARD).returncode == 0

    def apply(self, recipe: Recipe) -> Trial:
        """What comes of a recipe, measured."""
        with open_module(self.toolchain, self.job, Module(self.bitcode), self.folder, LIMITS) as applier:
            (trial,) = applier.try_recipes([recipe], remembered_pipeline(self.toolchain, self.store, self.job))
        return trial

    def object_of(self, trial: Trial) -> tuple[bytes, str]:
        """The path of a trial's object, or why there is none."""
        if trial.measurement is None:
            return b"", trial.error
        path = os.path.join(self.folder, b"candidate.o")
        made = make_object(self.job, trial.bitcode, path, trial.recipe, LIMITS)
        return (path, "") if made.returncode == 0 else (b"", made.stderr.decode("utf-8", "replace"))

    def pair(self, candidate: bytes, frames: tuple[int, int] | None = None) -> Pair:
        """Clang's object and another one, as the gates look at them."""
        paths = self.baseline, candidate
        contents = (Path(os.fsdecode(path)).read_bytes() for path in paths)
        return Pair(*contents, *paths, self.job.source, frames=frames)


class Plant(Compiled):
    """A source to plant things in, beside the project's own test of it."""

    def __init__(self, clang: bytes, directory: bytes, source: Path, work: Path) -> None:
        super().__init__(clang, directory, source, work)
        self.twins = Twins(self.toolchain, self.job, Module(self.bitcode), self.folder)
        self.check = work / "check.o"
        compiled = [clang, b"-O1", b"-c", os.fsencode(source.with_stem("check")), b"-o", os.fsencode(self.check)]
        assert run(compiled, stdin=DISCARD).returncode == 0

    def broken_object(self, edit: Edit) -> bytes:
        """The path of an object made of edited assembly."""
        text, path = self.work / "broken.s", self.work / "broken.o"
        words = [b"-S" if word == b"-emit-obj" else word for word in self.job.compiling(os.fsencode(text))]
        assert run(words, stdin=DISCARD).returncode == 0
        text.write_text(edit(text.read_text()))
        made = run([self.toolchain.clang, b"-c", os.fsencode(text), b"-o", os.fsencode(path)], stdin=DISCARD)
        assert made.returncode == 0, made.stderr
        return os.fsencode(path)

    def judge(self, candidate: bytes) -> dict[str, Verdict]:
        """What the gates that look at objects say."""
        pair = self.pair(candidate)
        linker = f"{os.fsdecode(self.toolchain.clang)} \"$LLMCC_OBJECT\" '{self.check}' -lstdc++ -lm"
        command = f"cd '{self.work}' && {linker} -o check && timeout 10 ./check"
        return {
            "structure": structure(pair),
            "twin": self.twins.judge(self.baseline, candidate),
            "user": user(pair, command),
        }


def object_rows(clang: bytes, directory: bytes) -> Iterator[Row]:
    """Every broken object."""
    with tempfile.TemporaryDirectory() as folder:
        plants = {}
        for name, (source, edit) in OBJECTS.items():
            if source not in plants:
                place = Path(folder) / source
                place.mkdir()
                plants[source] = Plant(clang, directory, FOLDER / source, place)
            plant = plants[source]
            yield Row(name, plant.judge(plant.broken_object(edit)))


def sound_rows(clang: bytes, directory: bytes) -> Iterator[Row]:
    """What is not broken, for comparison: clang's own object, and a good recipe's."""
    with tempfile.TemporaryDirectory() as folder:
        for source in ("unit.c", "unit.cpp"):
            place = Path(folder) / source
            place.mkdir()
            plant = Plant(clang, directory, FOLDER / source, place)
            for text in (CLANG, "<clang>,mergefunc", "function(gvn),<clang> | -disable-lsr"):
                path, error = plant.object_of(plant.apply(Recipe.parse(text)))
                assert not error
                yield Row(f"{source}: {text}", plant.judge(path))


def recipe_rows(clang: bytes, directory: bytes, suite: Suite = GENERAL, workers: int = 2) -> Iterator[Row]:
    """Every broken recipe: its certificate, and what the other gates say of what it does to either unit."""
    wanted = [Recipe.parse(text) for text in RECIPES]
    with tempfile.TemporaryDirectory() as folder:
        bench = Workbench(clang, replace(named("x86-64"), suite=suite), directory, Path(folder))
        certificates = certify(bench, wanted, workers, lambda *_: None)
    with tempfile.TemporaryDirectory() as folder:
        plants = []
        for source in ("unit.c", "unit.cpp"):
            place = Path(folder) / source
            place.mkdir()
            plants.append(Plant(clang, directory, FOLDER / source, place))
        for recipe, certificate in zip(wanted, certificates, strict=True):
            outcome = Outcome.PASS if certificate.passed else Outcome.FAIL
            row = Row(str(recipe), {"certificate": Verdict("certificate", outcome, certificate.evidence)})
            for plant in plants:
                path, error = plant.object_of(plant.apply(recipe))
                verdicts = {"structure": Verdict("structure", Outcome.FAIL, error)} if error else plant.judge(path)
                for gate, verdict in verdicts.items():
                    if gate not in row.verdicts or row.verdicts[gate].passes:
                        row.verdicts[gate] = verdict
            yield row
