"""The pass pipelines that a language model writes: read as trees, told in the words of the LLVM at hand.

A model knows the LLVM it was trained with. What another LLVM calls differently is rewritten, what it lacks or what
must not be tried is dropped, and both are counted.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from toolchain.passes import (
    CGSCC_PASSES,
    CLANG,
    FUNCTION_PASSES,
    LOOP_MSSA_PASSES,
    LOOP_PASSES,
    MODULE_PASSES,
    UNSAFE_PASSES,
    KnownPasses,
    PassList,
    split_pipeline,
)

MODULE, CGSCC, FUNCTION, LOOP, LOOP_MSSA = "module", "cgscc", "function", "loop", "loop-mssa"

MANAGERS = {
    MODULE: {"module": MODULE, "cgscc": CGSCC, "function": FUNCTION},
    CGSCC: {"cgscc": CGSCC, "function": FUNCTION},
    FUNCTION: {"function": FUNCTION, "loop": LOOP, "loop-mssa": LOOP_MSSA},
    LOOP: {},
    LOOP_MSSA: {},
}
"""Which pass managers may stand at each level, and the level that is inside."""

_PLAIN = {
    MODULE: ("always-inline", "globaldce", "recompute-globalsaa", "rel-lookup-table-converter"),
    CGSCC: (),
    FUNCTION: (
        *("alignment-from-assumptions", "infer-alignment", "libcalls-shrinkwrap", "loop-unroll", "loop-vectorize"),
        *("lower-expect", "move-auto-init", "speculative-execution", "typepromotion"),
        *("redundant-dbg-inst-elim", "scalarizer", "tlshoist", "mldst-motion", "gvn", "simplifycfg"),
    ),
    LOOP: ("canon-freeze", "loop-bound-split", "loop-flatten", "loop-interchange"),
    LOOP_MSSA: ("loop-instsimplify", "loop-simplifycfg", "loop-rotate", "loop-rotate<no-header-duplication>", "licm"),
}
"""Passes that models write beside those that a search of ours tries."""

ALLOWED = {
    MODULE: frozenset({*MODULE_PASSES, *_PLAIN[MODULE]}),
    CGSCC: frozenset({*CGSCC_PASSES, *_PLAIN[CGSCC]}),
    FUNCTION: frozenset({*FUNCTION_PASSES, *_PLAIN[FUNCTION]}),
    LOOP: frozenset({*LOOP_PASSES, *_PLAIN[LOOP]}),
    LOOP_MSSA: frozenset({*LOOP_MSSA_PASSES, *_PLAIN[LOOP_MSSA]}),
}
"""What may stand in a list at each level: passes that keep meaning, write no file and say nothing."""

REWRITTEN = {
    "instcombine": "instcombine<no-verify-fixpoint>",
    "instcombine<max-iterations=1;no-use-loop-info>": "instcombine<no-verify-fixpoint>",
    "instcombine<max-iterations=1000;no-use-loop-info>": "instcombine<no-verify-fixpoint>",
    "sroa": "sroa<modify-cfg>",
    "lowerswitch": "lower-switch",
    "early-cse<>": "early-cse",
    "gvn<>": "gvn",
    "simplify-cfg": "simplifycfg",
    "licm<allowspeculation>": "licm",
    "mldst-motion<no-split-footer-bb>": "mldst-motion",
    "function-attrs<skip-non-recursive>": "function-attrs",
    "function-attrs<skip-non-recursive-function-attrs>": "function-attrs",
    "speculative-execution<only-if-divergent-target>": "speculative-execution",
    "loop-rotate<no-header-duplication;no-prepare-for-lto>": "loop-rotate<no-header-duplication>",
    "simple-loop-unswitch<no-nontrivial;trivial>": "simple-loop-unswitch<nontrivial;trivial>",
}
"""Words that other LLVM versions have for passes, and ours."""

WHOLE = tuple(f"default<{level}>" for level in ("Oz", "Os", "O2", "O3", "O1"))
"""What stands in other lists where `<clang>` stands in ours."""

_NEEDLESS = {
    MODULE: (
        *("annotation2metadata", "coro-early", "coro-cleanup", "openmp-opt", "cg-profile", "verify"),
        *("require<globals-aa>", "require<profile-summary>", "synthetic-counts-propagation"),
    ),
    CGSCC: ("coro-split", "openmp-opt-cgscc"),
    FUNCTION: (
        *("annotation-remarks", "coro-elide", "transform-warning", "verify", "invalidate<aa>", "inject-tli-mappings"),
        *("require<should-not-run-function-passes>",),
    ),
    LOOP: (),
    LOOP_MSSA: (),
}  # fmt: skip
"""Passes of clang's own pipeline that a model may write, and that are dropped: without effect here."""

_MANAGER_WORDS = {
    "module": ("module",),
    "cgscc": ("cgscc", "devirt<4>"),
    "function": ("function", "function<eager-inv>", "function<eager-inv;no-rerun>"),
    "loop": ("loop",),
    "loop-mssa": ("loop-mssa",),
}

_CALL = re.compile(r"([a-z-]+)(?:<[^>]*>)?\((.*)\)", re.S)


@dataclass(frozen=True, slots=True)
class Translation:
    """A list in the words of one LLVM; the items that were `rewritten` and `dropped`, in order."""

    pass_list: PassList
    rewritten: tuple[str, ...]
    dropped: tuple[str, ...]


def opening_words(level: str) -> dict[str, str]:
    """The words that open a pass manager at a level, with the level inside."""
    words = {word: inside for name, inside in MANAGERS[level].items() for word in _MANAGER_WORDS[name]}
    if level != CGSCC:
        words.pop("devirt<4>", None)
    return words


def items_at(level: str, known: KnownPasses | None) -> frozenset[str]:
    """Every item that a model may write at a level for an LLVM with these passes (None: any)."""
    sound = {word for word in ALLOWED[level] if _is_known(word, known)}
    renamed = {word for word, own in REWRITTEN.items() if own in sound}
    return frozenset({*sound, *renamed, *_NEEDLESS[level]})


def translate(text: str, known: KnownPasses | None) -> Translation:
    """The pass list that a model's pipeline means for an LLVM with these passes (None: any).

    `<clang>` is put at the end when nothing in the list stands for it. Raises ToolchainError when the text is no
    pipeline.
    """
    rewritten: list[str] = []
    dropped: list[str] = []
    items = _translate(split_pipeline(text), MODULE, known, rewritten, dropped)
    own = [at for at, item in enumerate(items) if item == CLANG]
    if not own:
        # Their lists replace a compiler's passes, ours go around them: what the language needs is in there.
        items.append(CLANG)
    for at in reversed(own[1:]):
        del items[at]
        dropped.append(CLANG)
    return Translation(PassList(tuple(items)), tuple(rewritten), tuple(dropped))


def _translate(
    items: tuple[str, ...], level: str, known: KnownPasses | None, rewritten: list[str], dropped: list[str]
) -> list[str]:
    result: list[str] = []
    for item in items:
        call = _CALL.fullmatch(item)
        if call is not None:
            inside = MANAGERS[level].get("cgscc" if call[1] == "devirt" else call[1])
            if inside is None:
                dropped.append(call[1])
                continue
            within = _translate(split_pipeline(call[2]), inside, known, rewritten, dropped)
            if inside == level or (level == CGSCC and call[1] == "devirt"):
                # A manager in a manager of its own kind changes nothing, but hides `<clang>`.
                result += within
            elif within:
                result.append(f"{call[1]}({','.join(within)})")
        elif item in WHOLE or item == CLANG:
            if level != MODULE:
                dropped.append(item)
                continue
            result.append(CLANG)
            rewritten += [item] if item != CLANG else []
        else:
            own = REWRITTEN.get(item, item)
            if own in ALLOWED[level] and own.partition("<")[0] not in UNSAFE_PASSES and _is_known(own, known):
                result.append(own)
                rewritten += [item] if own != item else []
            else:
                dropped.append(item)
    return result


def _is_known(item: str, known: KnownPasses | None) -> bool:
    return known is None or not known.unknown(PassList((item,)))


def leaves(text: str) -> Iterator[str]:
    """Every pass in pipeline text, without the managers around them."""
    for item in split_pipeline(text):
        call = _CALL.fullmatch(item)
        if call is None:
            yield item
        else:
            yield from leaves(call[2])
