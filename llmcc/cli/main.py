"""The entry point of `llmcc-tool`: finds the subcommand, and turns errors into one sentence."""

import argparse
import importlib
import os
import sys

from llmcc import __version__
from llmcc.config import SettingsError
from llmcc.errors import UserError
from toolchain.errors import ToolchainError

COMMANDS = {
    "bad": "list the recipes that are never proposed and the units pinned to clang; forget one",
    "bench": "measure saving, time and reproducibility on real projects",
    "cache": "show, bound, check, export and import the cache",
    "certify": "build and run the certification suite with recipes: which of them give wrong code",
    "compare": "build a project with clang and with llmcc; find the unit to blame when a test fails",
    "corpus": "record the units of real builds for mining and training",
    "doctor": "say what was found, what is missing, and the command that mends it",
    "explain": "say what was decided for an object or a source, and why",
    "demo": "build two real projects with clang and with llmcc and compare",
    "lock": "keep decisions in a file that is committed with the source",
    "model": "export a language model to a folder for LLMCC_MODEL, check it, say what it is",
    "report": "write a page, or a table, about what was saved, what was tried and why it was rejected",
    "search": "mine recipes on a corpus",
    "selftest": "check that the null policy gives clang's own bytes on every unit of a corpus",
    "serve": "hold a language model in memory for the compiles of a build",
    "stats": "count units by outcome and reason",
    "train": "train the ranker on the results of a search and export it to ONNX",
}


def build_parser() -> argparse.ArgumentParser:
    """The whole command line."""
    parser = argparse.ArgumentParser(
        prog="llmcc-tool", description="Everything about llmcc that is not compiling.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"llmcc {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in sorted(COMMANDS.items()):
        module = importlib.import_module(f"llmcc.cli.{name}")
        command = commands.add_parser(name, help=summary, description=module.__doc__, allow_abbrev=False)
        module.configure(command)
        command.set_defaults(run=module.run)
    return parser


def main() -> None:
    """Run one subcommand; exit status 0, 1 (the command says no) or 2 (it could not be done)."""
    args = build_parser().parse_args()
    try:
        sys.exit(args.run(args))
    except (UserError, SettingsError, ToolchainError) as error:
        print(f"llmcc-tool: {error}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        # The reader has seen enough; keep Python from complaining about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
