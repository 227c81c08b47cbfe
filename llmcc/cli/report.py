"""Say what llmcc did to a build: what was saved, what was tried and why it was rejected, the time it
took. From a log (LLMCC_LOG) where there is one, else from the cache. HTML is one page, complete.

  llmcc-tool report                     writes llmcc-report.html
  llmcc-tool report --format markdown   a comment for a pull request
  llmcc-tool report --image old.elf new.elf --out r.html
"""

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from cache.store import Store
from llmcc import config
from llmcc.errors import UserError
from llmcc.report.data import Report

FORMATS = ("text", "json", "csv", "html", "markdown")
PAGE = "llmcc-report.html"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument(
        "--format", choices=FORMATS, default="html", metavar="FORMAT", help=f"{', '.join(FORMATS)} (default: html)"
    )
    parser.add_argument("--json", action="store_const", const="json", dest="format", help="the same as --format json")
    parser.add_argument("--out", metavar="FILE", help=f"default: {PAGE} for html, standard output for others (-)")
    parser.add_argument("--log", type=Path, metavar="FILE", help="what LLMCC_LOG wrote (default: LLMCC_LOG)")
    parser.add_argument(
        "--image", nargs=2, type=Path, metavar=("BEFORE", "AFTER"), help="two builds of an image or object, by symbol"
    )
    parser.add_argument("--title", metavar="TEXT", help="the page's title")
    parser.add_argument("--date", default="", help="a date to show; without it equal data gives equal reports")


def run(args: argparse.Namespace) -> int:
    """Exit status 0; 2 where the log or cache has nothing in it."""
    report = _read(args)
    content = _renderer(args.format)(report).encode("utf-8", "backslashreplace")
    out = args.out or (PAGE if args.format == "html" else "-")
    if out == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return 0
    try:
        Path(out).write_bytes(content)
    except OSError as error:
        raise UserError(f"{out} cannot be written ({error.strerror}); name another file with --out") from error
    if args.out is None:
        print(f"{out}: {len(report.units)} units, {report.before} bytes by clang, {report.after} by llmcc")
    return 0


def _read(args: argparse.Namespace) -> Report:
    from llmcc.report.read import read_cache, read_log
    from llmcc.report.symbols import compare_images

    settings = config.resolve(os.getcwd())
    store = Store(os.fsencode(settings.directory), notes_use=False)
    log = args.log or (Path(settings.log) if settings.log and os.path.exists(settings.log) else None)
    report = read_log(log, store) if log else read_cache(store)
    image = compare_images(*args.image) if args.image else None
    return replace(report, image=image, title=args.title or report.title, date=args.date)


def _renderer(form: str) -> Callable[[Report], str]:
    if form == "html":
        from llmcc.report.html import render

        return render
    from llmcc.report import plain

    return {"text": plain.as_text, "json": plain.as_json, "csv": plain.as_csv, "markdown": plain.as_markdown}[form]
