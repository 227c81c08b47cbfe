"""Mine recipes on the "mine" split of a corpus, in stages that can be interrupted and run again: `options`
surveys code generation options, `explore` makes up pass lists, `matrix` tries the winners with every
option set, `coreset` picks those that cover most, `repeat` drops those that do not give the same object
each time, `screen` certifies the rest, `extend` tries them on more units; `refine`, `grow` and `fill` search
around the best of each unit, `general` around what is best for most.

  llmcc-tool search CORPUS --out RUN -j2
  llmcc-tool search CORPUS --out RUN --stage refine grow repeat screen fill
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

from cache.store import Store
from llmcc import config
from llmcc.certify.build import Workbench, certify, show_share
from llmcc.certify.certificate import Certificates
from llmcc.certify.family import named
from llmcc.certify.random_programs import kinds_for, try_random, with_random
from llmcc.errors import UserError
from llmcc.model import Ranker
from llmcc.tune import enlarge, mine
from llmcc.tune.corpus import Unit, read_corpus
from llmcc.tune.engine import KINDS, Engine
from llmcc.tune.evaluate import evaluate, read_results
from llmcc.tune.options import SURVEY
from llmcc.tune.repeat import unrepeatable
from toolchain.passes import CLANG, CodegenOptions, PassList, Recipe

STAGES = ("options", "explore", "matrix", "coreset", "refine", "grow", "general", "repeat", "screen", "extend", "fill")
USUAL = ("explore", "matrix", "coreset", "repeat", "screen")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("corpus", type=Path, metavar="CORPUS", help="a folder made by `llmcc-tool corpus`")
    parser.add_argument("--out", type=Path, metavar="DIR", required=True, help="folder for the results")
    usual = ", ".join(USUAL)
    parser.add_argument(
        "--stage",
        choices=STAGES,
        nargs="+",
        metavar="STAGE",
        default=list(USUAL),
        help=f"of those above (default: {usual})",
    )
    parser.add_argument("--model", metavar="FILE", help="begin with this model's recipes, not with those screened here")
    parser.add_argument("--target", nargs="+", metavar="ARCH", help="x86_64, thumbv6m, thumbv7em")
    parser.add_argument("--seed", type=int, metavar="N", default=1, help="of every choice (default 1)")
    parser.add_argument("--workers", "-j", type=int, metavar="N", default=2, help="parallel units (default 2)")
    parser.add_argument("--engine", choices=KINDS, default="local", help="processes here, or a Ray cluster")
    parser.add_argument("--minutes", type=float, metavar="N", help="stop each stage after so many")
    parser.add_argument("--units", type=int, metavar="N", default=300, help="units to explore (default 300)")
    parser.add_argument("--matrix-units", type=int, metavar="N", default=600, help="units of the matrix (default 600)")
    parser.add_argument("--tries", type=int, metavar="N", default=100, help="lists made up per unit (default 100)")
    parser.add_argument("--rounds", type=int, metavar="N", default=4, help="times the exploration learns (default 4)")
    parser.add_argument("--lists", type=int, metavar="N", default=220, help="most lists in the matrix (default 220)")
    parser.add_argument(
        "--crossed", type=int, metavar="N", default=40, help="best lists tried with all option sets (default 40)"
    )
    parser.add_argument("--coreset", type=int, metavar="N", default=160, help="recipes to keep (default 160)")
    parser.add_argument(
        "--coreset-lists", type=int, metavar="N", default=110, help="least pass lists among them (default 110)"
    )
    parser.add_argument(
        "--additions", type=int, metavar="N", default=60, help="most recipes that `grow` adds (default 60)"
    )
    parser.add_argument(
        "--general-units", type=int, metavar="N", default=200, help="units of the stage `general` (default 200)"
    )
    parser.add_argument(
        "--general-rounds", type=int, metavar="N", default=20, help="times that it makes up recipes (default 20)"
    )
    parser.add_argument(
        "--programs", type=int, metavar="N", default=60, help="random programs to screen with (default 60)"
    )
    parser.add_argument(
        "--times", type=int, metavar="N", default=6, help="processes that `repeat` compares (default 6)"
    )
    parser.add_argument(
        "--smallest", type=int, metavar="N", default=2500, help="least bytes of bitcode of a unit (default 2500)"
    )
    parser.add_argument(
        "--largest", type=int, metavar="N", default=90000, help="most bytes of bitcode of a unit (default 90000)"
    )


def run(args: argparse.Namespace) -> int:
    """Exit status 0."""
    units = read_corpus(args.corpus, "mine")
    if args.target:
        units = [unit for unit in units if unit.target in args.target]
    if not units:
        raise UserError(f'{args.corpus} has no such unit of the split "mine"; run `llmcc-tool corpus` first')
    if "screen" in args.stage:
        # The stages before it take hours.
        kinds_for(_SCREENED)
    for stage in STAGES:
        if stage in args.stage:
            deadline = time.monotonic() + args.minutes * 60 if args.minutes else None
            _STAGE[stage](args, units, deadline)
    return 0


def _engine(args: argparse.Namespace) -> Engine:
    return Engine(args.workers, args.engine)


def _options(args: argparse.Namespace, units: list[Unit], deadline: float | None) -> None:
    some = mine.spread(units, args.units, args.seed, args.smallest, args.largest)
    recipes = [Recipe(PassList((CLANG,)), CodegenOptions((option,))) for option in SURVEY]
    out = args.out / "options.jsonl"
    evaluate(some, lambda _unit: recipes, "options", out, _engine(args), deadline)
    results = list(read_results(out))
    savings: dict[str, list[float]] = {}
    for result in results:
        for recipe, measured, _, _ in result.trials:
            savings.setdefault(str(recipe.codegen), []).append(result.saving(measured))
    print(f"{'option':52} {'mean saving':>11} {'units':>6}")
    for option, values in sorted(savings.items(), key=lambda row: (-sum(row[1]), row[0])):
        print(f"{option:52} {100 * sum(values) / len(results):10.3f}% {sum(v > 0 for v in values):6}")


def _explore(args: argparse.Namespace, units: list[Unit], deadline: float | None) -> None:
    some = mine.spread(units, args.units, args.seed, args.smallest, args.largest)
    mine.explore(some, args.tries, args.seed, args.out / "explore.jsonl", _engine(args), args.rounds, deadline)


def _matrix(args: argparse.Namespace, units: list[Unit], deadline: float | None) -> None:
    lists_file = args.out / "lists.json"
    if not lists_file.exists():
        found = mine.winners(read_results(args.out / "explore.jsonl"), 0.003)
        lists = mine.minimise(units, found, args.out / "minimise.jsonl", _engine(args))
        print(f"{len(lists)} minimal lists from {len(found)} units")
        mine.write_lists(lists_file, [Recipe(passes) for passes in lists[: args.lists]])
    lists = [recipe.pass_list for recipe in mine.read_lists(lists_file)]
    some = mine.spread(units, args.matrix_units, args.seed + 1, args.smallest, args.largest)
    mine.matrix(some, lists, args.crossed, args.out / "matrix.jsonl", _engine(args), deadline)


def _coreset(args: argparse.Namespace, units: list[Unit], deadline: float | None) -> None:
    del units, deadline
    results = list(read_results(args.out / "matrix.jsonl"))
    chosen = mine.coreset(results, args.coreset, args.coreset_lists)
    mine.write_lists(args.out / "coreset.json", chosen)
    print(f"{len(chosen)} recipes, {len({recipe.pass_list for recipe in chosen})} pass lists, {len(results)} units")


def _bank(args: argparse.Namespace) -> list[Recipe]:
    return list(Ranker(args.model).recipes) if args.model else mine.read_lists(args.out / "screened.json")


def _refine(args: argparse.Namespace, units: list[Unit], deadline: float | None) -> None:
    bank, known = _bank(args), mine.results_of(args.out)
    tried = {result.unit for result in known}
    # Where the search begins at what is best of the unit, it gets further.
    pool = [unit for unit in units if unit.name in tried] or units
    some = mine.spread(pool, args.units, args.seed + 3, args.smallest, args.largest)
    mine.refine(some, bank, known, args.tries, args.out / "refine.jsonl", _engine(args), deadline)
    results = list(read_results(args.out / "refine.jsonl"))
    found = mine.refined(results, set(bank), 0.002)
    mine.write_lists(args.out / "refined.json", found)
    print(f"{len(found)} recipes that are better than the coreset's on one of {len(results)} units")


def _grow(args: argparse.Namespace, units: list[Unit], deadline: float | None) -> None:
    bank = _bank(args)
    out = args.out / "grow.jsonl"
    by_name = {unit.name: unit for unit in units}
    known = [result for result in mine.results_of(args.out) if result.unit in by_name]
    some = mine.spread([by_name[result.unit] for result in known], SAMPLE, args.seed + 4, 0, 1 << 30)
    new = mine.read_lists(args.out / "refined.json")
    evaluate(some, lambda _unit: new, mine.batch_of("grow", new), out, _engine(args), deadline)
    names = {unit.name for unit in some}
    seen = [result for result in mine.merged([*known, *read_results(out)]) if result.unit in names]
    kept = mine.additions(seen, set(bank), new, args.additions)
    mine.write_lists(args.out / "coreset.json", [*bank, *kept])
    print(f"{len(kept)} of {len(new)} recipes help on {len(some)} units; coreset: {len(bank) + len(kept)}")


def _general(args: argparse.Namespace, units: list[Unit], deadline: float | None) -> None:
    bank, out = _bank(args), args.out / "general.jsonl"
    some = mine.spread(units, args.general_units, args.seed + 7, args.smallest, args.largest)
    chosen = mine.generalise(some, bank, args.general_rounds, args.tries, out, _engine(args), deadline)
    new = [recipe for recipe in chosen if recipe not in set(bank)]
    mine.write_lists(args.out / "coreset.json", [*bank, *new])
    print(f"{len(new)} of the {len(chosen)} that cover {len(some)} units are new; coreset: {len(bank) + len(new)}")


SAMPLE = 90
"""Units that say which recipes help in general."""


def _repeat(args: argparse.Namespace, units: list[Unit], deadline: float | None) -> None:
    del deadline
    recipes = mine.read_lists(args.out / "coreset.json")
    # Those of a model have been through this.
    known = set(_bank(args)) if args.model else set()
    new = [recipe for recipe in recipes if recipe not in known]
    some = mine.spread(units, REPEATED, args.seed + 5, args.smallest, args.largest)
    found = unrepeatable(some, new, args.times, _engine(args))
    mine.write_lists(args.out / "coreset.json", [recipe for recipe in recipes if recipe not in found])
    for recipe, names in found.items():
        print(f"out: {recipe}\n     another object each time of {', '.join(names)}")
    print(f"{len(new) - len(found)} of {len(new)} recipes give the same objects {args.times} times")


REPEATED = 40
"""Units that say whether a recipe gives the same each time."""


def _screen(args: argparse.Namespace, units: list[Unit], deadline: float | None) -> None:
    del units, deadline
    recipes = mine.read_lists(args.out / "coreset.json")
    settings = config.resolve(os.getcwd())
    clang = config.choose_clang(os.fsencode(settings.clang), os.environb.get(b"PATH", b""))
    with tempfile.TemporaryDirectory(prefix="llmcc-screen-") as work:
        bench = Workbench(clang, _SCREENED, os.fsencode(settings.directory), Path(work))
        certificates = Certificates(bench.toolchain(), _SCREENED.name, Store(bench.directory))
        # Each takes seconds, and most of the recipes of a further round had theirs in the rounds before.
        new = [recipe for recipe in recipes if certificates.find(recipe) is None]
        made = certify(bench, new, args.workers, show_share) if new else []
        for fresh in made:
            # What went so far is kept, whatever comes of the random programs.
            certificates.put(fresh)
        passed = [certificate.recipe for certificate in made if certificate.passed]
        random = try_random(bench, passed, args.programs, args.seed, 8, args.workers, show_share) if passed else []
        for fresh in with_random(made, random):
            certificates.put(fresh)
        found = [certificate for recipe in recipes if (certificate := certificates.find(recipe)) is not None]
    alive = [certificate.recipe for certificate in found if certificate.passed]
    mine.write_lists(args.out / "screened.json", alive)
    for certificate in found:
        if not certificate.passed:
            print(f"out: {certificate.recipe}\n     {certificate.evidence}")
    lists = len({recipe.pass_list for recipe in alive})
    print(f"{len(alive)} of {len(recipes)} recipes stay, with {lists} pass lists")


_SCREENED = named("x86-64")
"""The family that recipes are screened for."""


def _extend(args: argparse.Namespace, units: list[Unit], deadline: float | None) -> None:
    known = {result.unit for result in read_results(args.out / "matrix.jsonl")}
    further = [unit for unit in units if unit.name not in known]
    some = mine.spread(further, args.matrix_units, args.seed + 2, args.smallest, args.largest)
    targets = {unit.target for unit in some}
    if args.model:
        try:
            base = enlarge.read_base(args.model)
        except ImportError as error:
            raise UserError(f"to extend a model needs {error.name}; run `pip install llmcc[train]`") from error
        plans = {target: enlarge.plan(base, target) for target in targets}
    else:
        plans = dict.fromkeys(targets, _bank(args))
    evaluate(some, lambda unit: plans[unit.target], "extend", args.out / "extend.jsonl", _engine(args), deadline)


def _fill(args: argparse.Namespace, units: list[Unit], deadline: float | None) -> None:
    recipes = mine.read_lists(args.out / "screened.json")
    tried = {result.unit: {trial[0] for trial in result.trials} for result in mine.results_of(args.out)}
    missing = {unit: [recipe for recipe in recipes if recipe not in known] for unit, known in tried.items()}
    # A stage that is stopped has then seen something of every package.
    some = mine.spread([unit for unit in units if missing.get(unit.name)], len(units), args.seed + 6, 0, 1 << 30)
    some.sort(key=lambda unit: len(missing[unit.name]))
    batch, out = mine.batch_of("fill", recipes), args.out / "fill.jsonl"
    evaluate(some, lambda unit: missing[unit.name], batch, out, _engine(args), deadline)


_STAGE = {
    "options": _options,
    "explore": _explore,
    "matrix": _matrix,
    "coreset": _coreset,
    "refine": _refine,
    "grow": _grow,
    "general": _general,
    "repeat": _repeat,
    "screen": _screen,
    "extend": _extend,
    "fill": _fill,
}
