"""Certify recipes: build the suite's self-checking programs with each, run them, and say which recipes
give wrong code. Certificates are kept in the cache, where the gate "certificate" finds them.

  llmcc-tool certify '<clang>,mergefunc'    one recipe, with the clang in use
  llmcc-tool certify --all --llvm 22 -j4    every recipe of the model, clang-22
  llmcc-tool certify --all --target arm     the same for Cortex-M, in QEMU
  llmcc-tool certify --all --target arm-cxx and for C++ there
  llmcc-tool certify --all --random 2000    and random programs (needs csmith)
  llmcc-tool certify --all --finished       each as it is finished by function
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from cache.store import Store
from llmcc import config, features, fingerprint
from llmcc.bad import note_learned
from llmcc.certify.build import Workbench, certify, programs_for, show_share
from llmcc.certify.certificate import Certificate, Certificates, read_current, read_shipped, write_shipped
from llmcc.certify.family import FAMILIES, named, own_family
from llmcc.certify.random_programs import Answers, is_random, kinds_for, try_random, with_random
from llmcc.errors import UserError
from llmcc.finish import certified_as, finished_everywhere
from llmcc.model import Ranker, refused
from llmcc.record import detail, forget
from toolchain import discover
from toolchain.passes import Recipe


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    families = ", ".join(f.name for f in FAMILIES)
    parser.add_argument("recipes", nargs="*", metavar="RECIPE", help="pass list, or pass list | options")
    parser.add_argument("--all", action="store_true", help="every recipe of the model, the most useful there first")
    parser.add_argument("--finished", action="store_true", help="recipes as they are finished function by function")
    parser.add_argument("--most", type=int, metavar="N", help="only the first N that have no shipped certificate")
    parser.add_argument("--llvm", type=int, metavar="N", help="use clang-N (default: the clang that llmcc drives)")
    parser.add_argument(
        "--target",
        default="",
        choices=[f.name for f in FAMILIES],
        metavar="FAMILY",
        help=f"{families} (default: this machine's)",
    )
    parser.add_argument(
        "--random", type=int, default=0, metavar="N", help="also N random programs of each kind (csmith, alike)"
    )
    parser.add_argument("--only-random", action="store_true", help="leave the suite out")
    parser.add_argument("--each", type=int, default=8, metavar="N", help="recipes per random program (default 8)")
    parser.add_argument("--seed", type=int, metavar="N", default=1000, help="first random program (default 1000)")
    parser.add_argument(
        "--workers",
        "-j",
        type=int,
        metavar="N",
        default=os.cpu_count() or 1,
        help="parallel builds (default: all cores)",
    )
    parser.add_argument("--quiet", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--ship", action="store_true", help="write the distribution's own certificates")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Exit status 1 when a recipe fails."""
    settings = config.resolve(os.getcwd())
    search_path = os.environb.get(b"PATH", b"")
    clang = b"clang-%d" % args.llvm if args.llvm else os.fsencode(settings.clang)
    clang = config.choose_clang(clang, search_path)
    family = named(args.target or own_family())
    if args.only_random and not args.random:
        raise UserError("--only-random needs --random N, the number of programs")
    if args.random:
        # Before the suite is built, which takes its time.
        kinds_for(family)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="llmcc-certify-") as work:
        bench = Workbench(clang, family, os.fsencode(settings.directory), Path(work))
        toolchain = bench.toolchain()
        recipes = _recipes(args, settings, toolchain.major, family.name)
        store = Store(os.fsencode(settings.directory))
        made: list[Certificate] = []
        results: list[Answers] = []
        # Random programs are shared out among all recipes.
        at_once = len(recipes) if args.random else AT_ONCE
        for part in (recipes[first : first + at_once] for first in range(0, len(recipes), at_once)):
            new = [Certificate(recipe) for recipe in part]
            if not args.only_random:
                new = certify(bench, part, args.workers, show_share)
            if args.random:
                alive = [c.recipe for c in new if c.passed] or part
                results = try_random(bench, alive, args.random, args.seed, args.each, args.workers, show_share)
                new = with_random(new, results)
            sys.stderr.write("\n")
            _keep(args, toolchain, family.name, store, new)
            made += new
    spent = time.monotonic() - started
    if args.json:
        _print_json(made, toolchain, family.name, len(results), spent)
    else:
        _print(made, toolchain, family.name, results, spent, suite_ran=not args.only_random)
    return 0 if all(c.passed for c in made) else 1


AT_ONCE = 24
"""Recipes that are certified before any of them is kept: whoever interrupts loses no more."""


def _recipes(args: argparse.Namespace, settings: config.Settings, major: int, family: str) -> list[Recipe]:
    # Names of functions say nothing of the suite's.
    recipes = [certified_as(Recipe.parse(text)) for text in args.recipes]
    for recipe in recipes:
        if refused(recipe):
            raise UserError(f"{recipe} is never tried ({refused(recipe)}); name another recipe")
    if args.all:
        ranker = Ranker(fingerprint.model_path(settings), settings.device)
        # Those first that are of most use there: --most leaves off the others, and so does who interrupts.
        module = f'target triple = "{named(family).architectures[0]}-none"\n'
        recipes += ranker.propose(features.extract(module.encode())).take(len(ranker.recipes))
    if not recipes:
        raise UserError("name a recipe, such as '<clang>,mergefunc', or --all for those of the model")
    recipes = list(dict.fromkeys(finished_everywhere(each) if args.finished else each for each in recipes))
    if args.most is not None:
        known = read_current(major, family)
        recipes = [recipe for recipe in recipes if recipe not in known][: args.most]
        if not recipes:
            raise UserError(
                "every one of these recipes has a certificate that ships; leave out --most to make them again"
            )
    return recipes


def _keep(
    args: argparse.Namespace, toolchain: discover.Toolchain, family: str, store: Store, made: list[Certificate]
) -> None:
    major = toolchain.major
    known = read_current(major, family)
    if args.only_random:
        # Random programs alone make no certificate: they add to one, or take it away.
        made = [_join(known[c.recipe], c) if c.recipe in known else c for c in made]
        made = [c for c in made if c.recipe in known or not c.passed]
    if not args.random:
        # A wrong answer to a random program stays one, whatever the suite says.
        before = read_shipped(major, family)
        made = [_still_wrong(before.get(certificate.recipe), certificate) for certificate in made]
    if args.ship:
        rows = known | {certificate.recipe: certificate for certificate in made}
        path = write_shipped(major, family, toolchain.version.decode("utf-8", "replace"), rows.values())
        print(f"wrote {path}", file=sys.stderr)
        return
    certificates = Certificates(toolchain, family, store)
    made = [_still_wrong(certificates.find(certificate.recipe), certificate) for certificate in made]
    for certificate in made:
        certificates.put(certificate)
    if not args.quiet:
        # What was decided without these certificates is to be decided anew. (The gate's own call comes in the
        # middle of a build, whose other units did not wait for this recipe; nor was it kept for any of them.)
        wrong = [str(certificate.recipe) for certificate in made if not certificate.passed]
        if wrong:
            note_learned(store, " ".join(wrong))
        tools = toolchain.digest.decode()
        forget(store, lambda record: detail(record, "toolchain") == tools)


def _still_wrong(old: Certificate | None, new: Certificate) -> Certificate:
    return old if old is not None and new.passed and is_random(old.evidence) else new


def _join(old: Certificate, new: Certificate) -> Certificate:
    return Certificate(new.recipe, old.evidence or new.evidence, max(old.random, new.random))


def _print_json(made: list[Certificate], toolchain: discover.Toolchain, family: str, random: int, spent: float) -> None:
    rows = [{"recipe": str(c.recipe), "passed": c.passed, "evidence": c.evidence, "random": c.random} for c in made]
    facts = {
        "llvm": toolchain.major,
        "target": family,
        "suite": named(family).suite.digest(),
        "programs": len(programs_for(named(family))),
    }
    print(json.dumps(facts | {"random_programs": random, "seconds": round(spent, 1), "recipes": rows}, indent=1))


def _print(
    made: list[Certificate],
    toolchain: discover.Toolchain,
    family: str,
    results: list[Answers],
    spent: float,
    *,
    suite_ran: bool,
) -> None:
    for certificate in made:
        if not certificate.passed:
            print(f"fail  {certificate.recipe}\n      {certificate.evidence}")
    passed = sum(c.passed for c in made)
    what = [f"{len(programs_for(named(family)))} programs (suite {named(family).suite.digest()})"] if suite_ran else []
    if results:
        builds = sum(map(len, results))
        what.append(f"{len(results)} random programs in {builds} builds")
    print(
        f"LLVM {toolchain.major}, {family}: {passed} of {len(made)} recipes passed "
        f"{' and '.join(what)} in {spent:.0f} s"
    )
