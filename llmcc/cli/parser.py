"""The command line of every tool: its help is at most 80 columns wide, with the examples as they were written."""

import argparse
import re
import shutil
import textwrap
from collections.abc import Iterable
from typing import NoReturn

_WIDTH = 80
_MANY = 4
"""Options from which on the usage line does not list those that may be left out."""

_SENTENCES = (
    (r"argument (.+?): invalid choice: (.+?) \(choose from (.+)\)", r"{0} cannot be {1}; give one of {2}"),
    (r"argument (.+?): invalid int value: (.+)", r"{0} cannot be {1}; give a whole number"),
    (r"argument (.+?): invalid float value: (.+)", r"{0} cannot be {1}; give a number"),
    (r"argument (.+?): expected (.+)", r"{0} takes {1}; see `{prog} --help`"),
    (r"the following arguments are required: (.+)", r"{0} is missing; see `{prog} --help`"),
    (r"unrecognized arguments: (.+)", r"{0} means nothing here; see `{prog} --help`"),
)
"""What argparse says, and the sentence that says what to do."""


def sentence_of(message: str, prog: str) -> str:
    """An error of argparse in one sentence.

    >>> sentence_of("argument --engine: invalid choice: 'x' (choose from 'local', 'ray')", "tool")
    "--engine cannot be 'x'; give one of local, ray"
    """
    for pattern, sentence in _SENTENCES:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found:
            *words, last = found.groups()
            # The choices are quoted one by one, by some versions.
            choices = last.replace("'", "") if "choose from" in pattern else last
            return sentence.format(*words, choices, prog=prog)
    return f"{message.removeprefix('argument ')}; see `{prog} --help`"


class HelpFormatter(argparse.HelpFormatter):
    """Wraps paragraphs and keeps lines that begin with two spaces, which are examples."""

    def __init__(self, prog: str) -> None:
        width = min(shutil.get_terminal_size().columns, _WIDTH) - 1
        super().__init__(prog, max_help_position=24, width=width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        lines: list[str] = []
        paragraph: list[str] = []
        for line in [*text.strip("\n").splitlines(), ""]:
            if line and not line.startswith("  "):
                paragraph.append(line)
                continue
            lines += [*textwrap.wrap(" ".join(paragraph), width, break_on_hyphens=False), line]
            paragraph = []
        return "\n".join(indent + line for line in lines)

    def _format_action(self, action: argparse.Action) -> str:
        if not isinstance(action, argparse._SubParsersAction):
            return super()._format_action(action)
        # The line above them says only that they are commands.
        return "".join(super(HelpFormatter, self)._format_action(each) for each in action._get_subactions())

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None = None,
    ) -> None:
        """As argparse has it; where there are many options, `[OPTION...]` stands for those that may be left out."""
        shown = list(actions)
        optional = [action for action in shown if action.option_strings and not action.required]
        if usage is None and len(optional) > _MANY:
            rest = [action for action in shown if action not in optional]
            words = self._format_actions_usage(rest, [])
            usage = " ".join(f"{self._prog} [OPTION...] {words}".split())
        super().add_usage(usage, shown, groups, prefix)


class ToolParser(argparse.ArgumentParser):
    """A parser with that help; the parsers of its subcommands are of the same kind."""

    def __init__(
        self,
        *,
        prog: str | None = None,
        usage: str | None = None,
        description: str | None = None,
        epilog: str | None = None,
        allow_abbrev: bool = False,
    ) -> None:
        super().__init__(
            prog=prog,
            usage=usage,
            description=description,
            epilog=epilog,
            formatter_class=HelpFormatter,
            allow_abbrev=allow_abbrev,
            add_help=False,
        )
        # Everybody knows it, and a screen has 24 lines.
        self.add_argument("-h", "--help", action="help", help=argparse.SUPPRESS)

    def error(self, message: str) -> NoReturn:
        """End with status 2 and one sentence on standard error."""
        self.exit(2, f"{self.prog}: {sentence_of(message, self.prog)}\n")
