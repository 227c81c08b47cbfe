"""Train the ranker on the results of a search, judge it on packages it did not see, and export it to
ONNX. Needs the extra `train`."""

import argparse
from pathlib import Path

from llmcc.errors import UserError
from llmcc.model import USUAL
from llmcc.tune.corpus import read_corpus
from llmcc.tune.curves import COUNTS
from llmcc.tune.evaluate import read_results
from llmcc.tune.mine import RESULTS, merged, read_lists


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("corpus", type=Path, help="a folder made by `llmcc-tool corpus`")
    parser.add_argument("--search", type=Path, required=True, help="the folder of `llmcc-tool search`")
    parser.add_argument("--out", type=Path, required=True, help="the ONNX file to write")
    parser.add_argument("--trees", type=int, default=200, help="trees of the forest (default 200)")
    parser.add_argument("--compare", action="store_true", help="judge other kinds of model beside the forest")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--majors", default="19", help="LLVM majors the search was made with (default 19)")


def run(args: argparse.Namespace) -> int:
    """Print the curves on unseen packages, then train on everything and export."""
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
    print(
        f"{len(data.packages)} units of {len(set(data.packages))} packages, {len(recipes)} recipes; "
        f"all of them were tried on {int(data.whole.sum())} units, which the curves are of"
    )
    print("mean saving in % on packages left out of training, by number of candidates:")
    print(f"{'':14}" + "".join(f"{n:>8}" for n in COUNTS))
    judged = train.judge(data, args.trees, args.seed)
    for kind in train.KINDS[1:] if args.compare else ():
        curve = train.judge(data, args.trees, args.seed, kind=kind).curves[""][0]
        print(f"{kind:14}" + "".join(f"{curve.savings[n]:8.2f}" for n in COUNTS))
    for target, curves in judged.curves.items():
        if target:
            print(f"{target}, {data.targets.count(target)} units:")
        for curve in curves:
            print(f"{curve.name:14}" + "".join(f"{curve.savings[n]:8.2f}" for n in COUNTS))
    print(
        f"threshold {100 * judged.threshold:.2f} %: leaves {100 * judged.left_alone:.1f} % of the units alone "
        f"and loses {100 * judged.lost:.2f} % of what {USUAL} candidates save"
    )
    forest = train.grow(data, slice(None), args.trees, args.seed)
    note = (
        f"{len(data.packages)} units of {len(set(data.packages))} Debian packages; LLVM {args.majors}; seed {args.seed}"
    )
    majors = [int(word) for word in args.majors.split(",")]
    train.export(data, forest, args.out, majors, note, judged.threshold)
    print(f"{args.out}: {args.out.stat().st_size} bytes")
    return 0
