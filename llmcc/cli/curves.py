"""What `llmcc-tool bench --corpus` prints: curves over the number of candidates on a corpus or a recorded build."""

import argparse
import json
import os
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cache.store import Store
from llmcc import config, fingerprint
from llmcc.certify.certificate import UnitCertificates
from llmcc.errors import UserError
from llmcc.model import Ranker
from llmcc.tune.corpus import Unit, read_units
from llmcc.tune.curves import COUNTS, Allowed, UnitCurves, draw, fixed_order, mean, measure, series
from llmcc.tune.engine import Engine
from llmcc.tune.mine import spread
from toolchain import discover
from toolchain.passes import Recipe

_SEARCHES = ("search", "random search", "plain random search")
_ONE_NUMBER = ("every", *_SEARCHES)
_SHOWN = (1, 8, 32)
"""Numbers of candidates in the table of projects."""


def run(args: argparse.Namespace) -> int:
    """Measure what is missing in --out, then print."""
    units = [unit for unit in read_units(args.corpus) if unit.split == "held-out"]
    if args.target:
        units = [unit for unit in units if unit.target == args.target]
    units = spread(units, args.units, args.seed, args.smallest, args.largest)
    if not units:
        raise UserError(
            f"{args.corpus} has no unit of that target and size which no mining saw; take another, or set --smallest"
        )
    settings = config.resolve(os.getcwd())
    ranker = Ranker(fingerprint.model_path(settings), settings.device)
    store = Store(os.fsencode(settings.directory))
    args.out.mkdir(parents=True, exist_ok=True)
    told = []
    for target in sorted({unit.target for unit in units}):
        some = [unit for unit in units if unit.target == target]
        may_try = (lambda _: True) if args.uncertified else _is_certified(some[0], store)
        allowed = set(filter(may_try, ranker.recipes))
        if not allowed:
            raise UserError(f"no recipe of the model has a certificate for {target}; see `llmcc-tool certify`")
        order = fixed_order(ranker, allowed)
        results = args.out / f"{target}.jsonl"
        measure(some, order, args.compilations, results, Engine(args.workers))
        drawn = draw(some, ranker, order, results, args.seed, may_try)
        told.append({"target": target, "recipes": len(order), **_facts(drawn)})
        if args.plot:
            _plot(drawn, args.plot.with_stem(f"{args.plot.stem}-{target}"), args.compilations)
    if args.json:
        print(json.dumps({"corpus": str(args.corpus), "compilations": args.compilations, "targets": told}, indent=1))
    else:
        for facts in told:
            _print(facts, args.compilations)
    return 0


def _is_certified(unit: Unit, store: Store) -> Allowed:
    """Whether a compile of this unit might propose a recipe."""
    job = unit.job()
    toolchain = discover.describe(job.argv[0], os.path.join(store.directory, b"toolchains"))
    certificates = UnitCertificates(toolchain, job, store)

    def is_certified(recipe: Recipe) -> bool:
        certificate = certificates.find(recipe)
        return certificate is not None and certificate.passed

    return is_certified


def _facts(drawn: Sequence[UnitCurves]) -> dict[str, Any]:
    projects = {}
    for package in sorted({row.unit.package for row in drawn}):
        rows = [row for row in drawn if row.unit.package == package]
        projects[package] = {"units": len(rows), "bytes": sum(row.size for row in rows), **series(rows)}
    return {
        "units": len(drawn),
        "bytes": sum(row.size for row in drawn),
        "improved": {str(n): sum(row.model[n] > 0 for row in drawn) for n in COUNTS},
        "milliseconds": round(1000 * statistics.median(row.seconds for row in drawn), 1) if drawn else None,
        **series(drawn),
        "projects": projects,
    }


def _print(facts: dict[str, Any], compilations: int) -> None:
    print(
        f"{facts['target']}: {facts['units']} units of {len(facts['projects'])} projects, "
        f"{facts['bytes']} bytes of text+data with clang"
    )
    words = {
        "model": "this model",
        "finished": "and finished by function",
        "fixed": "fixed best order",
        "random": "random order",
        "every": f"all {facts['recipes']} recipes",
        "search": f"search, {compilations} compilations",
        "random search": "random lists, mined options",
        "plain random search": "random lists and options",
    }
    for kind in ("mean", "total"):
        print(f"\n{kind + ' saving in %, by candidates':32}" + "".join(f"{n:>8}" for n in COUNTS))
        for name, label in words.items():
            if name not in facts:
                continue
            if name in _ONE_NUMBER:
                print(f"{label:32}{facts[name][kind]:8.2f}")
            else:
                print(f"{label:32}" + "".join(f"{facts[name][str(n)][kind]:8.2f}" for n in COUNTS))
    if facts.get("search", {}).get("mean"):
        shares = "".join(f"{100 * facts['model'][str(n)]['mean'] / facts['search']['mean']:8.0f}" for n in COUNTS)
        print(f"{'model, % of what search finds':32}{shares}")
    print(f"{'units improved by the model':32}" + "".join(f"{facts['improved'][str(n)]:8}" for n in COUNTS))
    print(f"features and inference: {facts['milliseconds']} ms of CPU per unit (median)")
    print(f"\n{'project, mean saving in %':24}{'units':>8}" + "".join(f"{n:>8}" for n in _SHOWN) + "     all  search")
    for name, row in facts["projects"].items():
        search = f"{row['search']['mean']:8.2f}" if "search" in row else "       -"
        model = "".join(f"{row['model'][str(n)]['mean']:8.2f}" for n in _SHOWN)
        print(f"{name:24}{row['units']:8}{model}{row['every']['mean']:8.2f}{search}")
    print()


def _plot(drawn: Sequence[UnitCurves], path: Path, compilations: int) -> None:
    try:
        import matplotlib
    except ImportError as error:
        raise UserError(f"a plot needs {error.name}; run `pip install llmcc[report]`") from error
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4.5))
    for name, label in (
        ("model", "this model"),
        ("finished", "and finished"),
        ("fixed", "fixed best order"),
        ("random", "random order"),
    ):
        axes.plot(COUNTS, [mean([getattr(row, name)[n] for row in drawn]) for n in COUNTS], marker="o", label=label)
    axes.axhline(mean([row.every for row in drawn]), linestyle=":", color="grey", label="all recipes")
    for batch in _SEARCHES:
        if all(batch in row.searches for row in drawn):
            height = mean([row.searches[batch] for row in drawn])
            axes.axhline(height, linestyle="--", color="black", label=f"{batch}, {compilations} compilations")
    axes.set_xscale("log", base=2)
    axes.set_xticks(COUNTS, [str(n) for n in COUNTS])
    axes.set(xlabel="candidates tried", ylabel="mean saving over clang, %", ylim=(0, None))
    axes.legend()
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)
