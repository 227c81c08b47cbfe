"""Pass lists, code generation options and recipes as values, with free functions on their text.

A pass list is LLVM's module pipeline text with one more item, `<clang>`, which stands for the
pipeline that clang itself runs for the user's arguments (DESIGN section 6).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from toolchain.errors import ToolchainError

CLANG = "<clang>"

OUTLINER = "iroutliner"
OUTLINED = b"outlined_ir_func_"
"""Begins the name of every function that it makes."""
MERGER = "mergefunc"
DEMOTION = "reg2mem"

UNSAFE_PASSES = frozenset(
    {
        # Seen to empty whole functions: they expect a shape of control flow that GPU targets prepare.
        "structurizecfg",
        "fix-irreducible",
        "unify-loop-exits",
        "flatten-cfg",
        "flattencfg",
        # Change what the linker sees, or what the program means.
        "internalize",
        "strip",
        "strip-nondebug",
        "strip-dead-debug-info",
        "extract-blocks",
        "metarenamer",
        "loop-extract",
        "loop-extract-single",
        "sancov-module",
        "lowertypetests",
        "wholeprogramdevirt",
        "hotcoldsplit",
        "lower-widenable-condition",
        "guard-widening",
        "loop-predication",
        "make-guards-explicit",
        "rewrite-statepoints-for-gc",
        "place-safepoints",
        "strip-gc-relocates",
        "rewrite-symbols",
    }
)
"""Never applied, whoever asks: not meaning-preserving, or made for other inputs than ours."""

MODULE_PASSES = (
    "attributor",
    "called-value-propagation",
    "constmerge",
    "deadargelim",
    "elim-avail-extern",
    "forceattrs",
    "globaldce",
    "globalopt",
    "inferattrs",
    "iroutliner",
    "ipsccp",
    "mergefunc",
    "module-inline",
    "partial-inliner",
    "rel-lookup-table-converter",
    "rpo-function-attrs",
    # Not one pass: inlining and simplifying bottom-up, as clang's own pipeline does it.
    "scc-oz-module-inliner",
    "strip-dead-prototypes",
)
CGSCC_PASSES = ("argpromotion", "attributor-cgscc", "function-attrs", "inline")
COMPOSED = (
    # Simplified before it is looked at, a callee costs what it will cost.
    "cgscc(inline,function(sroa<modify-cfg>,early-cse,simplifycfg,instcombine<no-verify-fixpoint>))",
    "cgscc(function(sroa<modify-cfg>,early-cse<memssa>,simplifycfg,instcombine<no-verify-fixpoint>,adce))",
)
"""Items of several passes that a search would seldom put together."""
FUNCTION_PASSES = (
    "adce",
    "aggressive-instcombine",
    "bdce",
    "break-crit-edges",
    "callsite-splitting",
    "consthoist",
    "constraint-elimination",
    "correlated-propagation",
    "dce",
    "dfa-jump-threading",
    "div-rem-pairs",
    "dse",
    "early-cse",
    "early-cse<memssa>",
    "float2int",
    "gvn",
    "gvn-hoist",
    "gvn-sink",
    "instcombine<no-verify-fixpoint>",
    "instsimplify",
    "jump-threading",
    "lcssa",
    "load-store-vectorizer",
    "loop-data-prefetch",
    "loop-distribute",
    "loop-fusion",
    "loop-load-elim",
    "loop-simplify",
    "loop-sink",
    "lower-constant-intrinsics",
    "lower-switch",
    "mem2reg",
    "memcpyopt",
    "mergeicmps",
    "mergereturn",
    "mldst-motion",
    "nary-reassociate",
    "newgvn",
    "partially-inline-libcalls",
    "reassociate",
    "reg2mem",
    "sccp",
    "separate-const-offset-from-gep",
    "simplifycfg",
    "simplifycfg<hoist-common-insts;sink-common-insts>",
    "simplifycfg<switch-to-lookup;switch-range-to-icmp;no-keep-loops;hoist-common-insts;sink-common-insts>",
    "simplifycfg<forward-switch-cond;no-keep-loops>",
    "simplifycfg<bonus-inst-threshold=4;hoist-common-insts;sink-common-insts;no-keep-loops>",
    "sink",
    "slp-vectorizer",
    "slsr",
    "sroa<modify-cfg>",
    "sroa<preserve-cfg>",
    "tailcallelim",
    "vector-combine",
)
LOOP_PASSES = (
    "indvars",
    "loop-deletion",
    "loop-idiom",
    "loop-instsimplify",
    "loop-reduce",
    "loop-rotate",
    "loop-rotate<no-header-duplication>",
    "loop-simplifycfg",
    "loop-unroll-full",
    "loop-versioning-licm",
)
LOOP_MSSA_PASSES = ("licm", "licm<no-allowspeculation>", "simple-loop-unswitch<nontrivial;trivial>", "lnicm")

_NAME = re.compile(r"<[^>]*>|([A-Za-z0-9][A-Za-z0-9-]*)")

_FORMER_NAMES = (
    (18, "instcombine<no-verify-fixpoint>", "instcombine"),
    (17, "lower-switch", "lowerswitch"),
    # There was one kind only.
    (16, "sroa<modify-cfg>", "sroa"),
    (16, "sroa<preserve-cfg>", "sroa"),
)
"""LLVM major that brought a name, the name, and what the same pass was called before."""

ONLY = "only"
"""What an item for some functions only begins with: ours, not LLVM's."""

MANAGERS = frozenset({"module", "cgscc", "function", "loop", "loop-mssa", "devirt", "repeat", ONLY})
"""What only says on what a pass runs."""
_ITEM = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)(?:<([^>]*)>)?")


def vocabulary() -> tuple[str, ...]:
    """Every item that a search may put into a pass list, nested as LLVM's module pipeline wants it."""
    return (
        *MODULE_PASSES,
        *(f"cgscc({name})" for name in CGSCC_PASSES),
        *COMPOSED,
        *(f"function({name})" for name in FUNCTION_PASSES),
        *(f"function(loop({name}))" for name in LOOP_PASSES),
        *(f"function(loop-mssa({name}))" for name in LOOP_MSSA_PASSES),
    )


_PUNCTUATION = re.compile("[(<>),]")


def split_pipeline(text: str) -> tuple[str, ...]:
    """Split pipeline text at its top-level commas.

    Raises ToolchainError when brackets do not match or an item is empty.
    """
    items, closers, start = [], "", 0
    for found in _PUNCTUATION.finditer(text):
        char, at = found[0], found.start()
        if char in "(<":
            closers += ")" if char == "(" else ">"
        elif char in ")>":
            if not closers.endswith(char):
                closers = char
                break
            closers = closers[:-1]
        elif not closers:
            items.append(text[start:at].strip())
            start = at + 1
    items.append(text[start:].strip())
    if closers or ("" in items and len(items) > 1):
        raise ToolchainError(f"not a pass list: {text!r} (check the brackets and commas)")
    return tuple(item for item in items if item)


_PART = re.compile(r"only<([^<>()]+)>\((.+)\)", re.S)


@dataclass(frozen=True, slots=True)
class Part:
    """Function passes for some functions of a module: the symbols, or shares (`toolchain.parts`), and the passes."""

    words: tuple[str, ...]
    pipeline: str

    def __str__(self) -> str:
        return f"{ONLY}<{';'.join(self.words)}>({self.pipeline})"


def part_of(item: str) -> Part | None:
    """An item `only<NAME;...>(PASSES)` of a pass list; None for any other. Raises ToolchainError when it is none of
    function passes."""
    if not _is_part(item):
        return None
    found = _PART.fullmatch(item)
    if found is None or not all(each.startswith("function(") for each in split_pipeline(found[2])):
        raise ToolchainError(f"not a part of a pass list: {item!r} (give it as only<NAME;NAME>(function(PASS)))")
    return Part(tuple(found[1].split(";")), found[2])


def _is_part(item: str) -> bool:
    return item.startswith(ONLY + "<")


class KnownPasses:
    """The passes of one LLVM and the parameters that they take, as its `opt --print-passes` lists them."""

    def __init__(self, listing: str, major: int) -> None:
        self._major = major
        self._parameters: dict[str, set[str]] = {}
        for line in listing.splitlines():
            item = _ITEM.fullmatch(line.strip()) if line.startswith(" ") else None
            if item:
                self._parameters.setdefault(item[1], set()).update((item[2] or "").split(";"))

    def suffice_for(self, pass_list: "PassList") -> bool:
        return not self.unknown(pass_list)

    def unknown(self, pass_list: "PassList") -> tuple[str, ...]:
        """What this LLVM does not know in a list: passes, or passes with a parameter."""
        found = []
        for item in _ITEM.finditer(str(pass_list.named_for(self._major)).replace(CLANG, "")):
            known = self._parameters.get(item[1])
            words = (item[2] or "").split(";")
            if item[1] in MANAGERS:
                continue
            if known is None:
                found.append(item[1])
            elif not all(_is_parameter(word, known) for word in words if word):
                found.append(item[0])
        return tuple(found)


def _is_parameter(word: str, known: set[str]) -> bool:
    """Not every `no-` is listed; `N` stands for a number."""
    name, equals, _ = word.partition("=")
    return f"{name}=N" in known if equals else word in known or word.removeprefix("no-") in known


def pass_names(text: str) -> Iterator[str]:
    """Every name in pipeline text, pass managers included, options and `<clang>` left out."""
    return (match[1] for match in _NAME.finditer(text) if match[1])


_MISPRINTED = "indvars,simple-loop-unswitch"
"""Up to LLVM 21 clang unswitches at this place only loops that `indvars` has changed, and prints it as if always."""


@dataclass(frozen=True, slots=True, order=True)
class PassList:
    """Ordered items of a module pipeline; `<clang>` stands for clang's own."""

    passes: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "PassList":
        """Read the text form. Raises ToolchainError when it is not one."""
        items = split_pipeline(text)
        for item in items:
            part_of(item)
        return cls(items)

    def __str__(self) -> str:
        return ",".join(self.passes)

    def __len__(self) -> int:
        return len(self.passes)

    def named_for(self, major: int) -> "PassList":
        """The same list in the words of an LLVM of that major version."""
        passes = []
        for item in self.passes:
            for since, name, former in _FORMER_NAMES:
                item = item.replace(name, former) if major < since else item
            passes.append(item)
        return PassList(tuple(passes))

    def stages(self, clang_pipeline: str, major: int) -> tuple[str, ...]:
        """The pipelines that applying this list runs with an LLVM of that major version, one after the
        other, each with fresh analyses: what is before `<clang>`, clang's own, what is after. Lists that
        begin alike can share the work. With `<clang>` for clang's pipeline, that stage is `<clang>`.
        The IR outliner is a stage of its own and merging begins one: functions are protected from them just before,
        and what the outliner leaves is made sound at once (toolchain.guards). `reg2mem` begins one too
        (toolchain.demotion), and what is for some functions only is one of its own (toolchain.parts).

        So is a first stage where `clang_pipeline` is not all that clang does: one run of clang serves every
        list that begins with it. Behind other passes it would be a run for each, and what is printed stands in.
        """
        own = (clang_pipeline, CLANG)
        stages: list[str] = []
        for item in self.named_for(major).passes:
            if item == CLANG:
                stages.append(CLANG if not stages and _MISPRINTED in clang_pipeline else clang_pipeline)
            elif not stages or stages[-1] in (*own, OUTLINER) or _is_part(stages[-1]) or _begins(item):
                stages.append(item)
            else:
                stages[-1] += f",{item}"
        return tuple(stages)

    def shortened(self) -> "list[PassList]":
        """Every list with one item less, `<clang>` kept."""
        items = self.passes
        return [PassList(items[:i] + items[i + 1 :]) for i, item in enumerate(items) if item != CLANG]

    def crossed(self, other: "PassList") -> "PassList":
        """This list up to its `<clang>`, with what `other` has behind its own."""
        mine, its = self.passes, other.passes
        return PassList(mine[: mine.index(CLANG) + 1] + its[its.index(CLANG) + 1 :])

    def unsafe(self) -> tuple[str, ...]:
        """Names in this list that must never run, sorted."""
        return tuple(sorted(set(pass_names(str(self))) & UNSAFE_PASSES))


def _begins(item: str) -> bool:
    """Whether an item must begin a stage: the module is made ready for it."""
    return item in (OUTLINER, MERGER) or _is_part(item) or DEMOTION in pass_names(item)


PASS_OPTIONS = frozenset(
    {
        "-bonus-inst-threshold",
        "-disable-lftr",
        "-disable-licm-promotion",
        "-enable-gvn-memdep",
        "-enable-load-pre",
        "-enable-pre",
        "-gvn-max-block-speculations",
        "-gvn-max-num-deps",
        "-hoist-common-insts",
        "-indvars-widen-indvars",
        "-inline-call-penalty",
        "-inline-instr-cost",
        "-inline-memaccess-cost",
        "-inline-threshold",
        "-instcombine-code-sinking",
        "-instcombine-max-sink-users",
        "-jump-threading-phi-threshold",
        "-jump-threading-threshold",
        "-keep-loops",
        "-licm-mssa-max-acc-promotion",
        "-max-speculation-depth",
        "-memdep-block-scan-limit",
        "-phi-node-folding-threshold",
        "-replexitval",
        "-scalar-evolution-huge-expr-threshold",
        "-scev-cheap-expansion-budget",
        "-simplifycfg-branch-fold-threshold",
        "-simplifycfg-hoist-common-skip-limit",
        "-sink-common-insts",
        "-sroa-skip-mem2reg",
        "-switch-range-to-icmp",
        "-two-entry-phi-node-folding-threshold",
        "-vectorize-slp",
    }
)
"""Options that passes heed, clang's own among them: they are set while a pass list runs as well."""


@dataclass(frozen=True, slots=True, order=True)
class CodegenOptions:
    """LLVM options that preserve meaning, as they follow `-mllvm`: of the code generator, and of passes."""

    options: tuple[str, ...] = ()

    @property
    def for_passes(self) -> tuple[str, ...]:
        """Those of them that make a difference to passes."""
        return tuple(option for option in self.options if option.partition("=")[0] in PASS_OPTIONS)

    @classmethod
    def parse(cls, text: str) -> "CodegenOptions":
        return cls(tuple(text.split()))

    def __str__(self) -> str:
        return " ".join(self.options)


@dataclass(frozen=True, slots=True, order=True)
class Recipe:
    """What a model proposes and the cache remembers: pass list and code generation options."""

    pass_list: PassList
    codegen: CodegenOptions = CodegenOptions()

    @classmethod
    def parse(cls, text: str) -> "Recipe":
        """Read `PASSES` or `PASSES | OPTIONS`. Raises ToolchainError when it is neither."""
        passes, _, options = text.partition("|")
        return cls(PassList.parse(passes), CodegenOptions.parse(options))

    def followed_by(self, pass_list: PassList) -> "Recipe":
        """The same with further passes behind its own."""
        return Recipe(PassList((*self.pass_list.passes, *pass_list.passes)), self.codegen)

    def __str__(self) -> str:
        return f"{self.pass_list} | {self.codegen}" if self.codegen.options else str(self.pass_list)


_PART_WORDS = re.compile(r"only<[^<>]*>")


def brief(text: str) -> str:
    """The text of a recipe for tables, without the names of functions.

    >>> brief("<clang>,only<get;put>(function(sink))")
    '<clang>,only<…>(function(sink))'
    """
    return _PART_WORDS.sub(f"{ONLY}<…>", text)


NULL_RECIPE = Recipe(PassList((CLANG,)))
"""The null policy: clang's own pipeline and code generation, through our way."""
