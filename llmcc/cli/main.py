"""The entry point of `llmcc-tool`: finds the subcommand, and turns errors into one sentence."""

import argparse
import importlib
import os
import sys

from llmcc import __version__
from llmcc.cli.parser import ToolParser
from llmcc.config import SettingsError
from llmcc.errors import UserError
from toolchain.errors import ToolchainError

COMMANDS = {
    "bad": "list what is never proposed again; forget one",
    "bench": "measure saving and time on real projects",
    "cache": "show, bound, check, export and import the cache",
    "certify": "run the certification suite with recipes",
    "compare": "build with clang and with llmcc; find who breaks a test",
    "corpus": "record units of real builds, for search and train",
    "doctor": "what is missing, and the command that mends it",
    "explain": "what was decided for an object or function, and why",
    "demo": "build two real projects with both compilers",
    "lock": "keep decisions in a file beside the source",
    "manual": "write manual pages and shell completions",
    "model": "export a language model, check it, ask it, time it",
    "report": "a page about what was saved, tried and rejected",
    "search": "mine recipes on a corpus",
    "selftest": "check that our way alone gives clang's own bytes",
    "serve": "hold a language model in memory for a build",
    "stats": "count units by outcome and reason",
    "train": "train a model on what a search found",
}


EXIT = "Exit status: 0 done, 1 the answer is no, 2 it could not be done."


def build_parser() -> argparse.ArgumentParser:
    """The whole command line."""
    usage = "llmcc-tool [-h] [--version] COMMAND ...\nEverything about llmcc that is not compiling."
    parser = ToolParser(prog="llmcc-tool", usage=usage, epilog=EXIT)
    parser.add_argument("--version", action="version", version=f"llmcc {__version__}", help=argparse.SUPPRESS)
    commands = parser.add_subparsers(
        title="commands", prog=parser.prog, dest="command", metavar="COMMAND", required=True
    )
    for name, summary in sorted(COMMANDS.items()):
        module = importlib.import_module(f"llmcc.cli.{name}")
        status = (module.run.__doc__ or "").partition("\n\n")[0]
        command = commands.add_parser(
            name, help=summary, description=module.__doc__, epilog="" if status == "Exit status 0." else status
        )
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
