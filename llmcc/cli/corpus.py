"""Record the units of Debian source packages, built with llmcc as the compiler, into a corpus folder.

Resumable: packages that are in the folder already are left alone.
"""

import argparse
from pathlib import Path

from llmcc.tune.corpus import describe_corpus, record_packages
from llmcc.tune.packages import SHIPPED_LIST, read_packages


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("folder", type=Path, help="the corpus folder")
    parser.add_argument("--packages", type=Path, default=SHIPPED_LIST, help="package list (default: the shipped one)")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="only these packages")
    parser.add_argument("--split", choices=("mine", "held-out"), help="only this split")
    parser.add_argument("--work", type=Path, help="folder for sources and builds (default: FOLDER.work)")
    parser.add_argument("--jobs", "-j", type=int, default=1, help="parallel compiles per package")
    parser.add_argument("--cpus", nargs="+", default=[], metavar="CPU", help="lower for these Cortex-M too (picolibc)")
    parser.add_argument("--level", choices=("s", "z"), default="z", help="-O level of the builds")


def run(args: argparse.Namespace) -> int:
    """Exit status 0, or 1 when some package gave no unit."""
    packages = read_packages(args.packages)
    chosen = packages.named(args.only)
    if args.split:
        chosen = tuple(package for package in chosen if package.split == args.split)
    work = (args.work or args.folder.with_name(args.folder.name + ".work")).absolute()
    args.folder.mkdir(parents=True, exist_ok=True)
    empty = 0
    recorded = record_packages(packages, chosen, args.folder.absolute(), work, args.jobs, args.level, args.cpus)
    for package, units, note in recorded:
        empty += units == 0
        print(f"{package.name:24} {package.split:9} {units:5} units  {note}", flush=True)
        describe_corpus(args.folder, packages)
    print(f"{describe_corpus(args.folder, packages)} modules in {args.folder}")
    return 1 if empty else 0
