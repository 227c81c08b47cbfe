"""Train the ranker on what a search found, judge it on packages it did not see, and export it to ONNX.
Needs the extra `train`.

  llmcc-tool train CORPUS --search RUN --out my.onnx
"""

import argparse
import json
from pathlib import Path
from typing import Any

from llmcc.errors import UserError
from llmcc.model import USUAL
from llmcc.tune.corpus import read_corpus
from llmcc.tune.curves import COUNTS
from llmcc.tune.evaluate import read_results
from llmcc.tune.mine import RESULTS, merged, read_lists


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("corpus", type=Path, help="a folder made by `llmcc-tool corpus`")
    parser.add_argument("--search", type=Path, metavar="DIR", required=True, help="the folder of `llmcc-tool search`")
    parser.add_argument("--out", type=Path, metavar="FILE", required=True, help="the ONNX file to write")
    parser.add_argument("--trees", type=int, metavar="N", default=200, help="trees of the forest (default 200)")
    parser.add_argument("--compare", action="store_true", help="judge other kinds of model beside the forest")
    parser.add_argument("--seed", type=int, metavar="N", default=1, help="of every choice (default 1)")
    parser.add_argument("--majors", default="19", help="LLVM majors the search was made with (default 19)")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Exit status 0."""
    try:
        import onnx  # noqa: F401
        import sklearn  # noqa: F401
    except ImportError as error:
        raise UserError(f"training needs {error.name}; run `pip install llmcc[train]`") from error
    from llmcc.tune import train

    recipes = read_lists(args.search / "screened.json")
    results = merged(row for name in RESULTS for row in read_results(args.search / f"{name}.jsonl"))
    wanted = {result.unit for result in results}
    units = [unit for unit in read_corpus(args.corpus, "mine") if unit.name in wanted]
    vectors = train.collect_features(units, args.search / "features.json")
    targets = {unit.name: unit.target for unit in units}
    data = train.training_set(results, recipes, vectors, targets)
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
    facts = {
        "units": len(data.packages),
        "packages": len(set(data.packages)),
        "recipes": len(recipes),
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


def _table(facts: dict[str, Any]) -> list[str]:
    def row(name: str, savings: dict[int, float]) -> str:
        return f"{name:14}" + "".join(f"{savings[n]:8.2f}" for n in COUNTS)

    lines = [
        f"{facts['units']} units of {facts['packages']} packages, {facts['recipes']} recipes; "
        f"all of them were tried on {facts['whole_units']} units, which the curves are of",
        "mean saving in % on packages left out of training, by number of candidates:",
        f"{'':14}" + "".join(f"{n:>8}" for n in COUNTS),
        *(row(kind, savings) for kind, savings in facts["others"].items()),
    ]
    for target, curves in facts["curves"].items():
        lines += [f"{target}, {facts['targets'][target]} units:"] if target else []
        lines += [row(name, savings) for name, savings in curves.items()]
    lines += [
        f"threshold {100 * facts['threshold']:.2f} %: leaves {100 * facts['left_alone']:.1f} % of the units alone "
        f"and loses {100 * facts['lost']:.2f} % of what {USUAL} candidates save",
        f"{facts['model']}: {facts['model_bytes']} bytes",
    ]
    return lines
