"""Write the manual pages of llmcc and llmcc-tool, and completions for bash, zsh and fish, from the code that
reads the command line.

  llmcc-tool manual --man ~/.local/share/man --completions ~/.local/share

Pages go to man1 below the folder of --man; completions to bash-completion/completions,
zsh/site-functions and fish/vendor_completions.d below that of --completions.
"""

import argparse
import json
from pathlib import Path

from llmcc import __version__
from llmcc.cli import completions
from llmcc.cli.commandline import Argument, Command, describe, every
from llmcc.config import SETTINGS
from llmcc.errors import UserError

PROGRAM = "llmcc-tool"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("--man", type=Path, metavar="DIR", help="write manual pages below this folder")
    parser.add_argument("--completions", type=Path, metavar="DIR", help="write completions below this folder")
    parser.add_argument("--json", action="store_true", help="print the names of the files as JSON")


def run(args: argparse.Namespace) -> int:
    """Exit status 0."""
    # It reads this module to make its parser.
    from llmcc.cli.main import build_parser

    if args.man is None and args.completions is None:
        raise UserError("name a folder for manual pages (--man) or for completions (--completions)")
    command = describe(build_parser())
    written = _write_pages(args.man, command) if args.man is not None else []
    if args.completions is not None:
        written += _write_completions(args.completions, command)
    print(json.dumps(written, indent=1) if args.json else "\n".join(written))
    return 0


def write_all(share: Path) -> list[str]:
    """Pages and completions below a share folder; the names of the files. Raises UserError."""
    from llmcc.cli.main import build_parser

    command = describe(build_parser())
    return _write_pages(share / "man", command) + _write_completions(share, command)


def _write_pages(folder: Path, command: Command) -> list[str]:
    return [_write(folder / "man1" / name, text) for name, text in pages(command).items()]


def _write_completions(folder: Path, command: Command) -> list[str]:
    return [_write(folder / name, text) for name, text in completions.files(command).items()]


def _write(path: Path, text: str) -> str:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path} cannot be written ({error.strerror}); name another folder") from error
    return str(path)


def pages(command: Command) -> dict[str, str]:
    """Every manual page by its file name."""
    found = {f"{_name(each)}.1": _page(each) for each in every(command)}
    return found | {"llmcc.1": _driver_page()}


def _name(command: Command) -> str:
    return "-".join([PROGRAM, *command.words.split()])


def _page(command: Command) -> str:
    name = _name(command)
    summary = command.summary or "everything about llmcc that is not compiling"
    lines = [_title(name), ".SH NAME", f"{_text(name)} \\- {_text(summary)}"]
    lines += [".SH SYNOPSIS", f".B {_text(command.usage)}", ".SH DESCRIPTION", *_description(command.description)]
    if command.arguments:
        lines += [".SH OPTIONS", *(line for argument in command.arguments for line in _argument(argument))]
    if command.commands:
        lines += [".SH COMMANDS"]
        for sub in command.commands:
            lines += [".TP", f".BR {_text(_name(sub))} (1)", _text(sub.summary)]
    status = command.status or "0; 2 when it could not be done."
    lines += [".SH EXIT STATUS", _text(status)]
    return "\n".join([*lines, ".SH SEE ALSO", _see_also(command), ""])


def _see_also(command: Command) -> str:
    above = PROGRAM if command.words else "llmcc"
    return f".BR {_text(above)} (1)"


def _driver_page() -> str:
    """The page of the drivers: what is theirs is in the environment."""
    words = (
        "A drop-in for clang that makes size builds smaller: every argument means what it means to clang. Units "
        "compiled at -Os or -Oz get a smaller object where a model names a recipe that gives one and that passes "
        "all gates; whatever goes wrong, the object is clang's own."
    )
    lines = [_title("llmcc"), ".SH NAME", "llmcc, llmcc++ \\- clang with smaller objects", ".SH SYNOPSIS"]
    lines += [".B llmcc", "[clang] argument ...", ".br", ".B llmcc++", "argument ...", ".br"]
    lines += [".B llmcc \\-\\-llmcc\\-fingerprint", ".SH DESCRIPTION", _text(words), ".SH ENVIRONMENT"]
    lines += ["Each may be in llmcc.toml, upwards of the source, without LLMCC_ and in lower case."]
    for setting in SETTINGS:
        default = f" (default: {setting.default})" if setting.default else ""
        lines += [".TP", f".B {_text(setting.name)}", _text(setting.sentence + default)]
    return "\n".join([*lines, ".SH EXIT STATUS", "Clang's own.", ".SH SEE ALSO", f".BR {_text(PROGRAM)} (1)", ""])


def _title(name: str) -> str:
    return f'.TH {_text(name.upper())} 1 "" "llmcc {__version__}" "llmcc"'


def _description(text: str) -> list[str]:
    """Paragraphs, and examples as they are."""
    lines, example = [], False
    for line in text.strip("\n").splitlines():
        if line.startswith("  ") != example:
            example = not example
            lines += [".nf" if example else ".fi"]
        lines += [_text(line) if line.strip() else ".PP"]
    return [*lines, ".fi"] if example else lines


def _argument(argument: Argument) -> list[str]:
    names = ", ".join(f"\\fB{_text(name)}\\fR" for name in argument.names)
    value = f"\\fI{_text(argument.value)}\\fR" if argument.value else ""
    if argument.optional and value:
        value = f"[{value}]"
    choices = f" ({', '.join(argument.choices)})" if argument.choices else ""
    return [".TP", f"{names} {value}".strip(), _text(argument.text + choices)]


def _text(text: str) -> str:
    """Text for roff: nothing in it is a request or an escape."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga").replace("'", "\\(aq")
    return "\\&" + text if text.startswith(".") else text
