"""Build Debian source packages with llmcc and record their units into a folder. Packages that are in the
folder already are left alone.

  llmcc-tool corpus CORPUS -j2
  llmcc-tool corpus CORPUS --only dash jansson   a small one, to try things
"""

import argparse
import json
from pathlib import Path

from llmcc.tune.corpus import describe_corpus, record_packages
from llmcc.tune.packages import SHIPPED_LIST, read_packages


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("folder", type=Path, metavar="CORPUS", help="the corpus folder")
    parser.add_argument(
        "--packages", type=Path, metavar="FILE", default=SHIPPED_LIST, help="package list (default: the shipped one)"
    )
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="only these packages")
    parser.add_argument("--split", choices=("mine", "held-out"), help="only this split")
    parser.add_argument("--work", type=Path, metavar="DIR", help="folder for sources and builds (default: CORPUS.work)")
    parser.add_argument(
        "--jobs", "-j", type=int, metavar="N", default=1, help="parallel compiles per package (default 1)"
    )
    parser.add_argument(
        "--cpus", nargs="+", default=[], metavar="CPU", help="lower for these too: Cortex-M, rv32imac (picolibc)"
    )
    parser.add_argument("--level", choices=("s", "z"), default="z", help="-O level of the builds (default z)")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Exit status 0, or 1 when some package gave no unit."""
    packages = read_packages(args.packages)
    chosen = packages.named(args.only)
    if args.split:
        chosen = tuple(package for package in chosen if package.split == args.split)
    work = (args.work or args.folder.with_name(args.folder.name + ".work")).absolute()
    args.folder.mkdir(parents=True, exist_ok=True)
    rows = []
    recorded = record_packages(packages, chosen, args.folder.absolute(), work, args.jobs, args.level, args.cpus)
    for package, units, note in recorded:
        rows.append({"package": package.name, "split": package.split, "units": units, "note": note})
        if not args.json:
            print(f"{package.name:24} {package.split:9} {units:5} units  {note}", flush=True)
        describe_corpus(args.folder, packages)
    modules = describe_corpus(args.folder, packages)
    if args.json:
        print(json.dumps({"packages": rows, "modules": modules, "folder": str(args.folder)}, indent=1))
    else:
        print(f"{modules} modules in {args.folder}")
    return 1 if any(row["units"] == 0 for row in rows) else 0
