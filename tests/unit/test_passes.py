"""Pass lists as values, and the search vocabulary against a real LLVM."""

import os
import re

import pytest

from cache.store import Store
from llmcc.model import refused
from llmcc.pipelines import known_passes
from toolchain.apply import LibLLVMApplier, Limits
from toolchain.discover import Toolchain
from toolchain.errors import ToolchainError
from toolchain.lower import pass_listing
from toolchain.passes import (
    CLANG,
    NULL_RECIPE,
    UNSAFE_PASSES,
    CodegenOptions,
    KnownPasses,
    PassList,
    Recipe,
    pass_names,
    split_pipeline,
    vocabulary,
)

MODULE = """
struct node { struct node *next; int key; float weight; };
static int total;
static int scan(const struct node *n, int key) {
    for (; n; n = n->next) { if (n->key == key) return 1; total += n->key; }
    return 0;
}
int sum(const int *a, int n) { int s = 0; for (int i = 0; i < n; i++) for (int j = 0; j < i; j++) s += a[i] * a[j]; return s; }
int kind(int c) { switch (c) { case 1: return 7; case 2: return 9; case 3: return 4; case 90: return 1; default: return scan(0, c); } }
void copy(char *restrict d, const char *restrict s, unsigned n) { while (n--) *d++ = *s++; }
double mean(const struct node *n) { double s = 0; int k = 0; while (n) { s += n->weight; k++; n = n->next; } return k ? s / k : 0; }
int same(const struct node *a, const struct node *b) { return a->key == b->key && a->next == b->next; }
int find(const struct node *n, int key) { return scan(n, key) + scan(n->next, key + 1); }
int loop(volatile int *p) { int s = 0; for (int i = 0; i < 8; i++) s += p[i] ? i : -i; return s; }
"""  # fmt: skip  # noqa: E501


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("", ()),
        ("globaldce", ("globaldce",)),
        (" globaldce , mergefunc ", ("globaldce", "mergefunc")),
        ("function(gvn,dse),<clang>,mergefunc", ("function(gvn,dse)", "<clang>", "mergefunc")),
        ("cgscc(inline,function(sroa<a;b>,gvn))", ("cgscc(inline,function(sroa<a;b>,gvn))",)),
        ("function<eager-inv;no-rerun>(simplifycfg<a;b>,gvn)", ("function<eager-inv;no-rerun>(simplifycfg<a;b>,gvn)",)),
    ],
)
def test_split_keeps_nested_items_whole(text, items):
    assert split_pipeline(text) == items
    assert PassList.parse(text).passes == items


@pytest.mark.parametrize(
    "text",
    ["function(gvn", "gvn)", "a,,b", ",a", "a,", ")(", "sroa<x", "sroa>", "function((gvn)", "function(gvn>", "a<b)c>("],
)
def test_bad_brackets_and_empty_items_are_an_error(text):
    with pytest.raises(ToolchainError, match="not a pass list"):
        PassList.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "<clang>",
        "mergefunc,<clang>,function(gvn-hoist,simplifycfg<a;b>)",
        "<clang>,iroutliner | -disable-lsr -enable-machine-outliner=always",
    ],
)
def test_text_and_value_are_one(text):
    recipe = Recipe.parse(text)
    assert str(recipe) == text
    assert Recipe.parse(str(recipe)) == recipe
    assert hash(Recipe.parse(text)) == hash(recipe)


def test_every_vocabulary_item_survives_the_round_trip():
    everything = PassList(vocabulary())
    assert PassList.parse(str(everything)) == everything
    assert len(everything) == len(set(vocabulary())) > 80


def test_recipe_parts():
    recipe = Recipe.parse(" <clang> , mergefunc |  -a   -b=1 ")
    assert recipe == Recipe(PassList(("<clang>", "mergefunc")), CodegenOptions(("-a", "-b=1")))
    assert Recipe.parse("<clang>") == NULL_RECIPE == Recipe.parse("<clang> |")
    with pytest.raises(ToolchainError):
        Recipe.parse("function(gvn | -disable-lsr")


def test_clang_stands_for_its_pipeline():
    own = "annotation2metadata,function(sroa<modify-cfg>)"
    assert PassList.parse("a,b,<clang>,c,d").stages(own, 19) == ("a,b", own, "c,d")
    assert PassList.parse("<clang>,c").stages(own, 19) == (own, "c")
    assert PassList.parse("a,<clang>").stages(own, 19) == ("a", own)
    assert PassList.parse("a,<clang>,<clang>").stages(own, 19) == ("a", own, own)
    assert PassList.parse("a,b").stages(own, 19) == ("a,b",)
    assert PassList(()).stages(own, 19) == ()


def test_what_clang_does_not_print_as_it_is_clang_runs_where_one_run_serves_many_lists():
    printed = "function(loop(indvars,simple-loop-unswitch<no-nontrivial;trivial>,loop-deletion))"
    assert PassList.parse("<clang>").stages(printed, 19) == (CLANG,)
    assert PassList.parse("<clang>,a,b").stages(printed, 19) == (CLANG, "a,b")
    assert PassList.parse("a,<clang>,b").stages(printed, 19) == ("a", printed, "b")
    assert PassList.parse("<clang>,<clang>").stages(printed, 19) == (CLANG, printed)
    # As LLVM 22 prints it, it is what clang does.
    exact = "function(loop(indvars,extra-simple-loop-unswitch-passes,loop-deletion))"
    assert PassList.parse("<clang>,a").stages(exact, 22) == (exact, "a")


@pytest.mark.parametrize(
    ("major", "text"),
    [
        (14, "function(instcombine,sroa),<clang>,function(lowerswitch,sroa)"),
        (16, "function(instcombine,sroa<modify-cfg>),<clang>,function(lowerswitch,sroa<preserve-cfg>)"),
        (17, "function(instcombine,sroa<modify-cfg>),<clang>,function(lower-switch,sroa<preserve-cfg>)"),
        (18, ""),
        (22, ""),
    ],
)
def test_passes_are_called_what_that_version_calls_them(major, text):
    newest = "function(instcombine<no-verify-fixpoint>,sroa<modify-cfg>),<clang>"
    newest += ",function(lower-switch,sroa<preserve-cfg>)"
    pass_list = PassList.parse(newest)
    assert str(pass_list.named_for(major)) == (text or newest)
    assert ",".join(pass_list.stages(CLANG, major)) == (text or newest)


@pytest.fixture(scope="module")
def known(toolchain) -> KnownPasses:
    return KnownPasses(pass_listing(toolchain.opt), toolchain.major)


def test_opt_lists_every_vocabulary_item(known):
    assert [item for item in vocabulary() if not known.suffice_for(PassList.parse(item))] == []
    assert known.suffice_for(PassList.parse("module(function<eager-inv>(gvn)),<clang>,cgscc(inline<only-mandatory>)"))


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("<clang>,no-such-pass", ("no-such-pass",)),
        ("<clang>,function(gvn,loop-mssa(nolicm,licm))", ("nolicm",)),
        ("function(sroa<modify-cfg;no-such-parameter>),<clang>", ("sroa<modify-cfg;no-such-parameter>",)),
        ("<clang>,function(simplifycfg<no-such=4>)", ("simplifycfg<no-such=4>",)),
        ("<clang>,function(simplifycfg<bonus-inst-threshold=4;no-keep-loops>)", ()),
        ("<clang>,mergefunc<parameter>", ("mergefunc<parameter>",)),
        ("<clang>,function(adce),globaldce", ()),
    ],
)
def test_what_opt_does_not_list_is_unknown(known, text, unknown):
    pass_list = PassList.parse(text)
    assert known.unknown(pass_list) == unknown
    assert known.suffice_for(pass_list) == (not unknown)


def test_opt_is_asked_once_for_its_passes(toolchain, tmp_path):
    store = Store(os.fsencode(tmp_path))
    assert store.records(b"passes") == []
    first = known_passes(toolchain, store)
    (key,) = store.records(b"passes")
    assert store.get_record(b"passes", key).startswith(b"Module passes:")
    store.put_record(b"passes", key, b"Function passes:\n  gvn\n")
    second = known_passes(toolchain, store)
    pass_list = PassList.parse("<clang>,function(gvn),mergefunc")
    assert (first.unknown(pass_list), second.unknown(pass_list)) == ((), ("mergefunc",))


def test_without_opt_no_pass_is_held_for_unknown(toolchain, tmp_path):
    words = {name: getattr(toolchain, name) for name in toolchain.__slots__}
    for opt in (b"", b"/no/such/opt", b"/bin/false"):
        assert known_passes(Toolchain(**{**words, "opt": opt}), Store(os.fsencode(tmp_path))) is None
    assert Store(os.fsencode(tmp_path)).records(b"passes") == []


def test_names_leave_options_and_clang_out():
    text = "function<eager-inv>(loop-mssa(licm<no-allowspeculation>),gvn),<clang>,cgscc(inline)"
    assert list(pass_names(text)) == ["function", "loop-mssa", "licm", "gvn", "cgscc", "inline"]


@pytest.mark.parametrize("name", sorted(UNSAFE_PASSES))
def test_unsafe_passes_are_seen_wherever_they_hide(name):
    for text in (
        name,
        f"function({name})",
        f"<clang>,function(gvn,{name}<option;other>),globaldce",
        f"cgscc(function<eager-inv>( {name} ))",
        f"function(loop-mssa({name}))",
    ):
        assert PassList.parse(text).unsafe() == (name,), text
    assert refused(Recipe.parse(f"<clang>,function({name})"))


def test_names_that_only_look_unsafe_are_safe():
    assert PassList.parse("<clang>,strip-dead-prototypes,function(simplifycfg<strip>)").unsafe() == ()
    assert PassList(vocabulary()).unsafe() == ()


def applied(toolchain, unit, recipes):
    limits = Limits(seconds=60)
    with LibLLVMApplier(toolchain, unit.job, unit.module, os.fsencode(unit.folder), limits) as applier:
        return {trial.recipe: trial for trial in applier.try_recipes(recipes, unit.pipeline)}


@pytest.mark.parametrize("how", ["alone", "after clang's own"])
def test_llvm_knows_every_vocabulary_item(toolchain, open_unit, tmp_path, how):
    unit = open_unit(tmp_path, MODULE, "-Oz")
    passes = ["{}", "<clang>,{}"][how != "alone"]
    recipes = [Recipe.parse(passes.format(item)) for item in vocabulary()]
    trials = applied(toolchain, unit, recipes)
    assert set(trials) == set(recipes)
    unknown = [str(trial.recipe) for trial in trials.values() if re.search("unknown|invalid", trial.error)]
    assert unknown == []
    # Here none crashes either: each of them is proposed to users' code.
    assert {str(trial.recipe): trial.error for trial in trials.values() if trial.error} == {}


def test_an_item_that_llvm_does_not_know_is_told_apart(toolchain, open_unit, tmp_path):
    """What the test above relies on: LLVM's words for an unknown pass."""
    unit = open_unit(tmp_path, MODULE, "-Oz")
    known, unknown = NULL_RECIPE, Recipe.parse(f"{CLANG},function(no-such-pass)")
    trials = applied(toolchain, unit, [known, unknown])
    assert re.search("unknown|invalid", trials[unknown].error)
    assert trials[known].error == ""
