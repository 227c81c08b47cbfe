"""The grammar lets through what this LLVM runs, whatever way a tokenizer cuts it, and nothing else."""

import random
import subprocess

import pytest

from llmcc.lm.grammar import AT_LIST, AT_TEXT, MOST_ITEMS, Grammar, Phase
from llmcc.lm.passes import leaves, translate
from llmcc.lm.prompt import parse_answer
from toolchain.errors import ToolchainError
from toolchain.lower import pass_listing
from toolchain.passes import CLANG, KnownPasses, PassList

SINGLE = [bytes((byte,)) for byte in range(256)]
OPTIONS = ("-disable-lsr", "-inline-threshold=5", "-inline-threshold=30")


@pytest.fixture(scope="module")
def known(toolchain) -> KnownPasses:
    return KnownPasses(pass_listing(toolchain.opt), toolchain.major)


def is_whole(grammar: Grammar, text: str) -> bool:
    state = grammar.read(AT_LIST, text.encode())
    return state is not None and state.phase is Phase.DONE


@pytest.mark.parametrize(
    "text",
    [
        "<clang>",
        "mergefunc,<clang>",
        "module(default<Oz>,function<eager-inv>(simplifycfg,loop-mssa(licm)))",
        "cgscc(devirt<4>(inline,function(gvn))),globaldce",
        "function(loop(indvars,loop-deletion)),<clang> | -disable-lsr -inline-threshold=5",
    ],
)
def test_good_lists_pass(known, text):
    assert is_whole(Grammar(SINGLE, known, OPTIONS), text + "'")


@pytest.mark.parametrize(
    "text",
    [
        "",
        ",mergefunc",
        "mergefunc,",
        "gvn",
        "function()",
        "function(gvn",
        "function(gvn))",
        "function(licm)",
        "function(<clang>)",
        "<clang>,<clang>",
        "<clang>,default<Oz>",
        "structurizecfg",
        "function(structurizecfg)",
        "function(dot-cfg)",
        "internalize,<clang>",
        "merge func",
        "<clang> | -no-such-option",
        "<clang> | -disable-lsr -disable-lsr",
        "<clang> | -inline-threshold=5 -inline-threshold=30",
        "<clang> | ",
    ],
)
def test_bad_lists_do_not(known, text):
    assert not is_whole(Grammar(SINGLE, known, OPTIONS), text + "'")


def test_free_text_lasts_until_a_list_begins(known):
    grammar = Grammar(SINGLE, known)
    assert grammar.read(AT_TEXT, b"Use -p - p' --p 'mergefunc").phase is Phase.WORD
    assert grammar.read(AT_TEXT, b"The list is -p 'no-such-pass") is None
    assert grammar.read(AT_TEXT, b"-p 'mergefunc' and the rest").phase is Phase.DONE


def cut(chance: random.Random) -> list[bytes | None]:
    """A vocabulary that cuts anywhere: all bytes, and pieces of pipelines with brackets and commas in them."""
    text = b"-p 'module(default<Oz>,function<eager-inv>(gvn,sroa,loop-mssa(licm)),cgscc(inline))','<clang>,mergefunc"
    pieces = {text[at : at + chance.randrange(2, 12)] for at in range(len(text))}
    return [None, *SINGLE, *sorted(pieces)]


def written(grammar: Grammar, tokens: list[bytes | None], chance: random.Random) -> str:
    """A list by chance: longer tokens are likelier, so that it gets somewhere."""
    state, content = AT_LIST, b""
    while state.phase is not Phase.DONE:
        allowed = [int(token) for token in grammar.allowed(state)]
        assert allowed, (content, state)
        token = chance.choices(allowed, [len(tokens[each]) ** 2 for each in allowed])[0]
        state = grammar.after(state, token)
        content += tokens[token]
    return content.decode()


def test_every_list_by_chance_is_known_to_this_llvm(known, toolchain):
    """100 lists as the grammar lets them come, as `opt` reads them after translation."""
    chance = random.Random(3)
    tokens = cut(chance)
    grammar = Grammar(tokens, known, OPTIONS)
    lists = set()
    for _ in range(100):
        answer = parse_answer("-p '" + written(grammar, tokens, chance))
        translation = translate(answer.pipeline, known)
        assert translation.pass_list.passes.count(CLANG) == 1
        assert known.unknown(translation.pass_list) == ()
        assert translation.pass_list.unsafe() == ()
        lists.add(str(translation.pass_list.named_for(toolchain.major)))
    assert len(lists) > 60
    # In one run of opt each: the text parser alone, on a module without code.
    for text in sorted(lists)[:40]:
        stages = text.replace(CLANG, "globaldce")
        done = subprocess.run(
            [toolchain.opt, "-passes=" + stages, "-disable-output", "-"], input=b"", capture_output=True, check=False
        )
        assert done.returncode == 0, (text, done.stderr)


def test_lists_are_bounded(known):
    many = ",".join(["mergefunc"] * MOST_ITEMS)
    grammar = Grammar(SINGLE, known)
    assert is_whole(grammar, many + "'")
    assert not is_whole(grammar, many + ",mergefunc'")
    deep = "module(" * 10
    assert grammar.read(AT_LIST, deep.encode()) is None


def test_a_mask_lists_exactly_the_tokens_that_may_come(known):
    chance = random.Random(1)
    tokens = cut(chance)
    grammar = Grammar(tokens, known)
    for content in (b"", b"module(", b"function(loop(", b"mergefunc", b"<clang>,m", b"cgscc(devirt<4>(inline"):
        state = grammar.read(AT_LIST, content)
        wanted = [
            number for number, each in enumerate(tokens) if each is not None and grammar.read(state, each) is not None
        ]
        assert [int(token) for token in grammar.allowed(state)] == wanted


def test_words_of_another_llvm_are_rewritten_or_dropped_and_counted(known):
    theirs = "module(annotation2metadata,default<Oz>,function(sroa,instcombine,no-such),cgscc(coro-split),globaldce)"
    translation = translate(theirs, known)
    assert str(translation.pass_list) == (
        "<clang>,function(sroa<modify-cfg>,instcombine<no-verify-fixpoint>),globaldce"
    )
    assert translation.rewritten == ("default<Oz>", "sroa", "instcombine")
    assert translation.dropped == ("annotation2metadata", "no-such", "coro-split")
    assert known.suffice_for(translation.pass_list)


def test_a_pass_that_this_llvm_lacks_is_dropped():
    lacking = KnownPasses("  mergefunc\n  globaldce\n", 19)
    translation = translate("mergefunc,iroutliner,globaldce", lacking)
    assert translation.pass_list == PassList(("mergefunc", "globaldce", CLANG))
    assert translation.dropped == ("iroutliner",)
    grammar = Grammar(SINGLE, lacking)
    assert is_whole(grammar, "mergefunc'")
    assert not is_whole(grammar, "iroutliner'")


def test_what_is_no_pipeline_is_refused():
    with pytest.raises(ToolchainError, match="not a pass list"):
        translate("function(gvn", None)


def test_leaves_are_the_passes_alone():
    assert list(leaves("module(a,function(b,loop(c))),<clang>")) == ["a", "b", "c", "<clang>"]
