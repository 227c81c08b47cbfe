"""Train the ranker on what a search found, judge it on packages it did not see, and export it to ONNX.
Needs the extra `train`; --language-model makes a causal language model and its folder instead, and needs `export` too.

  llmcc-tool train CORPUS --search RUN --out my.onnx
  llmcc-tool train CORPUS --search RUN --enlarge my.onnx --out larger.onnx
  llmcc-tool train CORPUS --search RUN --enlarge my.onnx --anew --out new.onnx
  llmcc-tool train CORPUS --search RUN --language-model --out my-lm
"""

import argparse
import functools
import json
import math
from pathlib import Path
from typing import Any

from cache.store import digest_of
from llmcc import features
from llmcc.errors import UserError
from llmcc.model import USUAL
from llmcc.tune.corpus import read_corpus
from llmcc.tune.curves import COUNTS
from llmcc.tune.evaluate import UnitResult
from llmcc.tune.mine import read_lists, results_of
from toolchain.passes import Recipe


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("corpus", type=Path, metavar="CORPUS", help="a folder made by `llmcc-tool corpus`")
    parser.add_argument("--search", type=Path, metavar="DIR", required=True, help="the folder of `llmcc-tool search`")
    parser.add_argument("--out", type=Path, metavar="FILE", required=True, help="the ONNX file, or folder, to write")
    parser.add_argument("--trees", type=int, metavar="N", default=200, help="trees of the forest (default 200)")
    parser.add_argument("--compare", action="store_true", help="judge other kinds of model beside the forest")
    parser.add_argument(
        "--enlarge", type=Path, metavar="MODEL", help="keep this model's recipes and forest; add units and recipes"
    )
    parser.add_argument(
        "--anew", action="store_true", help="--enlarge: a new forest and bank for architectures of these units"
    )
    parser.add_argument("--seed", type=int, metavar="N", default=1, help="of every choice (default 1)")
    parser.add_argument(
        "--majors", metavar="N,N", default="19", help="LLVM majors the search was made with (default 19)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    language = parser.add_argument_group("language model")
    language.add_argument("--language-model", action="store_true", help="train one; --out is the folder to write")
    language.add_argument("--steps", type=int, metavar="N", default=3000, help="steps of 8 examples (default 3000)")
    language.add_argument(
        "--context", type=int, metavar="N", default=1024, help="tokens of prompt and answer (default 1024)"
    )
    language.add_argument(
        "--vocabulary", type=int, metavar="N", default=2048, help="tokens of the tokenizer (default 2048)"
    )
    language.add_argument("--layers", type=int, metavar="N", default=4, help="layers of the decoder (default 4)")
    language.add_argument(
        "--width", type=int, metavar="N", default=192, help="width of the decoder, a multiple of 32 (default 192)"
    )
    language.add_argument(
        "--feedback", action="store_true", help="train a second round too: with sizes of what was tried"
    )
    language.add_argument("--units", type=int, metavar="N", help="train on so many units (default: all)")


def run(args: argparse.Namespace) -> int:
    """Exit status 0."""
    try:
        import onnx  # noqa: F401
        import sklearn  # noqa: F401
    except ImportError as error:
        raise UserError(f"training needs {error.name}; run `pip install llmcc[train]`") from error
    from llmcc.tune import train

    if args.enlarge and args.language_model:
        raise UserError("only a ranker has a bank to enlarge; leave out --enlarge or --language-model")
    if args.anew and not args.enlarge:
        raise UserError("a forest is grown anew in the place of a model's; name the model with --enlarge")
    if args.enlarge and not args.anew:
        return _enlarge(args)
    if args.enlarge:
        base, data = _to_enlarge(args)
    else:
        recipes = read_lists(args.search / "screened.json")
        results = results_of(args.search)
        if args.language_model:
            return _train_language_model(args, results, set(recipes))
        vectors, targets = _describe(args, results)
        base, data = None, train.training_set(results, recipes, vectors, targets)
    judged = train.judge(data, args.trees, args.seed)
    others = {
        kind: train.judge(data, args.trees, args.seed, kind=kind).curves[""][0].savings
        for kind in (train.KINDS[1:] if args.compare else ())
    }
    forest = train.grow(data, slice(None), args.trees, args.seed)
    note = (
        f"{len(data.packages)} units of {len(set(data.packages))} Debian packages; LLVM {args.majors}; seed {args.seed}"
    )
    majors = [int(word) for word in args.majors.split(",")]
    train.export(data, forest, args.out, majors, note, judged.threshold)
    if base is not None:
        from llmcc.tune import enlarge, join

        kinds = data.features[data.whole, features.ARCHITECTURE]
        rest = join.without_kinds_of(base, data)
        join.join(enlarge.widened(rest, data.recipes, data.savings[data.whole], kinds), args.out)
    facts = {
        "units": len(data.packages),
        "packages": len(set(data.packages)),
        "recipes": len(data.recipes),
        "whole_units": int(data.whole.sum()),
        "others": others,
        "curves": {target: {c.name: c.savings for c in curves} for target, curves in judged.curves.items()},
        "targets": {target: data.targets.count(target) for target in judged.curves if target},
        "threshold": judged.threshold,
        "left_alone": judged.left_alone,
        "lost": judged.lost,
        "model": str(args.out),
        "model_bytes": args.out.stat().st_size,
    }
    print(json.dumps(facts, indent=1) if args.json else "\n".join(_table(facts)))
    return 0


def _describe(args: argparse.Namespace, results: list[UnitResult]) -> tuple[dict[str, list[float]], dict[str, str]]:
    """Features and targets of the units that there are results of."""
    from llmcc.tune import train

    wanted = {result.unit for result in results}
    units = [unit for unit in read_corpus(args.corpus, "mine") if unit.name in wanted]
    vectors = train.collect_features(units, args.search / "features.json")
    return vectors, {unit.name: unit.target for unit in units}


def _to_enlarge(args: argparse.Namespace) -> tuple[Any, Any]:
    """The model to enlarge (llmcc.tune.enlarge.Base), and what a search with its recipes and new ones says."""
    from llmcc.tune import enlarge, train

    base = enlarge.read_base(args.enlarge)
    results = results_of(args.search)
    vectors, targets = _describe(args, results)
    found = args.search / "screened.json"
    new = [recipe for recipe in read_lists(found) if recipe not in base.recipes] if found.exists() else []
    fill = functools.partial(enlarge.complete, base)
    return base, train.training_set(results, [*base.recipes, *new], vectors, targets, fill)


def _enlarge(args: argparse.Namespace) -> int:
    """Add the search's units to the bank of a model, and print what that changes on packages left out."""
    from llmcc.tune import enlarge

    base, data = _to_enlarge(args)
    base = enlarge.without_known(base, data)
    judged = enlarge.judge(base, data)
    kinds = data.features[data.whole, features.ARCHITECTURE]
    base = enlarge.widened(base, data.recipes, data.savings[data.whole], kinds)
    enlarge.write(base, data, args.out)
    facts = {
        "units": len(data.packages),
        "packages": len(set(data.packages)),
        "recipes": len(data.recipes),
        "whole_units": int(data.whole.sum()),
        "others": {},
        "curves": {target: {c.name: c.savings for c in curves} for target, curves in judged.items()},
        "targets": {target: data.targets.count(target) for target in judged if target},
        "bank": len(base.savings) + len(data.packages),
        "model": str(args.out),
        "model_bytes": args.out.stat().st_size,
    }
    lines = [*_curve_lines(facts), f"{args.out}: {facts['bank']} units, {facts['model_bytes']} bytes"]
    print(json.dumps(facts, indent=1) if args.json else "\n".join(lines))
    return 0


def _curve_lines(facts: dict[str, Any]) -> list[str]:
    def row(name: str, savings: dict[int, float]) -> str:
        return f"{name:14}" + "".join(f"{savings[n]:8.2f}" for n in COUNTS)

    lines = [
        f"{facts['units']} units of {facts['packages']} packages, {facts['recipes']} recipes; the curves are of "
        f"{facts['whole_units']} units that all of them, or those that cover the model's bank, were tried on",
        "mean saving in % on packages left out of training, by number of candidates:",
        f"{'':14}" + "".join(f"{n:>8}" for n in COUNTS),
        *(row(kind, savings) for kind, savings in facts["others"].items()),
    ]
    for target, curves in facts["curves"].items():
        lines += [f"{target}, {facts['targets'][target]} units:"] if target else []
        lines += [row(name, savings) for name, savings in curves.items()]
    return lines


def _table(facts: dict[str, Any]) -> list[str]:
    return [
        *_curve_lines(facts),
        f"threshold {100 * facts['threshold']:.2f} %: leaves {100 * facts['left_alone']:.1f} % of the units alone "
        f"and loses {100 * facts['lost']:.2f} % of what {USUAL} candidates save",
        f"{facts['model']}: {facts['model_bytes']} bytes",
    ]


def _train_language_model(args: argparse.Namespace, results: list[UnitResult], recipes: set[Recipe]) -> int:
    """Train on most packages, write the folder, and print what its samples save on the others."""
    try:
        import tokenizers  # noqa: F401
        import torch  # noqa: F401
    except ImportError as error:
        raise UserError(f"training needs {error.name}; run `pip install llmcc[train,export,llm]`") from error
    from llmcc.lm.folder import Description
    from llmcc.lm.model import LanguageModel
    from llmcc.lm.prompt import LLMCC, condensed
    from llmcc.tune import language, train
    from llmcc.tune.decoder import Shape, write_folder

    units = {unit.name: unit for unit in read_corpus(args.corpus, "mine") if unit.target in ("x86_64", "i386")}
    chosen = sorted(
        (result for result in results if result.unit in units), key=lambda result: digest_of(result.unit.encode())
    )
    chosen = chosen[: args.units]
    texts = language.read_texts(units[result.unit] for result in chosen)
    packages = sorted({unit.partition("/")[0] for unit in texts}, key=lambda name: digest_of(name.encode()))
    held = set(packages[:: language.HELD_OUT])
    learnt = [result for result in chosen if result.unit.partition("/")[0] not in held]
    allowed = recipes.__contains__
    lists = [str(recipe) for recipe in sorted(recipes)] * 20
    tokenizer = language.train_tokenizer(
        [*lists, *(condensed(texts[result.unit]) for result in learnt if result.unit in texts)], args.vocabulary
    )
    examples = list(language.make_examples(texts, learnt, tokenizer, args.context, allowed, feedback=args.feedback))
    if not examples:
        raise UserError("the search has no results to train on; run `llmcc-tool search` first")
    shape = Shape(tokenizer.get_vocab_size(), args.context, args.layers, args.width // 32, args.width)
    count = sum(math.prod(size) for size in shape.weights().values())
    print(
        f"{len(examples)} examples of {len(learnt)} units; {len(held)} packages left out; {count} weights", flush=True
    )
    weights = language.train(examples, tokenizer, shape, args.steps, args.seed, lambda words: print(words, flush=True))
    options = tuple(sorted({option for recipe in recipes for option in recipe.codegen.options}))
    note = f"trained on {len(learnt)} units of Debian packages; {args.steps} steps, seed {args.seed}"
    major = int(args.majors.split(",")[0])
    description = Description(
        LLMCC, major, args.context, options=options, feedback=args.feedback, licence="Apache-2.0", source=note
    )
    write_folder(args.out, shape, weights, tokenizer, description)
    unseen = [result for result in chosen if result.unit.partition("/")[0] in held and result.unit in texts]
    # Only where all recipes were tried is it known what each would have saved.
    unseen = [result for result in unseen if recipes <= {trial[0] for trial in result.trials}] or unseen
    savings, oracle = language.judge_samples(LanguageModel(args.out, "cpu"), texts, unseen, allowed)
    rows = {"language model": savings}
    vectors, targets = _describe(args, [*learnt, *unseen])
    data = train.training_set([*learnt, *unseen], sorted(recipes), vectors, targets)
    rows |= language.judge_beside(data, held, args.trees, args.seed)
    print(f"mean saving in % on {len(unseen)} units of packages left out, by number of samples or candidates:")
    print(f"{'':16}" + "".join(f"{n:>8}" for n in language.COUNTS))
    for name, row in rows.items():
        print(f"{name:16}" + "".join(f"{100 * row[n]:8.2f}" for n in language.COUNTS))
    print(f"{'all recipes':16}" + f"{100 * oracle:8.2f}" * len(language.COUNTS))
    return 0
